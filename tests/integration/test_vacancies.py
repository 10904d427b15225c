"""What names people and not posts, and what nobody can go on with: it stays, is seen by the office, and never hangs with nobody."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from app.commands.roster import ROSTER_COMMANDS
from models.cycles import Cycle
from models.ratings import Rating
from scheduler.jobs import JOBS
from services.filings.filing_sheets import Move
from services.filings.filings import file_paper, move_filing
from services.people.roster import import_roster
from services.ratings.assignments import Task, assign
from services.ratings.draws import DrawRule, draw_assignments
from services.ratings.ratings import reopen_rating
from services.ratings.seats import list_seats
from services.records.records import keep_record
from services.rectifications.rectifications import Act
from services.rectifications.weak_organisations import Mark, mark_weak
from services.runtime import Runtime
from tests.integration import reviewing
from tests.integration.commanding import run_line
from tests.integration.cycles import DEPUTY, OFFICE, OTHER_SECRETARY, SECRETARY, TEAM, roster
from tests.integration.handed_over import (
    HANDED_OVER,
    SUCCESSOR,
    THEME_DAY,
    branch_of,
    hand_over,
    posts,
    returned_record,
    words_of,
)
from tests.integration.rated import FEBRUARY, make_cycle, phone_of, rate, review_lines, say_all, self_lines
from tests.integration.world import name_of

NEW_TEAM = "2002"
FULL = "full_review"


@pytest.fixture
async def cycle(rt: Runtime) -> Cycle:
    return await make_cycle()


async def give(**held: str) -> None:
    await import_roster(roster(posts(**held)), now=FEBRUARY, actor="command")


async def tick(rt: Runtime) -> None:
    """What the clock does about handovers."""
    for job in JOBS:
        if job.name in ("tell_handovers", "tell_vacancies"):
            await job.run(rt, FEBRUARY)


async def test_without_a_secretary_the_deputy_owes_what_the_branch_owes(rt: Runtime, cycle: Cycle) -> None:
    assert "自评" not in await words_of(DEPUTY)
    await give(n1001="")
    assert "自评" in await words_of(DEPUTY)
    assert "自评" not in await words_of(SECRETARY)


async def test_a_teams_sheet_that_was_given_back_goes_to_whoever_judges_now(
    rt: Runtime, cycle: Cycle, sql: asyncpg.Connection
) -> None:
    await rate(cycle, "0101", "self", self_lines(), SECRETARY)
    await rate(cycle, "0101", FULL, review_lines(["5"] * 20), TEAM)
    given = await Rating.get(round=FULL)
    await give(n9002="")
    await reopen_rating(given.id, reason="评分有误", now=FEBRUARY, actor=OFFICE)
    assert await sql.fetchval("SELECT count(*) FROM notices") == 0
    office = await phone_of(rt, OFFICE)
    assert "全面考评被退回，没有人重新提交" in await office.say("交接")
    await give(n9002="", **{f"n{NEW_TEAM}": "考核组"})
    assert "事情都有人接手" in await office.say("交接")
    old, new = await phone_of(rt, TEAM), await phone_of(rt, NEW_TEAM)
    assert "已退回" not in await old.say("任务")
    assert "第一党支部全面考评已退回，请修改后重新提交" in await new.say("任务")
    await say_all(new, "打分", "第一党支部", " ".join(["4.5"] * 20), "总览")
    await say_all(new, "按原始台账重新评分", "确认")
    assert "已退回" not in await new.say("任务")
    values = await sql.fetch(
        "SELECT DISTINCT content, entered_by FROM inputs WHERE replaced_at IS NULL AND slot LIKE 'ind%'"
    )
    assert [tuple(row) for row in values] == [('"4.5"', NEW_TEAM)]


async def test_who_was_named_to_rate_stays_named_and_the_office_sees_it(rt: Runtime, cycle: Cycle) -> None:
    await give(n2002="委员")
    await assign(cycle.id, [Task("spot_check", "0101", "2002")], now=FEBRUARY, actor=OFFICE)
    await give(n2002="")
    office = await phone_of(rt, OFFICE)
    assert f"分派给{name_of('2002')}，已卸任" in await office.say("交接")
    assert "打分" in await words_of("2002")
    again = [Task("spot_check", "0101", OTHER_SECRETARY)]
    await assign(cycle.id, again, now=FEBRUARY, actor=OFFICE, replace=True, reason="换人")
    assert "事情都有人接手" in await office.say("交接")


async def test_a_drawn_seat_of_a_branch_that_nobody_leads_is_seen_in_the_chat_and_in_the_list(
    rt: Runtime, cycle: Cycle
) -> None:
    await draw_assignments(cycle.id, DrawRule("cross_review", "公开的种子", groups=2), now=FEBRUARY, actor=OFFICE)
    await give(n1001="", n1002="")
    office = await phone_of(rt, OFFICE)
    assert "第二党支部交叉互评抽到的组织现在没有人打分" in await office.say("交接")
    seats = {seat.assignment.subject.key: seat.holder for seat in await list_seats(cycle.id)}
    assert seats["branch:0102"] is None
    await hand_over()
    seats = {seat.assignment.subject.key: seat.holder for seat in await list_seats(cycle.id)}
    assert seats["branch:0102"] is not None
    assert seats["branch:0102"].staff_no == SUCCESSOR
    assert "事情都有人接手" in await office.say("交接")


async def test_a_photo_that_comes_late_is_not_added_by_who_has_handed_over(rt: Runtime, cycle: Cycle) -> None:
    await keep_record("k1", await branch_of(), THEME_DAY, actor=SECRETARY, now=FEBRUARY)
    old = await phone_of(rt, SECRETARY)
    await hand_over()
    assert HANDED_OVER in await old.show("late")


async def test_a_returned_paper_is_told_to_the_successor(rt: Runtime, cycle: Cycle, sql: asyncpg.Connection) -> None:
    parts = {"工作回顾": ["全年有序"], "经验": ["党员带头"], "问题": ["学习不够"]}
    sheet = await file_paper(cycle.id, "self_report", "branch:0101", parts, now=FEBRUARY, actor=SECRETARY)
    await hand_over()
    await move_filing(sheet.filing.id, Move("退回", note="请写具体"), now=FEBRUARY, actor=OFFICE)
    rows = await sql.fetch("SELECT staff_no, text FROM notices JOIN people ON people.id = person_id")
    assert [row["staff_no"] for row in rows] == [SUCCESSOR]
    assert "第一党支部的自查自评总结退回修改" in rows[0]["text"]
    old, new = await phone_of(rt, SECRETARY), await phone_of(rt, SUCCESSOR)
    assert HANDED_OVER in await old.say(f"材料{sheet.filing.id}")
    assert f"材料{sheet.filing.id}" in await words_of(SUCCESSOR)
    assert "全年有序" in await say_all(new, f"材料{sheet.filing.id}", "目录", "全文")
    assert "已提交" in await say_all(new, "提交", "确认")
    assert f"材料{sheet.filing.id}" not in await words_of(SUCCESSOR)


async def test_a_weak_branchs_responsible_person_is_seen_to_have_left(rt: Runtime, cycle: Cycle) -> None:
    mark = Mark("班子不团结", "第一党总支", SECRETARY, "派驻指导")
    await mark_weak("0101", mark, Act(OFFICE, FEBRUARY, "weak-1"))
    await hand_over()
    office = await phone_of(rt, OFFICE)
    assert f"软弱涣散整顿的责任人{name_of(SECRETARY)}已卸任" in await office.say("交接")


async def test_whom_the_years_roll_names_reports_until_the_office_decides(rt: Runtime) -> None:
    await reviewing.make_cycle()
    first = reviewing.SECRETARIES[0]
    people = tuple((one[0], one[1], one[2], "" if one[0] == first else one[3]) for one in reviewing.PEOPLE)
    await import_roster(roster(people, reviewing.ORGANISATIONS), now=reviewing.NOW, actor="command")
    office = await reviewing.phone_of(rt, reviewing.OFFICE)
    shown = await office.say("交接")
    assert f"{name_of(first)}已不任书记，述职报告由谁写请核定" in shown
    writer = await reviewing.phone_of(rt, first)
    assert "述职" in await writer.say("任务")


async def test_only_the_office_is_shown_what_nobody_can_go_on_with(rt: Runtime, cycle: Cycle) -> None:
    await give(n2001="")
    secretary = await phone_of(rt, SECRETARY)
    assert "由组织部门核定" in await secretary.say("交接")
    assert "交接" not in await words_of(SECRETARY)
    assert "交接" in await words_of(OFFICE)


async def test_the_office_is_told_once_that_a_branch_with_unfinished_work_has_nobody(
    rt: Runtime, cycle: Cycle, sql: asyncpg.Connection
) -> None:
    office = await phone_of(rt, OFFICE)
    await give(n1001="")
    await tick(rt)
    assert "空着" not in await office.say("任务")  # the deputy goes on with it
    await give()
    await returned_record("0102", OTHER_SECRETARY)
    for _ in range(2):
        await give(n2001="")
        await asyncio.gather(tick(rt), tick(rt))
    shown = await office.say("任务")
    told = (
        f"第二党支部书记的职务空着：{name_of(OTHER_SECRETARY)}已卸任，还没有接任的，有 2 件事没有人接手。回复 交接 看"
    )
    assert told in shown
    rows = await sql.fetch("SELECT staff_no FROM notices JOIN people ON people.id = person_id WHERE kind = 'vacancy'")
    assert [row["staff_no"] for row in rows] == [OFFICE]
    await give(n2001="", n2002="书记")
    await tick(rt)
    await give(n2001="")
    await tick(rt)
    assert f"{name_of('2002')}已卸任" in await office.say("任务")
    assert await sql.fetchval("SELECT count(*) FROM notices WHERE kind = 'vacancy'") == 2


async def test_the_import_says_how_much_nobody_can_go_on_with(
    rt: Runtime,
    cycle: Cycle,
    settings_values: dict[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await returned_record("0102", OTHER_SECRETARY)
    file = tmp_path / "roster.xlsx"
    for held, told in (({"n2001": ""}, "有 1 件事没有人接手"), ({}, "")):
        file.write_bytes(roster(posts(**held)))
        assert await run_line(ROSTER_COMMANDS[0], settings_values, str(file)) == 0
        said = capsys.readouterr().out
        assert told in said
        assert ("没有人接手" in said) == bool(told)
