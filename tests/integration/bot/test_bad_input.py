"""What must not get in: refused with the right status, counted, and without any trace."""

import gzip
import io
from collections.abc import Callable

import pytest
from aiohttp.test_utils import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from redis.asyncio import Redis

from bot.crypto import Cryptor, sign
from config import clock
from tests.integration.bot.hall import World, serve
from tests.integration.bot.phone import APP, CRYPTOR, KEY, TOKEN, Phone, cdata, envelope, sealed, signed

OPENID = "oPerson"
PLAIN = envelope(OPENID, "text", {"Content": "数", "MsgId": 1})
Delivery = tuple[dict[str, str], bytes]


def stamp(shift: int) -> int:
    """The time stamp of so many seconds from now."""
    return int(clock.now().timestamp()) + shift


def refused(reason: str) -> float:
    return REGISTRY.get_sample_value("zhiping_callback_rejected_total", {"reason": reason}) or 0.0


async def post(client: TestClient, query: dict[str, str], body: bytes) -> int:
    response = await client.post("/wechat", params=query, data=io.BytesIO(body))
    return response.status


def with_signature(encrypted: str) -> tuple[dict[str, str], bytes]:
    """A rightly signed delivery of any ciphertext, as only a holder of the token could make."""
    query = signed()
    query["msg_signature"] = sign(TOKEN, query["timestamp"], query["nonce"], encrypted)
    return query, f"<xml>{cdata({'Encrypt': encrypted})}</xml>".encode()


def wrong_signature() -> tuple[dict[str, str], bytes]:
    query, body = sealed(PLAIN)
    return query | {"msg_signature": "0" * 40}, body


def compatible(with_encrypt: bool = False) -> tuple[dict[str, str], bytes]:
    """A body whose plain part says something else than its encrypted part."""
    query, body = sealed(PLAIN)
    forged = PLAIN.replace(OPENID, "oForged").removesuffix("</xml>").encode()
    inside = body.removeprefix(b"<xml>").replace(b"<ToUserName><![CDATA[gh_1]]></ToUserName>", b"")
    return (query, forged + inside) if with_encrypt else (query, PLAIN.encode())


# Made when each is sent: a delivery is stale after ten minutes, and other tests may take as long.
CASES: dict[str, tuple[Callable[[], Delivery], int, str]] = {
    "a wrong signature": (wrong_signature, 403, "signature"),
    "the plain signature for the encrypted one": (lambda: (signed(), sealed(PLAIN)[1]), 403, "signature"),
    "no query at all": (lambda: ({}, sealed(PLAIN)[1]), 403, "signature"),
    "an empty token": (lambda: sealed(PLAIN, Cryptor("x", KEY, APP)), 403, "signature"),
    "a stale delivery": (lambda: sealed(PLAIN, timestamp=stamp(-3600)), 403, "stale"),
    "one from the future": (lambda: sealed(PLAIN, timestamp=stamp(3600)), 403, "stale"),
    "a foreign appid": (lambda: with_signature(Cryptor(TOKEN, KEY, "wxforeign").encrypt(PLAIN.encode())), 403, "appid"),
    "another key": (lambda: with_signature(Cryptor(TOKEN, "z" * 43, APP).encrypt(PLAIN.encode())), 403, "padding"),
    "no base64": (lambda: with_signature("!!!"), 403, "base64"),
    "no blocks": (lambda: with_signature("AAAA"), 403, "length"),
    "a plain body in safe mode": (compatible, 403, "not_encrypted"),
    "an empty Encrypt": (lambda: (signed(), b"<xml><Encrypt></Encrypt></xml>"), 403, "not_encrypted"),
    "no body": (lambda: (signed(), b""), 400, "xml"),
    "no XML": (lambda: (signed(), b'{"a": 1}'), 400, "xml"),
    "a DOCTYPE outside": (lambda: (signed(), b"<!DOCTYPE xml><xml/>"), 400, "doctype"),
    "an entity bomb inside": (lambda: sealed('<!DOCTYPE x [<!ENTITY a "aa">]><xml>&a;</xml>'), 400, "doctype"),
    "a file entity inside": (
        lambda: sealed('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml>&a;</xml>'),
        400,
        "doctype",
    ),
    "another root": (lambda: (signed(), b"<html><body/></html>"), 400, "root"),
    "12,000 nested tags": (lambda: (signed(), b"<xml>" * 12_000), 400, "depth"),
    "50,000 nested tags": (lambda: (signed(), b"<xml>" * 50_000), 413, "too_large"),
    "many nested tags inside": (lambda: sealed("<xml>" * 9_000), 400, "depth"),
    "two Encrypts": (
        lambda: (signed(), b"<xml><Encrypt>a</Encrypt><Encrypt>b</Encrypt></xml>"),
        400,
        "duplicate_field",
    ),
    "two senders": (
        lambda: sealed(PLAIN.replace("<MsgType>", "<FromUserName>x</FromUserName><MsgType>")),
        400,
        "duplicate_field",
    ),
    "no sender": (lambda: sealed("<xml><MsgType>text</MsgType></xml>"), 400, "missing_field"),
    "a sender of 2,000 characters": (lambda: sealed(PLAIN.replace(OPENID, "o" * 2000)), 400, "bad_field"),
    "broken UTF-8 inside": (lambda: sealed(PLAIN.encode().replace(b"<Content>", b"<Content>\xff\xfe")), 400, "xml"),
    "65 KiB": (lambda: sealed("<xml>" + "a" * 50_000 + "</xml>"), 413, "too_large"),
    "10 MB": (lambda: (signed(), b"<xml>" + b"a" * 10_000_000), 413, "too_large"),
}


