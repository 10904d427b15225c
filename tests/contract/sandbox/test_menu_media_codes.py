"""Menus, media and scene codes."""

import io

import aiohttp
import pytest

from sandbox.media import TINY_AMR, TINY_JPEG, TINY_MP4

CLICK = {"type": "click", "name": "投票", "key": "V"}


@pytest.fixture(autouse=True)
async def token(api):
    return await api.login()


def menu(*buttons):
    return {"button": list(buttons)}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (menu(), 40016),
        (menu(CLICK, CLICK, CLICK, CLICK), 40016),
        (menu({**CLICK, "type": "odd"}), 40017),
        (menu({**CLICK, "name": "六个汉字太长"}), 40018),
        (menu({**CLICK, "key": "k" * 129}), 40019),
        (menu({"type": "view", "name": "网", "url": "https://x.test/" + "a" * 1024}), 40020),
        (menu({"type": "view", "name": "网", "url": "ftp://x"}), 40055),
        (menu({"name": "多", "sub_button": [CLICK] * 6}), 40023),
        (menu({"name": "多", "sub_button": [{**CLICK, "type": "odd"}]}), 40024),
        (menu({"name": "多", "sub_button": [{**CLICK, "name": "汉" * 21}]}), 40025),
        (menu({"name": "多", "sub_button": [{**CLICK, "key": ""}]}), 40026),
        (menu({"name": "多", "sub_button": [{"type": "view", "name": "网", "url": ""}]}), 40027),
        (menu({"type": "media_id", "name": "图"}), 40007),
    ],
)
async def test_bad_menus(api, body, code):
    assert (await api.post("/cgi-bin/menu/create", body))["errcode"] == code


async def test_menu_life(api, sandbox):
    assert (await api.get("/cgi-bin/menu/get", access_token=api.token))["errcode"] == 46003
    assert (await api.post("/cgi-bin/menu/create", menu(CLICK)))["errcode"] == 0
    got = await api.get("/cgi-bin/menu/get", access_token=api.token)
    assert got["menu"]["button"][0]["key"] == "V"
    assert (await sandbox.menu())["button"][0]["name"] == "投票"
    assert (await api.get("/cgi-bin/menu/delete", access_token=api.token))["errcode"] == 0
    assert await sandbox.menu() is None


def form(data, name="media", filename="a.jpg", content_type="image/jpeg"):
    body = aiohttp.FormData()
    body.add_field(name, io.BytesIO(data), filename=filename, content_type=content_type)
    return body


async def test_media_life(api, sandbox, base):
    sent = await api.post("/cgi-bin/media/upload", form(TINY_JPEG), type="image")
    assert sent["type"] == "image"
    query = {"access_token": api.token, "media_id": sent["media_id"]}
    async with api.http.get(f"{base}/cgi-bin/media/get", params=query) as response:
        assert await response.read() == TINY_JPEG
        assert response.content_type == "image/jpeg"
        assert response.headers["Content-Disposition"] == f'attachment; filename="{sent["media_id"]}.jpg"'
    await sandbox.advance(3 * 86400)
    assert (await api.get("/cgi-bin/media/get", access_token=await api.login(), media_id=sent["media_id"]))[
        "errcode"
    ] == 40007


async def test_other_media(api):
    assert "thumb_media_id" in await api.post("/cgi-bin/media/upload", form(TINY_JPEG), type="thumb")
    assert "media_id" in await api.post("/cgi-bin/media/upload", form(TINY_AMR, filename="a.amr"), type="voice")
    film = await api.post("/cgi-bin/media/upload", form(TINY_MP4, filename="a.mp4"), type="video")
    answer = await api.get("/cgi-bin/media/get", access_token=api.token, media_id=film["media_id"])
    async with api.http.get(answer["video_url"]) as response:
        assert await response.read() == TINY_MP4


@pytest.mark.parametrize(
    ("body", "type_", "code"),
    [
        (lambda: form(TINY_JPEG), "file", 40004),
        (lambda: form(b"%PDF-1.7"), "image", 40005),
        (lambda: form(TINY_JPEG + b"\0" * 2 * 1024 * 1024), "image", 40006),
        (lambda: form(TINY_JPEG + b"\0" * 64 * 1024), "thumb", 40006),
        (lambda: form(TINY_JPEG, name="file"), "image", 41005),
        (lambda: form(b""), "image", 41005),
        (lambda: b"raw", "image", 41005),
    ],
)
async def test_bad_uploads(api, body, type_, code):
    assert (await api.post("/cgi-bin/media/upload", body(), type=type_))["errcode"] == code


def code(name="QR_STR_SCENE", expire=600, **scene):
    body = {"action_name": name, "action_info": {"scene": scene}}
    return body if expire is None else {**body, "expire_seconds": expire}


async def test_codes_that_the_account_makes_are_offered_for_scanning(api, sandbox):
    await sandbox.scene("会场签到码", "m.abc")
    for scene in ("m.abc", "r.1", "r.2", "r.3", "r.4"):
        await api.post("/cgi-bin/qrcode/create", code(scene_str=scene))
    offered = (await sandbox.call("GET", "/scenes"))["scenes"]
    assert [one["scene"] for one in offered] == ["m.abc", "r.4", "r.3", "r.2"]
    await sandbox.advance(601)
    assert [one["name"] for one in (await sandbox.call("GET", "/scenes"))["scenes"]] == ["会场签到码"]


async def test_scene_code_life(api, sandbox, base, back_end):
    made = await api.post("/cgi-bin/qrcode/create", code(scene_str="m.abc"))
    assert made["expire_seconds"] == 600
    picture = f"{base}/cgi-bin/showqrcode"
    async with api.http.get(picture, params={"ticket": made["ticket"]}) as response:
        assert response.content_type.startswith("image/")
    phone = await sandbox.phone("张三")
    await phone.scan(url=made["url"])
    assert (back_end.got[-1]["EventKey"], back_end.got[-1]["Ticket"]) == ("qrscene_m.abc", made["ticket"])
    await phone.scan(ticket=made["ticket"])
    assert (back_end.got[-1]["Event"], back_end.got[-1]["EventKey"]) == ("SCAN", "m.abc")
    await sandbox.advance(600)
    assert (await phone.scan(ticket=made["ticket"])).reason == "unknown or expired code"
    async with api.http.get(picture, params={"ticket": made["ticket"]}) as response:
        assert response.status == 404


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        (code("QR_ODD", scene_str="a"), 40053),
        (code(scene_str=""), 40053),
        (code(scene_str="a" * 65), 40053),
        (code("QR_SCENE", scene_id=0), 40053),
        (code("QR_LIMIT_SCENE", scene_id=100_001), 40053),
        (code(expire=2_592_001, scene_str="a"), 40035),
    ],
)
async def test_bad_codes(api, body, errcode):
    assert (await api.post("/cgi-bin/qrcode/create", body))["errcode"] == errcode


async def test_default_expiry_and_permanent_codes(api):
    assert (await api.post("/cgi-bin/qrcode/create", code(expire=None, scene_str="a")))["expire_seconds"] == 60
    made = await api.post("/cgi-bin/qrcode/create", code("QR_LIMIT_STR_SCENE", None, scene_str="a"))
    assert "expire_seconds" not in made
