"""Contradictions of the calendar reach the office once, and are settled by nobody else."""

from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest

from services.cycles.cycles import create_cycle
from services.cycles.stages import list_running, set_stage, stage_days
from services.people.roster import import_roster
from services.reminders.conflicts import list_conflicts, raise_conflicts
from tests.integration.cycles import NOW, OFFICE, make_cycle, roster
from tests.integration.test_stages import STEEL
from tests.integration.voted import REVIEW

IN_NOVEMBER = datetime(2021, 11, 1, 1, 0, tzinfo=UTC)
TOLD = "SELECT staff_no, text FROM notices JOIN people p ON p.id = person_id WHERE notices.kind = 'conflict'"


async def codes(now: datetime) -> list[str]:
    return [one.code for one in await list_conflicts(await list_running(now))]


@pytest.mark.fact("A27", "S4-05", "S4-06", "S4-03", "S4-07")
async def test_a_meeting_after_the_end_of_the_whole_and_stages_without_days_are_raised_once(
    db: str, sql: asyncpg.Connection
) -> None:
    await import_roster(roster(), now=NOW, actor="test")
    cycle = (await create_cycle(REVIEW.encode(), now=NOW, actor="command")).cycle
    for hours in (0, 1, 24):
        await raise_conflicts(IN_NOVEMBER + timedelta(hours=hours))
    [told] = await sql.fetch(TOLD)
    assert told["staff_no"] == OFFICE
    assert (
        "述职评议会（2022年1月20日）晚于它所在的述职评议考核全部工作（2022年1月18日）；提醒按较早的2022年1月18日"
        in told["text"]
    )
    for title in ("机关党委书记书面报告和书面述职", "向上一级党组织报告"):
        assert f"{title}没有定时间" in told["text"]
    # Nothing was chosen for the office, and what it chooses is not raised again.
    assert (await stage_days(cycle))["meeting"].own == date(2022, 1, 20)
    await set_stage(cycle.id, "meeting", {"due": date(2022, 1, 18)}, reason="提前", now=IN_NOVEMBER, actor=OFFICE)
    await raise_conflicts(IN_NOVEMBER)
    newest = (await sql.fetch(TOLD))[-1]["text"]
    assert "晚于" not in newest


@pytest.mark.fact("A5", "S0-08")
async def test_two_deadlines_of_one_stage_are_both_told(db: str, sql: asyncpg.Connection) -> None:
    await import_roster(roster(), now=NOW, actor="test")
    await create_cycle(STEEL.encode(), now=NOW, actor="command")
    february = datetime(2021, 2, 1, 1, 0, tzinfo=UTC)
    assert await codes(february) == ["two_deadlines"]
    await raise_conflicts(february)
    [told] = await sql.fetch(TOLD)
    assert "全面考评有两个期限：2021年3月10日和2021年3月15日" in told["text"]


@pytest.mark.fact("A34")
async def test_schemes_that_load_the_same_branches_in_one_week_are_raised_together(
    db: str, sql: asyncpg.Connection
) -> None:
    await make_cycle()
    await create_cycle(REVIEW.replace("2021", "2020").encode(), now=NOW, actor="command")
    assert (await codes(NOW)).count("crowded") == 1
    await raise_conflicts(NOW)
    texts = [row["text"] for row in await sql.fetch(TOLD)]
    assert any("述职报告（2020年12月31日）" in text and "评估认定（2020年12月31日）" in text for text in texts)


async def test_a_year_whose_holidays_nobody_knows_is_told_once(db: str, sql: asyncpg.Connection) -> None:
    await import_roster(roster(), now=NOW, actor="test")
    await create_cycle(REVIEW.replace('"2021"', '"2029"').encode(), now=NOW, actor="command")
    for day in (1, 2):
        await raise_conflicts(datetime(2029, 11, day, 1, 0, tzinfo=UTC))
    texts = [row["text"] for row in await sql.fetch(TOLD)]
    assert sum("2029 年的放假和调休安排" in text for text in texts) == 1
