"""Public notices (公示): opened by an entitled person after publishing, for the scheme's days; ended by the clock (S2-35, S4-17)."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

from tortoise.transactions import in_transaction

from config.clock import SHANGHAI
from config.refusals import BadInput, Refusal
from config.settings import Settings
from models.cycles import Cycle
from models.notices import drop_planned
from models.objections import list_open
from models.organisations import Organisation
from models.public_notices import CLOSED, OPEN, REPLACED, WITHDRAWN, PublicNotice, insert_once
from models.runs import find_published
from scoring.rules import SettingRef
from scoring.scheme import Scheme
from scoring.settings import read_settings
from services.audit import CLOCK, record
from services.canonical import canonical_json
from services.cycles.cycles import lock_cycle, scheme_of
from services.day_words import shown_day
from services.entitlements import PUBLISH, require, require_in, scope_at
from services.meetings.screens import make_token
from services.notices.notices import plan_notices
from services.requests.parties import find_assessed
from services.runs.runs import get_run
from services.runtime import Runtime

MOST_DAYS = 366
_MORNING = time(9)
_KIND = "public_notice"
MAX_TITLE, MAX_BODY = 128, 20_000


@dataclass(frozen=True, slots=True)
class TextSpec:
    """A text to be put on notice, such as the summary of a report: the organisation's code, a title, paragraphs."""

    organisation: str
    title: str
    paragraphs: tuple[str, ...]
    cycle_id: int | None = None


def address_of(settings: Settings, notice: PublicNotice) -> str:
    """The page of a notice; whoever has it may read it."""
    return f"{settings.site}/notice/{notice.code}"


def day_of(now: datetime) -> date:
    """The day in Shanghai."""
    return now.astimezone(SHANGHAI).date()


def is_running(notice: PublicNotice, day: date) -> bool:
    """Whether it can be read and objected to on that day."""
    return notice.state == OPEN and notice.from_day <= day <= notice.to_day


async def open_result_notice(
    run_id: int, *, days: int | None = None, from_day: date | None = None, now: datetime, actor: str
) -> PublicNotice:
    """Put the published run on notice. A repeat gives the notice that is there; a corrected run replaces the one before. What was
    withdrawn, or replaced by a correction that was taken back since, is put up as a new notice.

    `days`: needed where the scheme names no number. Raises `Refusal`: `not_published`, `not_public` (results that the document
    makes known within a circle only), `missing_notice_days`, `days_needed`, `open_objections` of the notice that it would
    replace, `not_entitled`; `BadInput` for days that cannot be.
    """
    run = await get_run(run_id)
    async with in_transaction():
        cycle = await lock_cycle(run.cycle_id)
        await require(actor, cycle, PUBLISH)
        scheme = scheme_of(cycle)
        published = await find_published(cycle.id)
        if published is None or published.run_id != run.id:
            raise Refusal("not_published", "这次计算不是已公布的结果。请先公布，再公示。")
        key = await _key_for("publication", published.id)
        before = await PublicNotice.get_or_none(source_key=key)
        if before is not None:
            return before
        if scheme.publication is not None and not scheme.publication.public:
            say = "按考核文件，这项结果只在一定范围内通报，不放上谁都能打开的网页。要公示述职报告摘要，请用 public-notice text。"
            raise Refusal("not_public", say)
        length = _days(days_of(cycle, scheme), days)
        await _replace(cycle, now, actor)
        notice = _new(key, f"{cycle.title}结果公示"[:MAX_TITLE], length, from_day, now, actor)
        notice.organisation_id, notice.cycle, notice.run = cycle.organisation_id, cycle, run
        return await _save(notice, now, actor)


