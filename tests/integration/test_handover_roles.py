"""Posts that change hands between people who hold other posts as well: what is theirs, what is the branch's, whom nobody tells."""

from datetime import timedelta
from fractions import Fraction

import asyncpg
import pytest

from config.refusals import Refusal
from models.cycles import Cycle
from models.inputs import Input
from models.people import Person
from models.ratings import Rating
from services.cycles.inputs import InputRow
from services.filings.filing_sheets import Move
from services.filings.filings import file_paper, move_filing
from services.people.roster import import_roster
from services.ratings.assignments import Task, assign
from services.ratings.draws import DrawRule, draw_assignments
from services.ratings.entries import enter_inputs
from services.ratings.rating_sheets import load_sheet
from services.ratings.ratings import reopen_rating
from services.rectifications.rectifications import Act, open_item
from services.reminders.handovers import tell_due
from services.runtime import Runtime
from tests.integration import reviewing
from tests.integration.cycles import DEPUTY, OFFICE, ORGANISATIONS, OTHER_SECRETARY, SECRETARY, fill, roster
from tests.integration.cycles import make_cycle as make_star_rating
from tests.integration.handed_over import SUCCESSOR, branch_of, posts, returned_record, words_of
from tests.integration.rated import FEBRUARY, make_cycle, phone_of, rate, review_lines, say_all, self_lines
from tests.integration.rectified import publish
from tests.integration.world import name_of


@pytest.fixture
async def cycle(rt: Runtime) -> Cycle:
    return await make_cycle()


async def give(**held: str) -> None:
    await import_roster(roster(posts(**held)), now=FEBRUARY, actor="command")


async def test_a_report_in_ones_own_name_that_came_back_stays_with_who_writes_it(
    rt: Runtime, sql: asyncpg.Connection
) -> None:
    cycle = await reviewing.make_cycle()
    first = reviewing.SECRETARIES[0]
    sheet = await file_paper(cycle.id, "report", f"secretary:{first}", reviewing.REPORT, now=reviewing.NOW, actor=first)
    await move_filing(
        sheet.filing.id,
        Move("退回", reason="查找问题不到位", note="请写具体"),
        now=reviewing.NOW,
        actor=reviewing.OFFICE,
    )
    unread = "SELECT count(*) FROM notices WHERE kind = 'filing' AND read_at IS NULL"
    assert await sql.fetchval(unread) == 1
    people = tuple((one[0], one[1], one[2], "" if one[0] == first else one[3]) for one in reviewing.PEOPLE)
    people += (("7001", "0500", "正式党员", "书记"),)
    await import_roster(roster(people, reviewing.ORGANISATIONS), now=reviewing.NOW, actor="command")
    assert await tell_due(rt, reviewing.NOW) == 1
    assert await sql.fetchval(unread) == 1


TOLD = (
    "SELECT staff_no, text FROM notices JOIN people ON people.id = person_id WHERE kind = 'handover' ORDER BY staff_no"
)


async def test_who_keeps_another_post_in_the_branch_is_told_what_stays_theirs(
    rt: Runtime, cycle: Cycle, sql: asyncpg.Connection
) -> None:
    record = await returned_record()
    await give(n1001="委员", n1003="书记")
    await tell_due(rt, FEBRUARY)
    assert f"改记录{record.id}" in await words_of(SECRETARY)
    assert f"改记录{record.id}" not in await words_of(SUCCESSOR)
    gave, took = [row["text"] for row in await sql.fetch(TOLD)]
    assert "按现在的职务仍由您办的，还在您的 任务 里" in gave
    assert "您不用再办" not in gave
    assert "前任经手的有些仍由前任办完" in took


