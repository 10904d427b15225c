"""The simulator's own crypto: the contract's vector, wechatpy as second opinion, and what must be refused."""

import base64

import pytest
from wechatpy.crypto import WeChatCrypto

from sandbox import crypto

TOKEN, KEY, APP = "simtoken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wx0123456789abcdef"
STAMP, NONCE = "1700000000", "1320562132"
MESSAGE = "<xml><ToUserName><![CDATA[gh_test]]></ToUserName><Content><![CDATA[你好😀]]></Content></xml>"
ENCRYPTED = (
    "Q3stYC6hdFzMh9T8HCvyDPgUVtDnIa/agTn+RygXGXLhmNDea4833zDOLjHcZzQuIGGqJBKTyNu7P1UYI5HxRV5ZgjGWRhJkkyfexIqwI+Z3goVqhCPymUy3br+"
    "skPuPcND/Xp+RWMtWKobEcO2ruQVyTVPIYq4/EIWMvpSpM7opDsM9H+VkZ2DzbfrCSkKQr0y/cA3syZEOrAbInqJpNg=="
)


def test_vector():
    assert crypto.encrypt(KEY, APP, MESSAGE.encode(), b"0123456789abcdef") == ENCRYPTED
    assert crypto.decrypt(KEY, APP, ENCRYPTED).decode() == MESSAGE
    assert crypto.sign(TOKEN, STAMP, NONCE, ENCRYPTED) == "26a74a18730cca1a0e138c841cc81ccf33910bd7"
    assert crypto.sign(TOKEN, STAMP, NONCE) == "2b12901e58e25a619a97aafba287656975de2d9f"


@pytest.mark.parametrize("length", range(0, 70, 3))
def test_wechatpy_understands_and_is_understood(length):
    other, text = WeChatCrypto(TOKEN, KEY, APP), "<xml>" + "好" * length + "</xml>"
    encrypted = crypto.encrypt(KEY, APP, text.encode())
    body = f"<xml><ToUserName>x</ToUserName><Encrypt>{encrypted}</Encrypt></xml>"
    signature = crypto.sign(TOKEN, STAMP, NONCE, encrypted)
    assert other.decrypt_message(body, signature, STAMP, NONCE) == text
    reply = other.encrypt_message(text, NONCE, STAMP)
    inner = reply.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
    assert crypto.decrypt(KEY, APP, inner).decode() == text


@pytest.mark.parametrize(
    ("encrypted", "reason"),
    [
        ("not base64!", "base64"),
        ("", "whole blocks"),
        (base64.b64encode(b"x" * 17).decode(), "whole blocks"),
        (base64.b64encode(b"x" * 32).decode(), "bad padding"),
        (crypto.encrypt(KEY, "wx_other", b"<xml/>"), "appid"),
    ],
    # Fixed names: a ciphertext is another one in each process, and parallel runs compare the names.
    ids=["no base64", "empty", "part of a block", "wrong padding", "another appid"],
)
def test_refusals(encrypted, reason):
    with pytest.raises(crypto.CryptoError, match=reason):
        crypto.decrypt(KEY, APP, encrypted)
