"""申报 and 认定 on the phone: one reports, another confirms or rejects (S3-10, S3-11, S0-21)."""

import asyncio

import asyncpg
import pytest

from config.refusals import Refusal
from models.cycles import Cycle
from models.people import Person
from services.cycles.cycles import create_cycle
from services.ratings.entries import enter_inputs
from services.reminders.agenda import list_agenda
from services.requests.claims import ClaimSpec, decide_claim, file_claim
from services.runs.runs import compute_run, find_subject_result
from services.runtime import Runtime
from tests.integration.cycles import LEADER, MEMBER, NOW, OFFICE, SECRETARY, SUPERIOR, TEAM, fill, phone_of, scores_of
from tests.integration.world import name_of

UNITS = """
title: 2020年度党建考核
scheme: soe-assessment
year: "2020"
organisation: "0001"
subjects: {unit: [党总支]}
settings:
  weights: {party_work: "0.6", review: "0.4"}
  bands: {优秀: "90", 良好: "80", 一般: "70", 较差: "0"}
  excellent_quota: "1"
"""


async def scored(cycle: Cycle, **scores: str) -> None:
    await enter_inputs(cycle.id, scores_of("unit:0100", **scores), actor=OFFICE, now=NOW)


async def result_of(cycle: Cycle, key: str) -> dict[str, object]:
    run = await compute_run(cycle.id, now=NOW, actor="command")
    found = await find_subject_result(run.id, key)
    assert found is not None
    return found


@pytest.mark.fact("S3-10")
async def test_a_bonus_is_claimed_verified_and_only_then_counted(rt: Runtime, cycle: Cycle) -> None:
    units = (await create_cycle(UNITS.encode(), now=NOW, actor="command")).cycle
    await scored(units, party_work="88", review="88")
    team, leader = await phone_of(rt, TEAM), await phone_of(rt, LEADER)
    await team.say("申报")
    await team.say("2020年度党建考核")
    assert "申报加几分" in await team.say("加分")
    assert "请只回复分数" in await team.say("很多")
    await team.say("2.5分")
    assert "没有看懂是哪一天" in await team.say("去年夏天")
    await team.say("2020年6月1日")
    shown = await team.say("党建经验在集团推广，集发〔2020〕6号")
    assert "加分 2.5 分，2020年6月1日" in shown
    assert "认定前不计入" in shown
    assert "事项编号 1" in await team.say("确认")
    before = await result_of(units, "unit:0100")
    assert (before["score"], before["flags"]) == ("88.00", ["bonus_unconfirmed"])

    words = [due.word for due in await list_agenda(NOW, [(await Person.get(staff_no=LEADER)).id])]
    assert "认定" in words
    assert "集发〔2020〕6号" in await leader.say("认定")
    await leader.say("属实")
    await leader.say("已核对文件")
    said = await leader.say("确认")
    unbound = f"其中{name_of(SUPERIOR)}还没有绑定手机，请您另行告知。"
    assert f"已认定，重新计算后生效。会在微信里通知申报人和当事方；{unbound}" in said
    assert "加分 2.5 分已认定。理由：已核对文件" in await team.say("任务")
    after = await result_of(units, "unit:0100")
    assert (after["score"], after["band"]) == ("90.50", "优秀")


@pytest.mark.fact("S3-11")
async def test_a_downgrade_lowers_the_band_and_not_the_score_once_decided(rt: Runtime, cycle: Cycle) -> None:
    units = (await create_cycle(UNITS.encode(), now=NOW, actor="command")).cycle
    await scored(units, party_work="95", review="95")
    team, leader = await phone_of(rt, TEAM), await phone_of(rt, LEADER)
    for word in ("申报", "2020年度党建考核", "降档", "降一级", "不写日期"):
        await team.say(word)
    assert "降档 1 级" in await team.say("巡视指出重大问题")
    assert "已提交" in await team.say("确认")
    before = await result_of(units, "unit:0100")
    assert (before["band"], before["flags"]) == ("优秀", ["downgrade_unconfirmed"])
    for word in ("认定", "属实", "集团党组审定"):
        await leader.say(word)
    assert "已认定" in await leader.say("确认")
    after = await result_of(units, "unit:0100")
    assert (after["score"], after["band"]) == ("95.00", "良好")


async def test_a_secretary_reports_a_veto_of_the_own_branch_and_the_branch_is_told_what_came_of_it(
    rt: Runtime, cycle: Cycle
) -> None:
    await fill(cycle)
    secretary, leader = await phone_of(rt, SECRETARY), await phone_of(rt, LEADER)
    listed = await secretary.say("申报")
    assert "第一党支部" in listed
    assert "第二党支部" not in listed
    await secretary.say("第一党支部")
    await secretary.say("1")
    await secretary.say("不写日期")
    await secretary.say("情况说明")
    assert "已提交" in await secretary.say("确认")
    assert (await result_of(cycle, "branch:0101"))["band"] is None
    for word in ("认定", "不予认定", "不构成"):
        await leader.say(word)
    assert "已记下不予认定" in await leader.say("确认")
    for word in ("申报", "第一党支部", "1", "不写日期", "情况说明"):
        await secretary.say(word)
    assert "同样的事项提过（编号 1），没有认定，这一次没有提交" in await secretary.say("确认")
    assert "不予认定。理由：不构成" in await secretary.say("任务")
    assert (await result_of(cycle, "branch:0101"))["band"] == "四星级"


async def test_who_reports_does_not_decide_and_members_report_nothing(rt: Runtime, cycle: Cycle) -> None:
    spec = ClaimSpec("branch:0101", "veto", "情况说明", rule="S2-28.1")
    claim = await file_claim(cycle.id, spec, now=NOW, actor=OFFICE)
    office = await phone_of(rt, OFFICE)
    assert "没有等您认定的事项" in await office.say("认定")
    with pytest.raises(Refusal, match="same_person"):
        await decide_claim(claim.id, confirm=True, reason="是", now=NOW, actor=OFFICE)
    assert "没有您可以申报的考核" in await (await phone_of(rt, MEMBER)).say("申报")


async def test_two_leaders_at_once_decide_once(rt: Runtime, cycle: Cycle, sql: asyncpg.Connection) -> None:
    spec = ClaimSpec("branch:0101", "veto", "情况说明", rule="S2-28.1")
    claim = await file_claim(cycle.id, spec, now=NOW, actor=TEAM)
    done = await asyncio.gather(
        *(
            decide_claim(claim.id, confirm=yes, reason="研究", now=NOW, actor=actor)
            for yes, actor in ((True, LEADER), (False, OFFICE))
        ),
        return_exceptions=True,
    )
    assert [one.code for one in done if isinstance(one, Refusal)] == ["decided"]
    assert (
        await sql.fetchval("SELECT count(*) FROM notices WHERE kind = 'claim'") == 2
    )  # who reported, and the secretary