async def test_the_secretary_of_a_merged_branch_is_told_who_has_its_work_and_so_is_whoever_has_it(
    rt: Runtime, cycle: Cycle, sql: asyncpg.Connection
) -> None:
    await returned_record("0102", OTHER_SECRETARY)
    merged = tuple(("0102", "第二党支部", "0101", "部门") if one[0] == "0102" else one for one in ORGANISATIONS)
    await import_roster(roster(posts(n2001=""), merged), now=FEBRUARY, actor="command")
    assert await tell_due(rt, FEBRUARY) == 1
    assert await tell_due(rt, FEBRUARY) == 0
    took, gave = await sql.fetch(TOLD)
    assert (took["staff_no"], gave["staff_no"]) == (SECRETARY, OTHER_SECRETARY)
    assert "您现在负责第二党支部的工作" in took["text"]
    assert f"第二党支部的工作现在由{name_of(SECRETARY)}同志负责" in gave["text"]
    unread = "SELECT count(*) FROM notices WHERE kind = 'record_returned' AND read_at IS NULL"
    assert await sql.fetchval(unread) == 0


async def test_what_was_a_merged_branchs_is_planned_and_applied_for_by_whoever_leads_it_now(
    rt: Runtime, cycle: Cycle
) -> None:
    act = Act(OFFICE, FEBRUARY, "open-1")
    item = await open_item(act, organisation_id=await branch_of("0102"), source="会前督查", problem="学习不够")
    merged = tuple(("0102", "第二党支部", "0101", "部门") if one[0] == "0102" else one for one in ORGANISATIONS)
    moved = tuple((one[0], "0101", *one[2:]) if one[1] == "0102" else one for one in posts(n2001=""))
    await import_roster(roster(moved, merged), now=FEBRUARY, actor="command")
    secretary = await phone_of(rt, SECRETARY)
    plan = f"每月学习两次，责任人{name_of('2002')}，支持单位党群工作处，3月10日前"
    await say_all(secretary, f"整改{item.id}", plan, "确认")
    await item.refresh_from_db()
    assert item.responsible_id == (await Person.get(staff_no="2002")).id
    assert "第二党支部（2021年达标考评）" in await secretary.say("免评")


async def test_who_was_named_to_rate_a_branch_and_leads_it_now_does_not_rate_it(rt: Runtime, cycle: Cycle) -> None:
    await rate(cycle, "0101", "self", self_lines(), SECRETARY)
    await assign(cycle.id, [Task("spot_check", "0101", "2002")], now=FEBRUARY, actor=OFFICE)
    await give(n1001="")
    moved = tuple(("2002", "0101", one[2], "书记") if one[0] == "2002" else one for one in posts(n1001=""))
    await import_roster(roster(moved), now=FEBRUARY, actor="command")
    with pytest.raises(Refusal, match="not_assigned"):
        await rate(cycle, "0101", "spot_check", review_lines(["5"] * 20), "2002")
    assert "打分" not in await words_of("2002")
    office = await phone_of(rt, OFFICE)
    assert f"分派给{name_of('2002')}，现在和被评的是一家" in await office.say("交接")


async def test_a_drawn_seat_hangs_with_nobody_though_who_was_drawn_sits_in_the_committee(
    rt: Runtime, cycle: Cycle
) -> None:
    await draw_assignments(cycle.id, DrawRule("cross_review", "公开的种子", groups=2), now=FEBRUARY, actor=OFFICE)
    await rate(cycle, "0101", "self", self_lines(), SECRETARY)
    await give(n1001="委员", n1002="")
    office = await phone_of(rt, OFFICE)
    assert "第二党支部交叉互评抽到的组织现在没有人打分" in await office.say("交接")


async def test_who_was_drawn_in_person_and_has_left_is_seen_by_the_office(rt: Runtime, cycle: Cycle) -> None:
    await give(n2002="委员")
    rule = DrawRule("spot_check", "公开的种子", ratio=Fraction(1), raters=("2002",))
    await draw_assignments(cycle.id, rule, now=FEBRUARY, actor=OFFICE)
    await give(n2002="")
    office = await phone_of(rt, OFFICE)
    assert f"第一党支部抽查点评分派给{name_of('2002')}，已卸任" in await office.say("交接")