async def open_text_notice(
    spec: TextSpec, *, days: int | None, from_day: date | None = None, now: datetime, actor: str
) -> PublicNotice:
    """Put a text on notice: the summary of a report after the meeting (S4-17), progress told each quarter (S4-30). The same text
    from the same day is the notice that is there, unless that was withdrawn. Raises `Refusal`, `BadInput`."""
    paragraphs = [one.strip() for one in spec.paragraphs if one.strip()]
    _check_text(spec.title, paragraphs)
    organisation = await Organisation.get_or_none(code=spec.organisation)
    if organisation is None:
        raise Refusal("no_such_organisation", f"没有编码为「{spec.organisation}」的组织，请核对编码。", 404)
    async with in_transaction():
        await require_in(await scope_at(organisation.id), actor, PUBLISH)
        begins = from_day or day_of(now)
        source_key = await _key_for(organisation.id, spec.title, paragraphs, begins.isoformat())
        notice = _new(source_key, spec.title.strip(), _days(None, days), from_day, now, actor)
        notice.organisation, notice.cycle_id, notice.body = organisation, spec.cycle_id, "\n".join(paragraphs)
        return await _save(notice, now, actor)


async def _key_for(*facts: Any) -> str:
    """The key of the notice of this: of the one that is up or ran to its end, else one that is not taken yet."""
    for ended in count():
        key = hashlib.sha256(canonical_json([*facts, ended]).encode()).hexdigest()
        there = await PublicNotice.get_or_none(source_key=key)
        if there is None or there.state in (OPEN, CLOSED):
            return key
    raise AssertionError("some number is free")


def _check_text(title: str, paragraphs: list[str]) -> None:
    faults = [] if 0 < len(title.strip()) <= MAX_TITLE else [f"title：请写标题，不超过 {MAX_TITLE} 字"]
    if not 0 < sum(map(len, paragraphs)) <= MAX_BODY:
        faults.append(f"body：请写内容，不超过 {MAX_BODY} 字")
    if faults:
        raise BadInput(faults)


def days_of(cycle: Cycle, scheme: Scheme) -> int | None:
    """For how many days the document, or the office's setting for it, has results on notice; None where it does not speak of days.

    Raises `Refusal` `missing_notice_days` (as the scheme names it) where the setting is still to be made.
    """
    days = scheme.publication.days if scheme.publication is not None else None
    if days is None:
        return None
    settings = read_settings(scheme.settings, cycle.settings, "settings")
    if isinstance(days, SettingRef) and days.setting not in settings.values:
        refusal = settings.refusal(days.setting)
        raise Refusal(refusal.code, f"{refusal.say}。请先用 zhiping cycle set 设好。")
    return int(settings.amount(days))


def _days(fixed: int | None, given: int | None) -> int:
    if fixed is not None and given not in (None, fixed):
        raise BadInput([f"days：这项考核的公示期已定为 {fixed} 天"])
    days = fixed if fixed is not None else given
    if days is None:
        raise Refusal("days_needed", "考核文件没有写公示多少天，请写明天数（--days），由党组织确定。")
    if not 1 <= days <= MOST_DAYS:
        raise BadInput([f"days：公示天数应在 1—{MOST_DAYS} 之间"])
    return days


def _new(key: str, title: str, days: int, from_day: date | None, now: datetime, actor: str) -> PublicNotice:
    today = day_of(now)
    begins = from_day or today
    if begins < today:
        raise BadInput(["from：公示不能从过去的日子开始"])
    if begins > today + timedelta(days=MOST_DAYS):
        raise BadInput([f"from：公示最晚在 {MOST_DAYS} 天以内开始，请核对日期"])
    return PublicNotice(
        source_key=key,
        code=make_token(),
        title=title,
        from_day=begins,
        to_day=begins + timedelta(days=days - 1),
        opened_at=now,
        opened_by=actor,
    )


async def _save(made: PublicNotice, now: datetime, actor: str) -> PublicNotice:
    notice = await insert_once(made)
    if notice.code == made.code:  # else somebody was before us
        detail = {"run": notice.run_id, "from": notice.from_day.isoformat(), "to": notice.to_day.isoformat()}
        await record(now, actor, "open_public_notice", f"public_notice:{notice.id}", detail)
        if notice.run_id is not None and notice.cycle_id is not None:
            await _tell_assessed(notice, notice.cycle_id, now)
    return notice


