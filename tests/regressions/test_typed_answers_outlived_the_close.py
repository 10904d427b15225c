"""Sealed answers stayed in Redis after the close, unreadable but there: after a flush at the wrong moment, or from a step under way."""

from datetime import timedelta

import pytest
import redis.asyncio

from models.accounts import Account
from services.polls import polls
from services.runtime import Runtime
from tests.integration.chatting import Phone
from tests.integration.world import NOW, hold, make_hall, people_by_number, seat


@pytest.fixture
async def typing(rt: Runtime) -> int:
    """The id of a meeting that is open, in which one voter is in the middle of the ballot."""
    hall = make_hall()
    meeting = await hold(hall)
    person = (await people_by_number())[hall.classes["党员代表"][0]]
    await Account.create(openid="oTyping", person_id=person, bound_at=NOW, consent="1")
    await seat(meeting, person)
    await polls.open_poll(rt, meeting.id, now=NOW, actor="test")
    phone = Phone(rt, "oTyping")
    assert "第 1/3 题" in await phone.say("投票")
    assert "第 2/3 题" in await phone.say("好")
    return meeting.id


async def sealed(rt: Runtime) -> list[bytes]:
    return [key async for key in rt.redis.scan_iter("zp:*:seal:*")]


async def test_whatever_else_was_flushed_they_go_with_the_close(rt: Runtime, typing: int) -> None:
    kept = await sealed(rt)
    assert kept
    dumps = {key: await rt.redis.dump(key) for key in kept}
    await rt.redis.flushall()
    for key, dump in dumps.items():  # what is under way writes after the flush
        await rt.redis.restore(key, 0, dump)
    await polls.close_poll(rt, typing, now=NOW, actor="test")
    assert await sealed(rt) == []


async def test_a_step_that_was_under_way_at_the_close_is_cleared_after_it(
    rt: Runtime, typing: int, redis_url: str
) -> None:
    dumps = {key: await rt.redis.dump(key) for key in await sealed(rt)}
    await polls.close_poll(rt, typing, now=NOW, actor="test")
    async with redis.asyncio.from_url(redis_url) as client:
        for key, dump in dumps.items():
            await client.restore(key, 0, dump)
    await polls.forget_desks(rt, NOW + timedelta(minutes=1))
    assert await sealed(rt) == []
