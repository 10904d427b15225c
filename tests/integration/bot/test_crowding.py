"""Many messages of one person at once: none answers a question it was sent before, and none vanishes in silence."""

import asyncio
import time

from redis.asyncio import Redis

from bot.names import Names
from bot.reception import MOST_AT_ONCE, TOO_MANY
from tests.integration.bot.hall import World, serve
from tests.integration.bot.phone import Phone, envelope

UNREAD = "看到这一题之前发出"


def lock_of(phone: Phone) -> str:
    return f"zp:{{{Names((b's' * 32,)).person(phone.openid)}}}:lock"


async def sent_together(phone: Phone, redis: Redis, *texts: str) -> list[str]:
    """Answers to texts that all came while an earlier message was in hand, in the order of `texts`."""
    await redis.set(lock_of(phone), "another message")
    calls = (await redis.info("commandstats")).get("cmdstat_evalsha", {"calls": 0})["calls"]
    waiting = [asyncio.create_task(phone.deliver(phone.text(text))) for text in texts]
    deadline = time.monotonic() + 30
    while (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"] < calls + 4 * len(texts):
        assert time.monotonic() < deadline, "they never came"
    await redis.delete(lock_of(phone))
    return [answer or "" for answer in await asyncio.gather(*waiting)]


async def test_typed_at_once_they_answer_only_the_question_that_was_read(
    phone: Phone, redis: Redis, world: World
) -> None:
    await phone.say("投票")
    answers = await sent_together(phone, redis, *["1"] * 12)
    assert sum(UNREAD in answer for answer in answers) == 11
    assert all("乙书记" in answer for answer in answers)
    await phone.say("3")
    assert "甲书记：好，乙书记：差" in await phone.say("3")


async def test_a_confirmation_sent_before_the_page_was_seen_casts_nothing(
    phone: Phone, redis: Redis, world: World
) -> None:
    for text in ("投票", "好", "好"):
        await phone.say(text)
    await sent_together(phone, redis, "差", "确认", "确认")
    assert world.cast == []
    assert "丙书记" in await phone.say("继续")
    if "您的选票" not in (phone.heard or ""):
        await phone.say("差")
    assert "已计入" in await phone.say("确认")


async def test_an_answer_behind_something_that_asked_nothing_counts(phone: Phone, redis: Redis) -> None:
    await phone.say("投票")
    [answer] = await sent_together(phone, redis, "差")
    assert "乙书记" in answer
    assert UNREAD not in answer


async def test_words_taps_and_free_text_keep_their_meaning(phone: Phone, redis: Redis) -> None:
    answers = await sent_together(phone, redis, "登记", "登记")
    assert any("请写内容" in answer or "选一个" in answer for answer in answers)
    assert UNREAD not in "".join(answers)
    await phone.say("取消")
    await phone.say("投票")
    answers = await sent_together(phone, redis, "好", "取消")
    assert any("已取消「投票」" in answer for answer in answers)


async def test_whoever_sends_too_many_is_told(redis: Redis, world: World) -> None:
    async with serve(redis, world, budget_s=1.0) as client:
        phone = Phone(client)
        first = asyncio.create_task(phone.deliver(phone.text("慢")))
        while not world.ran["slow"]:
            await asyncio.get_running_loop().run_in_executor(None, int)
        waiting = [asyncio.create_task(phone.deliver(phone.text("数"))) for _ in range(MOST_AT_ONCE + 2)]
        told, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        assert {task.result() for task in told} == {TOO_MANY}
        assert await phone.deliver(envelope(phone.openid, "event", {"Event": "LOCATION"})) is None
        world.gate.set()
        answers = await asyncio.gather(first, *waiting)
        assert answers.count(TOO_MANY) == 3
        assert await phone.say("数")
