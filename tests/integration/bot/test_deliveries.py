"""What the platform repeats, overlaps and cuts off; what happens to a process in the middle; one person, many messages."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from redis.asyncio import Redis

from bot.callback import BUDGET_S
from bot.inbox import DONE_MS, LEASE_MS, Done, Inbox, Kept, New, Place, Waiting
from bot.messages import parse
from bot.names import Names
from config import clock
from tests.integration.bot.hall import World, serve
from tests.integration.bot.phone import APP, Phone, envelope

NAMES = Names((b"s" * 32,))


async def until(is_so: Callable[[], Awaitable[bool]], seconds: float = 30.0) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + seconds
    while not await is_so():
        assert time.monotonic() < deadline, "it never happened"
        await asyncio.get_running_loop().run_in_executor(None, int)


def place_of(xml: str) -> Place:
    message = parse(xml.encode())
    return Place(NAMES.person(message.openid), NAMES.message(APP, message))


async def test_overlapping_deliveries_run_once_and_answer_alike(phone: Phone, world: World) -> None:
    xml = phone.text("数")
    answers = await asyncio.gather(*(phone.deliver(xml) for _ in range(3)))
    assert world.ran["count"] == 1
    assert answers == ["第1次"] * 3


async def test_a_repeat_answers_the_same_again(phone: Phone, redis: Redis, world: World) -> None:
    await phone.say("投票")
    first, second = phone.text("好"), phone.text("差")
    answers = [await phone.deliver(first), await phone.deliver(second)]
    assert [await phone.deliver(first), await phone.deliver(second)] == answers
    assert DONE_MS > 60_000
    assert 60_000 < await redis.pttl(place_of(first).keys[0]) <= DONE_MS
    assert "丙书记" in await phone.say("继续")


async def test_a_repeated_last_confirmation_answers_the_same(phone: Phone, world: World) -> None:
    for text in ("投票", "好", "好", "好"):
        await phone.say(text)
    xml = phone.text("确认")
    answers = [await phone.deliver(xml) for _ in range(3)]
    assert answers == ["您的票已计入。"] * 3
    assert world.ran["cast"] == 1


async def test_the_same_msgid_from_two_people_is_two_messages(phone: Phone, world: World) -> None:
    one, other = (envelope(openid, "text", {"Content": "数", "MsgId": 5}) for openid in (phone.openid, "oOther"))
    assert await phone.deliver(one) == "第1次"
    assert await Phone(phone.client, "oOther").deliver(other) == "第2次"


async def test_same_second_events_are_told_apart_by_their_keys(phone: Phone, world: World) -> None:
    await asyncio.gather(*(phone.deliver(phone.event("CLICK", EventKey=key)) for key in ("数", "数", "拒")))
    assert (
        world.ran["count"] == 1
    )  # the same key in the same second is a repeat; the platform gives nothing else to go by


async def test_messages_of_one_person_never_overlap(phone: Phone, world: World) -> None:
    answers = await asyncio.gather(*(phone.deliver(phone.text("数")) for _ in range(8)))
    assert sorted(answers) == sorted(f"第{n}次" for n in range(1, 9))
    assert world.most_at_once == 1


async def test_people_do_not_wait_for_each_other(phone: Phone, world: World) -> None:
    held = asyncio.create_task(phone.deliver(phone.text("慢")))
    assert await Phone(phone.client, "oOther").say("数") == "第1次"
    world.gate.set()
    assert await held == "慢慢来的答复"


async def test_a_killed_claimant_is_taken_over(redis: Redis, world: World) -> None:
    assert LEASE_MS / 1000 < BUDGET_S - 1  # so that the next delivery is in time
    async with serve(redis, world, budget_s=30) as client:
        phone = Phone(client)
        xml = phone.text("数")
        killed = await Inbox(redis).enter(place_of(xml))  # and nothing more ever comes of it
        assert isinstance(killed, New)
        started = time.monotonic()
        assert await phone.deliver(xml) == "第1次"
        assert time.monotonic() - started > LEASE_MS / 1000 - 0.5
        assert not await Inbox(redis).leave(killed, Kept(b"dstale", b"{}", 1000))
        assert await phone.deliver(xml) == "第1次"


async def test_a_slow_but_living_handler_is_never_doubled(redis: Redis, world: World) -> None:
    async with serve(redis, world, budget_s=0.3) as client:
        phone = Phone(client)
        xml = phone.text("慢")
        started = time.monotonic()
        while time.monotonic() - started < LEASE_MS / 1000 + 0.7:
            assert await phone.deliver(xml) is None
        assert await redis.get(place_of(xml).keys[0])
        assert world.ran["slow"] == 1
        world.gate.set()
        await until(lambda: _is(len(world.sent) == 1))
        assert world.sent == [(phone.openid, "慢慢来的答复")]
        assert await phone.deliver(xml) is None
    assert world.ran["slow"] == 1
    assert len(world.sent) == 1


async def _is(value: bool) -> bool:
    return value


async def test_a_duplicate_of_a_slow_one_gets_success_at_the_end_of_its_own_budget(redis: Redis, world: World) -> None:
    async with serve(redis, world, budget_s=0.3) as client:
        phone = Phone(client)
        xml = phone.text("慢")
        assert await asyncio.gather(*(phone.deliver(xml) for _ in range(3))) == [None] * 3
        world.gate.set()
        await until(lambda: _is(bool(world.sent)))
    assert len(world.sent) == 1


async def test_a_late_secret_answer_shows_no_choice(redis: Redis, world: World) -> None:
    async with serve(redis, world, budget_s=0.5) as client:
        phone = Phone(client)
        for text in ("投票", "好", "差", "好"):
            await phone.say(text)
        world.is_slow = True
        assert await phone.deliver(phone.text("确认")) is None
        world.gate.set()
        await until(lambda: _is(bool(world.sent)))
    assert world.sent == [(phone.openid, "请回复 投票 继续。")]
    assert world.ran["cast"] == 1


async def test_a_message_that_waits_for_a_slow_one_is_not_lost(redis: Redis, world: World) -> None:
    async with serve(redis, world, budget_s=0.3) as client:
        phone = Phone(client)
        assert await phone.deliver(phone.text("慢")) is None
        assert await phone.deliver(phone.text("数")) is None
        world.gate.set()
        await until(lambda: _is(len(world.sent) == 2))
    assert [text for _, text in world.sent] == ["慢慢来的答复", "第1次"]


async def test_a_flush_while_a_message_is_handled_loses_neither_answer_nor_place(
    phone: Phone, redis: Redis, world: World
) -> None:
    await phone.say("投票")
    held = asyncio.create_task(phone.deliver(phone.text("慢")))
    await until(lambda: _is(world.ran["slow"] == 1))
    await redis.flushall()
    world.gate.set()
    assert "慢慢来的答复" in await held
    assert "进度已经清除" in await phone.say("继续")


async def test_only_the_lock_s_owner_saves(redis: Redis) -> None:
    inbox, place, other = Inbox(redis), Place("person", "m1"), Place("person", "m2")
    first = await inbox.enter(place)
    assert isinstance(first, New)
    assert await inbox.enter(place) == Waiting(is_duplicate=True)
    assert await inbox.enter(other) == Waiting(is_duplicate=False)
    await redis.delete(*place.keys[:2])  # as if its leases had run out
    second = await inbox.enter(other)
    assert isinstance(second, New)
    assert not await inbox.keep_up(first)
    assert not await inbox.leave(first, Kept(b"dold", b"old", 60_000))
    assert await inbox.leave(second, Kept(b"dnew", b"new", 60_000))
    assert not await inbox.leave(
        first, Kept(b"dold", b"old", 60_000)
    )  # the lock is free again, but somebody has written
    third = await inbox.enter(Place("person", "m3"))
    assert isinstance(third, New)
    assert (third.body, third.rev) == (b"new", 1)
    assert await inbox.enter(other) == Done(b"new")


async def test_given_up_messages_are_free_at_once(redis: Redis) -> None:
    inbox, place = Inbox(redis), Place("person", "m1")
    first = await inbox.enter(place)
    assert isinstance(first, New)
    await inbox.drop(first)
    assert isinstance(await inbox.enter(place), New)


async def test_without_redis_people_are_told_and_nothing_runs(redis: Redis, world: World) -> None:
    nowhere = Redis(port=1)
    async with serve(nowhere, world) as client:
        started = time.monotonic()
        assert "系统繁忙" in await Phone(client).say("数")
        assert time.monotonic() - started < 4.5
    await nowhere.aclose()
    assert world.ran["count"] == 0


async def test_scripts_come_back_after_a_restart_of_redis(phone: Phone, redis: Redis) -> None:
    await phone.say("投票")
    await redis.script_flush()
    assert "乙书记" in await phone.say("好")


async def test_a_repeat_after_a_flush_is_not_taken_for_a_new_message(phone: Phone, redis: Redis, world: World) -> None:
    await phone.say("投票")
    await phone.say("差")
    xml = phone.text("投票")
    assert "乙书记" in (await phone.deliver(xml) or "")
    await redis.flushall()
    assert await phone.deliver(xml) is None
    assert "甲书记" not in await phone.say("差")  # it was meant for the question that the phone shows
    assert world.cast == []


async def test_a_repeat_after_a_flush_that_reaches_another_process_answers_no_later_question(
    redis: Redis, world: World
) -> None:
    async with serve(redis, world) as first, serve(redis, world) as second:
        phone, elsewhere = Phone(first), Phone(second)
        earlier = int(clock.now().timestamp()) - 5
        for number, word in enumerate(("投票", "差")):
            old = envelope(phone.openid, "text", {"Content": word, "MsgId": number, "CreateTime": earlier + number})
            await phone.deliver(old)
        await redis.flushall()
        assert "甲书记" in await phone.say("投票")
        repeated = await elsewhere.deliver(old)
        assert repeated is not None
        assert "更早发出" in repeated
        assert "甲书记" in repeated


async def test_a_duplicate_of_one_in_hand_waits_though_redis_forgot(phone: Phone, redis: Redis, world: World) -> None:
    xml = phone.text("慢")
    held = asyncio.create_task(phone.deliver(xml))
    await until(lambda: _is(world.ran["slow"] == 1))
    await redis.flushall()
    repeated = asyncio.create_task(phone.deliver(xml))
    world.gate.set()
    assert await held == await repeated == "慢慢来的答复"
    assert world.ran["slow"] == 1


async def test_what_is_typed_before_a_late_question_is_seen_does_not_answer_it(redis: Redis, world: World) -> None:
    async with serve(redis, world, budget_s=0.5) as client:
        phone = Phone(client)
        await phone.say("投票")
        slow = asyncio.create_task(phone.deliver(phone.text("慢")))
        await until(lambda: _is(world.ran["slow"] == 1))
        impatient = [asyncio.create_task(phone.deliver(phone.text("继续")))]
        assert await slow is None
        assert await asyncio.gather(*impatient) == [None]
        world.gate.set()
        await until(lambda: _is(len(world.sent) == 2))
        assert "回到「投票」" in await phone.say("差")
        await phone.say("差")
        assert "乙书记" in (phone.heard or "")


async def test_a_question_that_could_not_be_saved_is_not_shown(redis: Redis, world: World) -> None:
    async with serve(redis, world) as client:
        phone = Phone(client)
        await phone.say("投票")
        world.before_answer = lambda: redis.execute_command("CLIENT", "PAUSE", 3300, "WRITE")
        said = await phone.say("登记")
        assert "请回复 继续" in said
        assert "请写内容" not in said
