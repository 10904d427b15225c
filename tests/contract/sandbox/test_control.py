"""The control API itself: settings, scenes, log, feed, reset, environment."""

import asyncio
import json

import aiohttp
import pytest
from aiohttp import web

from sandbox.app import create_app
from sandbox.phones import Sandbox, SandboxError
from sandbox.settings import from_environment


async def test_secrets_can_be_set_but_not_read(sandbox, back_end, settings):
    changed = await sandbox.settings(token="othertoken", deliveries=2)
    assert changed["deliveries"] == 2
    assert not {"token", "aes_key", "app_secret", "mp_app_secret"} & set(changed)
    back_end.settings = settings.patched({"token": "othertoken"})
    assert (await sandbox.verify_url())["ok"] is True


@pytest.mark.parametrize("change", [{"mode": "odd"}, {"deliveries": 5}, {"unknown": 1}])
async def test_impossible_settings_are_refused(sandbox, change):
    with pytest.raises(SandboxError, match="400"):
        await sandbox.settings(**change)


async def test_unusable_input(sandbox, api, base):
    phone = await sandbox.phone("张三")
    for call in (
        phone.do("dance"),
        phone.text(""),
        sandbox.faults(deliveries={"odd": 1}),
        sandbox.call("POST", "/scenes"),
    ):
        with pytest.raises(SandboxError):
            await call
    async with api.http.post(f"{base}/sim/phones", data=b"[") as response:
        assert response.status == 400
    async with api.http.get(f"{base}/sim/phones/p99/messages") as response:
        assert response.status == 404


async def test_log_shows_traffic_without_secrets(sandbox, api, settings, back_end):
    await api.login()
    back_end.answer = lambda fields: "欢迎"
    phone = await sandbox.phone("张三")
    await phone.follow()
    log = await sandbox.log()
    assert [line["kind"] for line in log] == ["api", "callback"]
    assert log[1]["sent"]["Event"] == "subscribe"
    assert log[1]["attempt"]["answer"]["text"] == "欢迎"
    text = json.dumps(log)
    for secret in (settings.app_secret, api.token, settings.aes_key, settings.token):
        assert secret not in text
    assert len(await sandbox.log(after=log[0]["n"])) == 1


async def test_scenes_and_phones_are_listed(sandbox):
    await sandbox.scene("述职评议会签到", "m.abc")
    assert (await sandbox.call("GET", "/scenes"))["scenes"] == [{"name": "述职评议会签到", "scene": "m.abc"}]
    made = await sandbox.phone("张三", "绑定码 ABCD")
    assert await sandbox.phones() == [made]
    assert len(made.openid) == 28


async def test_people_who_were_here_before(sandbox, back_end):
    phone = await sandbox.phone("张三", openid="demo_1", following=True)
    assert (await phone.text("你好")).kind == "nothing"
    assert back_end.got[-1]["FromUserName"] == "demo_1"
    assert (await sandbox.phone("张三", openid="demo_1")).id == phone.id
    with pytest.raises(SandboxError, match="400"):
        await sandbox.phone("李四", openid="a b")


async def test_reset_forgets_people_and_clock_but_not_settings(sandbox):
    await sandbox.phone("张三")
    await sandbox.settings(deliveries=2)
    await sandbox.advance(1e6)
    moved = (await sandbox.call("GET", "/clock"))["now"]
    await sandbox.reset()
    assert await sandbox.phones() == []
    assert (await sandbox.call("GET", "/clock"))["now"] < moved
    assert (await sandbox.call("GET", "/settings"))["deliveries"] == 2


async def test_feed_tells_pages_what_happens(sandbox, api, base):
    seen = []

    async def listen():
        async with api.http.get(f"{base}/sim/events") as response:
            async for line in response.content:
                if line.startswith(b"event: "):
                    seen.append(line[7:].strip().decode())
                if {"message", "phone"} <= set(seen):
                    return

    listening = asyncio.create_task(listen())
    async with asyncio.timeout(30):
        while not listening.done():
            phone = await sandbox.phone("张三")
            await phone.follow()
    assert listening.done()


async def test_a_page_that_is_closed_is_no_error(settings, caplog):
    runner = web.AppRunner(
        create_app(settings), shutdown_timeout=0.1
    )  # as `python -m sandbox` runs it: a request outlives its page
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession() as http, Sandbox(base) as sandbox:
        async with http.get(f"{base}/sim/events") as response:
            await response.content.readline()
            response.close()
        for name in ("张三", "李四", "王五"):
            await sandbox.phone(name)
        await runner.cleanup()
    assert not caplog.records


async def test_a_file_cannot_become_a_page(sandbox, api):
    phone = await sandbox.phone("张三")
    answer = await sandbox.call("POST", f"/phones/{phone.id}/upload", {"data": "PGI+", "content_type": "text/html"})
    async with api.http.get(answer["url"]) as response:
        assert response.content_type == "application/octet-stream"
    async with api.http.get(answer["url"] + "x") as response:
        assert response.status == 404


def test_environment():
    settings = from_environment({"SANDBOX_PORT": "9", "WECHAT_MODE": "plain", "WECHAT_TOKEN": "", "MP_APP_ID": "wxm"})
    assert (settings.port, settings.mode, settings.token, settings.mp_app_id) == (9, "plain", "simtoken", "wxm")
