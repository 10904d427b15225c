"""A draft is gone on with only where the world still has what it is about: somebody else may have settled it meanwhile."""

from datetime import timedelta

import asyncpg
import pytest

from models.cycles import Cycle
from services.records.record_reviews import review_record
from services.requests.exemptions import apply_exemption, decide_exemption
from services.runtime import Runtime
from tests.integration.chatting import Phone
from tests.integration.cycles import MEMBER, NOW, OFFICE, OTHER_SECRETARY, SECRETARY, SUPERIOR, phone_of

CHANGED = "情况已经有变化，请重新开始"


async def begun(rt: Runtime, cycle: Cycle) -> tuple[Phone, int]:
    """The office's phone, one word before it approves what the member applies for; and that case."""
    made = await apply_exemption(cycle.id, "member:1003", reason="脱产学习", now=NOW, actor=MEMBER)
    office = await phone_of(rt, OFFICE)
    for word in ("审批免评", "批准", "情况属实"):
        said = await office.say(word)
    assert "批准：情况属实" in said
    return office, made.id


@pytest.mark.parametrize("is_flushed", [True, False], ids=["Redis flushed", "a week later"])
async def test_a_verdict_on_one_case_is_no_verdict_on_the_next(
    rt: Runtime, cycle: Cycle, sql: asyncpg.Connection, is_flushed: bool
) -> None:
    office, first = await begun(rt, cycle)
    await decide_exemption(first, approve=False, reason="不属实", now=NOW, actor=OFFICE)
    await apply_exemption(cycle.id, "branch:0101", reason="新成立", now=NOW, actor=SECRETARY)
    office.now += timedelta(days=0 if is_flushed else 8)
    if is_flushed:
        await rt.redis.flushall()
    said = await office.say("审批免评")
    assert CHANGED in said
    assert "理由：新成立" in said
    assert "情况属实" not in said
    await office.say("确认")
    assert await sql.fetch("SELECT 1 FROM exemptions WHERE state = 'approved'") == []


async def test_a_second_case_does_not_take_the_words_about_the_first(rt: Runtime, cycle: Cycle) -> None:
    office, _ = await begun(rt, cycle)
    await apply_exemption(cycle.id, "branch:0101", reason="新成立", now=NOW, actor=SECRETARY)
    await rt.redis.flushall()
    said = await office.say("继续")
    assert CHANGED not in said
    assert "测一零零三" in said
    assert "批准：情况属实" in said
    assert "已批准" in await office.say("确认")


async def test_a_record_that_was_not_read_is_not_returned(rt: Runtime, cycle: Cycle, sql: asyncpg.Connection) -> None:
    for number, words in ((SECRETARY, "学习党章"), (OTHER_SECRETARY, "参观展览")):
        secretary = await phone_of(rt, number)
        for said in ("主题党日", words, "确认"):
            await secretary.say(said)
    superior = await phone_of(rt, SUPERIOR)
    await superior.say("审核记录")
    assert "学习党章" in await superior.say("1")
    assert "请说清要改什么" in await superior.say("退回")
    (read,) = await sql.fetch("SELECT id, version FROM records WHERE topic LIKE '%党章%'")
    await review_record(read["id"], read["version"], accept=True, reason="", actor=OFFICE, now=NOW)
    superior.now += timedelta(days=2)
    said = await superior.say("审核记录")
    assert CHANGED in said
    assert "参观展览" in said
    await superior.say("请补上照片")
    assert await sql.fetch("SELECT 1 FROM records WHERE state = 'returned'") == []
