"""The callback judged by the simulator: it signs, encrypts, cuts off, repeats and shows what a person would see."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestClient
from redis.asyncio import Redis

from sandbox.phones import Phone, Sandbox
from sandbox.settings import Settings
from tests.integration.bot.hall import World, serve


@pytest.fixture
async def world() -> World:
    return World()


@pytest.fixture
async def back_end(redis: Redis, world: World, settings: Settings) -> AsyncIterator[TestClient]:
    port = int(settings.callback_url.split(":")[2].split("/")[0])
    async with serve(redis, world, mode=settings.mode, budget_s=0.8, port=port) as client:
        yield client


@pytest.mark.parametrize("mode", ["safe", "compatible"])
async def test_a_vote_by_taps(back_end: TestClient, sandbox: Sandbox, world: World, mode: str) -> None:
    await sandbox.settings(mode=mode)
    assert (await sandbox.verify_url())["ok"]
    assert not (await sandbox.verify_url(bad_signature=True))["ok"]
    phone = await sandbox.phone("张三")
    await phone.follow()
    assert "甲书记" in (await phone.text("投票")).text
    for label in ("1 好", "3 差", "2 较好"):
        saw = await phone.tap(label)
        assert (saw.kind, saw.reason) == ("reply", "")
    assert "甲书记：好，乙书记：差，丙书记：较好" in saw.text
    assert "已计入" in (await phone.tap("确认")).text
    assert world.ran["cast"] == 1


async def test_a_hall_with_repeats_and_overlaps(back_end: TestClient, sandbox: Sandbox, world: World) -> None:
    await sandbox.faults(deliveries={"repeat_every": 3, "overlap_every": 4, "lose_every": 7})
    phones = [await sandbox.phone(f"第{n}人", following=True) for n in range(8)]
    await asyncio.gather(*(vote(phone, ("好", "较好", "差")[n % 3]) for n, phone in enumerate(phones)))
    assert world.ran["cast"] == 8
    assert sorted(ballot["q1"] for ballot in world.cast) == sorted(("好", "较好", "差")[n % 3] for n in range(8))


async def vote(phone: Phone, choice: str) -> None:
    for text in ("投票", choice, choice, choice, "确认"):
        saw = await phone.text(text)
        assert saw.kind == "reply", saw
    assert "已计入" in saw.text


async def test_what_the_platform_shows_is_never_a_failure(back_end: TestClient, sandbox: Sandbox) -> None:
    phone = await sandbox.phone("张三", following=True)
    seen = [
        await phone.text("长"),
        await phone.text("继续"),
        await phone.text("]]>\u0001<xml>"),
        await phone.image(),
        await phone.voice(),
        await phone.video(),
        await phone.location("会场"),
        await phone.link("题目"),
        await phone.unsupported(),
        await phone.scan("m.closed"),
        await phone.unfollow(),
    ]
    assert [saw.kind for saw in seen] == ["reply"] * 10 + ["nothing"]


async def test_a_slow_answer_comes_as_a_message_of_its_own(
    back_end: TestClient, sandbox: Sandbox, world: World
) -> None:
    phone = await sandbox.phone("张三", following=True)
    saw = await phone.text("慢")
    assert (saw.kind, len(saw.deliveries)) == ("nothing", 1)
    world.gate.set()
    async with asyncio.timeout(30):
        while not world.sent:
            await asyncio.get_running_loop().run_in_executor(None, int)
    assert world.sent == [(phone.openid, "慢慢来的答复")]
