"""整改 from opening to 销号, by phones; who may not verify; what a published result opens, once."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest
from tortoise.exceptions import IntegrityError

from config.refusals import BadInput, Refusal
from models.notices import Notice
from models.organisations import Organisation
from models.people import Person, Post
from models.rectifications import CLOSED, INSPECTION, PLANNING, RectificationItem, RectificationStep
from services.cycles.inputs import InputRow
from services.ratings.entries import enter_inputs
from services.rectifications.rectification_plans import Plan
from services.rectifications.rectification_steps import reopen_item, report_done, verify_item
from services.rectifications.rectifications import Act, open_item, plan_item
from services.reminders.agenda import list_agenda
from services.runs.publications import publish_run
from services.runs.runs import compute_run
from services.runtime import Runtime
from tests.integration.cycles import (
    DEPUTY,
    LEADER,
    MEMBER,
    NOW,
    OFFICE,
    OTHER_SECRETARY,
    SECRETARY,
    SUPERIOR,
    TEAM,
    fill,
    make_cycle,
    scores_of,
)
from tests.integration.rectified import bound, item_of, low_branch, publish
from tests.integration.world import name_of

LATER = datetime(2021, 1, 20, 2, 0, tzinfo=UTC)


def act(actor: str, key: str, now: datetime = NOW) -> Act:
    return Act(actor, now, key)


async def organisation(code: str) -> int:
    return (await Organisation.get(code=code)).id


@pytest.mark.fact("S2-31")
@pytest.mark.fact("S4-29")
async def test_from_a_published_result_to_the_close_by_phones(rt: Runtime, sql: asyncpg.Connection) -> None:
    await low_branch()
    secretary, superior = await bound(rt, SECRETARY), await bound(rt, SUPERIOR)
    listed = await secretary.say("整改")
    assert "整改清单 2 项" in listed
    item = await item_of("0101")
    asked = await secretary.say(f"整改{item.id}")
    assert "二星级（65.00 分）" in asked
    assert "请一句话写明措施和期限" in asked
    shown = await secretary.say("每月集中学习两次，责任人" + (await Person.get(staff_no=MEMBER)).name + "，1月15日前")
    assert "措施：每月集中学习两次" in shown
    assert "时限：2021年1月15日" in shown
    assert "2021年1月15日前完成" in await secretary.say("确认")
    member = await bound(rt, MEMBER)
    assert "1月15日，整改中" in await member.say("整改")
    await member.say(f"整改{item.id}")
    assert "已记下进展" in await member.say("第一次集中学习已经开过")
    await member.say(f"整改{item.id}")
    assert "（一张照片）" in await member.show("media-7")
    await member.say(f"整改{item.id}")
    await member.say("已改完")
    await member.say("四次学习都已开完，有记录")
    assert "等核实" in await member.say("确认")
    assert "等您核实 1 项" in await superior.say("整改")
    looked = await superior.say(f"整改{item.id}")
    assert "四次学习都已开完" in looked
    assert "（照片 1 张）" in looked
    await superior.say("退回")
    await superior.say("记录缺签到")
    assert "已退回" in await superior.say("确认")
    assert "记录缺签到" in await member.say("任务")
    await member.say(f"整改{item.id}")
    await member.say("改完了")
    await member.say("没有补充")
    await member.say("确认")
    await superior.say(f"整改{item.id}")
    await superior.say("通过")
    assert "已销号" in await superior.say("确认")
    assert await sql.fetchval("SELECT state FROM rectification_items WHERE id = $1", item.id) == CLOSED
    kinds = await sql.fetch("SELECT kind FROM rectification_steps WHERE item_id = $1 ORDER BY id", item.id)
    assert [row["kind"] for row in kinds] == [
        *("planned", "progress", "progress", "reported", "returned", "reported", "verified"),
    ]


@pytest.mark.fact("S0-26")
@pytest.mark.fact("S1-09")
async def test_an_item_without_a_last_day_is_none(rt: Runtime) -> None:
    await low_branch()
    item = await item_of("0101")
    with pytest.raises(BadInput, match="时限"):
        await plan_item(item.id, Plan("学习", SECRETARY, None), act(SECRETARY, "k1"))
    with pytest.raises(Refusal):
        await plan_item(item.id, Plan("学习", "", date(2021, 1, 1)), act(SECRETARY, "k2"))
    with pytest.raises(BadInput, match="已经过去"):
        await plan_item(item.id, Plan("学习", SECRETARY, date(2020, 1, 1)), act(SECRETARY, "k3"))
    with pytest.raises(IntegrityError):
        await RectificationItem.filter(id=item.id).update(state="working")
    phone = await bound(rt, SECRETARY)
    await phone.say(f"整改{item.id}")
    assert "哪一天以前改完" in await phone.say("补齐三会一课记录")
    assert "没有时限的整改不算数" in await phone.say("尽快")
    assert "时限：2020年12月31日" in await phone.say("月底")


async def test_whoever_worked_on_it_cannot_verify_it(rt: Runtime) -> None:
    """The responsible person, who reported it done, and who is concerned are refused, whatever posts they hold."""
    await low_branch()
    item = await item_of("0101")
    await plan_item(item.id, Plan("学习", TEAM, date(2021, 1, 1)), act(SECRETARY, "k1"))
    await report_done(item.id, "好了", act(SECRETARY, "k2"))
    for worker in (TEAM, SECRETARY):
        with pytest.raises(Refusal) as refused:
            await verify_item(item.id, act(worker, f"v-{worker}"))
        assert refused.value.code == "same_person"
    for stranger in (MEMBER, DEPUTY, OTHER_SECRETARY, LEADER):
        with pytest.raises(Refusal) as refused:
            await verify_item(item.id, act(stranger, f"v-{stranger}"))
        assert refused.value.code == "not_entitled"
    with pytest.raises(Refusal) as refused:
        await verify_item(item.id, act("command", "v-c"))
    assert refused.value.code == "not_entitled"
    assert (await verify_item(item.id, act(OFFICE, "v1"))).state == CLOSED
    assert (await verify_item(item.id, act(SUPERIOR, "v2"))).settled_by == OFFICE
    assert await RectificationStep.filter(item_id=item.id, kind="verified").count() == 1


async def test_a_repeated_message_reports_once(rt: Runtime, sql: asyncpg.Connection) -> None:
    await low_branch()
    item = await item_of("0101")
    await plan_item(item.id, Plan("学习", SECRETARY, date(2021, 1, 1)), act(SECRETARY, "k1"))
    phone = await bound(rt, SECRETARY)
    await phone.say(f"整改{item.id}")
    said = await phone.say("开了一次会")
    assert await phone.repeat() == said
    assert await sql.fetchval("SELECT count(*) FROM rectification_steps WHERE kind = 'progress'") == 1


async def test_two_publishers_at_once_open_everything_once(rt: Runtime, sql: asyncpg.Connection) -> None:
    cycle = await make_cycle()
    await fill(cycle)
    run = await compute_run(cycle.id, now=NOW, actor="command")
    await asyncio.gather(
        *(publish_run(run.id, now=NOW, actor=one, accept_open=True) for one in (LEADER, OFFICE, LEADER))
    )
    rows = await sql.fetch("SELECT source_key, consequence, fact, clause, source FROM rectification_items")
    assert len(rows) == len({row["source_key"] for row in rows}) == 1
    assert tuple(rows[0])[1:] == ("rectify", "S2-31", "六(三)3", "考核反馈")
    assert await sql.fetchval("SELECT count(*) FROM publications") == 1


async def test_a_corrected_result_withdraws_what_nobody_has_begun(rt: Runtime) -> None:
    cycle = await low_branch()
    item = await item_of("0101")
    rows = [InputRow("branch:0101", f"scores.{key}", "85", "更正") for key in ("democratic", "team", "superior")]
    await enter_inputs(cycle.id, rows, actor=OFFICE, now=NOW)
    await publish(cycle, reason="更正")
    await item.refresh_from_db()
    assert item.state == "withdrawn"
    phone = await bound(rt, SECRETARY)
    assert "整改清单 1 项" in await phone.say("整改")
    rows = [InputRow("branch:0101", f"scores.{key}", "65", "再更正") for key in ("democratic", "team", "superior")]
    await enter_inputs(cycle.id, rows, actor=OFFICE, now=NOW)
    await publish(cycle, reason="再更正")
    await item.refresh_from_db()
    assert item.state == PLANNING
    assert await RectificationItem.filter(organisation_id=item.organisation_id, person_id=None).count() == 1


async def test_the_nearest_last_day_comes_first_and_overdue_items_say_so(rt: Runtime) -> None:
    await make_cycle()
    branch = await organisation("0101")
    for number, day in enumerate((date(2021, 3, 1), date(2021, 1, 5), date(2021, 2, 1))):
        plan = Plan("学习", SECRETARY, day)
        await open_item(
            act(SECRETARY, f"k{number}"), organisation_id=branch, source="自己查摆", problem=f"问题{number}", plan=plan
        )
    shown = await (await bound(rt, SECRETARY, LATER)).say("整改")
    assert "1 项已超过时限" in shown
    assert shown.index("问题1") < shown.index("问题2") < shown.index("问题0")
    assert "（1月5日，已超时限）" in shown


@pytest.mark.fact("S0-25")
async def test_a_branch_adds_what_it_found_itself_and_a_leader_what_they_saw(rt: Runtime) -> None:
    await make_cycle()
    deputy = await bound(rt, DEPUTY)
    await deputy.say("新增整改")
    assert "自己查摆" in await deputy.say("党课计划没有落实")
    assert "请一句话写明措施和期限" in await deputy.say("确认")
    leader = await bound(rt, LEADER)
    assert "是哪个组织的问题" in await leader.say("新增整改")
    assert "问题从哪里来" in await leader.say("第二党支部")
    await leader.say("上级点评")
    await leader.say("谈心谈话少")
    assert "由书记定措施和期限" in await leader.say("确认")
    found = {one.organisation_id: one.source for one in await RectificationItem.all()}
    assert found == {await organisation("0101"): "自己查摆", await organisation("0102"): "上级点评"}
    other = await bound(rt, OTHER_SECRETARY)
    assert "谈心谈话少" in await other.say("整改")
    assert "党课计划" not in await other.say("整改")
    ordinary = await bound(rt, MEMBER)
    assert "没有要您办的整改" in await ordinary.say("整改")
    assert "投诉建议" in await ordinary.say("新增整改")


async def test_what_is_due_stands_on_the_agenda_of_the_right_person(rt: Runtime) -> None:
    await low_branch()
    people = {one.staff_no: one.id for one in await Person.all()}
    item = await item_of("0101")

    async def keys(number: str) -> list[str]:
        dues = await list_agenda(NOW, list(people.values()))
        return [due.key for due in dues if due.person_id == people[number] and due.key.startswith("rectification")]

    assert await keys(SECRETARY) == [f"rectification:{item.id}"]
    assert await keys("1004") == [f"rectification:{(await item_of('0101', '1004')).id}"]
    await plan_item(item.id, Plan("学习", MEMBER, date(2021, 1, 1)), act(SECRETARY, "k1"))
    assert await keys(SECRETARY) == []
    (due,) = [one for one in await list_agenda(NOW, [people[MEMBER]]) if one.key == f"rectification:{item.id}"]
    assert (due.by, due.word) == (date(2021, 1, 1), "整改")
    await report_done(item.id, "", act(MEMBER, "k2"))
    assert await keys(MEMBER) == []
    for verifier in (TEAM, OFFICE, SUPERIOR):
        assert await keys(verifier) == ["rectification:verify"]
    assert await keys(LEADER) == []


@pytest.mark.fact("S0-39b")
async def test_the_form_of_meet_standard_wants_a_supporting_unit(rt: Runtime) -> None:
    cycle = await make_cycle(MEET)
    branch = await organisation("0101")
    await open_item(
        act(OFFICE, "k0"), organisation_id=branch, cycle_id=cycle.id, source="会前督查", problem="阵地不达标"
    )
    phone = await bound(rt, SECRETARY, NOW + timedelta(days=60))
    await phone.say(f"整改{(await item_of('0101')).id}")
    assert "由哪个单位支持解决" in await phone.say("修缮活动室，3月31日前")
    assert "支持单位：党群工作处" in await phone.say("党群工作处")
    await phone.say("确认")
    assert (await item_of("0101")).support == "党群工作处"


MEET = """
title: 2021年度达标考评
scheme: meet-standard
year: "2021"
organisation: "0100"
subjects: {branch: [党支部]}
"""


async def test_two_verifiers_at_once_leave_one_verdict(rt: Runtime) -> None:
    await low_branch()
    item = await item_of("0101")
    await plan_item(item.id, Plan("学习", SECRETARY, date(2021, 1, 1)), act(SECRETARY, "k1"))
    await report_done(item.id, "好了", act(SECRETARY, "k2"))
    await asyncio.gather(*(verify_item(item.id, act(one, f"v-{one}")) for one in (TEAM, OFFICE, SUPERIOR)))
    assert await RectificationStep.filter(item_id=item.id, kind="verified").count() == 1
    await asyncio.gather(*(reopen_item(item.id, "有反复", act(one, f"r-{one}")) for one in (TEAM, OFFICE)))
    assert await RectificationStep.filter(item_id=item.id, kind="returned").count() == 1
    await item.refresh_from_db()
    assert item.state == "reopened"


async def test_progress_may_be_spoken(rt: Runtime) -> None:
    await low_branch()
    item = await item_of("0101")
    await plan_item(item.id, Plan("学习", SECRETARY, date(2021, 1, 1)), act(SECRETARY, "k1"))
    phone = await bound(rt, SECRETARY)
    await phone.say(f"整改{item.id}")
    assert "没能转成文字" in await phone.speak("")
    assert "已记下进展：开过一次会。" in await phone.speak("开过一次会。")


async def test_what_nobody_has_begun_says_what_the_corrected_result_says(rt: Runtime) -> None:
    cycle = await low_branch()
    begun = await item_of("0101", "1004")
    await plan_item(begun.id, Plan("学习", SECRETARY, date(2021, 1, 1)), act(SECRETARY, "k1"))
    lower = [
        *scores_of("branch:0101", democratic="55", team="55", superior="55"),
        *scores_of("member:1004", democratic="50", committee="50"),
    ]
    rows = [InputRow(row.subject, row.slot, row.value, "按原始记录更正") for row in lower]
    await enter_inputs(cycle.id, rows, actor=OFFICE, now=NOW)
    await publish(cycle, reason="录入有误")
    assert "一星级（55.00 分）" in (await item_of("0101")).problem
    assert "（55.00 分）" in (await item_of("0101", "1004")).problem


async def test_who_verifies_sees_that_the_last_day_was_moved(rt: Runtime) -> None:
    await low_branch()
    item = await item_of("0101")
    await plan_item(item.id, Plan("学习" * 40, SECRETARY, date(2020, 12, 25)), act(SECRETARY, "k1"))
    late = NOW + timedelta(days=20)
    await plan_item(item.id, Plan("学习" * 40, SECRETARY, date(2021, 12, 25)), act(SECRETARY, "k2", late))
    await report_done(item.id, "好了", act(SECRETARY, "k3", late))
    looked = await (await bound(rt, SUPERIOR, late)).say(f"整改{item.id}")
    assert "时限：2021年12月25日" in looked
    assert "定措施：原来的时限：2020年12月25日" in looked


async def test_the_secretary_of_a_general_branch_may_name_themselves(rt: Runtime) -> None:
    """They belong to a branch below; those of the committee can be named, too."""
    await make_cycle()
    general = await organisation("0100")
    await Person.filter(staff_no=SUPERIOR).update(organisation_id=await organisation("0101"))
    await Post.create(person=await Person.get(staff_no=DEPUTY), organisation_id=general, title="委员")
    item = await open_item(act(OFFICE, "k1"), organisation_id=general, source=INSPECTION, problem="会议记录不全")
    phone = await bound(rt, SUPERIOR)
    for number in (SUPERIOR, DEPUTY):
        await phone.say(f"整改{item.id}")
        name = name_of(number)
        assert f"责任人：{name}" in await phone.say(f"补齐记录，责任人{name}，12月31日前")
        await phone.say("取消")


async def test_the_responsible_person_hears_of_every_last_day_once(rt: Runtime) -> None:
    await low_branch()
    item = await item_of("0101")
    for number, day in enumerate((date(2020, 12, 30), date(2020, 12, 30), date(2021, 3, 31))):
        await plan_item(item.id, Plan("学习", MEMBER, day), act(SECRETARY, f"k{number}"))
    person = await Person.get(staff_no=MEMBER)
    told = await Notice.filter(person_id=person.id, kind="rectification").order_by("slot")
    assert [("12月30日" in one.text, "3月31日" in one.text) for one in told] == [(True, False), (False, True)]
