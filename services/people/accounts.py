"""Binding a WeChat account to a person of the roster by a one-time code, and undoing it (contract §6, 绑定)."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.transactions import in_transaction

from bot.names import Names
from config.clock import SHANGHAI, shown
from config.refusals import Refusal
from config.settings import Settings
from models.accounts import (
    Account,
    BindingCode,
    BindingFailure,
    count_failures,
    find_account,
    list_codes,
    list_failures,
    lock_binding,
)
from models.drafts import Draft
from models.people import Person, fold_names, list_named
from services.audit import CHAT, record
from services.people.codes import is_code

# Names the privacy notice that the first question of 绑定 shows (handlers.chat.accounts); a changed notice has a new one.
CONSENT = "2026-01"

TRIES = 3
PAUSE = timedelta(minutes=15)
TRIES_A_NAME = 10


Forget = Callable[[str], Awaitable[None]]
"""`async (openid)`: drop every conversation of a phone that is this person's no more."""


async def _forget_nothing(openid: str) -> None:
    """For callers without conversations."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One try to bind. `account` and `name_hash` are HMACs; `folded` is the name as names are compared."""

    settings: Settings
    openid: str
    account: str
    folded: str
    name_hash: str
    code: str
    now: datetime
    forget: Forget


async def find_person(openid: str) -> Person | None:
    """The person that the openid is bound to, with their organisation."""
    account = await find_account(openid)
    return account.person if account else None


async def is_bound(openid: str) -> bool:
    """Whether the openid is bound to anybody."""
    return await Account.filter(openid=openid).exists()


async def find_lock(settings: Settings, openid: str, now: datetime) -> Refusal | None:
    """Why this openid may not try a code now; None where it may."""
    return await _openid_lock(Names(settings.session_key).person(openid), now)


async def bind_account(
    settings: Settings, openid: str, name: str, code: str, now: datetime, forget: Forget = _forget_nothing
) -> Person:
    """Bind the openid to the person with this name and unused code; an account they had before gives way, and `forget` is told.

    Raises `Refusal`: `already_bound`, `wrong_code`, `locked`. The last two read the same whether the name exists or not.
    A repeat with the code just used gives the same person again. Wrong codes are counted even though they are refused.
    """
    name = "".join(character for character in name if character.isprintable() or character.isspace())
    async with in_transaction():
        [folded] = await fold_names([name])
        account = Names(settings.session_key).person(openid)
        attempt = _Attempt(settings, openid, account, folded, hash_name(settings, folded), code, now, forget)
        await lock_binding(attempt.account, attempt.name_hash)
        result = await _try(attempt)
    if isinstance(result, Refusal):
        raise result
    return result


def hash_name(settings: Settings, folded: str) -> str:
    """The HMAC under which wrong codes for a folded name are counted."""
    return hmac.new(settings.session_key[0], f"name:{folded}".encode(), hashlib.sha256).hexdigest()


async def unlink_account(settings: Settings, openid: str, now: datetime) -> bool:
    """Forget whose openid this is, and its drafts; what the person did stays with the person. False where it was not bound."""
    account_hash = Names(settings.session_key).person(openid)
    async with in_transaction():
        await lock_binding(account_hash)
        await Draft.filter(openid_hash__in=Names(settings.session_key).persons(openid)).delete()
        account = await find_account(openid)
        if account is None:
            return False
        await account.delete()
        person = account.person
        await record(now, person.staff_no, "unlink_account", f"person:{person.staff_no}", {})
    return True


async def _try(attempt: _Attempt) -> Person | Refusal:
    """Returns a refusal rather than raising it: the wrong code has to be committed."""
    people = await list_named(attempt.folded)
    codes = [code for code in await list_codes(people) if _fits(attempt, code)]
    account = await find_account(attempt.openid)
    if account is not None:
        is_repeat = account.person_id in [code.person_id for code in codes]
        return account.person if is_repeat else _already_bound(account.person)
    lock = await _openid_lock(attempt.account, attempt.now) or await _name_lock(attempt)
    if lock is not None:
        return lock
    unused = [code for code in codes if code.used_at is None]
    return await _bind(attempt, unused[0]) if unused else await _note_failure(attempt)


def _fits(attempt: _Attempt, code: BindingCode) -> bool:
    return is_code(attempt.code, attempt.settings.session_key, code.person_id, code.generation)


async def _bind(attempt: _Attempt, code: BindingCode) -> Person:
    await BindingCode.filter(id=code.id).update(used_at=attempt.now)
    before = await Account.get_or_none(person_id=code.person_id)
    if before is not None:
        await Draft.filter(openid_hash__in=Names(attempt.settings.session_key).persons(before.openid)).delete()
        await before.delete()
        await attempt.forget(before.openid)  # in here: where it fails, nothing moves
    await Account.create(openid=attempt.openid, person_id=code.person_id, bound_at=attempt.now, consent=CONSENT)
    person = await Person.get(id=code.person_id).select_related("organisation")
    # No trace of the openid, hashed or not: the privacy notice says that what is kept for good is without it.
    detail = {"consent": CONSENT, "moved": before is not None}
    await record(attempt.now, person.staff_no, "bind_account", f"person:{person.staff_no}", detail)
    return person


async def _note_failure(attempt: _Attempt) -> Refusal:
    await BindingFailure.create(openid_hash=attempt.account, name_hash=attempt.name_hash, at=attempt.now)
    lock = await _openid_lock(attempt.account, attempt.now) or await _name_lock(attempt)
    if lock is not None:
        await record(attempt.now, CHAT, "lock_binding", f"account:{attempt.account}", {"name": attempt.name_hash})
        return lock
    left = TRIES - len(await list_failures(attempt.account, attempt.now - PAUSE))
    say = f"姓名和绑定码对不上，或者这个码已经用过了。请对照领到的纸条再试，还可以试 {left} 次。"
    return Refusal("wrong_code", say, 403)


async def _openid_lock(account: str, now: datetime) -> Refusal | None:
    # Nothing is counted during a pause, so the last ones are those that began it.
    failures = (await list_failures(account, now - 2 * PAUSE))[-TRIES:]
    if len(failures) < TRIES or failures[-1] - failures[0] >= PAUSE or now >= failures[-1] + PAUSE:
        return None
    until = _whole_minute(failures[-1] + PAUSE)
    say = f"绑定码输错了 {TRIES} 次，为保护身份先歇一会儿：{shown(until)} 以后可以再试。也可以请组织部门核对姓名和绑定码。"
    return Refusal("locked", say, 429)


async def _name_lock(attempt: _Attempt) -> Refusal | None:
    local = attempt.now.astimezone(SHANGHAI)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if await count_failures(attempt.name_hash, midnight) < TRIES_A_NAME:
        return None
    until = shown(midnight + timedelta(days=1))
    say = f"今天用这个姓名输错的次数太多，为保护身份暂停绑定：{until} 以后可以再试。急用时请组织部门换发绑定码。"
    return Refusal("locked", say, 429)


def _whole_minute(at: datetime) -> datetime:
    """Up to the next minute, for seconds are not shown."""
    whole = at.replace(second=0, microsecond=0)
    return whole if whole == at else whole + timedelta(minutes=1)


def _already_bound(person: Person) -> Refusal:
    say = f"您的微信已经绑定为{person.name}（{person.organisation.name}）。如果不是您，请取消关注后重新关注，再用您自己的绑定码绑定。"
    return Refusal("already_bound", say)
