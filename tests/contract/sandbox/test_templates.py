"""Template messages, subscription notices and subscription messages."""

import pytest

SEND, BIZ, MINI = (
    "/cgi-bin/message/template/send",
    "/cgi-bin/message/subscribe/bizsend",
    "/cgi-bin/message/subscribe/send",
)


@pytest.fixture
async def phone(sandbox, api):
    await api.login()
    await sandbox.template("T1", "任务提醒", ["thing1", "time2", "phrase3"], labels=["事项", "时间", "状态"])
    await sandbox.template("OLD", "旧模板", ["first", "keyword1", "remark"])
    await sandbox.template("B1", "订阅通知", ["thing1"], kind="subscribe")
    await sandbox.template("M1", "小程序订阅", ["thing1"], kind="subscribe", account="mp")
    phone = await sandbox.phone("张三")
    await phone.follow()
    return phone


def data(**values):
    return {key: {"value": value} for key, value in values.items()}


GOOD = {"thing1": "交整改清单", "time2": "2022年1月18日 09:00", "phrase3": "未完成"}


async def send(api, openid, template="T1", path=SEND, values=GOOD, **more):
    return await api.post(path, {"touser": openid, "template_id": template, "data": data(**values), **more})


async def test_delivered_with_a_later_event_bearing_its_id(phone, api, back_end, eventually):
    answer = await send(api, phone.openid, url="https://x.test/")
    assert answer["errcode"] == 0
    shown = (await phone.messages())[-1]
    assert (shown.via, shown.text) == (
        "template",
        "任务提醒\n事项：交整改清单\n时间：2022年1月18日 09:00\n状态：未完成",
    )
    assert shown.links[0].href == "https://x.test/"

    async def told():
        return back_end.got[-1]["Event"] == "TEMPLATESENDJOBFINISH"

    await eventually(told)
    assert back_end.got[-1]["MsgID"] == str(answer["msgid"])
    assert back_end.got[-1]["Status"] == "success"


async def test_a_person_who_blocks_the_account(phone, api, back_end, eventually):
    await phone.change(blocked=True)
    assert (await send(api, phone.openid))["errcode"] == 0

    async def told():
        return back_end.got[-1].get("Status") == "failed:user block"

    await eventually(told)
    assert (await phone.messages())[-1].via != "template"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("thing1", "一" * 21),
        ("thing1", "两\n行"),
        ("thing1", ""),
        ("time2", "明天上午"),
        ("phrase3", "没有完成啊"[:5] + "的"),
        ("phrase3", "abc"),
    ],
)
async def test_typed_values_are_checked_and_the_field_is_named(phone, api, key, value):
    answer = await send(api, phone.openid, values={**GOOD, key: value})
    assert answer["errcode"] == 47003
    assert f"data.{key}.value" in answer["errmsg"]


@pytest.mark.parametrize(
    ("key", "good", "bad"),
    [
        ("character_string1", "A-1 b", "甲"),
        ("number1", "89.50", "八"),
        ("letter1", "abc", "a1"),
        ("symbol1", "!?", "a"),
        ("time1", "15:01", "15点"),
        ("time1", "2019年10月1日 15:01~2019年10月2日 15:01", "2019年"),
        ("date1", "2019年10月1日", "十月一日"),
        ("amount1", "¥100.50元", "很多"),
        ("phone_number1", "+86-10-6255", "零"),
        ("car_number1", "京A12345", "京A12345678"),
        ("name1", "欧阳·修", "欧阳修abc"),
        ("name1", "John Smith", "J" * 21),
        ("const1", "一" * 20, "一" * 21),
    ],
)
async def test_every_type(phone, sandbox, api, key, good, bad):
    await sandbox.template("X", "型", [key])
    assert (await send(api, phone.openid, "X", values={key: good}))["errcode"] == 0
    assert (await send(api, phone.openid, "X", values={key: bad}))["errcode"] == 47003


async def test_old_templates_are_cut_not_checked(phone, api):
    values = {"first": "您好", "keyword1": "一" * 30 + "\n第二行", "remark": "再见"}
    assert (await send(api, phone.openid, "OLD", values=values))["errcode"] == 0
    assert (await phone.messages())[-1].text == "旧模板\nkeyword1：" + "一" * 20


async def test_refusals(phone, api):
    assert (await send(api, "oNobody"))["errcode"] == 40003
    assert (await send(api, phone.openid, "nope"))["errcode"] == 40037
    assert (await send(api, phone.openid, "B1"))["errcode"] == 40037
    await phone.unfollow()
    assert (await send(api, phone.openid))["errcode"] == 43004


async def test_client_msg_id_sends_once(phone, api, sandbox):
    first, again = [await send(api, phone.openid, client_msg_id="n1") for _ in range(2)]
    assert first["msgid"] == again["msgid"]
    assert sum(message.via == "template" for message in await phone.messages()) == 1
    await sandbox.advance(601)
    assert (await send(api, phone.openid, client_msg_id="n1"))["msgid"] != first["msgid"]


async def test_one_consent_one_notice(phone, api, back_end, eventually):
    values = {"thing1": "开会"}
    assert (await send(api, phone.openid, "B1", BIZ, values))["errcode"] == 43101
    await phone.consent("B1")
    await phone.consent("B1")
    codes = [(await send(api, phone.openid, "B1", BIZ, values))["errcode"] for _ in range(3)]
    assert codes == [0, 0, 43101]

    async def told():
        return back_end.got[-1]["Event"] == "subscribe_msg_sent_event"

    await eventually(told)
    assert back_end.got[-1]["SubscribeMsgSentEvent"]["List"]["ErrorCode"] == "0"


async def test_mini_program_messages_need_its_token_openid_and_consent(phone, api, back_end):
    values, before = {"thing1": "开会"}, len(back_end.got)
    assert (await send(api, phone.openid, "M1", MINI, values))["errcode"] == 48001
    await api.login(mp=True)
    assert (await send(api, phone.openid, "M1", MINI, values))["errcode"] == 40003
    assert (await send(api, phone.mp_openid, "M1", MINI, values))["errcode"] == 43101
    await phone.consent("M1", account="mp")
    assert (await send(api, phone.mp_openid, "M1", MINI, values, page="https://x"))["errcode"] == 41030
    assert (await send(api, phone.mp_openid, "M1", MINI, values, page="pages/a?b=1"))["errcode"] == 0
    assert (await send(api, phone.mp_openid, "M1", MINI, values))["errcode"] == 43101
    assert len(back_end.got) == before


async def test_withdrawn_consent(phone, api):
    await phone.consent("B1")
    await phone.do("revoke-consent", template_ids=["B1"])
    assert (await send(api, phone.openid, "B1", BIZ, {"thing1": "开会"}))["errcode"] == 43101


async def test_lists(phone, api):
    listed = (await api.get("/cgi-bin/template/get_all_private_template", access_token=api.token))["template_list"]
    assert [item["template_id"] for item in listed] == ["T1", "OLD"]
    assert "事项:{{thing1.DATA}}" in listed[0]["content"]
    own = await api.get("/wxaapi/newtmpl/gettemplate", access_token=api.token)
    assert [item["priTmplId"] for item in own["data"]] == ["B1"]
    await api.post("/cgi-bin/template/del_private_template", {"template_id": "OLD"})
    assert (await send(api, phone.openid, "OLD"))["errcode"] == 40037
