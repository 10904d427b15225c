"""打分 and 结果 in the chat: who may enter, who sees what, and when."""

import asyncpg

from models.cycles import Cycle
from models.people import Person, Post
from services.cycles.cycles import get_cycle
from services.requests.exemptions import apply_exemption, decide_exemption
from services.runs.publications import publish_run
from services.runs.runs import compute_run
from services.runtime import Runtime
from tests.integration.chatting import Phone
from tests.integration.cycles import (
    FILE,
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
    phone_of,
)
from tests.integration.world import name_of


async def publish(cycle: Cycle) -> None:
    run = await compute_run(cycle.id, now=NOW, actor="command")
    await publish_run(run.id, now=NOW, actor=LEADER, accept_open=True)


async def test_before_publication_a_truthful_sentence_and_after_it_ones_own_result(rt: Runtime, cycle: Cycle) -> None:
    await fill(cycle)
    phone = await phone_of(rt, MEMBER)
    assert "还没有公布结果" in await phone.say("结果")
    await compute_run(cycle.id, now=NOW, actor="command")
    before = await phone.say("结果")
    assert "还没有公布结果" in before
    assert "85" not in before
    await publish(cycle)
    shown = await phone.say("结果")
    assert "85.00 分，四星级" in shown
    assert "85 × 0.6 = 51" in shown
    assert "六(二)3" in shown


async def test_of_several_cycles_those_that_can_be_read_stand_first(rt: Runtime, cycle: Cycle) -> None:
    await make_cycle(FILE.replace("2020", "2021"))
    await fill(cycle)
    await publish(cycle)
    listed = await (await phone_of(rt, MEMBER)).say("结果")
    assert listed.index("（已公布）") < listed.index("2021年度评星定级（未公布）")


async def test_a_member_sees_nobody_elses_result(rt: Runtime, cycle: Cycle) -> None:
    await fill(cycle)
    await publish(cycle)
    phone = await phone_of(rt, MEMBER)
    shown = await phone.say(f"结果{cycle.id} 1001")
    assert "92" not in shown
    assert "85.00 分" in shown
    assert "89.90" not in await phone.say("结果")


async def test_a_secretary_sees_the_branch_as_well_and_no_other_branch(rt: Runtime, cycle: Cycle) -> None:
    await fill(cycle)
    await publish(cycle)
    shown = await (await phone_of(rt, SECRETARY)).say("结果")
    assert "89.90 分，四星级" in shown
    assert "92.00 分" in shown
    assert "95.00 分" not in shown
    other = await (await phone_of(rt, OTHER_SECRETARY)).say("结果")
    assert "95.00 分" in other
    assert "89.90" not in other


async def test_leaders_and_office_see_the_whole_cycle_and_any_subject(rt: Runtime, cycle: Cycle) -> None:
    await fill(cycle)
    leader, office = await phone_of(rt, LEADER), await phone_of(rt, OFFICE)
    assert "还没有公布结果" in await leader.say("结果")
    await compute_run(cycle.id, now=NOW, actor="command")
    assert "仅供内部核对" in await leader.say("结果")
    await publish(cycle)
    assert "五星级：1/2（50%）" in await leader.say("结果")
    assert "89.90 分，四星级" in await office.say(f"结果{cycle.id} 0101")
    assert "名单里没有" in await office.say(f"结果{cycle.id} 0999")
    shown = await office.say(f"结果{cycle.id} 第一党支部")
    assert "89.90 分，四星级" in shown
    assert not any(code in shown for code in ("branch:", "A14", "A32", "star-rating"))
    assert f"如：结果{cycle.id} 第一党支部" in await office.say("结果")


async def test_who_is_in_no_cycle_is_told_so(rt: Runtime, cycle: Cycle) -> None:
    assert "没有与您有关的" in await (await phone_of(rt, "3001")).say("结果")
    assert "绑定" in await Phone(rt, "o-stranger", NOW).say("结果")


async def test_the_team_enters_a_score_and_is_asked_to_confirm(
    rt: Runtime, cycle: Cycle, sql: asyncpg.Connection
) -> None:
    phone = await phone_of(rt, TEAM)
    assert "还有 2 项等您打分" in await phone.say("任务")
    asked = await phone.say("打分")
    assert "第一党支部" in asked
    assert "第二党支部" in asked
    assert "考核组量化打分" in await phone.say("第一党支部")
    assert "超出范围" in await phone.say("101")
    assert "只回复分数" in await phone.say("很好")
    assert "考核组量化打分：91.5" in await phone.say("91.50分")
    assert "请回复分数" in await phone.say("上一步")
    await phone.say("91.5")
    assert await sql.fetchval("SELECT count(*) FROM inputs") == 0
    done = await phone.say("确认")
    assert "已记下" in done
    assert await phone.repeat() == done
    row = await sql.fetchrow("SELECT slot, content, entered_by, source FROM inputs")
    assert tuple(row) == ("scores.team", '"91.5"', TEAM, "chat")
    assert "还有 1 项等您打分" in await phone.say("任务")


