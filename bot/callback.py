"""`GET|POST /wechat` (contract §3): what cannot be trusted is refused, counted and leaves no trace; the rest is answered in 4.5 s."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from aiohttp import web
from prometheus_client import Counter
from redis import RedisError

from bot.crypto import Cryptor, Rejected
from bot.messages import InMessage, Unreadable, parse, read_fields
from bot.reception import Delivery, Reception
from bot.replies import reply_xml, sealed_xml

_log = logging.getLogger(__name__)

MAX_BODY = 64 * 1024
MAX_SKEW_S = 600
BUDGET_S = 4.5
"""The platform hangs up after 5 s, network included."""
FAREWELL_S = 20.0
"""How long a stopping process waits for answers that are under way."""

MESSAGES = Counter("zhiping_callback_messages", "Messages and events received", ["kind"])
REJECTED = Counter("zhiping_callback_rejected", "Callbacks refused", ["reason"])
LATE = Counter("zhiping_callback_late", "Messages not answered within the reply window")

_STATUS = {"too_large": 413, "encoding": 400, "body": 400, "xml": 400, "doctype": 400, "depth": 400, "root": 400}


@dataclass(frozen=True, slots=True)
class _Query:
    """The signed part of the address; absent values are empty."""

    signature: str
    msg_signature: str
    timestamp: str
    nonce: str
    echostr: str


class Callback:
    """The platform's door. In safe and compatible mode only what is inside `<Encrypt>` is read, and replies are encrypted."""

    def __init__(
        self,
        cryptor: Cryptor,
        mode: Literal["safe", "compatible", "plain"],
        reception: Reception,
        now: Callable[[], datetime],
        budget_s: float = BUDGET_S,
    ) -> None:
        self._cryptor = cryptor
        self._is_plain = mode == "plain"
        self._reception = reception
        self._now = now
        self._budget_s = budget_s
        self._late: set[asyncio.Task[str | None]] = set()

    def routes(self) -> list[web.RouteDef]:
        """For `app.add_routes`. GET is the platform's check of the address."""
        return [web.get("/wechat", self.verify, allow_head=False), web.post("/wechat", self.receive)]

    async def verify(self, request: web.Request) -> web.Response:
        """Answer the platform's check with its `echostr`."""
        query = _query(request)
        try:
            self._cryptor.check(query.signature, query.timestamp, query.nonce)
            self._check_skew(query.timestamp)
        except Rejected as rejected:
            return _refuse(rejected.reason)
        return web.Response(text=query.echostr, headers={"X-Content-Type-Options": "nosniff"})

    async def receive(self, request: web.Request) -> web.Response:
        """One message: its reply, or `success` where there is nothing to say (yet)."""
        deadline = asyncio.get_running_loop().time() + self._budget_s
        try:
            message = await self._read(request)
        except (Rejected, Unreadable) as refused:
            return _refuse(refused.reason)
        MESSAGES.labels(message.kind).inc()
        text = await self._in_time(message, deadline)
        return self._reply(message, text) if text is not None else web.Response(text="success")

    async def finish(self) -> None:
        """Let late answers go out before the process stops."""
        if self._late:
            await asyncio.wait(self._late, timeout=FAREWELL_S)

    async def _read(self, request: web.Request) -> InMessage:
        """The message of a request that can be trusted. Raises `Rejected` or `Unreadable`."""
        body = await _read_body(request)
        query = _query(request)
        if self._is_plain:
            self._cryptor.check(query.signature, query.timestamp, query.nonce)
            self._check_skew(query.timestamp)
            return parse(body)
        encrypted = read_fields(body).get("Encrypt", "")
        if not encrypted:
            raise Rejected("not_encrypted")
        self._cryptor.check(query.msg_signature, query.timestamp, query.nonce, encrypted)
        self._check_skew(query.timestamp)
        return parse(self._cryptor.decrypt(encrypted))

    def _check_skew(self, timestamp: str) -> None:
        at = int(timestamp) if timestamp.isascii() and timestamp.isdecimal() and len(timestamp) < 12 else 0
        if abs(self._now().timestamp() - at) > MAX_SKEW_S:
            raise Rejected("stale")

    async def _in_time(self, message: InMessage, deadline: float) -> str | None:
        """The answer, if there is one before the deadline; else it is on its way as a message of its own."""
        delivery = Delivery()
        task = asyncio.create_task(self._answer(message, delivery))
        await asyncio.wait({task}, timeout=deadline - asyncio.get_running_loop().time())
        if task.done():
            return task.result()
        delivery.is_late = True
        LATE.inc()
        self._late.add(task)
        task.add_done_callback(self._late.discard)
        return None

    async def _answer(self, message: InMessage, delivery: Delivery) -> str | None:
        try:
            return await self._reception.receive(message, delivery)
        except Exception as error:
            reference = secrets.token_hex(4)
            what = "redis_down" if isinstance(error, RedisError | TimeoutError) else "callback_failed"
            _log.error(
                "a message was not handled", extra={"action": what, "ref": reference, "error": type(error).__name__}
            )
            return f"系统繁忙，请稍后再试（编号 {reference}）。"

    def _reply(self, message: InMessage, text: str) -> web.Response:
        now = self._now()
        xml = reply_xml(message, text, now)
        body = xml if self._is_plain else sealed_xml(self._cryptor, xml, now)
        return web.Response(body=body, content_type="application/xml", charset="utf-8")


def _query(request: web.Request) -> _Query:
    names = ("signature", "msg_signature", "timestamp", "nonce", "echostr")
    return _Query(*(request.query.get(name, "") for name in names))


async def _read_body(request: web.Request) -> bytes:
    """At most `MAX_BODY` bytes; a longer body is not read to its end. Nothing is decompressed: the platform compresses nothing."""
    if any(value.strip().lower() != "identity" for value in request.headers.getall("Content-Encoding", ())):
        raise Rejected("encoding")
    if (request.content_length or 0) > MAX_BODY:
        raise Rejected("too_large")
    try:
        return await _read_chunks(request)
    except web.RequestPayloadError:  # badly framed
        raise Rejected("body") from None


async def _read_chunks(request: web.Request) -> bytes:
    chunks, size = [], 0
    async for chunk in request.content.iter_any():
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_BODY:
            raise Rejected("too_large")
    return b"".join(chunks)


def _refuse(reason: str) -> web.Response:
    REJECTED.labels(reason).inc()
    unreadable = {"missing_field", "bad_field", "duplicate_field"}
    return web.Response(status=_STATUS.get(reason, 400 if reason in unreadable else 403), text="")
