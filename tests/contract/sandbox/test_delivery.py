"""The callback driver: modes, cut-off, resends, faults, and what the person sees."""

import asyncio

import pytest
from aiohttp import web

from sandbox.chat import FAILURE_NOTICE
from sandbox.phones import Sandbox


@pytest.mark.parametrize("mode", ["safe", "compatible", "plain"])
async def test_round_trip_in_every_mode(sandbox, back_end, mode):
    await sandbox.settings(mode=mode)
    back_end.answer = lambda fields: f"你说：{fields['Content']}😀" if fields["MsgType"] == "text" else ""
    phone = await sandbox.phone("张三")
    await phone.follow()
    saw = await phone.text("你好]]>😀")
    assert (saw.kind, saw.type, saw.text) == ("reply", "text", "你说：你好]]>😀😀")
    assert back_end.got[-1]["FromUserName"] == phone.openid == back_end.queries[-1]["openid"]
    assert (b"<Content>" in back_end.bodies[-1]) == (mode != "safe")
    assert (b"<Encrypt>" in back_end.bodies[-1]) == (mode != "plain")


async def test_every_delivery_is_fresh_but_the_message_is_the_same(sandbox, back_end):
    await sandbox.settings(deadline=0.15)
    back_end.answer = lambda fields: asyncio.sleep(0.5, "zu spät")
    phone = await sandbox.phone("张三")
    saw = await phone.follow()
    assert [attempt.outcome for attempt in saw.deliveries] == ["timeout"] * 3
    assert saw.kind == "failure"
    assert saw.text == FAILURE_NOTICE
    assert len({query["nonce"] for query in back_end.queries}) == 3
    assert len(set(back_end.bodies)) == 3
    assert all(fields == back_end.got[0] for fields in back_end.got)
    assert (await phone.messages())[-1].text == FAILURE_NOTICE


async def test_late_connections_are_aborted(base, sandbox):
    ended = 0

    async def listen(reader, writer):
        nonlocal ended
        await reader.read()  # returns when the platform drops the connection
        ended += 1
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1")
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with server:
        await sandbox.settings(deliveries=2, callback_url=address, deadline=0.15)
        saw = await (await sandbox.phone("张三")).follow()
        async with asyncio.timeout(30):
            while ended < 2:
                await asyncio.sleep(0.005)
    assert [attempt.outcome for attempt in saw.deliveries] == ["timeout", "timeout"]


async def test_a_later_delivery_answered_in_time_is_seen(sandbox, back_end):
    await sandbox.settings(deadline=1.0)
    back_end.answer = lambda fields: asyncio.sleep(30) if len(back_end.got) < 3 else "第三次"
    saw = await (await sandbox.phone("张三")).follow()
    assert saw.text == "第三次"
    assert [attempt.outcome for attempt in saw.deliveries] == ["timeout", "timeout", "answered"]


async def test_repeat_every_second_message(sandbox, back_end):
    await sandbox.faults(deliveries={"repeat_every": 2})
    back_end.answer = lambda fields: f"{len(back_end.got)}"
    phone = await sandbox.phone("张三")
    assert len((await phone.follow()).deliveries) == 1
    saw = await phone.text("二")
    assert [attempt.repeat for attempt in saw.deliveries] == [False, True]
    assert saw.text == "2"
    assert saw.deliveries[1].text == "3"
    assert [message.text for message in await phone.messages() if message.via == "reply"] == ["1", "2"]


async def test_overlapping_resend_arrives_while_the_first_is_handled(sandbox, back_end):
    running, most = 0, 0

    async def slow(fields):
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.05)
        running -= 1
        return "好"

    back_end.answer = slow
    await sandbox.faults(deliveries={"overlap_every": 1, "overlap_after": 0.01})
    saw = await (await sandbox.phone("张三")).follow()
    assert most == 2
    assert saw.text == "好"
    assert len(saw.deliveries) == 2


async def test_a_lost_answer_is_asked_for_again(sandbox, back_end):
    await sandbox.faults(deliveries={"next": ["lose"]})
    back_end.answer = lambda fields: str(len(back_end.got))
    phone = await sandbox.phone("张三")
    saw = await phone.follow()
    assert [attempt.outcome for attempt in saw.deliveries] == ["lost", "answered"]
    assert saw.text == "2"
    assert len((await phone.text("再来")).deliveries) == 1


async def test_delay_keeps_the_time_of_the_tap_and_strikes_one_phone(sandbox, back_end):
    slow, quick = await sandbox.phone("慢"), await sandbox.phone("快")
    await slow.follow()
    await quick.follow()
    await sandbox.faults(phone=slow.id, deliveries={"delay_every": 1, "delay": 0.1})
    await asyncio.gather(slow.text("慢"), quick.text("快"))
    assert [fields["Content"] for fields in back_end.got[-2:]] == ["快", "慢"]


async def test_reordering(sandbox, back_end):
    phone = await sandbox.phone("张三")
    await phone.follow()
    await sandbox.faults(deliveries={"next": ["reorder"]})
    first = asyncio.create_task(phone.text("一"))
    while not any(message.text == "一" for message in await phone.messages()):
        await asyncio.sleep(0)
    await phone.text("二")
    await first
    assert [fields["Content"] for fields in back_end.got[-2:]] == ["二", "一"]


async def test_no_back_end_is_tried_three_times(base, settings):
    async with Sandbox(base) as sandbox:
        saw = await (await sandbox.phone("张三")).follow()
    assert saw.kind == "failure"
    assert [attempt.outcome for attempt in saw.deliveries] == ["refused"] * 3


async def test_signatures_follow_the_moved_clock_unless_told_otherwise(sandbox, back_end):
    phone = await sandbox.phone("张三", following=True)
    await phone.text("一")
    await sandbox.advance(86400)
    await phone.text("二")
    await sandbox.settings(signing_clock="real")
    await phone.text("三")
    first, moved, real = (int(query["timestamp"]) for query in back_end.queries)
    assert moved - first >= 86400
    assert real - first < 60


async def test_redirects_are_not_followed(sandbox, back_end):
    back_end.answer = lambda fields: web.Response(status=302, headers={"Location": "/wechat"})
    saw = await (await sandbox.phone("张三")).follow()
    assert (saw.kind, saw.reason, len(saw.deliveries)) == ("failure", "HTTP 302", 1)


async def test_verification_handshake(sandbox):
    assert (await sandbox.verify_url())["ok"] is True
    refused = await sandbox.verify_url(bad_signature=True)
    assert refused["ok"] is False
    assert refused["status"] == 403


async def test_three_hundred_phones_at_once(sandbox, back_end):
    back_end.answer = lambda fields: fields["FromUserName"]
    await sandbox.settings(deadline=5)
    phones = await asyncio.gather(*(sandbox.phone(f"人{number}") for number in range(300)))
    seen = await asyncio.gather(*(phone.follow("m.1") for phone in phones))
    assert [saw.text for saw in seen] == [phone.openid for phone in phones]


async def test_not_waiting_answers_at_once(sandbox, back_end, eventually):
    phone = await sandbox.phone("张三")
    saw = await phone.follow(wait=False)
    assert saw.kind == "pending"

    async def arrived():
        return back_end.got

    await eventually(arrived)
