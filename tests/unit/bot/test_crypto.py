"""Signatures and AES: the platform's vector, agreement with wechatpy, and everything that must be refused."""

import base64
import struct

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto

from bot.crypto import Cryptor, Rejected, decode_key, sign

TOKEN, KEY, APP = "simtoken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wx0123456789abcdef"
AT, NONCE = "1700000000", "1320562132"
MESSAGE = "<xml><ToUserName><![CDATA[gh_test]]></ToUserName><Content><![CDATA[你好😀]]></Content></xml>"
ENCRYPTED = (
    "Q3stYC6hdFzMh9T8HCvyDPgUVtDnIa/agTn+RygXGXLhmNDea4833zDOLjHcZzQuIGGqJBKTyNu7P1UYI5HxRV5ZgjGWRhJkkyfexIqwI+Z3goVqhCPymUy3br"
    "+skPuPcND/Xp+RWMtWKobEcO2ruQVyTVPIYq4/EIWMvpSpM7opDsM9H+VkZ2DzbfrCSkKQr0y/cA3syZEOrAbInqJpNg=="
)
CRYPTOR = Cryptor(TOKEN, KEY, APP)


def encrypted(plain: bytes) -> str:
    """Any plaintext blocks, encrypted as they are: for what no honest sender makes."""
    key = decode_key(KEY)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def framed(message: bytes, app_id: str = APP, length: int | None = None) -> bytes:
    declared = len(message) if length is None else length
    return b"0123456789abcdef" + struct.pack(">I", declared) + message + app_id.encode()


def padded(plain: bytes, pad: int | None = None) -> bytes:
    pad = 32 - len(plain) % 32 if pad is None else pad
    return plain + bytes([pad]) * pad


def reason_of(cipher: str) -> str:
    try:
        CRYPTOR.decrypt(cipher)
    except Rejected as refused:
        return refused.reason
    return ""


def test_the_platforms_vector() -> None:
    assert sign(TOKEN, AT, NONCE) == "2b12901e58e25a619a97aafba287656975de2d9f"
    assert sign(TOKEN, AT, NONCE, ENCRYPTED) == "26a74a18730cca1a0e138c841cc81ccf33910bd7"
    CRYPTOR.check("26a74a18730cca1a0e138c841cc81ccf33910bd7", AT, NONCE, ENCRYPTED)
    assert CRYPTOR.decrypt(ENCRYPTED).decode() == MESSAGE
    assert encrypted(padded(framed(MESSAGE.encode()))) == ENCRYPTED


@given(st.text(max_size=300))
def test_agrees_with_wechatpy_both_ways(text: str) -> None:
    message = f"<xml>{text}</xml>".encode()
    cipher = CRYPTOR.encrypt(message)
    theirs = WeChatCrypto(TOKEN, KEY, APP)
    opened = theirs.decrypt_message({"Encrypt": cipher}, sign(TOKEN, AT, NONCE, cipher), AT, NONCE)
    assert opened.encode() == message
    assert CRYPTOR.decrypt(cipher) == message


def test_encryption_is_fresh_each_time() -> None:
    assert CRYPTOR.encrypt(b"<xml/>") != CRYPTOR.encrypt(b"<xml/>")


@pytest.mark.parametrize(
    ("cipher", "reason"),
    [
        ("", "length"),
        ("不是", "base64"),
        ("####", "base64"),
        (base64.b64encode(b"x" * 31).decode(), "length"),
        (encrypted(padded(framed(b"<xml/>"))[:-1] + b"\x00"), "padding"),
        (encrypted(padded(framed(b"<xml/>"))[:-1] + b"\x21"), "padding"),
        (encrypted(padded(framed(b"<xml/>"))[:-2] + b"\x01\x02"), "padding"),
        (encrypted(b"\x20" * 32), "length"),
        (encrypted(padded(framed(b"<xml/>", length=5000))), "length"),
        (encrypted(padded(framed(b"<xml/>", app_id="wxother"))), "appid"),
        (encrypted(padded(framed(b"<xml/>", app_id=""))), "appid"),
    ],
)
def test_refuses(cipher: str, reason: str) -> None:
    with pytest.raises(Rejected) as refused:
        CRYPTOR.decrypt(cipher)
    assert refused.value.reason == reason


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_read_and_nothing_else(data: bytes) -> None:
    for cipher in (base64.b64encode(data).decode(), encrypted(data[: len(data) // 16 * 16])):
        assert reason_of(cipher) in {"", "base64", "length", "padding", "appid"}


@pytest.mark.parametrize("signature", ["", "0" * 40, "签名", sign("", AT, NONCE)])
def test_refuses_a_wrong_signature(signature: str) -> None:
    with pytest.raises(Rejected, match="signature"):
        CRYPTOR.check(signature, AT, NONCE)


def test_an_empty_token_or_a_bad_key_stops_the_start() -> None:
    for token, key in (("", KEY), (TOKEN, "short"), (TOKEN, "#" * 43)):
        with pytest.raises(ValueError, match=r"empty token|AES key"):
            Cryptor(token, key, APP)


def test_a_key_with_spare_bits_is_legal() -> None:
    assert len(decode_key("a" * 42 + "9")) == 32