@pytest.mark.parametrize("name", CASES)
async def test_is_refused_counted_and_leaves_no_trace(name: str, redis: Redis, world: World) -> None:
    make, status, reason = CASES[name]
    query, body = make()
    before = refused(reason)
    async with serve(redis, world) as client:
        assert await post(client, query, body) == status
    assert refused(reason) == before + 1
    assert await redis.dbsize() == 0
    assert not world.ran


async def test_a_body_without_a_declared_length_is_cut_off(redis: Redis, world: World) -> None:
    async def endless() -> object:
        for _ in range(2000):
            yield b"<a>" * 1000

    async with serve(redis, world) as client:
        response = await client.post("/wechat", params=signed(), data=endless())
        assert response.status == 413


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "GZIP, identity", "nonsense"])
@pytest.mark.parametrize("is_true", [True, False])
async def test_nothing_compressed_is_read(encoding: str, is_true: bool, redis: Redis, world: World) -> None:
    query, body = sealed(PLAIN)
    before = refused("encoding")
    async with serve(redis, world) as client:
        response = await client.post(
            "/wechat",
            params=query,
            data=io.BytesIO(gzip.compress(body) if is_true else body),
            headers={"Content-Encoding": encoding},
            skip_auto_headers=["Content-Encoding"],
        )
        assert response.status == 400
        assert await post(client, *sealed(PLAIN)) == 200
    assert refused("encoding") == before + 1


async def test_identity_is_no_encoding(phone: Phone) -> None:
    query, body = sealed(PLAIN)
    response = await phone.client.post("/wechat", params=query, data=body, headers={"Content-Encoding": "identity"})
    assert response.status == 200


async def test_in_compatible_mode_only_the_encrypted_part_counts(redis: Redis, world: World) -> None:
    query, body = compatible(with_encrypt=True)
    async with serve(redis, world, mode="compatible") as client:
        response = await client.post("/wechat", params=query, data=body)
        answer = await response.read()
    assert response.status == 200
    assert b"<Encrypt>" in answer
    assert world.running[OPENID] == 0
    assert "oForged" not in world.running
    assert OPENID in world.running


async def test_plain_mode_answers_plainly(redis: Redis, world: World) -> None:
    async with serve(redis, world, mode="plain") as client:
        response = await client.post("/wechat", params=signed(), data=PLAIN.encode())
        answer = await response.text()
        assert "<![CDATA[第1次]]>" in answer
        assert (await client.post("/wechat", params=signed(token="x"), data=PLAIN.encode())).status == 403
        assert (await client.post("/wechat", params=signed(stamp(-700)), data=PLAIN.encode())).status == 403


async def test_the_address_check(redis: Redis, world: World) -> None:
    async with serve(redis, world) as client:
        good = await client.get("/wechat", params=signed() | {"echostr": "6180<b>"})
        assert (good.status, await good.text(), good.content_type) == (200, "6180<b>", "text/plain")
        for query in ({}, signed(token="x"), signed(stamp(-661)), signed() | {"timestamp": "¹"}):
            assert (await client.get("/wechat", params=query | {"echostr": "1"})).status == 403
        assert (await client.put("/wechat")).status == 405


async def test_unknown_kinds_are_messages(phone: Phone) -> None:
    assert "没有看懂" in await phone.send(envelope(phone.openid, "hologram", {"MsgId": 1}))
    assert "没有看懂" in await phone.say("【收到不支持的消息类型，暂无法显示】")


async def test_odd_texts_are_answered(phone: Phone) -> None:
    for text in ("", " ", "😀" * 500, "]]" + "&gt;", "f.1.2.3", "w.", "\u200b", "取消" * 300, "1" * 3000):
        assert await phone.say(text)


async def test_forged_menu_ids_are_answered(phone: Phone) -> None:
    await phone.say("投票")
    for menu_id in ("f.", "f..", "f...", "f.a.b", "w.", "w.投票", "g", "x" * 500, "f." + "." * 50):
        assert await phone.send(phone.text("好", menu_id))
    await phone.say("取消")
    for menu_id in ("f.", "f..", "f...", "f.a.b", "w.", "g", "f." + "." * 50):
        assert await phone.send(phone.text("好", menu_id))


async def test_kinds_are_counted_and_nothing_finer(phone: Phone) -> None:
    before = REGISTRY.get_sample_value("zhiping_callback_messages_total", {"kind": "text"}) or 0.0
    await phone.say("投票")
    assert REGISTRY.get_sample_value("zhiping_callback_messages_total", {"kind": "text"}) == before + 1
    labels = {
        sample.labels["kind"]
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if "callback_messages" in sample.name
    }
    assert labels <= {"text", "image", "voice", "video", "location", "link", "event", "unknown"}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=300) | st.text(max_size=100).map(lambda t: f"<xml><Encrypt>{t}</Encrypt></xml>".encode()),
    query=st.dictionaries(st.sampled_from(["msg_signature", "timestamp", "nonce", "signature"]), st.text(max_size=20)),
)
async def test_anything_is_refused_without_a_crash(
    phone: Phone, redis: Redis, body: bytes, query: dict[str, str]
) -> None:
    assert await post(phone.client, query, body) in {400, 403}
    assert await redis.dbsize() == 0


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
async def test_mutated_messages_are_answered_or_refused(phone: Phone, data: st.DataObject) -> None:
    xml = bytearray(
        envelope(phone.openid, "text", {"Content": "投票", "MsgId": data.draw(st.integers(0, 10**6))}).encode()
    )
    for _ in range(data.draw(st.integers(1, 6))):
        xml[data.draw(st.integers(0, len(xml) - 1))] = data.draw(st.integers(0, 255))
    query, body = sealed(bytes(xml), CRYPTOR)
    assert await post(phone.client, query, body) in {200, 400}
