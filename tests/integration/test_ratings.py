"""打分 by phone, sheet by sheet: who may, what stands beside it, what it becomes, who is still missing."""

import asyncio
from fractions import Fraction

import asyncpg
import pytest

from config.refusals import BadInput, Refusal
from models.cycles import Cycle
from services.cycles.coverages import coverage
from services.cycles.cycles import change_settings, get_cycle
from services.ratings.assignments import Task, assign
from services.ratings.rating_comparisons import compare_rounds
from services.ratings.rating_rules import Line
from services.ratings.ratings import reopen_rating, submit_rating
from services.reminders.agenda import list_agenda
from services.runs.publications import publish_run
from services.runs.runs import compute_run
from services.runtime import Runtime
from tests.integration.cycles import LEADER, MEMBER, OFFICE, OTHER_SECRETARY, SECRETARY, TEAM
from tests.integration.rated import (
    FEBRUARY,
    INDICATORS,
    make_cycle,
    phone_of,
    rate,
    review_lines,
    say_all,
    self_lines,
)
from tests.integration.world import people_by_number

OWN = ["5"] * 19 + ["4"]
FOUND = ["4.5"] * 10 + ["5"] * 9 + ["1"]


@pytest.fixture
async def cycle(rt: Runtime) -> Cycle:
    return await make_cycle()


@pytest.mark.fact("S0-39d")
async def test_the_team_reviews_with_the_self_rating_beside_it(
    rt: Runtime, cycle: Cycle, sql: asyncpg.Connection
) -> None:
    await rate(cycle, "0101", "self", [*self_lines(OWN)], SECRETARY)
    phone = await phone_of(rt, TEAM)
    assert "已打完 0/2 个" in await phone.say("打分")
    asked = await phone.say("第一党支部")
    assert "全面考评 第 1/20 项" in asked
    assert "自查自评 5" in asked
    shown = await say_all(phone, " ".join(FOUND[:10]), " ".join(FOUND[10:]))
    assert "合计 91 分" in shown
    assert "已提交" in await phone.say("确认")
    rows = await sql.fetch("SELECT slot, content, entered_by FROM inputs WHERE slot LIKE 'indicators%'")
    assert {row["slot"]: row["content"] for row in rows} == {
        slot: f'"{points}"' for slot, points in zip(INDICATORS, FOUND, strict=True)
    }
    assert {row["entered_by"] for row in rows} == {TEAM}
    compared = await compare_rounds(cycle.id, "0101")
    assert compared.total("self") == sum(map(Fraction, OWN))
    assert compared.total("full_review") == sum(map(Fraction, FOUND))
    assert [one.deviation("full_review") for one in compared.items] == [
        Fraction(found) - Fraction(own) for own, found in zip(OWN, FOUND, strict=True)
    ]
    assert "已打完 1/2 个" in await phone.say("打分")


@pytest.mark.fact("S0-39d")
async def test_a_reason_is_asked_only_where_the_office_has_said_what_is_far(rt: Runtime, cycle: Cycle) -> None:
    await rate(cycle, "0101", "self", self_lines(OWN), SECRETARY)
    await change_settings(cycle.id, {"deviation": "3"}, now=FEBRUARY, actor=OFFICE, reason="公司党委定")
    with pytest.raises(BadInput, match="个性指标 5：与自评相差较大"):
        await rate(cycle, "0101", "full_review", review_lines(["5"] * 19 + ["1"]), TEAM)
    phone = await phone_of(rt, TEAM)
    asked = await say_all(phone, "打分", "第一党支部", " ".join(["5"] * 19), "1")
    assert "自评 4 分，您打 1 分，相差较大" in asked
    assert "合计 96 分" in await phone.say("台账与现场不符")
    assert "已提交" in await phone.say("确认")


async def test_nobody_rates_themselves_and_posts_decide_where_nobody_is_assigned(rt: Runtime, cycle: Cycle) -> None:
    lines = review_lines(["5"] * 20)
    for actor in (SECRETARY, MEMBER, LEADER):
        with pytest.raises(Refusal, match="not_entitled"):
            await rate(cycle, "0101", "full_review", lines, actor)
    with pytest.raises(Refusal, match="not_entitled"):
        await rate(cycle, "0101", "self", self_lines(), OTHER_SECRETARY)
    with pytest.raises(Refusal, match="name_needed"):
        await rate(cycle, "0101", "full_review", lines, "command")
    with pytest.raises(Refusal, match="exempt"):
        await rate(cycle, "0103", "full_review", lines, TEAM)
    with pytest.raises(BadInput, match="不能给自己或自己所在的"):
        await assign(cycle.id, [Task("cross_review", "0101", MEMBER)], now=FEBRUARY, actor=OFFICE)


