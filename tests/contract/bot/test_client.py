"""The API client against the simulator: one token for all, one retry, and what becomes of every refusal."""

import asyncio
import json
import logging
from contextlib import AsyncExitStack
from datetime import timedelta

import aiohttp
import pytest
from redis.asyncio import Redis

from bot.client import Outcome, Status, WeChat
from bot.tokens import Tokens, WeChatError
from config import clock
from sandbox.phones import Phone, Sandbox
from tests.contract.bot.conftest import Client

SEND = "/cgi-bin/message/custom/send"
PICTURE = b"\xff\xd8\xff" + bytes(range(256)) * 40


async def calls(sandbox: Sandbox, path: str) -> int:
    """How often the platform was called there."""
    return sum(
        path in json.dumps(line) for line in await sandbox.log() if line.get("kind", line.get("event")) != "faults"
    )


async def fault(sandbox: Sandbox, **fields: object) -> None:
    await sandbox.faults(api={"path": SEND, **fields})


async def test_a_text_arrives_as_written(wechat: WeChat, phone: Phone) -> None:
    text = '好😀 "引号" <a href="https://x.test/">去看</a>'
    assert (await wechat.send_text(phone.openid, text)).status is Status.SENT
    shown = (await phone.messages())[-1]
    assert (shown.via, shown.links[0].label) == ("custom", "去看")
    assert "好😀" in shown.text


async def test_many_processes_fetch_one_token(client: Client, sandbox: Sandbox, phone: Phone) -> None:
    async with AsyncExitStack() as stack:
        processes = [await stack.enter_async_context(client()) for _ in range(5)]
        await asyncio.gather(*(process.create_menu(MENU) for process in processes for _ in range(4)))
    assert await calls(sandbox, "stable_token") == 1


@pytest.mark.parametrize("how", ["expire", "replace"])
async def test_a_stale_token_is_renewed_once_by_all(client: Client, sandbox: Sandbox, phone: Phone, how: str) -> None:
    async with AsyncExitStack() as stack:
        processes = [await stack.enter_async_context(client()) for _ in range(4)]
        await processes[0].create_menu(MENU)
        await sandbox.faults(tokens=how)
        await asyncio.gather(*(process.create_menu(MENU) for process in processes for _ in range(3)))
    assert await calls(sandbox, "stable_token") == 2


async def test_a_token_called_bad_though_current_is_forced_once(wechat: WeChat, sandbox: Sandbox, phone: Phone) -> None:
    await fault(sandbox, errcode=40001, times=1)
    assert (await wechat.send_text(phone.openid, "好")).status is Status.SENT
    assert await calls(sandbox, "stable_token") == 3  # the first, the same again, the forced one


async def test_no_storm_when_every_token_is_refused(wechat: WeChat, sandbox: Sandbox, phone: Phone) -> None:
    await fault(sandbox, errcode=40001, times=1000)
    outcomes = [await wechat.send_text(phone.openid, "好") for _ in range(10)]
    assert {outcome.status for outcome in outcomes} == {Status.RETRY_AT}
    assert await calls(sandbox, "stable_token") <= 5
    assert await calls(sandbox, SEND) <= 20


async def test_no_storm_when_the_token_itself_is_refused(client: Client, sandbox: Sandbox) -> None:
    await sandbox.faults(api={"path": "/cgi-bin/stable_token", "errcode": 45009, "times": 1000})
    async with client() as wechat:
        outcomes = await asyncio.gather(*(wechat.send_text("oAnybody", "好") for _ in range(20)))
    assert {(outcome.status, outcome.errcode) for outcome in outcomes} == {(Status.RETRY_AT, 45009)}
    assert await calls(sandbox, "stable_token") == 1


@pytest.mark.parametrize(
    ("errcode", "status", "within"),
    [
        (40003, Status.REFUSED, None),
        (43004, Status.REFUSED, None),
        (45015, Status.REFUSED, None),
        (45047, Status.REFUSED, None),
        (48001, Status.REFUSED, None),
        (-1, Status.RETRY_AT, timedelta(minutes=1)),
        (45011, Status.RETRY_AT, timedelta(minutes=2)),
        (45009, Status.RETRY_AT, timedelta(days=1, minutes=2)),
    ],
)
async def test_every_refusal_has_its_outcome(
    wechat: WeChat, sandbox: Sandbox, phone: Phone, errcode: int, status: Status, within: timedelta | None
) -> None:
    await fault(sandbox, errcode=errcode)
    outcome = await wechat.send_text(phone.openid, "好")
    assert (outcome.status, outcome.errcode) == (status, errcode)
    if within is None:
        assert outcome.retry_at is None
    else:
        assert clock.now() < outcome.retry_at <= clock.now() + within


@pytest.mark.parametrize("kind", ["html", "cut"])
async def test_an_unreadable_or_missing_answer_may_have_arrived(
    wechat: WeChat, sandbox: Sandbox, phone: Phone, kind: str
) -> None:
    await fault(sandbox, kind=kind)
    assert await wechat.send_text(phone.openid, "好") == Outcome(Status.UNKNOWN)


