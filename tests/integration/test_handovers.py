"""A post changes hands in the middle of the year: one workbook, and who comes after finds the branch's work and finishes it."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import asyncpg
import pytest

from config.refusals import Refusal
from models.cycles import Cycle
from models.people import Person
from models.photos import PhotoQuestion
from models.ratings import Rating
from services.filings.filings import open_filing, write_parts
from services.people.roster import import_roster
from services.ratings.draws import DrawRule, draw_assignments
from services.ratings.ratings import reopen_rating
from services.records.record_questions import list_open_questions
from services.records.records import keep_record
from services.rectifications.rectification_plans import Plan
from services.rectifications.rectifications import Act, open_item
from services.reminders.handovers import tell_due
from services.runtime import Runtime
from tests.integration.cycles import (
    DEPUTY,
    MEMBER,
    OFFICE,
    ORGANISATIONS,
    OTHER_SECRETARY,
    SECRETARY,
    SUPERIOR,
    roster,
)
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
from tests.integration.rated import FEBRUARY, make_cycle, phone_of, rate, say_all, self_lines
from tests.integration.world import name_of


@pytest.fixture
async def cycle(rt: Runtime) -> Cycle:
    return await make_cycle()


async def questioned_record() -> PhotoQuestion:
    """Four theme days written down long after they were held: one question."""
    branch = await branch_of()
    for n in range(4):
        content = replace(THEME_DAY, held_on=date(2020, 3 + n, 5))
        await keep_record(f"late{n}", branch, content, actor=SECRETARY, now=FEBRUARY)
    return await PhotoQuestion.get()


async def test_a_returned_record_is_the_new_secretarys_and_the_old_one_is_told_so(rt: Runtime, cycle: Cycle) -> None:
    record = await returned_record()
    old, new = await phone_of(rt, SECRETARY), await phone_of(rt, SUCCESSOR)
    assert f"改记录{record.id}" in await old.say("任务")
    assert "缺照片" in await old.say(f"改记录{record.id}")
    await hand_over()
    assert HANDED_OVER in await say_all(old, "学习党章和条例", "确认")
    assert HANDED_OVER in await old.say(f"改记录{record.id}")
    assert f"改记录{record.id}" in await new.say("任务")
    assert "缺照片" in await new.say(f"改记录{record.id}")
    assert "已记下" in await say_all(new, "主题改为学习条例", "确认")
    await record.refresh_from_db()
    assert (record.state, record.version) == ("kept", 2)
    assert record.kept_by_id == (await Person.get(staff_no=SECRETARY)).id
    assert "被退回，请修改" not in await new.say("任务")


async def test_of_both_secretaries_at_once_only_the_new_one_answers_the_photo_question(
    rt: Runtime, cycle: Cycle, sql: asyncpg.Connection
) -> None:
    question = await questioned_record()
    old, new = await phone_of(rt, SECRETARY), await phone_of(rt, SUCCESSOR)
    assert "集中补记" in await old.say("照片说明")
    await hand_over()
    assert "请您说明一句" in await new.say("任务")
    assert "请您说明一句" not in await old.say("任务")
    await old.say("照片说明")
    assert "集中补记" in await new.say("照片说明")
    said = await asyncio.gather(old.say("疫情期间没有记"), new.say("交接时一并补记"))
    assert "已记下您的说明" in said[1]
    assert "已记下" not in said[0]
    await question.refresh_from_db()
    assert question.answer == "交接时一并补记"
    assert "没有要您说明" in await new.say("照片说明")


async def test_whoever_was_answering_when_the_post_changed_hands_is_told_who_has_it(rt: Runtime, cycle: Cycle) -> None:
    await questioned_record()
    old = await phone_of(rt, SECRETARY)
    assert "集中补记" in await old.say("照片说明")
    await hand_over()
    assert HANDED_OVER in await old.say("疫情期间没有记")
    successor = await Person.get(staff_no=SUCCESSOR)
    assert len(await list_open_questions(successor.id)) == 1


async def test_what_a_committee_member_kept_stays_with_them_while_they_sit_there(rt: Runtime, cycle: Cycle) -> None:
    await import_roster(roster(posts(n1003="委员")), now=FEBRUARY, actor="command")
    record = await returned_record(keeper=MEMBER)
    await import_roster(roster(posts(n1001="", n1003="委员", n1002="书记")), now=FEBRUARY, actor="command")
    assert f"改记录{record.id}" in await words_of(MEMBER)
    assert f"改记录{record.id}" not in await words_of(DEPUTY)


async def test_the_new_secretary_reopens_the_branchs_self_rating_and_changes_what_the_old_one_gave(
    rt: Runtime, cycle: Cycle, sql: asyncpg.Connection
) -> None:
    await rate(cycle, "0101", "self", self_lines(), SECRETARY)
    old, new = await phone_of(rt, SECRETARY), await phone_of(rt, SUCCESSOR)
    assert "理由" in await old.say("重开自评")
    with pytest.raises(Refusal, match="not_entitled"):
        await reopen_rating((await Rating.get()).id, reason="换届", now=FEBRUARY, actor=DEPUTY)
    await hand_over()
    assert HANDED_OVER in await old.say("台账核对后有出入")
    assert "2021-02-20 提交" in await new.say("自评")
    shown = await say_all(new, "重开自评", "交接后核对，台账缺页")
    assert "合计 100 分" in shown
    assert "合计 97 分" in await say_all(new, "第 2 项", "2 台账缺页")
    assert "已提交" in await new.say("确认")
    rows = await sql.fetch(
        "SELECT staff_no, state, version, reopened_by, reopen_reason FROM ratings JOIN people ON people.id = rater_id"
        " ORDER BY ratings.id"
    )
    assert [tuple(row) for row in rows] == [
        (SECRETARY, "draft", 1, SUCCESSOR, "交接后核对，台账缺页"),
        (SUCCESSOR, "submitted", 1, None, "交接后核对，台账缺页"),
    ]
    inputs = await sql.fetch("SELECT content, entered_by, reason FROM inputs ORDER BY id")
    assert [tuple(row) for row in inputs] == [
        ('"100"', SECRETARY, ""),
        ('"97"', SUCCESSOR, "交接后核对，台账缺页"),
    ]


async def test_a_self_rating_that_the_office_gave_back_is_gone_on_with_by_whoever_leads_the_branch(
    rt: Runtime, cycle: Cycle, sql: asyncpg.Connection
) -> None:
    await rate(cycle, "0101", "self", self_lines(["4"] * 20), SECRETARY)
    await hand_over()
    await reopen_rating((await Rating.get()).id, reason="佐证不足", now=FEBRUARY, actor=OFFICE)
    told = await sql.fetch("SELECT staff_no, text FROM notices JOIN people ON people.id = person_id")
    assert [row["staff_no"] for row in told] == [SUCCESSOR]
    assert "第一党支部的自评被退回：佐证不足" in told[0]["text"]
    new, deputy = await phone_of(rt, SUCCESSOR), await phone_of(rt, DEPUTY)
    assert "自评" in await new.say("任务")
    said = await asyncio.gather(*(say_all(phone, "自评", "第 1 项", "5", "总览", "确认") for phone in (new, deputy)))
    assert sorted("已提交：" in one for one in said) == [False, True]
    assert "接任的同志回复 重开自评" in "".join(said)
    states = await sql.fetch("SELECT state FROM ratings ORDER BY id")
    assert [row["state"] for row in states] == ["draft", "submitted"]
    assert await sql.fetchval("SELECT content FROM inputs WHERE replaced_at IS NULL") == '"81"'


async def test_a_drawn_seat_goes_with_the_post_and_a_named_one_stays_until_the_office_renames_it(
    rt: Runtime, cycle: Cycle
) -> None:
    rule = DrawRule("cross_review", "公开的种子", groups=2)
    await draw_assignments(cycle.id, rule, now=FEBRUARY, actor=OFFICE)
    old, new = await phone_of(rt, SECRETARY), await phone_of(rt, SUCCESSOR)
    assert "分派给您的没打" in await old.say("任务")
    await hand_over()
    assert "分派给您的没打" not in await old.say("任务")
    assert "1 个分派给您的没打" in await new.say("任务")
    with pytest.raises(Refusal, match="not_assigned"):
        await rate(cycle, "0102", "cross_review", [], SECRETARY)
    assert "第二党支部" in await say_all(new, "打分", "第二党支部")
    await say_all(new, " ".join(["5"] * 20), "经验若干", "问题若干", "建议若干", "总览")
    assert "已提交" in await new.say("确认")
    assert "分派给您的没打" not in await new.say("任务")


async def test_a_half_written_paper_is_found_and_handed_in_by_the_successor(rt: Runtime, cycle: Cycle) -> None:
    sheet = await open_filing(cycle.id, "problem_list", "branch:0101", now=FEBRUARY, actor=SECRETARY)
    part = sheet.paper.parts[0]
    await write_parts(sheet.filing.id, {part.name: ["党课讲得少"]}, now=FEBRUARY, actor=SECRETARY)
    old, new = await phone_of(rt, SECRETARY), await phone_of(rt, SUCCESSOR)
    number = sheet.filing.id
    assert "前任没有写完" not in await new.say("任务")
    assert "接着写" in await old.say("材料")
    await old.say(f"材料{number}")
    await hand_over()
    assert "前任没有写完" in await new.say("任务")
    assert "接着写" in await new.say("材料")
    assert HANDED_OVER in await old.say("1")
    assert "没有正在办理" in await old.say("继续")
    assert "党课讲得少" in await say_all(new, f"材料{number}", "目录", "全文")


async def test_a_named_responsible_person_stays_and_branch_and_office_see_that_the_post_is_given_up(
    rt: Runtime, cycle: Cycle
) -> None:
    plan = Plan("每月学习两次", SECRETARY, date(2021, 3, 1), "党群工作处")
    act = Act(SUPERIOR, FEBRUARY, "open-1")
    item = await open_item(act, organisation_id=await branch_of(), source="会前督查", problem="学习不够", plan=plan)
    old, new, office = [await phone_of(rt, number) for number in (SECRETARY, SUCCESSOR, OFFICE)]
    assert "事情都有人接手" in await office.say("交接")
    await hand_over()
    assert "整改：学习不够" in await old.say("任务")
    assert f"责任人{name_of(SECRETARY)}已卸任" in await new.say("任务")
    assert "没有人接手" in await office.say("任务")
    shown = await office.say("交接")
    assert f"整改「学习不够」的责任人{name_of(SECRETARY)}已卸任，还没有另定" in shown
    assert "第一党支部" in shown
    await say_all(new, f"整改{item.id}", "改措施或期限", "每周学习一次，支持单位党群工作处，3月10日前", "确认")
    await item.refresh_from_db()
    assert item.responsible_id == (await Person.get(staff_no=SUCCESSOR)).id
    assert "事情都有人接手" in await office.say("交接")
    assert "整改：学习不够" not in await old.say("任务")


async def test_nobody_holds_the_post_and_the_office_sees_it_until_somebody_does(rt: Runtime, cycle: Cycle) -> None:
    record = await returned_record("0102", OTHER_SECRETARY)
    office = await phone_of(rt, OFFICE)
    await import_roster(roster(posts(n2001="")), now=FEBRUARY, actor="command")
    shown = await office.say("交接")
    assert "第二党支部（2 件）" in shown
    assert "被退回，没有人修改" in shown
    assert "自评没有人做" in shown
    assert "把接任的人写进名册再导入" in shown
    merged = tuple(("0102", "第二党支部", "0101", "部门") if one[0] == "0102" else one for one in ORGANISATIONS)
    await import_roster(roster(posts(n2001=""), merged), now=FEBRUARY, actor="command")
    assert "事情都有人接手" in await office.say("交接")
    secretary = await phone_of(rt, SECRETARY)
    tasks = await secretary.say("任务")
    assert f"改记录{record.id}" in tasks
    assert "第二党支部自查自评" in tasks
    assert "缺照片" in await secretary.say(f"改记录{record.id}")
    await say_all(secretary, "主题改为学习条例", "确认")
    await record.refresh_from_db()
    assert record.state == "kept"


async def test_both_sides_are_told_once_however_many_workers_there_are(
    rt: Runtime, cycle: Cycle, sql: asyncpg.Connection
) -> None:
    await import_roster(roster(posts(n1001="")), now=FEBRUARY, actor="command")
    assert await tell_due(rt, FEBRUARY) == 0
    await hand_over()
    later = FEBRUARY + timedelta(minutes=1)
    assert sum(await asyncio.gather(*(tell_due(rt, later) for _ in range(4)))) == 1
    assert await tell_due(rt, later) == 0
    rows = await sql.fetch("SELECT staff_no, text FROM notices JOIN people ON people.id = person_id ORDER BY staff_no")
    assert [row["staff_no"] for row in rows] == [SECRETARY, SUCCESSOR]
    assert f"现在由{name_of(SUCCESSOR)}同志负责" in rows[0]["text"]
    assert "前任没有办完的都在 任务 里" in rows[1]["text"]


async def test_what_the_old_secretary_has_not_read_of_the_branchs_work_is_over_for_them(
    rt: Runtime, cycle: Cycle, sql: asyncpg.Connection
) -> None:
    record = await returned_record()
    await questioned_record()
    await import_roster(roster(posts(n1001="委员", n1003="书记")), now=FEBRUARY, actor="command")
    await tell_due(rt, FEBRUARY)
    unread = "SELECT count(*) FROM notices WHERE kind LIKE 'record%' AND read_at IS NULL"
    assert await sql.fetchval(unread) == 2
    await hand_over()
    await tell_due(rt, FEBRUARY)
    assert await sql.fetchval(unread) == 0
    old, new = await phone_of(rt, SECRETARY), await phone_of(rt, SUCCESSOR)
    told = await old.say("任务")
    assert "被退回" not in told.replace("退回修改", "")
    assert "现在由" in told
    assert f"改记录{record.id}" in await new.say("任务")


async def test_the_same_workbook_again_and_a_post_that_comes_back_tell_nobody(
    rt: Runtime, cycle: Cycle, sql: asyncpg.Connection
) -> None:
    await import_roster(roster(posts(n1001="")), now=FEBRUARY, actor="command")
    await import_roster(roster(), now=FEBRUARY, actor="command")
    await import_roster(roster(), now=FEBRUARY, actor="command")
    assert await sql.fetchval("SELECT count(*) FROM former_posts") == 1
    await tell_due(rt, FEBRUARY)
    assert await sql.fetchval("SELECT count(*) FROM notices") == 0
