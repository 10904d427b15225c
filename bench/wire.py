"""Callbacks as the platform would send them, made before the clock runs, and the answers to them, read after it has stopped."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import xmltodict
from wechatpy.crypto import WeChatCrypto

from bot.crypto import Cryptor, sign
from config import clock

_NONCE = "bench"
_numbers = itertools.count(1)


class WrongAnswer(Exception):
    """A server did not say what it should; the figures would mean nothing."""


@dataclass(frozen=True)
class Account:
    """The secrets of an official account. Product and bare handler share them, and so are sent the very same bytes."""

    token: str
    aes_key: str
    app_id: str

    def request(self, openid: str, text: str) -> bytes:
        """A whole HTTP request: one text message in safe mode."""
        fields = f"<MsgType>text</MsgType><Content><![CDATA[{text}]]></Content><MsgId>{next(_numbers)}</MsgId>"
        return self._sealed(openid, fields)

    def scan(self, openid: str, scene: str) -> bytes:
        """The same of somebody who follows already and scans a code."""
        return self._sealed(
            openid, f"<MsgType>event</MsgType><Event>SCAN</Event><EventKey>{scene}</EventKey><Ticket>t</Ticket>"
        )

    def _sealed(self, openid: str, fields: str) -> bytes:
        at = int(clock.now().timestamp())
        xml = (
            f"<xml><ToUserName>gh_bench</ToUserName><FromUserName>{openid}</FromUserName><CreateTime>{at}</CreateTime>"
            f"{fields}</xml>"
        )
        encrypted = Cryptor(self.token, self.aes_key, self.app_id).encrypt(xml.encode())
        body = f"<xml><ToUserName>gh_bench</ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode()
        query = (
            f"signature={sign(self.token, str(at), _NONCE)}&timestamp={at}&nonce={_NONCE}&openid={openid}"
            f"&encrypt_type=aes&msg_signature={sign(self.token, str(at), _NONCE, encrypted)}"
        )
        head = f"POST /wechat?{query} HTTP/1.1\r\nHost: bench\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}"
        return f"{head}\r\n\r\n".encode() + body

    def read(self, body: bytes) -> str:
        """The text of an encrypted reply, opened by the SDK. Raises where it is none."""
        sealed = xmltodict.parse(body)["xml"]
        crypto = WeChatCrypto(self.token, self.aes_key, self.app_id)
        xml = crypto.decrypt_message(sealed, sealed["MsgSignature"], sealed["TimeStamp"], sealed["Nonce"])
        return str(xmltodict.parse(xml)["xml"]["Content"])

    def fault(self, body: bytes, expected: str) -> str:
        """What is wrong with an answer that should hold this, "" where nothing is; what is no reply is taken as it is."""
        text = self.read(body) if body.startswith(b"<") else body.decode()
        return "" if expected in text else f"「{expected}」 expected, but it said: {text}"

    def check(self, body: bytes, expected: str) -> None:
        """Raises `WrongAnswer` where there is a fault."""
        if fault := self.fault(body, expected):
            raise WrongAnswer(fault)


def account_of(environment: Mapping[str, str]) -> Account:
    """The account for which processes in this environment answer."""
    return Account(*(environment[f"WECHAT_{name}"] for name in ("TOKEN", "AES_KEY", "APP_ID")))