@pytest.mark.fact("S0-09", "S0-10")
async def test_where_a_round_is_assigned_only_the_assigned_rate(rt: Runtime, cycle: Cycle) -> None:
    tasks = [Task(round, "0101", OTHER_SECRETARY) for round in ("cross_review", "spot_check")]
    await assign(cycle.id, tasks, now=FEBRUARY, actor=OFFICE)
    with pytest.raises(Refusal, match="not_assigned"):
        await rate(cycle, "0101", "cross_review", review_lines(["5"] * 20), OFFICE)
    number = (await people_by_number())[OTHER_SECRETARY]
    dues = [one for one in await list_agenda(FEBRUARY, [number]) if ":assigned:" in one.key]
    assert [(one.word, str(one.by)) for one in dues] == [("打分", "2021-04-30"), ("打分", "2021-05-31")]
    phone = await phone_of(rt, OTHER_SECRETARY)
    assert "分派给您" in await phone.say("打分")
    await phone.say("第一党支部")
    asked = await phone.say("交叉互评")
    assert "交叉互评 第 1/23 项" in asked
    shown = await say_all(phone, " ".join(["4"] * 20), "台账规范", "学习偏少", "多请党员讲课")
    assert "合计 80 分" in shown
    assert "已提交" in await phone.say("确认")
    left = [one for one in await list_agenda(FEBRUARY, [number]) if ":assigned:" in one.key]
    assert [str(one.by) for one in left] == ["2021-05-31"]


@pytest.mark.fact("S0-39e")
async def test_a_cross_review_without_its_findings_is_not_complete(rt: Runtime, cycle: Cycle) -> None:
    await assign(cycle.id, [Task("cross_review", "0101", OTHER_SECRETARY)], now=FEBRUARY, actor=OFFICE)
    points = review_lines(["4"] * 20)
    with pytest.raises(BadInput) as bad:
        await rate(cycle, "0101", "cross_review", points, OTHER_SECRETARY)
    assert bad.value.faults == ["经验：还没有填", "问题：还没有填", "建议：还没有填"]


@pytest.mark.fact("S0-39c")
async def test_a_self_rating_with_an_empty_problem_part_is_refused_whoever_sends_it(rt: Runtime, cycle: Cycle) -> None:
    with pytest.raises(BadInput, match="问题：请写出问题和不足"):
        await rate(cycle, "0101", "self", self_lines(**{"words.3": "无"}), SECRETARY)


async def test_two_raters_at_once_one_stands_and_the_other_is_told(
    rt: Runtime, cycle: Cycle, sql: asyncpg.Connection
) -> None:
    async def give(points: str, actor: str) -> object:
        try:
            return await submit_rating(
                cycle.id, "0102", "full_review", review_lines([points] * 20), now=FEBRUARY, actor=actor
            )
        except BadInput as bad:
            return bad

    found = await asyncio.gather(give("5", TEAM), give("4", OFFICE))
    (told,) = [one for one in found if isinstance(one, BadInput)]
    assert len(told.faults) == 20
    assert "改动须写明理由" in told.faults[0]
    assert await sql.fetchval("SELECT count(*) FROM inputs WHERE replaced_at IS NULL") == 20
    assert await sql.fetchval("SELECT count(*) FROM ratings") == 1


async def test_the_same_sheet_again_is_no_second_one(rt: Runtime, cycle: Cycle, sql: asyncpg.Connection) -> None:
    await asyncio.gather(*(rate(cycle, "0101", "self", self_lines(), SECRETARY) for _ in range(3)))
    assert await sql.fetchrow("SELECT count(*), max(version) FROM ratings") == (1, 1)
    assert await sql.fetchval("SELECT count(*) FROM inputs") == 1
    with pytest.raises(Refusal, match="submitted"):
        await rate(cycle, "0101", "self", self_lines(["4"] * 20), SECRETARY)


