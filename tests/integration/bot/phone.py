"""The platform's side of one account, as small as it can be: signs, encrypts, delivers, reads replies."""

import itertools
import re
from dataclasses import dataclass, field

import xmltodict
from aiohttp.test_utils import TestClient

from bot.crypto import Cryptor, sign
from config import clock

TOKEN, KEY, APP = "simtoken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wx0123456789abcdef"
CRYPTOR = Cryptor(TOKEN, KEY, APP)
_LINK = re.compile(r'<a href="weixin://bizmsgmenu\?msgmenucontent=([^"&]*)&msgmenuid=([^"]*)">([^<]*)</a>')
_ids = itertools.count(1)


def cdata(fields: dict[str, object]) -> str:
    return "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items())


def envelope(openid: str, kind: str, fields: dict[str, object]) -> str:
    head = {"ToUserName": "gh_1", "FromUserName": openid, "CreateTime": int(clock.now().timestamp()), "MsgType": kind}
    return f"<xml>{cdata(head | fields)}</xml>"


def signed(timestamp: int | None = None, nonce: str = "n1", token: str = TOKEN) -> dict[str, str]:
    at = str(int(clock.now().timestamp()) if timestamp is None else timestamp)
    return {"signature": sign(token, at, nonce), "timestamp": at, "nonce": nonce}


def sealed(xml: str | bytes, cryptor: Cryptor = CRYPTOR, timestamp: int | None = None) -> tuple[dict[str, str], bytes]:
    """Query and body of a safe-mode delivery."""
    encrypted = cryptor.encrypt(xml.encode() if isinstance(xml, str) else xml)
    query = signed(timestamp, token=cryptor.token)
    signature = sign(cryptor.token, query["timestamp"], query["nonce"], encrypted)
    query |= {"encrypt_type": "aes", "msg_signature": signature}
    return query, f"<xml>{cdata({'ToUserName': 'gh_1', 'Encrypt': encrypted})}</xml>".encode()


@dataclass
class Phone:
    """One person's WeChat. `heard` is what the phone showed last; None after `success`."""

    client: TestClient
    openid: str = "oPerson_1-abcdefghijklmnopqr"
    heard: str | None = None
    links: dict[str, tuple[str, str]] = field(default_factory=dict)

    async def deliver(self, xml: str) -> str | None:
        """One delivery of a message in safe mode; what it was answered."""
        query, body = sealed(xml)
        response = await self.client.post("/wechat", params=query, data=body)
        assert response.status == 200
        raw = await response.read()
        if raw == b"success":
            return None
        outer = xmltodict.parse(raw)["xml"]
        CRYPTOR.check(outer["MsgSignature"], outer["TimeStamp"], outer["Nonce"], outer["Encrypt"])
        inner = xmltodict.parse(CRYPTOR.decrypt(outer["Encrypt"]), strip_whitespace=False)["xml"]
        assert (inner["ToUserName"], inner["FromUserName"]) == (self.openid, "gh_1")
        assert len(inner["Content"].encode()) <= 2048
        return inner["Content"]

    def text(self, content: str, menu_id: str = "") -> str:
        """The XML of a text message, with an id of its own."""
        tap = {"bizmsgmenuid": menu_id} if menu_id else {}
        return envelope(self.openid, "text", {"Content": content, "MsgId": next(_ids), **tap})

    def event(self, name: str, **fields: object) -> str:
        return envelope(self.openid, "event", {"Event": name, **fields})

    async def say(self, content: str) -> str:
        return self.hear(await self.deliver(self.text(content)))

    async def send(self, xml: str) -> str:
        return self.hear(await self.deliver(xml))

    async def tap(self, label: str) -> str:
        word, menu_id = self.links[label]
        return self.hear(await self.deliver(self.text(word, menu_id)))

    def hear(self, answer: str | None) -> str:
        """Remember the links and give the text as it is read."""
        self.heard = answer
        found = {label: (word, menu_id) for word, menu_id, label in _LINK.findall(answer or "")}
        self.links = found or self.links
        return re.sub(r"<[^>]+>", "", answer or "")
