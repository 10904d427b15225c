"""A ballot begun as one person could be continued, or read, by the next person whose phone it was; a second 绑定 stayed for ever."""

from datetime import timedelta

import pytest
from redis.asyncio import Redis

from bot.forgetting import forget_person
from bot.inbox import Inbox, Kept, New, Place
from bot.names import Names
from models.meetings import Meeting
from services.meetings.meetings import scene_of
from services.people.accounts import find_person
from services.people.handouts import issue_codes
from services.polls.polls import open_poll
from services.runtime import Runtime
from tests.integration.chatting import Phone
from tests.integration.world import NOW, hold, make_hall, name_of

FIRST, SECOND = "2001", "2002"


@pytest.fixture
async def meeting(rt: Runtime) -> Meeting:
    return await hold(make_hall())


async def code_of(rt: Runtime, staff_no: str, *, renew: bool = False) -> str:
    issued = await issue_codes(rt.settings, org=None, renew=renew, now=NOW, actor="test")
    return next(one.code for one in issued if one.staff_no == staff_no)


async def bind(rt: Runtime, phone: Phone, staff_no: str, code: str) -> str:
    await phone.say("绑定")
    await phone.say(name_of(staff_no))
    said = await phone.say(code)
    assert "绑定成功" in said
    return said


async def begin_to_vote(rt: Runtime, phone: Phone, meeting: Meeting) -> None:
    await bind(rt, phone, FIRST, await code_of(rt, FIRST))
    await phone.scan(scene_of(meeting))
    await open_poll(rt, meeting.id, now=NOW, actor="test", accept_small=True)
    assert "第 1/" in await phone.say("投票")
    assert "第 2/" in await phone.say("1")


async def kept_of(rt: Runtime, phone: Phone) -> list[bytes]:
    person = Names(rt.settings.session_key).person(phone.openid)
    desk = await rt.redis.hget(f"zp:{{{person}}}:desk", "body")
    assert not desk or b"stack" not in desk
    return [key async for key in rt.redis.scan_iter(f"zp:{{{person}}}:seal:*")]


async def test_who_unfollows_takes_a_begun_ballot_along(rt: Runtime, meeting: Meeting) -> None:
    phone = Phone(rt, "o-1")
    await begin_to_vote(rt, phone, meeting)
    assert await phone.unfollow() == ""
    assert await kept_of(rt, phone) == []
    assert await find_person("o-1") is None
    await bind(rt, phone, SECOND, await code_of(rt, SECOND))
    assert "没有" in await phone.say("继续")


async def test_who_moves_to_another_phone_leaves_nothing_on_the_old_one(rt: Runtime, meeting: Meeting) -> None:
    old, new = Phone(rt, "o-1"), Phone(rt, "o-2")
    await begin_to_vote(rt, old, meeting)
    issued = await issue_codes(rt.settings, org=None, renew=True, now=NOW, actor="test")
    codes = {one.staff_no: one.code for one in issued}
    await bind(rt, new, FIRST, codes[FIRST])
    assert await kept_of(rt, old) == []
    assert await old.repeat() == ""
    old.now += timedelta(seconds=1)
    assert "第 2/" not in await old.say("继续")
    await bind(rt, old, SECOND, codes[SECOND])
    assert "第 2/" not in await old.say("继续")


async def test_a_message_in_hand_brings_nothing_back(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis:
        inbox, place = Inbox(redis), Place("person", "m1")
        done = await inbox.enter(Place("person", "m0"))
        assert isinstance(done, New)
        assert await inbox.leave(done, Kept(b"dsomething", b"before", 60_000))
        held = await inbox.enter(place)
        assert isinstance(held, New)
        await forget_person(redis, "person")
        assert not await inbox.leave(held, Kept(b"dmine", b"mine", 60_000))
        assert await redis.get(done.place.keys[0]) == b"n"
        after = await inbox.enter(Place("person", "m2"))
        assert isinstance(after, New)
        assert after.body == b""


async def test_two_scans_before_binding_are_both_checked_in_and_nothing_waits(rt: Runtime, meeting: Meeting) -> None:
    phone = Phone(rt, "o-1")
    await phone.scan("m.nothing")
    await phone.say(name_of(FIRST))
    await phone.scan(scene_of(meeting))
    await phone.say(name_of(FIRST))
    said = await phone.say(await code_of(rt, FIRST))
    assert "绑定成功" in said
    assert "签到成功" in said
    assert "还没有办完" not in said
    assert "没有正在办理" in await phone.say("继续")
