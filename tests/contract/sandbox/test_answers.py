"""What the platform accepts as an answer, and what ends in the failure notice."""

import pytest
from aiohttp import web

from sandbox.chat import FAILURE_NOTICE

ITEM = "<item><Title>题</Title><Description>述</Description><PicUrl></PicUrl><Url>http://x.test/{}</Url></item>"


def envelope(fields, type_, content, **change):
    head = {
        "ToUserName": fields["FromUserName"],
        "FromUserName": fields["ToUserName"],
        "CreateTime": "1700000000",
        **change,
    }
    return "<xml>" + "".join(f"<{k}>{v}</{k}>" for k, v in head.items()) + f"<MsgType>{type_}</MsgType>{content}</xml>"


def text(content, **change):
    return lambda fields: envelope(fields, "text", f"<Content>{content}</Content>", **change)


def articles(count, claimed=None):
    items = "".join(ITEM.format(number) for number in range(count))
    body = f"<ArticleCount>{claimed or count}</ArticleCount><Articles>{items}</Articles>"
    return lambda fields: envelope(fields, "news", body)


@pytest.fixture
async def phone(sandbox, back_end):
    phone = await sandbox.phone("张三")
    await phone.follow()
    return phone


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        (text("好", ToUserName="gh_other"), "ToUserName"),
        (text("好", FromUserName="oOther"), "FromUserName"),
        (text("好", CreateTime="soon"), "CreateTime"),
        (text(""), "Content"),
        (text("<b>"), "not well-formed"),
        (text("a\x01b"), "not well-formed"),
        (text("<![CDATA[x]]>]]>"), "not well-formed"),
        (text("汉" * 683), "2049 bytes exceeds 2048"),
        (lambda fields: envelope(fields, "file", ""), "unknown MsgType"),
        (lambda fields: envelope(fields, "text", "<Content>1</Content><Content>2</Content>"), "Content"),
        (lambda fields: "<!DOCTYPE xml>" + text("好")(fields), "document type"),
        (lambda fields: '{"text": "好"}', "not well-formed"),
        (lambda fields: "<reply/>", "no <xml>"),
        (lambda fields: envelope(fields, "image", "<Image><MediaId>nope</MediaId></Image>"), "media_id"),
        (articles(2, claimed=3), "ArticleCount"),
    ],
)
async def test_bad_replies_show_the_failure_notice(phone, back_end, inner, reason):
    back_end.reply(inner)
    saw = await phone.text("问")
    assert (saw.kind, saw.text) == ("failure", FAILURE_NOTICE)
    assert reason in saw.reason
    assert len(saw.deliveries) == 1


async def test_exactly_2048_bytes_pass_and_cutting_is_a_setting(phone, sandbox, back_end):
    back_end.reply(text("汉" * 682 + "ab"))
    assert (await phone.text("问")).text == "汉" * 682 + "ab"
    await sandbox.settings(over_limit="cut")
    back_end.reply(text("汉" * 683))
    assert (await phone.text("问")).text == "汉" * 682


@pytest.mark.parametrize("body", [b"success", b""])
async def test_nothing(phone, back_end, body):
    back_end.answer = lambda fields: body
    saw = await phone.text("问")
    assert (saw.kind, len(saw.deliveries)) == ("nothing", 1)
    assert (await phone.messages())[-1].sender == "me"


@pytest.mark.parametrize("status", [204, 403, 500])
async def test_other_statuses_fail(phone, back_end, status):
    back_end.answer = lambda fields: web.Response(status=status)
    assert (await phone.text("问")).reason == f"HTTP {status}"


async def test_bad_answers_can_be_set_to_be_retried(phone, sandbox, back_end):
    await sandbox.settings(retry_bad_answers=True, deliveries=4)
    back_end.answer = lambda fields: b"{}"
    assert len((await phone.text("问")).deliveries) == 4