async def test_what_could_not_be_sent_may_be_tried_again(redis: Redis) -> None:
    async with aiohttp.ClientSession() as http:
        nowhere = "http://127.0.0.1:1"
        wechat = WeChat(http, Tokens(http, redis, "wx1", "s", nowhere), nowhere, clock.now)
        assert (await wechat.send_text("o1", "好")).status is Status.RETRY_AT


async def test_without_redis_sending_says_later(base: str) -> None:
    async with aiohttp.ClientSession() as http, Redis(port=1, retry=None) as nowhere:
        wechat = WeChat(http, Tokens(http, nowhere, "wx1", "s", base), base, clock.now)
        assert (await wechat.send_text("o1", "好")).status is Status.RETRY_AT


async def test_templates_and_subscriptions(wechat: WeChat, sandbox: Sandbox, phone: Phone) -> None:
    await sandbox.template("T1", "任务提醒", ["thing1"])
    await sandbox.template("B1", "订阅通知", ["thing1"], kind="subscribe")
    sent = await wechat.send_template(phone.openid, "T1", {"thing1": "交清单"}, url="https://x.test/")
    assert sent.status is Status.SENT
    assert sent.msgid
    assert (await wechat.send_template(phone.openid, "T1", {"thing1": ""})).errcode == 47003
    assert (await wechat.send_subscription(phone.openid, "B1", {"thing1": "交清单"})).errcode == 43101
    await phone.consent("B1")
    assert (await wechat.send_subscription(phone.openid, "B1", {"thing1": "交清单"})).status is Status.SENT


MENU = {"button": [{"type": "click", "name": "投票", "key": "投票"}]}


async def test_menu_and_scene_codes(wechat: WeChat, sandbox: Sandbox, phone: Phone) -> None:
    await wechat.create_menu(MENU)
    assert "投票" in json.dumps(await sandbox.menu(), ensure_ascii=False)
    url = await wechat.create_scene_code("m.abc", timedelta(days=1))
    assert (await phone.scan(url=url)).kind != ""
    assert (await wechat.create_scene_code("m.forever")).startswith("http")
    with pytest.raises(WeChatError):
        await wechat.create_menu({"button": []})


async def test_media_go_up_and_come_down(wechat: WeChat, sandbox: Sandbox, phone: Phone) -> None:
    media_id = await wechat.upload_media("image", PICTURE, "a.jpg", "image/jpeg")
    sink = bytearray()
    info = await wechat.get_media(media_id, Sink(sink), 10**6)
    assert (bytes(sink), info.size, info.content_type) == (PICTURE, len(PICTURE), "image/jpeg")
    assert info.filename.endswith(".jpg")


class Sink:
    def __init__(self, into: bytearray) -> None:
        self.write = into.extend


async def test_an_upload_is_repeated_with_its_bytes(wechat: WeChat, sandbox: Sandbox) -> None:
    await wechat.create_menu(MENU)
    await sandbox.faults(tokens="expire")
    media_id = await wechat.upload_media("image", PICTURE, "a.jpg", "image/jpeg")
    sink = bytearray()
    await sandbox.faults(tokens="expire")
    await wechat.get_media(media_id, Sink(sink), 10**6)
    assert bytes(sink) == PICTURE


async def test_media_that_are_too_large_or_gone(wechat: WeChat) -> None:
    media_id = await wechat.upload_media("image", PICTURE, "a.jpg", "image/jpeg")
    with pytest.raises(WeChatError, match="too_large"):
        await wechat.get_media(media_id, Sink(bytearray()), 100)
    with pytest.raises(WeChatError) as gone:
        await wechat.get_media("never", Sink(bytearray()), 100)
    assert gone.value.errcode == 40007


async def test_a_film_is_followed_to_its_address(wechat: WeChat) -> None:
    film = b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 5000
    media_id = await wechat.upload_media("video", film, "a.mp4", "video/mp4")
    sink = bytearray()
    assert (await wechat.get_media(media_id, Sink(sink), 10**6)).size == len(film)
    assert bytes(sink) == film


async def test_no_token_in_errors_or_logs(
    wechat: WeChat, sandbox: Sandbox, redis: Redis, settings: object, caplog: pytest.LogCaptureFixture
) -> None:
    await wechat.create_menu(MENU)
    [token] = [
        (await redis.get(key)).decode() async for key in redis.scan_iter("zp:token:*") if not key.endswith(b"lock")
    ]
    with caplog.at_level(logging.DEBUG):
        for kind in ("cut", "html", "errcode"):
            await sandbox.faults(api={"path": "/cgi-bin/menu/create", "kind": kind})
            with pytest.raises(WeChatError) as failed:
                await wechat.create_menu(MENU)
            error: BaseException | None = failed.value
            while error is not None:
                assert token not in repr(error) + str(vars(error))
                error = error.__cause__ or error.__context__
    ours = [record for record in caplog.records if record.name != "aiohttp.access"]  # that one is the simulator's own
    assert all(token not in record.getMessage() for record in ours)