async def test_a_changed_score_needs_a_reason(rt: Runtime, cycle: Cycle, sql: asyncpg.Connection) -> None:
    phone = await phone_of(rt, TEAM)
    for text in ("打分", "第一党支部", "91", "确认", "打分", "第一党支部"):
        await phone.say(text)
    assert "原来是 91，改为 92" in await phone.say("92")
    assert "核对后更正" in await phone.say("核对后更正")
    assert "已记下" in await phone.say("确认")
    rows = await sql.fetch("SELECT content, reason, replaced_at IS NULL AS stands FROM inputs ORDER BY id")
    assert [tuple(row) for row in rows] == [('"91"', "", False), ('"92"', "核对后更正", True)]


async def test_a_draft_outlives_redis(rt: Runtime, cycle: Cycle, sql: asyncpg.Connection) -> None:
    phone = await phone_of(rt, TEAM)
    for text in ("打分", "第二党支部", "88"):
        await phone.say(text)
    await rt.redis.flushall()
    assert "第二党支部 · 考核组量化打分：88" in await phone.say("继续")
    await phone.say("确认")
    assert await sql.fetchval("SELECT content FROM inputs") == '"88"'


async def test_superiors_score_branches_and_committees_their_members(rt: Runtime, cycle: Cycle) -> None:
    superior = await phone_of(rt, SUPERIOR)
    assert "上级党组织评价打分" in await superior.say("打分") + await superior.say("第一党支部")
    await superior.say("取消")
    secretary = await phone_of(rt, SECRETARY)
    asked = await secretary.say("打分")
    # Their own members, not themselves, not the other branch's.
    assert name_of("1003") in asked
    assert name_of("1001") not in asked
    assert name_of("2002") not in asked
    assert "现在没有等您打分的考核" in await (await phone_of(rt, MEMBER)).say("打分")


async def test_after_publication_nothing_is_entered_in_the_chat(rt: Runtime, cycle: Cycle) -> None:
    await fill(cycle)
    phone = await phone_of(rt, TEAM)
    await publish(cycle)
    assert "现在没有等您打分的考核" in await phone.say("打分")
    assert (await get_cycle(cycle.id)).year == "2020"


async def test_a_leader_decides_a_grade_with_the_reason_asked_for(rt: Runtime, sql: asyncpg.Connection) -> None:
    file = FILE.replace("star-rating", "report-review").replace(
        "{branch: [党支部], member: [正式党员, 预备党员]}", "{secretary: [党支部]}"
    )
    await make_cycle(file.partition("exempt")[0])
    phone = await phone_of(rt, LEADER)
    await phone.say("打分")
    await phone.say(f"编号{SECRETARY}")
    assert "较好" in await phone.say("等次")
    assert "请写明理由" in await phone.say("较好")
    assert "党组研究确定" in await phone.say("党组研究确定")
    assert "已记下" in await phone.say("确认")
    row = await sql.fetchrow("SELECT slot, content, reason, entered_by FROM inputs")
    assert tuple(row) == ("facts.decided_grade", '"较好"', "党组研究确定", LEADER)


async def test_a_draft_about_somebody_who_left_the_list_is_not_stored(
    rt: Runtime, cycle: Cycle, sql: asyncpg.Connection
) -> None:
    phone = await phone_of(rt, TEAM)
    for text in ("打分", "第二党支部", "88"):
        await phone.say(text)
    applied = await apply_exemption(cycle.id, "0102", reason="新成立", now=NOW, actor=OFFICE)
    await decide_exemption(applied.id, approve=True, reason="同意", now=NOW, actor=await second_office())
    await rt.redis.flushall()
    said = await phone.say("继续")
    assert "情况已经有变化，请重新开始" in said
    assert "第二党支部" not in said
    await phone.say("确认")
    assert await sql.fetchval("SELECT count(*) FROM inputs") == 0


async def second_office() -> str:
    """Another person of the office."""
    leader = await Person.get(staff_no=LEADER)
    await Post.create(title="组织部", person=leader, organisation_id=leader.organisation_id)
    return LEADER
