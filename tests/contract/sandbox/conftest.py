"""A simulator and a small back end that speaks through wechatpy's crypto, so that two implementations judge each other."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
import xmltodict
from aiohttp import web
from aiohttp.test_utils import TestServer
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature

from sandbox.app import create_app
from sandbox.phones import Sandbox
from sandbox.settings import Settings
from tests.ports import free_port

Fields = dict[str, Any]


@dataclass
class BackEnd:
    """Answers deliveries by `answer(fields)`: text to reply, "" for `success`, bytes or a response as they are."""

    settings: Settings
    answer: Callable[[Fields], Any] = lambda fields: ""
    got: list[Fields] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def crypto(self) -> WeChatCrypto:
        return WeChatCrypto(self.settings.token, self.settings.aes_key, self.settings.app_id)

    async def verify(self, request: web.Request) -> web.Response:
        query = request.query
        try:
            check_signature(self.settings.token, query["signature"], query["timestamp"], query["nonce"])
        except Exception:
            return web.Response(status=403)
        return web.Response(text=query["echostr"])

    async def receive(self, request: web.Request) -> web.StreamResponse:
        body, query = await request.read(), dict(request.query)
        check_signature(self.settings.token, query["signature"], query["timestamp"], query["nonce"])
        plain = body.decode()
        if query.get("encrypt_type") == "aes":
            plain = self.crypto.decrypt_message(body, query["msg_signature"], query["timestamp"], query["nonce"])
        fields = xmltodict.parse(plain)["xml"]
        self.got.append(fields)
        self.queries.append(query)
        self.bodies.append(body)
        answer = self.answer(fields)
        if isinstance(answer, Awaitable):
            answer = await answer
        if isinstance(answer, web.StreamResponse):
            return answer
        if isinstance(answer, bytes):
            return web.Response(body=answer)
        return web.Response(text=self.seal(text_reply(fields, answer), query) if answer else "success")

    def seal(self, xml: str, query: dict[str, str]) -> str:
        if query.get("encrypt_type") != "aes":
            return xml
        return self.crypto.encrypt_message(xml, query["nonce"], query["timestamp"])

    def reply(self, inner: Callable[[Fields], str]) -> None:
        """Answer every delivery with this XML, encrypted where the mode asks for it."""
        self.answer = lambda fields: self.seal(inner(fields), self.queries[-1]).encode()


def envelope(fields: Fields, type_: str, content: str) -> str:
    """A reply of any type."""
    return (
        f"<xml><ToUserName><![CDATA[{fields['FromUserName']}]]></ToUserName>"
        f"<FromUserName><![CDATA[{fields['ToUserName']}]]></FromUserName><CreateTime>1700000000</CreateTime>"
        f"<MsgType><![CDATA[{type_}]]></MsgType>{content}</xml>"
    )


def text_reply(fields: Fields, text: str) -> str:
    safe = text.replace("]]>", "]]]]><![CDATA[>")
    return envelope(fields, "text", f"<Content><![CDATA[{safe}]]></Content>")


class Api:
    """Calls the fake API host as a back end would."""

    def __init__(self, base: str, settings: Settings, http: aiohttp.ClientSession) -> None:
        self.base, self.settings, self.http, self.token = base, settings, http, ""

    async def get(self, path: str, **query: Any) -> Fields:
        async with self.http.get(self.base + path, params=query) as response:
            assert response.status == 200
            assert response.content_type == "text/plain"
            return await response.json(content_type=None)

    async def post(self, path: str, body: Any, **query: Any) -> Fields:
        data = body if isinstance(body, bytes | aiohttp.FormData) else json.dumps(body, ensure_ascii=False).encode()
        query = query if "access_token" in query or not self.token else {"access_token": self.token, **query}
        async with self.http.post(self.base + path, data=data, params=query) as response:
            assert response.status == 200
            assert response.content_type == "text/plain"
            return await response.json(content_type=None)

    async def stable(self, mp: bool = False, **more: Any) -> Fields:
        s = self.settings
        app_id, secret = (s.mp_app_id, s.mp_app_secret) if mp else (s.app_id, s.app_secret)
        body = {"grant_type": "client_credential", "appid": app_id, "secret": secret, **more}
        return await self.post("/cgi-bin/stable_token", body, access_token="")

    async def login(self, mp: bool = False) -> str:
        self.token = (await self.stable(mp))["access_token"]
        return self.token

    async def send_text(self, openid: str, text: str) -> int:
        body = {"touser": openid, "msgtype": "text", "text": {"content": text}}
        return (await self.post("/cgi-bin/message/custom/send", body))["errcode"]


@pytest.fixture
async def settings() -> Settings:
    port, back = free_port(), free_port()
    fast = {"retry_pause": 0.01, "job_finish_delay": 0.0, "reorder_hold": 0.3}
    return Settings(port=port, callback_url=f"http://127.0.0.1:{back}/wechat", **fast)


@pytest.fixture
async def back_end(settings: Settings) -> AsyncIterator[BackEnd]:
    back = BackEnd(settings)
    app = web.Application()
    app.add_routes([web.get("/wechat", back.verify), web.post("/wechat", back.receive)])
    async with TestServer(app, port=int(settings.callback_url.split(":")[2].split("/")[0]), shutdown_timeout=0.1):
        yield back


@pytest.fixture
async def base(settings: Settings) -> AsyncIterator[str]:
    async with TestServer(create_app(settings), port=settings.port, shutdown_timeout=0.1) as server:
        yield str(server.make_url("/")).rstrip("/")


@pytest.fixture
async def sandbox(base: str, back_end: BackEnd) -> AsyncIterator[Sandbox]:
    async with Sandbox(base) as sandbox:
        yield sandbox


@pytest.fixture
async def api(base: str, settings: Settings) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as http:
        yield Api(base, settings, http)


@pytest.fixture
def eventually() -> Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]:
    """Poll until the result is true, for half a minute."""

    async def poll(look: Callable[[], Awaitable[Any]]) -> Any:
        async with asyncio.timeout(30):
            while not (result := await look()):
                await asyncio.sleep(0.005)
        return result

    return poll
