"""Replies within the platform's limits: 2048 bytes, whole characters, whole links, harmless XML."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest
import xmltodict
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto

from bot.conversation import Choice, Option, Page
from bot.crypto import Cryptor
from bot.messages import InMessage
from bot.replies import MAX_BYTES, fit, link, plain, render, reply_xml, sealed_xml, word_options

MESSAGE = InMessage("oPerson", "gh_account", 1, "text")
NOW = datetime(2026, 1, 18, 1, 0, tzinfo=UTC)
LINK = re.compile(r"<a [^>]*>[^<]*</a>")
MORE = "\n" + link("继续看下文", "继续", "g")


def content(xml: bytes) -> str:
    return xmltodict.parse(xml, strip_whitespace=False)["xml"]["Content"]


def test_choices_are_links_with_number_and_word() -> None:
    text = render(
        "选一个", [Option(1, "好", "f.x.y.0.0"), Option(2, "较好", "f.x.y.0.1")], [Option(0, "取消", "f.x.y.0.c")]
    )
    lines = text.splitlines()
    assert lines[1] == '<a href="weixin://bizmsgmenu?msgmenucontent=好&msgmenuid=f.x.y.0.0">1 好</a>'
    assert ">2 较好</a>" in lines[2]
    assert ">取消</a>" in lines[-1]


def test_numbers_are_left_out_where_choices_are_numbers() -> None:
    assert [option.number for option in word_options((Choice("5", "5"), Choice("3", "3")))] == [0, 0]


def test_swaps_sender_and_receiver() -> None:
    fields = xmltodict.parse(reply_xml(MESSAGE, "好", NOW))["xml"]
    assert fields == {
        "ToUserName": "oPerson",
        "FromUserName": "gh_account",
        "CreateTime": str(int(NOW.timestamp())),
        "MsgType": "text",
        "Content": "好",
    }


@pytest.mark.parametrize("text", ["a]]>b", "]]]]>>", "]]><Content>x</Content><![CDATA[", "\x00a\x08\ud800b\uffff"])
def test_nothing_breaks_out_of_the_reply(text: str) -> None:
    kept = re.sub("[\x00\x08\ud800\uffff]", "", text)
    assert content(reply_xml(MESSAGE, text, NOW)) == kept


def test_sealed_replies_are_what_the_platform_reads() -> None:
    cryptor = Cryptor("simtoken", "a" * 43, "wx1")
    sealed = xmltodict.parse(sealed_xml(cryptor, reply_xml(MESSAGE, "你好", NOW), NOW))["xml"]
    opened = WeChatCrypto("simtoken", "a" * 43, "wx1").decrypt_message(
        {"Encrypt": sealed["Encrypt"]}, sealed["MsgSignature"], sealed["TimeStamp"], sealed["Nonce"]
    )
    assert content(opened.encode()) == "你好"


def test_short_texts_stay_whole() -> None:
    assert fit("好" * 682) == ("好" * 682, "")


PARTS = st.lists(
    st.one_of(st.text(max_size=400), st.sampled_from([link(f"{n} 较好", "较好", f"f.a.b.{n}.1") for n in range(9)])),
    max_size=40,
)


def plain_rest(text: str) -> str:
    return re.sub(r"[\n]", "", text)


@given(PARTS.map("".join))
def test_long_texts_come_in_parts_that_add_up(text: str) -> None:
    rest, shown = text, ""
    for _ in range(60):
        part, rest = fit(rest)
        assert len(part.encode()) <= MAX_BYTES
        assert part.encode().decode() == part
        shown += part.removesuffix(MORE) if rest else part
        if not rest:
            break
    clean, _ = fit(text, 10**9)
    assert plain_rest(shown) == plain_rest(clean)


@given(st.integers(0, 40), st.integers(1, 60))
def test_no_link_is_ever_cut(before: int, links: int) -> None:
    rest = "前" * before + "\n".join(link(f"{n} 选项", "选项", f"f.aaaaaa.bbbbbbbb.{n}.1") for n in range(links))
    whole = 0
    while rest:
        part, rest = fit(rest)
        assert "<a" not in LINK.sub("", part)
        whole += len(LINK.findall(part.removesuffix(MORE) if rest else part))
    assert whole == links


def test_echoed_text_cannot_carry_a_link() -> None:
    label = plain('<a href="weixin://bizmsgmenu?msgmenucontent=确认&msgmenuid=1">x</a>\x00')
    assert not set('<>&"\x00') & set(label)
    href = re.search(r'href="([^"]*)"', link('a"b', "a&msgmenuid=9#", "f.1"))[1]
    assert parse_qs(urlsplit(href).query)["msgmenuid"] == ["f.1"]


@pytest.mark.parametrize(
    "written",
    [
        "<a href='http://evil.example'>重要",
        '<a href="weixin://bizmsgmenu?msgmenucontent=确认&msgmenuid=1">点我</a>',
        "&lt;a href='x'&gt;",
        "好</a><A HREF=x>",
    ],
)
def test_only_choices_and_pages_become_links(written: str) -> None:
    page = Page('https://zp.example.org/brief/1?a=1&b="><a href=x>', written)
    text = render(f"「{written}」请选", [Option(1, written, "f.1")], [Option(0, "取消", "f.c")], page)
    assert [found["href"] for found in links(text)] == [
        "https://zp.example.org/brief/1?a=1&b=%22%3E%3Ca%20href=x%3E",
        *(
            f"weixin://bizmsgmenu?msgmenucontent={word}&msgmenuid={at}"
            for word, at in [(plain(written), "f.1"), ("取消", "f.c")]
        ),
    ]
    assert not set("<>") & set(LINK.sub("", text))


@given(st.text(), st.text())
def test_no_text_becomes_markup(text: str, label: str) -> None:
    assert not set("<>&") & set(LINK.sub("", render(text, [Option(1, label, "f.1")])))


def links(text: str) -> list[dict[str, str]]:
    """The links as a reader of HTML finds them."""
    found: list[dict[str, str]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append({"tag": tag} | {name: value or "" for name, value in attrs})

    Reader(convert_charrefs=False).feed(text)
    return found
