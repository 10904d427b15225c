"""Reading what WeChat sends: every kind that it has, and one exception for everything else."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.messages import Unreadable, parse, read_fields


def xml(fields: str, kind: str = "text") -> bytes:
    head = "<ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[oAbc-_1]]></FromUserName><CreateTime>1700000000</CreateTime>"
    return f"<xml>{head}<MsgType><![CDATA[{kind}]]></MsgType>{fields}</xml>".encode()


def event(name: str, fields: str = "") -> bytes:
    return xml(f"<Event><![CDATA[{name}]]></Event>{fields}", "event")


def test_text_is_kept_as_written() -> None:
    message = parse(xml("<Content><![CDATA[ 你好\n<!DOCTYPE 😀 ]]></Content><MsgId>12345678901234567890</MsgId>"))
    assert (message.openid, message.account, message.created_at) == ("oAbc-_1", "gh_1", 1700000000)
    assert (message.kind, message.text, message.msg_id) == ("text", " 你好\n<!DOCTYPE 😀 ", "12345678901234567890")


def test_a_tapped_link_names_itself() -> None:
    assert parse(xml("<Content>好</Content><bizmsgmenuid>f.a.b.1.0</bizmsgmenuid>")).menu_id == "f.a.b.1.0"


@pytest.mark.parametrize(
    ("body", "kind", "media_id"),
    [
        (xml("<PicUrl>http://p</PicUrl><MediaId>m1</MediaId>", "image"), "image", "m1"),
        (xml("<MediaId>m2</MediaId><Format>amr</Format>", "voice"), "voice", "m2"),
        (xml("<MediaId>m3</MediaId><ThumbMediaId>t</ThumbMediaId>", "video"), "video", "m3"),
        (xml("<MediaId>m4</MediaId>", "shortvideo"), "video", "m4"),
        (xml("<Location_X>1.5</Location_X>", "location"), "location", ""),
        (xml("<Url>http://u</Url>", "link"), "link", ""),
        (xml("", "hologram"), "unknown", ""),
    ],
)
def test_kinds(body: bytes, kind: str, media_id: str) -> None:
    message = parse(body)
    assert (message.kind, message.media_id) == (kind, media_id)


@pytest.mark.parametrize(
    ("body", "name", "key", "scene"),
    [
        (event("subscribe"), "subscribe", "", ""),
        (
            event("subscribe", "<EventKey>qrscene_m.abc</EventKey><Ticket>t</Ticket>"),
            "subscribe",
            "qrscene_m.abc",
            "m.abc",
        ),
        (event("subscribe", "<EventKey>last_trade_no_1</EventKey>"), "subscribe", "last_trade_no_1", ""),
        (event("SCAN", "<EventKey>qrscene_x</EventKey>"), "scan", "qrscene_x", "qrscene_x"),
        (event("CLICK", "<EventKey>投票</EventKey>"), "click", "投票", ""),
        (event("user_info_modified"), "user_info_modified", "", ""),
    ],
)
def test_events(body: bytes, name: str, key: str, scene: str) -> None:
    message = parse(body)
    assert (message.kind, message.event, message.event_key, message.scene) == ("event", name, key, scene)


def test_delivery_reports_have_their_own_spelling_of_the_id() -> None:
    assert parse(event("TEMPLATESENDJOBFINISH", "<MsgID>77</MsgID>")).msg_id == "77"


def test_nested_fields_are_flat_and_one_or_many_alike() -> None:
    one = read_fields(b"<xml><E><List><T>a</T></List></E></xml>")
    many = read_fields(b"<xml><E><List><T>a</T></List><List><T>b</T></List><List><T>c</T></List></E></xml>")
    assert one == {"E": "", "E.List": "", "E.List.T": "a"}
    assert (many["E.List.T"], many["E.List#2.T"], many["E.List#3.T"]) == ("a", "b", "c")


def reason_of(body: bytes) -> str:
    try:
        parse(body)
    except Unreadable as refused:
        return refused.reason
    return "read"


BOMB = b'<!DOCTYPE xml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><xml><Content>&b;</Content></xml>'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "xml"),
        (b"{}", "xml"),
        (b"<html></html>", "root"),
        (b"<xml/>", "missing_field"),
        (b"\xff\xfe<xml/>", "xml"),
        ("<?xml version='1.0' encoding='gbk'?><xml><a>你</a></xml>".encode("gbk"), "xml"),
        (BOMB, "doctype"),
        (b'<!doctype x SYSTEM "file:///etc/passwd"><xml/>', "xml"),
        (b"<!DOCTYPE xml><xml/>", "doctype"),
        (b"<xml>&x;</xml>", "xml"),
        (b"<xml>" * 50_000 + b"</xml>" * 50_000, "depth"),
        (b"<xml>" + b"<a/>" * 1 + b"".join(b"<a%d/>" % n for n in range(5000)) + b"</xml>", "depth"),
        (xml("<Content>a</Content><Content>b</Content>"), "duplicate_field"),
        (xml("<MsgType>event</MsgType>"), "duplicate_field"),
        (xml("", ""), "missing_field"),
        (xml("", "event"), "missing_field"),
        (xml("").replace(b"1700000000", b"-5"), "bad_field"),
        (xml("").replace(b"1700000000", "١٢".encode()), "bad_field"),
        (xml("").replace(b"oAbc-_1", "某人".encode()), "bad_field"),
        (xml("").replace(b"oAbc-_1", b"o" * 65), "bad_field"),
    ],
)
def test_refuses(body: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as refused:
        parse(body)
    assert refused.value.reason == reason


@given(st.binary(max_size=400) | st.text(max_size=200).map(xml))
@example(b"<xml>" * 100)
def test_anything_is_read_or_unreadable(body: bytes) -> None:
    assert reason_of(body).isidentifier()


def test_its_repr_shows_nothing_personal() -> None:
    shown = repr(parse(xml("<Content>秘密</Content>")))
    assert "秘密" not in shown
    assert "oAbc" not in shown