async def test_the_office_gives_a_sheet_back_and_the_rater_is_told(
    rt: Runtime, cycle: Cycle, sql: asyncpg.Connection
) -> None:
    await rate(cycle, "0101", "full_review", review_lines(["5"] * 20), TEAM)
    number = await sql.fetchval("SELECT id FROM ratings")
    with pytest.raises(Refusal, match="not_entitled"):
        await reopen_rating(number, reason="不对", now=FEBRUARY, actor=SECRETARY)
    await reopen_rating(number, reason="第 3 项请到现场核对", now=FEBRUARY, actor=OFFICE)
    phone = await phone_of(rt, TEAM)
    assert "第 3 项请到现场核对" in await phone.say("任务")
    shown = await say_all(phone, "打分", "第一党支部", "第3项", "2")
    assert "合计 97 分" in shown
    assert "已提交" in await phone.say("确认")
    row = await sql.fetchrow(
        "SELECT content, reason FROM inputs WHERE slot = 'indicators.common.3' AND replaced_at IS NULL"
    )
    assert tuple(row) == ('"2"', "第 3 项请到现场核对")


@pytest.mark.fact("S0-04", "S0-05")
async def test_coverage_counts_all_registered_and_names_who_is_missing(rt: Runtime, cycle: Cycle) -> None:
    await rate(cycle, "0101", "self", self_lines(), SECRETARY)
    found = {one.round.key: one for one in await coverage(await get_cycle(cycle.id))}
    own = found["self"]
    assert (own.found, own.of, [one.name for one in own.missing]) == (1, 2, ["第二党支部"])
    assert (found["full_review"].found, found["full_review"].of) == (0, 2)
    await rate(cycle, "0102", "full_review", review_lines(["5"] * 20), TEAM)
    found = {one.round.key: one for one in await coverage(await get_cycle(cycle.id))}
    assert [one.name for one in found["full_review"].missing] == ["第一党支部"]


@pytest.mark.fact("S0-08")
async def test_the_team_owes_the_review_until_mid_march_and_only_while_nobody_is_assigned_by_name(
    rt: Runtime, cycle: Cycle
) -> None:
    number = (await people_by_number())[TEAM]
    (due,) = [one for one in await list_agenda(FEBRUARY, [number]) if one.word == "打分"]
    assert (str(due.soft_by), str(due.by)) == ("2021-03-10", "2021-03-15")
    await assign(cycle.id, [Task("full_review", "0102", OFFICE)], now=FEBRUARY, actor=OFFICE)
    assert not [one for one in await list_agenda(FEBRUARY, [number]) if one.word == "打分"]


@pytest.mark.fact("S0-07")
async def test_the_secretary_owes_the_self_rating_until_the_end_of_february(rt: Runtime, cycle: Cycle) -> None:
    number = (await people_by_number())[SECRETARY]
    (due,) = [one for one in await list_agenda(FEBRUARY, [number]) if one.word == "自评"]
    assert (str(due.from_day), str(due.by)) == ("2021-02-01", "2021-02-28")
    assert "第一党支部自查自评" in due.text
    await rate(cycle, "0101", "self", self_lines(), SECRETARY)
    assert not [one for one in await list_agenda(FEBRUARY, [number]) if one.word == "自评"]


@pytest.mark.fact("S0-18")
async def test_points_outside_the_range_and_lines_that_do_not_exist_are_refused(rt: Runtime, cycle: Cycle) -> None:
    lines = [*review_lines(["6", *["5"] * 19]), Line("indicators.common.16", "5")]
    with pytest.raises(BadInput) as bad:
        await rate(cycle, "0101", "full_review", lines, TEAM)
    assert any("共性指标 1" in one and "超出范围" in one for one in bad.value.faults)
    assert "indicators.common.16：这一轮没有这一项" in bad.value.faults


async def test_a_published_cycle_is_rated_no_more_and_says_so_before_anything_is_asked(
    rt: Runtime, cycle: Cycle
) -> None:
    await change_settings(cycle.id, {"pass_mark": "60"}, now=FEBRUARY, actor=OFFICE, reason="公司党委定")
    team, phone = await phone_of(rt, TEAM), await phone_of(rt, SECRETARY)
    await say_all(phone, "自评", "5 5")
    await team.say("打分")
    run = await compute_run(cycle.id, now=FEBRUARY, actor="command")
    await publish_run(run.id, now=FEBRUARY, actor=LEADER, accept_open=True)
    assert "结果已经公布" in await team.say("第一党支部")
    await rt.redis.flushall()
    assert "没有要您做的自评" in await phone.say("自评")
    with pytest.raises(Refusal, match="published"):
        await rate(cycle, "0101", "self", self_lines(), SECRETARY)
