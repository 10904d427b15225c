"""The ledger of what is overdue: everything that is not done and whose last day is over, by whom; no votes, whoever has cast one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from config.clock import SHANGHAI
from models.people import Person, list_after
from services.reminders.agenda import list_agenda
from services.reminders.planner import BATCH
from services.trees import keeping, load_tree
from services.workbooks.sheet_pages import Column, Page, write_workbook

_COLUMNS = (
    Column("days", "过期天数", width=10),
    Column("by", "期限"),
    Column("organisation", "组织", width=24),
    Column("name", "姓名"),
    Column("staff_no", "工号"),
    Column("text", "什么事", width=60),
    Column("scheme", "方案", width=18),
)


@dataclass(frozen=True, slots=True)
class Overdue:
    """One thing that one person should have done by `by`, so many days ago."""

    staff_no: str
    name: str
    organisation: str
    code: str
    text: str
    scheme: str
    by: date
    days: int


async def list_overdue(now: datetime) -> list[Overdue]:
    """The ledger, the longest overdue first; a thousand people at a time."""
    today, after, found = now.astimezone(SHANGHAI).date(), 0, []
    with keeping(await load_tree()):
        while people := await list_after(after, BATCH):
            by_id = {person.id: person for person in people}
            for due in await list_agenda(now, list(by_id)):
                if due.by is not None and due.by < today and not due.is_poll:
                    found.append(_overdue(by_id[due.person_id], due.text, due.scheme, due.by, today))
            after = people[-1].id
    return sorted(found, key=lambda one: (one.by, one.code, one.staff_no, one.text))


def _overdue(person: Person, text: str, scheme: str, by: date, today: date) -> Overdue:
    where = person.organisation
    return Overdue(person.staff_no, person.name, where.name, where.code, text, scheme, by, (today - by).days)


def overdue_workbook(rows: Sequence[Overdue]) -> bytes:
    """The ledger as an .xlsx file."""
    page = Page("过期台账", _COLUMNS, map(str, range(len(rows))))
    for number, one in enumerate(rows):
        for column in _COLUMNS:
            value = getattr(one, column.key)
            page.put(str(number), column.key, value if isinstance(value, int) else str(value))
    return write_workbook([page])
