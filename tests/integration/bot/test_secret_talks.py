"""Secret conversations over the real door and the real Redis: nothing of a ballot is to be read, and no size tells an answer."""

from dataclasses import replace

from redis.asyncio import Redis

from bot.sessions import forget_realm
from tests.integration.bot.hall import VOTE, World, serve
from tests.integration.bot.phone import Phone
from tests.integration.stored import everything_in, is_in

LATER = "还没有办完，回复 继续"


async def test_nothing_secret_is_readable_in_redis(phone: Phone, redis: Redis) -> None:
    await phone.say("投票")
    await phone.say("差")
    await phone.say("较好")
    seen = await everything_in(redis)
    for secret in ("较好", "甲书记", "乙书记", "answers", phone.openid):
        assert not is_in(secret, seen)
    assert is_in("投票", seen)  # the pointer says which flow
    async for key in redis.scan_iter("zp:*:seal:*"):
        assert 0 < await redis.pttl(key) <= 30 * 60_000
        sizes = [len(value) for value in (await redis.hgetall(key)).values() if len(value) > 100]
        assert all((size - 40) % 2048 == 0 and size > 4096 for size in sizes)


async def test_sealed_sizes_do_not_tell_the_answers(redis: Redis, world: World) -> None:
    sizes = set()
    async with serve(redis, world) as client:
        for n, answer in enumerate(("好", "较好", "差")):
            phone = Phone(client, f"oVoter{n}")
            await phone.say("投票")
            await phone.say(answer)
            [key] = [k async for k in redis.scan_iter("zp:*:seal:*")]
            sizes.add(await redis.hstrlen(key, "session"))
            await redis.flushall()
    assert len(sizes) == 1


async def test_sealed_sizes_of_a_long_ballot_do_not_tell_the_answers_at_any_step(redis: Redis, world: World) -> None:
    people = [f"{n:03}号书记" for n in range(250)]

    async def load(rt: World, caller: object) -> dict[str, object]:
        return {"realm": "p1", "people": people}

    async with serve(redis, world, vote=replace(VOTE, load=load)) as client:
        one, other = [
            await _sizes_while_voting(redis, Phone(client, f"oVoter{len(word)}"), word) for word in ("好", "较好")
        ]
    assert len(one) > 250
    assert one == other


async def _sizes_while_voting(redis: Redis, phone: Phone, word: str) -> list[dict[str, int]]:
    """The sizes of what is sealed after each answer, after 继续 on the long page, and after 取消's neighbours."""
    await phone.say("投票")
    sizes = []
    for text in [word] * 250 + ["继续"] * 3 + ["上一步", "没有这个", word]:
        await phone.say(text)
        [key] = [key async for key in redis.scan_iter("zp:*:seal:*")]
        fields = await redis.hgetall(key)
        replies = sorted(len(value) for name, value in fields.items() if name.startswith(b"r:"))
        sizes.append({"session": len(fields[b"session"]), "replies": sum(replies)})
    await redis.flushall()
    return sizes


async def test_forgetting_a_realm_leaves_nothing_of_it(phone: Phone, redis: Redis, world: World) -> None:
    other = Phone(phone.client, "oOther")
    await phone.say("投票")
    await phone.say("差")
    await other.say("投票p2")
    world.desk_keys.pop("p1")
    await forget_realm(redis, "p1")
    left = [key async for key in redis.scan_iter("zp:*seal*")]
    assert [key for key in left if key.endswith(b":p1")] == []
    assert len(left) == 1
    said = await phone.say("好")
    assert "「投票」的进度已经清除" in said
    assert "现在不能办理" in await phone.tap("1 投票")
    assert "乙书记" in await other.say("好")


async def test_casting_and_cancelling_delete_what_was_typed(phone: Phone, redis: Redis, world: World) -> None:
    for text in ("投票", "好", "好", "好", "确认"):
        await phone.say(text)
    sealed = {key: await redis.hkeys(key) async for key in redis.scan_iter("zp:*:seal:*")}
    assert [name for names in sealed.values() for name in names if name == b"session"] == []
    assert sum(name.startswith(b"r:") for names in sealed.values() for name in names) == 1
    await phone.say("投票")
    await phone.say("取消")
    fields = [await redis.hkeys(key) async for key in redis.scan_iter("zp:*:seal:*")]
    assert all(b"session" not in names for names in fields)


async def test_two_ballots_at_once_keep_their_own_places(phone: Phone, world: World) -> None:
    await phone.say("投票p1")
    await phone.say("差")
    await phone.say("投票p2")
    await phone.say("好")
    await phone.say("投票 p1")
    assert "乙书记" in phone.heard
    for text in ("差", "差", "确认"):
        await phone.say(text)
    assert "已计入" in phone.heard
    assert "乙书记" in await phone.say("继续")
    for text in ("好", "好", "确认"):
        await phone.say(text)
    assert [ballot["q0"] for ballot in world.cast] == ["差", "好"]


async def test_the_rest_of_a_long_ballot_is_sealed_and_goes_on(redis: Redis, world: World) -> None:
    people = [f"{n:02}号书记（某某学院党总支第{n}支部）" for n in range(60)]

    async def load(rt: World, caller: object) -> dict[str, object]:
        return {"realm": "p1", "people": people}

    async with serve(redis, world, vote=replace(VOTE, load=load)) as client:
        phone = Phone(client)
        await phone.say("投票")
        for n in range(60):
            said = await phone.say(("好", "较好", "差")[n % 3])
        parts = [said]
        assert "继续看下文" in parts[0]
        assert not is_in("书记", await everything_in(redis))
        assert await phone.deliver(phone.event("LOCATION")) is None  # what nobody answers changes nothing
        assert not is_in("书记", await everything_in(redis))
        while "继续看下文" in parts[-1]:
            parts.append(await phone.say("继续"))
        whole = "".join(part.removesuffix("\n继续看下文") for part in parts)
        assert [name for name in people if name not in whole] == []
        assert "确认" in parts[-1]
        assert "已计入" in await phone.tap("确认")