async def _tell_assessed(notice: PublicNotice, cycle_id: int, now: datetime) -> None:
    """Those whom it is about hear of it on its first morning: an objection has its days only."""
    days = f"{shown_day(notice.from_day)}至{shown_day(notice.to_day)}"
    text = f"「{notice.title}」公示期{days}。看内容回复 公示，看自己的结果和依据回复 结果，有异议回复 异议。"
    morning = datetime.combine(notice.from_day, _MORNING, SHANGHAI)
    await plan_notices(_KIND, await find_assessed(cycle_id), _slot(notice), text, max(now, morning))


def _slot(notice: PublicNotice) -> str:
    return f"public_notice:{notice.id}"


async def _replace(cycle: Cycle, now: datetime, actor: str) -> None:
    """End the notice of the result that is corrected now."""
    standing = PublicNotice.filter(cycle_id=cycle.id, state=OPEN).exclude(run_id=None)
    before = await standing.select_for_update().first()
    if before is not None:
        await _check_answered(before)
        await _end(before, REPLACED, "", now, actor)


async def end_notice(notice_id: int, *, reason: str = "", now: datetime, actor: str) -> PublicNotice:
    """End a notice whose days are over, or with a reason withdraw it before. One that has ended: nothing happens.

    Raises `Refusal`: `no_such_notice`, `notice_running` without a reason, `open_objections`, `not_entitled`.
    """
    async with in_transaction():
        notice = await _lock(notice_id)
        await require_in(await scope_at(notice.organisation_id), actor, PUBLISH)
        if notice.state != OPEN:
            return notice
        is_over = day_of(now) > notice.to_day
        if not is_over and not reason.strip():
            say = f"公示到{shown_day(notice.to_day)}才满。确需提前撤回，请写明理由。"
            raise Refusal("notice_running", say)
        await _check_answered(notice)
        await _end(notice, CLOSED if is_over else WITHDRAWN, reason.strip(), now, actor)
    return notice


async def close_due(rt: Runtime, now: datetime) -> int:
    """End the notices whose days are over and all of whose objections are answered; how many. Two workers end each once."""
    over = PublicNotice.filter(state=OPEN, to_day__lt=day_of(now)).order_by("id").only("id")
    return sum([await _close_over(one.id, now) for one in await over])


async def _close_over(notice_id: int, now: datetime) -> bool:
    async with in_transaction():
        notice = await _lock(notice_id)
        if notice.state != OPEN or await list_open(notice.id):
            return False
        await _end(notice, CLOSED, "", now, CLOCK)
    return True


async def _end(notice: PublicNotice, state: str, reason: str, now: datetime, actor: str) -> None:
    # Who would have been told on its first morning is not sent to look for what is not there.
    await drop_planned(_KIND, _slot(notice))
    notice.state, notice.ended_at, notice.ended_by, notice.reason = state, now, actor, reason
    await notice.save(update_fields=["state", "ended_at", "ended_by", "reason"])
    await record(now, actor, "end_public_notice", f"public_notice:{notice.id}", {"state": state, "reason": reason})


async def _check_answered(notice: PublicNotice) -> None:
    waiting = len(await list_open(notice.id))
    if waiting:
        raise Refusal(
            "open_objections", f"「{notice.title}」还有 {waiting} 条异议没有答复，请先答复（回复 答复异议）。"
        )


async def _lock(notice_id: int) -> PublicNotice:
    return _present(await PublicNotice.filter(id=notice_id).select_for_update().first(), notice_id)


async def get_notice(notice_id: int) -> PublicNotice:
    """The notice. Raises `Refusal`."""
    return _present(await PublicNotice.get_or_none(id=notice_id), notice_id)


def _present(notice: PublicNotice | None, notice_id: int) -> PublicNotice:
    if notice is None:
        raise Refusal("no_such_notice", f"没有编号为 {notice_id} 的公示，请核对编号。", 404)
    return notice


async def list_notices() -> list[PublicNotice]:
    """All of them, newest first."""
    return await PublicNotice.all().order_by("-id")
