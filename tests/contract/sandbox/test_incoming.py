"""Every message type and event of the contract arrives with its fields, and phones behave like phones."""

import asyncio
import json

import pytest

from sandbox.phones import SandboxError

MENU = {
    "button": [
        {"type": "click", "name": "投票", "key": "V"},
        {
            "name": "更多",
            "sub_button": [
                {"type": "view", "name": "官网", "url": "https://x.test/"},
                {
                    "type": "miniprogram",
                    "name": "小程序",
                    "url": "https://x.test/",
                    "appid": "wx1",
                    "pagepath": "pages/a",
                },
                {"type": "scancode_waitmsg", "name": "扫码", "key": "S"},
                {"type": "pic_sysphoto", "name": "拍照", "key": "P"},
                {"type": "location_select", "name": "位置", "key": "L"},
            ],
        },
    ]
}


@pytest.fixture
async def phone(sandbox):
    phone = await sandbox.phone("张三", note="绑定码 ABCD")
    await phone.follow()
    return phone


def last(back_end, *names):
    return tuple(back_end.got[-1].get(name) for name in names)


async def test_messages(phone, back_end):
    await phone.text("选一", menu_id="7")
    assert last(back_end, "MsgType", "Content", "bizmsgmenuid") == ("text", "选一", "7")
    await phone.image()
    assert last(back_end, "MsgType")[0] == "image"
    assert back_end.got[-1]["PicUrl"].endswith("/mmbiz/" + back_end.got[-1]["MediaId"])
    await phone.voice(recognition="你好")
    assert last(back_end, "MsgType", "Format", "Recognition") == ("voice", "amr", "你好")
    assert back_end.got[-1]["MediaId16K"]
    await phone.voice()
    assert "Recognition" not in back_end.got[-1]
    await phone.video(short=True)
    assert last(back_end, "MsgType")[0] == "shortvideo"
    assert back_end.got[-1]["ThumbMediaId"]
    await phone.location("东门", latitude=30.1, longitude=120.2)
    assert last(back_end, "Location_X", "Location_Y", "Scale", "Label") == ("30.1", "120.2", "16", "东门")
    await phone.link("题", "述", "https://x.test/")
    assert last(back_end, "MsgType", "Title", "Description", "Url") == ("link", "题", "述", "https://x.test/")
    await phone.unsupported()
    assert last(back_end, "MsgType", "Content") == ("text", "【收到不支持的消息类型，暂无法显示】")
    await phone.raw({"MsgType": "sticker", "Odd": {"Inner": 1}})
    assert last(back_end, "MsgType", "Odd") == ("sticker", {"Inner": "1"})


async def test_same_msg_id_of_two_people_and_two_events_in_one_second(phone, sandbox, back_end):
    other = await sandbox.phone("李四")
    await other.follow()
    await asyncio.gather(*(each.voice(msg_id=42, create_time=1700000000) for each in (phone, other)))
    first, second = back_end.got[-2:]
    assert first["MsgId"] == second["MsgId"] == "42"
    assert first["FromUserName"] != second["FromUserName"]
    await asyncio.gather(
        phone.do("report-location", create_time=5), phone.event("CLICK", {"EventKey": "A"}, create_time=5)
    )
    assert {fields["Event"] for fields in back_end.got[-2:]} == {"LOCATION", "CLICK"}
    assert {fields["CreateTime"] for fields in back_end.got[-2:]} == {"5"}


async def test_follow_scan_unfollow(sandbox, back_end):
    phone = await sandbox.phone("张三")
    with pytest.raises(SandboxError, match="409"):
        await phone.text("你好")
    await phone.scan("m.abc")
    assert last(back_end, "Event", "EventKey") == ("subscribe", "qrscene_m.abc")
    ticket = back_end.got[-1]["Ticket"]
    await phone.scan("m.abc")
    assert last(back_end, "Event", "EventKey", "Ticket") == ("SCAN", "m.abc", ticket)
    await phone.unfollow()
    assert last(back_end, "Event")[0] == "unsubscribe"
    await phone.follow()
    assert last(back_end, "Event", "EventKey") == ("subscribe", None)
    assert (await phone.follow()).reason == "already following"


async def test_scanning_other_things(phone, back_end):
    before = len(back_end.got)
    assert (await phone.scan(url="https://x.test/page")).opens == "https://x.test/page"
    assert (await phone.scan(ticket="nope")).reason == "unknown or expired code"
    assert (await phone.messages())[-1].text == "二维码已过期"
    assert len(back_end.got) == before


