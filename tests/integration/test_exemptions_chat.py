"""免评 and 审批免评 on the phone: two steps by two people (S2-34)."""

import asyncio

import asyncpg
import pytest

from config.refusals import Refusal
from models.cycles import Cycle
from models.people import Person
from services.reminders.agenda import list_agenda
from services.requests.exemptions import apply_exemption, decide_exemption
from services.runs.publications import find_open_points, publish_run
from services.runs.runs import compute_run, read_result
from services.runtime import Runtime
from tests.integration.cycles import DEPUTY, LEADER, MEMBER, NOW, OFFICE, RETIRED, SECRETARY, fill, phone_of
from tests.integration.world import name_of


@pytest.mark.fact("S2-34")
async def test_a_member_applies_and_the_office_approves(rt: Runtime, cycle: Cycle, sql: asyncpg.Connection) -> None:
    await fill(cycle)
    member, office = await phone_of(rt, MEMBER), await phone_of(rt, OFFICE)
    asked = await member.say("免评")
    assert "我本人（2020年度评星定级）" in asked
    assert "批准前照常考核" in asked
    await member.speak("脱产学习一年")
    assert "已提交" in await member.say("确认")
    assert "等待组织部门批准" in await member.say("免评")
    assert (await sql.fetchval("SELECT exempt FROM cycle_subjects WHERE key = 'member:1003'")) is None

    words = [due.word for due in await list_agenda(NOW, [(await Person.get(staff_no=OFFICE)).id])]
    assert "审批免评" in words
    assert "脱产学习一年" in await office.say("审批免评")
    await office.say("批准")
    await office.say("情况属实")
    assert "会在微信里通知申请人。" in await office.say("确认")
    assert "没有等您决定的" in await office.say("审批免评")
    assert "免评申请已批准，不列入本次考核。理由：情况属实" in await member.say("任务")
    assert "已批准，不列入考核" in await member.say("免评")
    result = await read_result(await compute_run(cycle.id, now=NOW, actor="command"))
    assert next(one for one in result["subjects"] if one["id"] == "member:1003")["flags"] == ["exempt"]


async def test_a_secretary_chooses_between_the_branch_and_themselves(rt: Runtime, cycle: Cycle) -> None:
    secretary = await phone_of(rt, SECRETARY)
    asked = await secretary.say("免评")
    assert "第一党支部（2020年度评星定级）" in asked
    assert "我本人" in asked
    assert name_of(MEMBER) not in asked
    assert "为第一党支部" in await secretary.say("第一党支部（2020年度评星定级）")
    await secretary.say("支部今年新成立")
    assert "已提交" in await secretary.say("确认")
    again = await secretary.say("免评")
    assert "第一党支部：已申请" in again
    assert "我本人" in again


@pytest.mark.fact("S2-34")
async def test_who_is_left_out_already_and_who_is_in_no_cycle_hear_so(rt: Runtime, cycle: Cycle) -> None:
    assert "不列入考核（离退休党员不参加评星" in await (await phone_of(rt, RETIRED)).say("免评")
    assert "没有可以申请免评的考核" in await (await phone_of(rt, LEADER)).say("免评")


async def test_after_publication_nobody_applies(rt: Runtime, cycle: Cycle) -> None:
    await fill(cycle)
    run = await compute_run(cycle.id, now=NOW, actor="command")
    await publish_run(run.id, now=NOW, actor=LEADER, accept_open=True)
    assert "结果已经公布" in await (await phone_of(rt, MEMBER)).say("免评")


async def test_an_undecided_application_keeps_a_result_from_being_published(rt: Runtime, cycle: Cycle) -> None:
    await fill(cycle)
    applied = await apply_exemption(cycle.id, "member:1003", reason="脱产", now=NOW, actor=MEMBER)
    run = await compute_run(cycle.id, now=NOW, actor="command")
    before = (await find_open_points(run)).waiting
    with pytest.raises(Refusal) as refused:
        await publish_run(run.id, now=NOW, actor=LEADER)
    assert f"{before} 个有待人决定" in refused.value.say
    await decide_exemption(applied.id, approve=False, reason="研究", now=NOW, actor=OFFICE)
    assert (await find_open_points(run)).waiting == before - 1


async def test_two_officers_at_once_decide_once(rt: Runtime, cycle: Cycle, sql: asyncpg.Connection) -> None:
    made = await apply_exemption(cycle.id, "member:1003", reason="脱产", now=NOW, actor=MEMBER)
    done = await asyncio.gather(
        *(decide_exemption(made.id, approve=yes, reason="研究", now=NOW, actor=OFFICE) for yes in (True, False)),
        return_exceptions=True,
    )
    assert [one.code for one in done if isinstance(one, Refusal)] == ["decided"]
    assert await sql.fetchval("SELECT count(*) FROM notices WHERE kind = 'exemption'") == 1


async def test_of_two_who_apply_at_once_the_other_hears_that_nothing_was_taken(
    rt: Runtime, cycle: Cycle, sql: asyncpg.Connection
) -> None:
    phones = [await phone_of(rt, SECRETARY), await phone_of(rt, DEPUTY)]
    for phone, reason in zip(phones, ("新成立", "正在整顿"), strict=True):
        for words in ("免评", "第一党支部（2020年度评星定级）", reason):
            await phone.say(words)
    answers = sorted(await asyncio.gather(*(phone.say("确认") for phone in phones)))
    assert "已提交" in answers[0]
    assert "为「第一党支部」申请免评，正等组织部门决定，这一份没有提交" in answers[1]
    assert await sql.fetchval("SELECT count(*) FROM exemptions") == 1