async def test_what_a_result_wants_put_right_is_told_to_the_deputy_where_nobody_is_secretary(
    rt: Runtime, sql: asyncpg.Connection
) -> None:
    cycle = await make_star_rating()
    await give(n1001="")
    await fill(cycle)
    low = [InputRow("branch:0101", f"scores.{key}", "65", "更正") for key in ("democratic", "team", "superior")]
    await enter_inputs(cycle.id, low, actor=OFFICE, now=FEBRUARY)
    await publish(cycle)
    told = "SELECT staff_no FROM notices JOIN people ON people.id = person_id WHERE kind = 'rectification'"
    assert DEPUTY in {row["staff_no"] for row in await sql.fetch(told)}


async def test_a_head_who_rates_again_after_another_goes_on_with_what_the_other_gave(rt: Runtime, cycle: Cycle) -> None:
    for number, (rater, points, why) in enumerate(((SECRETARY, "5", "佐证不足"), (DEPUTY, "4", "台账缺页")), 1):
        await rate(cycle, "0101", "self", self_lines([points] * 20), rater)
        given = await Rating.get(rater__staff_no=rater)
        later = FEBRUARY + timedelta(hours=number)
        await reopen_rating(given.id, reason=why, now=later, actor=OFFICE)
    sheet = await load_sheet(await Person.get(staff_no=SECRETARY), given.subject_id, "self")
    assert sheet is not None
    assert {one.points for one in sheet.kept if one.points} == {"4"}
    await rate(cycle, "0101", "self", self_lines(["4"] * 19 + ["3"]), SECRETARY)
    assert (await Rating.get(rater__staff_no=SECRETARY)).reopen_reason == "台账缺页"
    changed = await Input.get(replaced_at=None)
    assert (changed.value, changed.reason) == ("79", "台账缺页")


async def test_a_paper_that_a_command_brought_in_comes_back_to_whoever_leads_the_branch(
    rt: Runtime, cycle: Cycle, sql: asyncpg.Connection
) -> None:
    parts = {"工作回顾": ["全年有序"], "经验": ["党员带头"], "问题": ["学习不够"]}
    sheet = await file_paper(cycle.id, "self_report", "branch:0101", parts, now=FEBRUARY, actor="command")
    assert f"材料{sheet.filing.id}" not in await words_of(SECRETARY)
    await move_filing(sheet.filing.id, Move("退回", note="请写具体"), now=FEBRUARY, actor=OFFICE)
    rows = await sql.fetch("SELECT staff_no, text FROM notices JOIN people ON people.id = person_id")
    assert [row["staff_no"] for row in rows] == [SECRETARY]
    assert "第一党支部的自查自评总结退回修改" in rows[0]["text"]
    secretary = await phone_of(rt, SECRETARY)
    assert "退回了，请接着写" in await secretary.say("任务")
    assert "接着写" in await secretary.say("材料")
    await give(n1001="", n1002="")
    office = await phone_of(rt, OFFICE)
    assert "自查自评总结" in await office.say("交接")


async def test_what_the_office_has_transcribed_is_asked_of_nobody_again(rt: Runtime, cycle: Cycle) -> None:
    await assign(cycle.id, [Task("spot_check", "0101", "2002")], now=FEBRUARY, actor=OFFICE)
    assert "打分" in await words_of("2002")
    rows = [InputRow("0101", f"scores.{key}", "90") for key in ("spot_check", "self_check")]
    await enter_inputs(cycle.id, rows, actor=OFFICE, now=FEBRUARY)
    assert "打分" not in await words_of("2002")
    assert "自评" not in await words_of(SECRETARY)
    await rate(cycle, "0102", "self", self_lines(), OTHER_SECRETARY)
    given = await Rating.get(rater__staff_no=OTHER_SECRETARY)
    await reopen_rating(given.id, reason="佐证不足", now=FEBRUARY, actor=OFFICE)
    assert "自评" in await words_of(OTHER_SECRETARY)