async def test_links_are_tapped_in_the_newest_message_that_has_them(phone, back_end):
    link = '<a href="weixin://bizmsgmenu?msgmenucontent={}&msgmenuid={}">好</a>'
    back_end.answer = lambda fields: f"1 {link.format('%E5%A5%BD', 'q1')}\n<a href='https://x.test/?a=1&b=2'>网页</a>"
    saw = await phone.text("投票")
    assert [(item.label, item.content, item.menu_id) for item in saw.links] == [
        ("好", "好", "q1"),
        ("网页", None, None),
    ]
    back_end.answer = lambda fields: "再选：" + link.format("较好", "q2")
    await phone.text("投票")
    await phone.tap("好")
    assert last(back_end, "Content", "bizmsgmenuid") == ("较好", "q2")
    await phone.tap(content="好")
    assert last(back_end, "Content", "bizmsgmenuid") == ("好", "q1")
    assert (await phone.tap("网页")).opens == "https://x.test/?a=1&b=2"
    with pytest.raises(SandboxError, match="no message has a link"):
        await phone.tap("差")


async def test_menu_entries(phone, back_end, api, sandbox):
    await api.login()
    with pytest.raises(SandboxError, match="no entry"):
        await phone.menu("V")
    assert (await api.post("/cgi-bin/menu/create", MENU))["errcode"] == 0
    await phone.menu("V")
    assert last(back_end, "Event", "EventKey") == ("CLICK", "V")
    saw = await phone.menu(name="官网")
    assert (saw.opens, *last(back_end, "Event", "EventKey")) == ("https://x.test/", "VIEW", "https://x.test/")
    assert back_end.got[-1]["MenuId"]
    await phone.menu(name="小程序")
    assert last(back_end, "Event", "EventKey") == ("view_miniprogram", "pages/a")
    back_end.answer = lambda fields: "扫到了"
    saw = await phone.menu("S", result="EAN_13,69", scan_type="barcode")
    assert saw.text == "扫到了"
    assert back_end.got[-1]["ScanCodeInfo"] == {"ScanType": "barcode", "ScanResult": "EAN_13,69"}


async def test_menu_entries_that_send_photos_and_places(phone, back_end, api):
    await api.login()
    await api.post("/cgi-bin/menu/create", MENU)
    await phone.menu("P", photos=2)
    assert [fields["MsgType"] for fields in back_end.got[-3:]] == ["event", "image", "image"]
    assert back_end.got[-3]["SendPicsInfo"]["Count"] == "2"
    assert len(back_end.got[-3]["SendPicsInfo"]["PicList"]["item"]) == 2
    await phone.menu("P")
    assert set(back_end.got[-2]["SendPicsInfo"]["PicList"]["item"]) == {"PicMd5Sum"}
    await phone.menu("L", place="礼堂")
    assert back_end.got[-2]["SendLocationInfo"]["Label"] == back_end.got[-1]["Label"] == "礼堂"


async def test_subscription_events_are_single_or_many(phone, back_end):
    await phone.consent("T1")
    popup = back_end.got[-1]["SubscribeMsgPopupEvent"]["List"]
    assert popup == {"TemplateId": "T1", "SubscribeStatusString": "accept", "PopupScene": "1"}
    await phone.consent("T1", "T2", status="reject", scene=2)
    assert [item["TemplateId"] for item in back_end.got[-1]["SubscribeMsgPopupEvent"]["List"]] == ["T1", "T2"]
    await phone.do("revoke-consent", template_ids=["T1"])
    assert last(back_end, "Event")[0] == "subscribe_msg_change_event"
    assert back_end.got[-1]["SubscribeMsgChangeEvent"]["List"]["SubscribeStatusString"] == "reject"


async def test_other_events(phone, back_end):
    await phone.do("mass-send-finished")
    assert last(back_end, "Event", "SentCount") == ("MASSSENDJOBFINISH", "75")
    await phone.do("modify-info")
    assert last(back_end, "Event", "OpenID") == ("user_info_modified", phone.openid)
    await phone.do("revoke-authorization")
    assert last(back_end, "Event", "RevokeInfo") == ("user_authorization_revoke", "1")
    await phone.event("wxa_media_check", {"trace_id": "t", "result": {"suggest": "pass", "label": 100}})
    assert json.loads(json.dumps(back_end.got[-1]))["result"]["suggest"] == "pass"