async def test_safe_mode_wants_encrypted_answers_and_plain_mode_plain_ones(phone, sandbox, back_end):
    back_end.answer = lambda fields: text("好")(fields).encode()
    assert "not encrypted" in (await phone.text("问")).reason
    await sandbox.settings(mode="compatible")
    assert (await phone.text("问")).text == "好"
    await sandbox.settings(compatible_plain_reply=False)
    assert "not encrypted" in (await phone.text("问")).reason
    await sandbox.settings(mode="plain")
    back_end.answer = lambda fields: back_end.crypto.encrypt_message(text("好")(fields), "1", "1700000000").encode()
    assert "plain mode" in (await phone.text("问")).reason


async def test_wrong_signature_and_foreign_account(phone, back_end):
    def sealed(fields):
        return back_end.crypto.encrypt_message(text("好")(fields), "1", "1700000000")

    back_end.answer = lambda fields: sealed(fields).replace("<Nonce><![CDATA[1]", "<Nonce><![CDATA[2]").encode()
    assert "MsgSignature" in (await phone.text("问")).reason
    back_end.settings = back_end.settings.patched({"app_id": "wx_other"})
    phone_sees = []

    def foreign(fields):
        phone_sees.append(fields)
        return sealed(fields).encode()

    back_end.answer = foreign
    # wechatpy checks the account as well, so the foreign back end fails before it can answer.
    assert (await phone.text("问")).kind == "failure"
    assert not phone_sees


async def test_news_is_cut_to_one_for_messages_and_eight_for_events(phone, back_end):
    back_end.reply(articles(9))
    saw = await phone.text("问")
    assert (saw.type, len(saw.links)) == ("news", 1)
    assert saw.links[0].href == "http://x.test/0"
    assert len((await phone.scan("s1")).links) == 8


async def test_media_replies_need_living_media_of_their_type(phone, sandbox, back_end):
    media_id = await phone.upload()
    back_end.reply(lambda fields: envelope(fields, "image", f"<Image><MediaId>{media_id}</MediaId></Image>"))
    saw = await phone.text("问")
    assert (saw.kind, saw.type) == ("reply", "image")
    assert (await phone.messages())[-1].extra["media_id"] == media_id
    back_end.reply(lambda fields: envelope(fields, "voice", f"<Voice><MediaId>{media_id}</MediaId></Voice>"))
    assert "is a image" in (await phone.text("问")).reason
    back_end.reply(lambda fields: envelope(fields, "image", f"<Image><MediaId>{media_id}</MediaId></Image>"))
    await sandbox.advance(3 * 86400)
    assert "media_id" in (await phone.text("问")).reason


async def test_music_video_and_transfer(phone, back_end):
    film, thumb = (await phone.video()), await phone.upload()
    assert film.kind == "nothing"
    film_id = back_end.got[-1]["MediaId"]
    back_end.reply(
        lambda fields: envelope(fields, "video", f"<Video><MediaId>{film_id}</MediaId><Title>片</Title></Video>")
    )
    assert (await phone.text("问")).type == "video"
    music = f"<Music><Title>国歌</Title><MusicUrl>http://x.test</MusicUrl><ThumbMediaId>{thumb}</ThumbMediaId></Music>"
    back_end.reply(lambda fields: envelope(fields, "music", music))
    assert (await phone.text("问")).text == "国歌"
    back_end.reply(lambda fields: envelope(fields, "transfer_customer_service", ""))
    assert (await phone.text("问")).kind == "nothing"


async def test_no_answer_is_shown_for_what_nobody_waits_for(phone, back_end):
    back_end.reply(text("再见"))
    assert (await phone.unfollow()).kind == "nothing"
    back_end.answer = lambda fields: web.Response(status=500)
    assert (await phone.event("TEMPLATESENDJOBFINISH", {"MsgID": 1, "Status": "success"})).kind == "nothing"
    assert not [message for message in await phone.messages() if message.kind == "failure"]
