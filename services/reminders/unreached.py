"""Whom the office has to phone: people to whom nothing could be pushed and who have not looked into 任务 since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from config.clock import SHANGHAI
from models.accounts import list_bound
from models.notices import DIGEST, LISTED, REFUSED, Notice, list_unreached
from services.dues import Due
from services.reminders.agenda import list_agenda
from services.reminders.planner import BATCH
from services.reminders.planning import line_of, next_day
from services.trees import keeping, load_tree
from services.workbooks.sheet_pages import Column, Page, write_workbook

# What was said longer ago is said again, or is over.
_LOOKS_BACK = timedelta(days=8)
_COLUMNS = (
    Column("staff_no", "工号"),
    Column("name", "姓名"),
    Column("organisation", "组织", width=24),
    Column("why", "为什么送不到", width=40),
    Column("by", "最近的期限"),
    Column("what", "要告诉的事", width=60),
)


@dataclass(frozen=True, slots=True)
class Unreached:
    """One person to phone. `why`: in words; `what`: what they have to do, the nearest first, or were to be told."""

    staff_no: str
    name: str
    organisation: str
    code: str
    why: str
    what: tuple[str, ...]
    by: date | None


async def list_unreached_people(now: datetime) -> list[Unreached]:
    """The list, those with the nearest last day first. A digest's people stand on it while what it said is still to be done."""
    notices = await list_unreached(now - _LOOKS_BACK)
    by_person: dict[int, list[Notice]] = {}
    for notice in notices:
        by_person.setdefault(notice.person_id, []).append(notice)
    ids = list(by_person)
    with keeping(await load_tree()):
        dues = await _dues(ids, now)
    bound = await list_bound(ids)
    found = [_unreached(own, dues.get(one, []), one in bound, now) for one, own in by_person.items()]
    return sorted((one for one in found if one.what), key=lambda one: (one.by or date.max, one.code, one.staff_no))


async def _dues(ids: Sequence[int], now: datetime) -> dict[int, list[Due]]:
    found: dict[int, list[Due]] = {}
    for start in range(0, len(ids), BATCH):
        for due in await list_agenda(now, ids[start : start + BATCH]):
            found.setdefault(due.person_id, []).append(due)
    return found


def _unreached(notices: Sequence[Notice], dues: Sequence[Due], is_bound: bool, now: datetime) -> Unreached:
    today = now.astimezone(SHANGHAI).date()
    person = notices[0].person
    named = (
        [due for due in dues if next_day(due, today) is not None] if any(one.kind == DIGEST for one in notices) else []
    )
    told = [one.text for one in notices if one.kind != DIGEST]
    days = [day for due in named if (day := next_day(due, today)) is not None]
    return Unreached(
        person.staff_no,
        person.name,
        person.organisation.name,
        person.organisation.code,
        _why(notices[0], is_bound),
        (*(line_of(due, today) for due in named), *told),
        min(days, default=None),
    )


def _why(notice: Notice, is_bound: bool) -> str:
    if not is_bound:
        return "没有绑定公众号"
    if notice.state == LISTED:
        return "近两天没有和公众号说过话，微信不允许推送"
    return f"微信拒绝了推送（{notice.errcode}）" if notice.state == REFUSED else "推送时断线，不知道是否送到"


def unreached_workbook(people: Sequence[Unreached]) -> bytes:
    """The list as an .xlsx file, a row for each person."""
    page = Page("要打电话的人", _COLUMNS, (one.staff_no for one in people))
    for one in people:
        values = (one.staff_no, one.name, one.organisation, one.why, str(one.by or ""), "\n".join(one.what))
        for column, value in zip(_COLUMNS, values, strict=True):
            page.put(one.staff_no, column.key, value)
    return write_workbook([page])
