"""Taking down what people complain of or suggest (投诉建议), and the office's answer that comes back."""

import hashlib
import hmac
from datetime import datetime, timedelta

from tortoise.transactions import in_transaction

from bot.names import Names
from config.clock import SHANGHAI
from config.refusals import BadInput, Refusal
from config.settings import Settings
from models.complaints import Complaint, find_complaint, insert_once, list_unanswered
from services.audit import record
from services.dues import Due
from services.entitlements import ANSWER, Actor, Place, Scope, find_actor, require_in, scope_at
from services.notices.notices import plan_notice, say_told
from services.records.media import expect_media
from services.requests.pending import Pending
from services.runtime import Runtime
from services.trees import Tree

MAX_TEXT = 1000
MOST_A_DAY = 5
ANSWER_WORD = "答复投诉"
_DAY_S = int(timedelta(days=1).total_seconds())
_NO_SUCH = "没有这个编号的投诉建议，请核对编号是否完整（提交时告诉您的整个编号）。实名提的，只有本人能看。"


async def submit_complaint(
    rt: Runtime, openid: str, key: str, text: str, *, person_id: int | None, photo: str, now: datetime
) -> str:
    """Keep a complaint and give its number, such as `20220118-7`. A repeat with the same `key` gives the same number.

    `key`: inbox key of the message that confirmed it; `person_id` None where the sender is not bound: then the number bears eight
    digits more, for whoever knows it may read the answer. `photo`: WeChat's MediaId of a photo that goes with it, or empty.
    Raises `Refusal` `too_many` beyond `MOST_A_DAY`.
    """
    source_key = hmac.new(rt.settings.session_key[0], f"complaint:{key}".encode(), hashlib.sha256).hexdigest()
    if not await Complaint.filter(source_key=source_key).exists():
        await _count(rt, openid, now)
    async with in_transaction():
        complaint = await insert_once(
            Complaint(source_key=source_key, person_id=person_id, text=text[:MAX_TEXT], received_at=now)
        )
        if photo:
            await expect_media("image", photo, source_key, complaint.id, now)
    return number_of(rt.settings, complaint)


async def check_rate(rt: Runtime, openid: str, now: datetime) -> None:
    """Raises `Refusal` `too_many` where this WeChat account has sent as many today as one may."""
    if int(await rt.redis.get(_counter(rt, openid, now)) or 0) >= MOST_A_DAY:
        say = f"每个微信号每天最多提 {MOST_A_DAY} 条，今天已经提满，请明天再提；急事请直接找组织部门。"
        raise Refusal("too_many", say, 429)


async def _count(rt: Runtime, openid: str, now: datetime) -> None:
    await check_rate(rt, openid, now)
    name = _counter(rt, openid, now)
    await rt.redis.incr(name)
    await rt.redis.expire(name, _DAY_S)


def _counter(rt: Runtime, openid: str, now: datetime) -> str:
    """In Redis alone and under an HMAC: nothing that is kept links an anonymous complaint with who sent it."""
    person = Names(rt.settings.session_key).person(openid)
    return f"zp:complaints:{person}:{now.astimezone(SHANGHAI):%Y%m%d}"


def reference_of(complaint: Complaint) -> str:
    """The number by which the office speaks of a complaint: the day, and its own number."""
    return f"{complaint.received_at.astimezone(SHANGHAI):%Y%m%d}-{complaint.id}"


def number_of(settings: Settings, complaint: Complaint) -> str:
    """The number that the sender is told."""
    check = "" if complaint.person_id is not None else f"-{_check_digits(settings.session_key[0], complaint)}"
    return f"{reference_of(complaint)}{check}"


def _check_digits(key: bytes, complaint: Complaint) -> str:
    digest = hmac.new(key, f"complaint-number:{reference_of(complaint)}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest) % 10**8:08d}"


async def find_answer(settings: Settings, reference: str, check: str, person_id: int | None) -> Complaint:
    """The complaint of that number, for its sender: the person who was named, or whoever knows the digits of an anonymous one.

    Raises `Refusal` `no_such_complaint`, the same for a number that does not exist and for another's.
    """
    found = await find_complaint(_id_of(reference))
    if found is None or reference_of(found) != reference or not _is_for(settings, found, check, person_id):
        raise Refusal("no_such_complaint", _NO_SUCH, 404)
    return found


def _is_for(settings: Settings, found: Complaint, check: str, person_id: int | None) -> bool:
    if found.person_id is not None:
        return found.person_id == person_id
    return sum(hmac.compare_digest(_check_digits(key, found), check) for key in settings.session_key) > 0


def _id_of(reference: str) -> int:
    number = reference.split("-")[1] if "-" in reference else reference
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0


async def get_complaint(reference: str) -> Complaint:
    """The complaint of a number, with or without the digits behind it, for the office. Raises `Refusal`."""
    found = await find_complaint(_id_of(reference))
    if found is None or not f"{reference}-".startswith(f"{reference_of(found)}-"):
        raise Refusal("no_such_complaint", f"没有编号为「{reference[:40]}」的投诉建议，请核对编号。", 404)
    return found


async def answer_complaint(complaint_id: int, *, answer: str, now: datetime, actor: str) -> Complaint:
    """Answer a complaint; a named sender is told. The same answer again changes nothing.

    Raises `Refusal`: `not_entitled` (nobody answers their own), `answered` where somebody else was first; `BadInput` without words.
    """
    if not 0 < len(answer.strip()) <= MAX_TEXT:
        raise BadInput([f"text：请写明答复，不超过 {MAX_TEXT} 字"])
    async with in_transaction():
        found = await Complaint.filter(id=complaint_id).select_for_update().get()
        await found.fetch_related("person")
        await _require(actor, found)
        if found.answer == answer.strip():
            return found
        if found.answer is not None:
            raise Refusal("answered", "这条投诉建议已经有人答复，没有再记。")
        found.answer, found.answered_by, found.answered_at = answer.strip(), actor, now
        await found.save(update_fields=["answer", "answered_by", "answered_at"])
        if found.person_id is not None:
            # Where it can be read goes first: a long answer is cut in what is pushed.
            text = f"您的投诉建议已答复，回复 投诉 {reference_of(found)} 随时可看。答复：{found.answer}"
            await plan_notice("complaint", found.person_id, f"complaint:{found.id}", text, now)
        await record(now, actor, "answer_complaint", f"complaint:{found.id}", {})
    return found


async def say_answered(found: Complaint) -> str:
    """How the answer comes to whoever complained, for whoever gave it."""
    if found.person_id is None:
        return "对方匿名，凭编号可以看到。"
    return await say_told("complaint", f"complaint:{found.id}", "本人")


async def _require(actor: str, found: Complaint) -> None:
    person = await find_actor(actor)
    place = _place(person, found)
    if place is not None:
        await require_in(await scope_at(place.organisation_id), actor, ANSWER, place)


def _place(actor: Actor, found: Complaint) -> Place | None:
    """Where the complaint belongs: to the sender's organisation; an anonymous one to that of whoever answers it."""
    if found.person is not None:
        return Place(found.person.organisation_id, found.person_id)
    return None if actor.organisation_id is None else Place(actor.organisation_id)


def _may_answer(tree: Tree, actor: Actor, found: Complaint) -> bool:
    place = _place(actor, found)
    return place is not None and Scope(tree, place.organisation_id).may(actor, ANSWER, place)


def _due(person_id: int, found: Complaint) -> Due:
    return Due(person_id, f"complaint:{found.id}", f"答复投诉建议 {reference_of(found)}", ANSWER_WORD)


PENDING = Pending(ANSWER, list_unanswered, _may_answer, _due)
