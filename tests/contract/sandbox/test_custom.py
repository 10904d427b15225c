"""Customer-service messages: windows, counts, contents."""

import pytest

SEND = "/cgi-bin/message/custom/send"


@pytest.fixture
async def phone(sandbox, api):
    await api.login()
    phone = await sandbox.phone("张三")
    await phone.follow()
    return phone


async def test_five_after_a_message_within_48_hours(phone, api, sandbox):
    await phone.text("你好")
    assert [await api.send_text(phone.openid, f"第{n}条") for n in range(6)] == [0] * 5 + [45047]
    shown = [message.text for message in await phone.messages() if message.via == "custom"]
    assert shown == [f"第{n}条" for n in range(5)]
    await phone.text("再来")
    await sandbox.advance(48 * 3600 - 60)
    await api.login()
    assert await api.send_text(phone.openid, "还行") == 0
    await sandbox.advance(60)
    assert await api.send_text(phone.openid, "晚了") == 45015


async def test_three_after_follow_scan_menu_and_choice_within_a_minute(phone, api, sandbox, back_end):
    async def allowed():
        codes = [await api.send_text(phone.openid, "x") for _ in range(4)]
        await sandbox.advance(61)
        return [*codes, await api.send_text(phone.openid, "x")]

    three = [0, 0, 0, 45047, 45015]
    assert await allowed() == three
    await phone.scan("s")
    assert await allowed() == three
    await phone.event("CLICK", {"EventKey": "V"})
    assert await allowed() == three
    await phone.text("好", menu_id="1")
    assert await allowed() == three


async def test_allowances_do_not_add_up(phone, api):
    await phone.text("你好")
    await phone.scan("s")
    assert [await api.send_text(phone.openid, "x") for _ in range(6)] == [0] * 5 + [45047]


async def test_a_view_tap_allows_nothing(phone, api, sandbox):
    await api.post("/cgi-bin/menu/create", {"button": [{"type": "view", "name": "网", "url": "https://x.test/"}]})
    await sandbox.advance(61)
    await phone.menu(name="网")
    assert await api.send_text(phone.openid, "x") == 45015


async def test_unfollowed_strangers_and_the_other_account(phone, api, sandbox):
    assert await api.send_text("oNobody", "x") == 40003
    assert await api.send_text(phone.mp_openid, "x") == 40003
    assert await api.send_text(phone.openid.swapcase(), "x") == 40003
    await phone.unfollow()
    assert await api.send_text(phone.openid, "x") == 45015
    await sandbox.settings(unfollowed_errcode=43004)
    assert await api.send_text(phone.openid, "x") == 43004


async def test_contents(phone, api):
    await phone.text("你好")

    async def send(type_, content):
        return (await api.post(SEND, {"touser": phone.openid, "msgtype": type_, type_: content}))["errcode"]

    assert await send("text", {"content": "汉" * 683}) == 45002
    assert await send("text", {"content": ""}) == 44004
    assert await send("text", "x") == 47001
    assert await send("file", {}) == 40008
    assert await send("image", {"media_id": "nope"}) == 40007
    assert await send("news", {"articles": [{}, {}]}) == 45008
    assert await send("image", {"media_id": await phone.upload()}) == 0
    assert await send("news", {"articles": [{"title": "题", "url": "https://x.test/"}]}) == 0
    assert await send("miniprogrampage", {"title": "页", "appid": "wx1", "pagepath": "a"}) == 0
    assert [message.kind for message in await phone.messages()][-3:] == ["image", "news", "miniprogrampage"]


async def test_msgmenu_can_be_tapped(phone, api, back_end):
    await phone.text("你好")
    items = [{"id": "101", "content": "好"}, {"id": "102", "content": "差"}]
    body = {"touser": phone.openid, "msgtype": "msgmenu"}
    body["msgmenu"] = {"head_content": "评价", "list": items, "tail_content": "谢谢"}
    assert (await api.post(SEND, body))["errcode"] == 0
    assert (await phone.messages())[-1].text == "评价\n好\n差\n谢谢"
    await phone.tap("差")
    assert (back_end.got[-1]["Content"], back_end.got[-1]["bizmsgmenuid"]) == ("差", "102")


async def test_typing(phone, api, sandbox):
    async def typing(command):
        return (await api.post("/cgi-bin/message/custom/typing", {"touser": phone.openid, "command": command}))[
            "errcode"
        ]

    assert [await typing(word) for word in ("Typing", "Typing", "CancelTyping", "Shout")] == [0, 45081, 0, 45072]
    await sandbox.advance(31)
    assert await typing("Typing") == 45080
