"""The overview for leaders and the office: three statements with n/N, what has changed, once a week and after each stage."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from models.accounts import Account
from models.overviews import Overview
from models.people import Person
from services.cycles.cycles import create_cycle
from services.cycles.stages import finish_stage
from services.meetings.canvas import WIDTH
from services.ratings.entries import enter_inputs
from services.reminders import deliveries, planner
from services.reminders.overview_words import draw_overview, overview_text
from services.reminders.overviews import read_summary
from services.runtime import Runtime
from tests.faults.platform import Platform
from tests.integration.chatting import Phone, grant
from tests.integration.cycles import FILE, LEADER, NOW, OFFICE, TEAM, make_cycle, scores_of
from tests.integration.reminded import bind, digests

pytestmark = pytest.mark.usefixtures("platform")

MONDAY = datetime(2020, 12, 21, 1, 5, tzinfo=UTC)


async def told(sql: asyncpg.Connection, staff_no: str) -> dict[str, str]:
    return {slot: text for (number, slot), text in (await digests(sql, "raw")).items() if number == staff_no}


@pytest.mark.fact("S0-04", "S0-33")
async def test_leaders_and_office_are_told_weekly_what_is_done_what_is_late_and_who_must_act(
    rt: Runtime, sql: asyncpg.Connection
) -> None:
    cycle = await make_cycle()
    await planner.plan_due(rt, MONDAY)
    [(slot, text)] = (await told(sql, LEADER)).items()
    assert slot == f"2020-12-21:overview:{cycle.id}"
    # The stage that has just ended is told first; the week comes where no stage did.
    assert "党支部「考核组量化打分」已评 0/2（0%）" in text
    assert "谁来办：还差党支部 2 个（第一党支部、第二党支部）；党员 7 名，" in text
    assert "个阶段，办结 0/8（0%）" in text
    assert text.count("谁来办：") == 3
    [office] = (await told(sql, OFFICE)).values()
    assert "党支部「考核组量化打分」还差：第一党支部、第二党支部" in office
    # The office's own things stand before, in the same single message.
    assert office.index("件事要办") < office.index("一、")
    assert "一、" not in next(iter((await told(sql, TEAM)).values()), "")


async def test_before_the_first_count_no_figure_is_told_and_nobody_is_named(rt: Runtime) -> None:
    text = overview_text(await read_summary(await make_cycle(), MONDAY))
    assert "还没有统计，工作日早上统计一次。\n三、" in text
    assert "0/0" not in text
    assert text.count("谁来办：") == 2


async def test_the_next_one_says_what_has_changed_and_never_twice_in_a_week(
    rt: Runtime, sql: asyncpg.Connection
) -> None:
    cycle = await make_cycle()
    await planner.plan_due(rt, MONDAY)
    for days in range(1, 5):
        await planner.plan_due(rt, MONDAY + timedelta(days=days))
    assert sum(":overview:" in slot for slot in await told(sql, LEADER)) == 1
    await enter_inputs(cycle.id, scores_of("branch:0101", team="90"), actor=TEAM, now=NOW)
    await finish_stage(cycle.id, "self_report", now=MONDAY, actor=OFFICE)
    await planner.plan_due(rt, MONDAY + timedelta(days=7))
    newest = (await told(sql, LEADER))[f"2020-12-28:overview:{cycle.id}"]
    assert "党支部「考核组量化打分」已评 1/2（50%，比上次多 1）" in newest
    assert "办结 1/8（13%，比上次多 1）" in newest


async def test_last_years_cycle_that_runs_on_beside_the_new_one_is_not_counted_in_it(rt: Runtime) -> None:
    old = await make_cycle()
    january = datetime(2021, 1, 4, 1, 5, tzinfo=UTC)
    file = FILE.replace("2020", "2021")
    new = (await create_cycle(file.encode(), now=january, actor="command")).cycle
    await planner.plan_due(rt, january)
    figures = {one.cycle_id: one.figures for one in await Overview.filter(slot="latest")}
    assert figures[old.id]["late"] > 0
    assert (figures[new.id]["late"], figures[new.id]["late_at"]) == (0, [])


async def test_a_finished_stage_is_told_the_next_morning(rt: Runtime, sql: asyncpg.Connection) -> None:
    cycle = await make_cycle()
    await planner.plan_due(rt, MONDAY)
    await finish_stage(cycle.id, "assessment", now=MONDAY, actor=OFFICE)
    await planner.plan_due(rt, MONDAY + timedelta(days=1))
    assert "评估认定阶段小结" in (await told(sql, LEADER))[f"2020-12-22:overview:{cycle.id}"]
    slots = {one.slot for one in await Overview.filter(cycle=cycle)}
    assert {"latest", "stage:assessment"} <= slots


async def test_the_words_give_it_at_any_time_explained_and_to_nobody_else(rt: Runtime) -> None:
    cycle = await make_cycle()
    for number in (LEADER, TEAM):
        person = await Person.get(staff_no=number)
        await Account.create(openid=f"o{number}", person=person, bound_at=NOW, consent="1")
    await planner.plan_due(rt, MONDAY)
    leader = Phone(rt, f"o{LEADER}", MONDAY)
    assert "评到哪了" not in await leader.say("简报")
    shown = await leader.say(f"进展{cycle.id}")
    assert "三、" in shown
    assert "这些数怎么来" in shown
    why = await leader.say(f"进展说明{cycle.id}")
    assert "应评 2 个，已评 0 个" in why
    assert "投票不算在内" in why
    assert "党支部「考核组量化打分」「上级党组织评价打分」还差：第一党支部、第二党支部" in why
    assert "党员「支委会评价得分」还差：全部 7 名" in why
    assert "现在没有进展可看" in await leader.say("进展999")
    assert "一、" not in await Phone(rt, f"o{TEAM}", MONDAY).say(f"进展{cycle.id}")


async def test_a_picture_follows_where_the_text_arrived(rt: Runtime, platform: Platform) -> None:
    cycle = await make_cycle()
    handset = await bind(platform, LEADER)
    await grant(rt, handset.openid, "message", MONDAY)
    await planner.plan_due(rt, MONDAY)
    while await deliveries.send_due(rt, MONDAY):
        pass
    assert [entry.kind for entry in handset.entries] == ["text", "image"]
    picture = draw_overview(await read_summary(cycle, MONDAY), "2020-12-21")
    assert int.from_bytes(picture[16:20], "big") == WIDTH
    assert len(picture) < 2_000_000
