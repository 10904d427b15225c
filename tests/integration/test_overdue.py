"""The ledger of what is overdue equals what is not done, and what is done leaves it."""

from datetime import UTC, date, datetime

from services.cycles.stages import finish_stage, stage_days
from services.reminders.overdue import list_overdue, overdue_workbook
from services.workbooks.workbook import read_cells
from tests.integration.cycles import OFFICE, SECRETARY, make_cycle

LATER = datetime(2021, 1, 5, 2, 0, tzinfo=UTC)


async def test_what_is_overdue_is_listed_by_whom_and_since_when(db: str) -> None:
    cycle = await make_cycle()
    found = await list_overdue(LATER)
    late = {key for key, one in (await stage_days(cycle)).items() if one.due and one.due < date(2021, 1, 5)}
    stages = [one for one in found if one.staff_no == OFFICE and ("办结" in one.text or "还没有定期限" in one.text)]
    assert len(stages) == len(late)
    mine = [one for one in found if one.staff_no == SECRETARY and "自查自报" in one.text]
    assert {(one.by, one.days) for one in mine} == {(date(2020, 11, 30), 36)}
    assert [one.by for one in found] == sorted(one.by for one in found)
    assert "过期台账" in read_cells(overdue_workbook(found))
    for key in late:
        await finish_stage(cycle.id, key, now=LATER, actor=OFFICE)
    after = [one.text for one in await list_overdue(LATER)]
    assert not [text for text in after if "办结" in text or "还没有定期限" in text]
