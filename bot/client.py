"""The WeChat API over aiohttp: few retries, a time limit on everything, and no token in any error or log.

wechatpy's client is synchronous and retries without bound (wechat-platform.md §10).
"""

from __future__ import annotations

import enum
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import aiohttp

from bot.tokens import Tokens, WeChatError, read_answer, unreachable
from config.clock import SHANGHAI

TIMEOUT = aiohttp.ClientTimeout(total=10, connect=3)
MEDIA_TIMEOUT = aiohttp.ClientTimeout(total=60, connect=3, sock_read=15)
Answer = dict[str, Any]
STALE_TOKEN = {40001, 40014, 42001}
_LATER = {-1: timedelta(seconds=30), 45011: timedelta(seconds=90), 40164: timedelta(minutes=10)}
_TOMORROW = {45009}


class Status(enum.Enum):
    """What became of a message to a person."""

    SENT = "sent"
    REFUSED = "refused"  # for good: see errcode
    RETRY_AT = "retry_at"  # surely not sent; may be tried again then
    UNKNOWN = "unknown"  # it may have arrived


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of sending. `errcode` is the platform's, where it gave one."""

    status: Status
    errcode: int | None = None
    retry_at: datetime | None = None
    msgid: str = ""


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """A fetched medium: bytes written, and what the platform says it is."""

    size: int
    content_type: str
    filename: str


@dataclass(frozen=True, slots=True)
class WebUser:
    """Who opened a page. `is_snapshot`: the openid is a made-up one, for a page that is only looked at."""

    openid: str
    is_snapshot: bool


class Sink(Protocol):
    """Where media bytes go: an open file, or anything else with `write`."""

    def write(self, data: bytes, /) -> Any: ...


class WeChat:
    """One official account's API. Sending returns an `Outcome` and never raises; the other methods raise `WeChatError`."""

    def __init__(self, http: aiohttp.ClientSession, tokens: Tokens, base: str, now: Callable[[], datetime]) -> None:
        self._http = http
        self._tokens = tokens
        self._base = base.rstrip("/")
        self._now = now

    async def send_text(self, openid: str, text: str) -> Outcome:
        """A customer-service message; at most 2048 bytes of UTF-8. Rationed by the platform."""
        return await self.send_custom({"touser": openid, "msgtype": "text", "text": {"content": text}})

    async def send_image(self, openid: str, media_id: str) -> Outcome:
        """A picture as a customer-service message."""
        return await self.send_custom({"touser": openid, "msgtype": "image", "image": {"media_id": media_id}})

    async def send_custom(self, message: Mapping[str, Any]) -> Outcome:
        """Any customer-service message, as the platform's JSON."""
        return await self._send("/cgi-bin/message/custom/send", message)

    async def send_template(self, openid: str, template_id: str, data: Mapping[str, str], url: str = "") -> Outcome:
        """A template message; `data` maps typed keys (`thing4`) to values."""
        return await self._send("/cgi-bin/message/template/send", _templated(openid, template_id, data, "url", url))

    async def send_subscription(
        self, openid: str, template_id: str, data: Mapping[str, str], page: str = ""
    ) -> Outcome:
        """A subscription notice of a service account (bizsend); uses up one consent."""
        return await self._send(
            "/cgi-bin/message/subscribe/bizsend", _templated(openid, template_id, data, "page", page)
        )

    async def create_menu(self, menu: Mapping[str, Any]) -> None:
        """Replace the account's menu; `{"button": [...]}`."""
        await self.call("/cgi-bin/menu/create", menu)

    async def create_scene_code(self, scene: str, expires_in: timedelta | None = None) -> str:
        """The URL that the code must encode. `scene`: 1-64 characters; without expiry it is permanent (100,000 per account)."""
        what: dict[str, Any] = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": scene}}}
        if expires_in is not None:
            what |= {"action_name": "QR_STR_SCENE", "expire_seconds": int(expires_in.total_seconds())}
        return str((await self.call("/cgi-bin/qrcode/create", what))["url"])

    async def get_media(self, media_id: str, sink: Sink, max_bytes: int) -> MediaInfo:
        """Stream a temporary medium into `sink`; a video is followed to its address. Raises `WeChatError`, also for one too large."""
        url = f"{self._base}/cgi-bin/media/get"
        token = await self._tokens.get()
        try:
            return await self._download(url, {"access_token": token, "media_id": media_id}, sink, max_bytes)
        except WeChatError as error:
            if error.errcode not in STALE_TOKEN:
                raise
        token = await self._tokens.refresh(token)
        return await self._download(url, {"access_token": token, "media_id": media_id}, sink, max_bytes)

    async def upload_media(self, kind: str, data: bytes, filename: str, content_type: str) -> str:
        """Upload a temporary medium (image, voice, video); its media_id serves three days."""

        def form() -> aiohttp.FormData:
            body = aiohttp.FormData()
            body.add_field("media", data, filename=filename, content_type=content_type)
            return body

        answer = await self._with_token("/cgi-bin/media/upload", form, {"type": kind}, MEDIA_TIMEOUT)
        return str(answer["media_id"])

    async def get_web_user(self, app_id: str, secret: str, code: str) -> WebUser:
        """Who a web authorization's code stands for. A code serves once (40163 after), so this never tries twice. Raises `WeChatError`."""
        params = {"appid": app_id, "secret": secret, "code": code, "grant_type": "authorization_code"}
        try:
            async with self._http.get(
                f"{self._base}/sns/oauth2/access_token", params=params, timeout=TIMEOUT, allow_redirects=False
            ) as response:
                answer = read_answer(await response.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            failure = unreachable(error)
        else:
            return WebUser(str(answer["openid"]), bool(answer.get("is_snapshotuser")))
        raise failure  # out here, so that it does not carry the original, whose text has the secret

    async def call(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Any other POST with a JSON body. Raises `WeChatError`."""
        return await self._with_token(path, lambda: _json_bytes(body), {}, TIMEOUT)

    async def _send(self, path: str, body: Mapping[str, Any]) -> Outcome:
        try:
            answer = await self.call(path, body)
        except WeChatError as error:
            return self._judge(error)
        return Outcome(Status.SENT, 0, msgid=str(answer.get("msgid", "")))

    def _judge(self, error: WeChatError) -> Outcome:
        if error.errcode is None:
            soon = self._now() + timedelta(seconds=30)
            return Outcome(Status.UNKNOWN) if error.may_have_arrived else Outcome(Status.RETRY_AT, retry_at=soon)
        if error.errcode in _TOMORROW:
            return Outcome(Status.RETRY_AT, error.errcode, _next_midnight(self._now()))
        delay = timedelta(minutes=5) if error.errcode in STALE_TOKEN else _LATER.get(error.errcode)
        return (
            Outcome(Status.RETRY_AT, error.errcode, self._now() + delay)
            if delay
            else Outcome(Status.REFUSED, error.errcode)
        )

    async def _with_token(
        self, path: str, body: Callable[[], Any], params: Mapping[str, str], timeout: aiohttp.ClientTimeout
    ) -> Answer:
        """POST; once more with a fresh token and a fresh body where the platform says that the token is stale."""
        token = await self._tokens.get()
        try:
            return await self._post(path, body(), {**params, "access_token": token}, timeout)
        except WeChatError as error:
            if error.errcode not in STALE_TOKEN:
                raise
        token = await self._tokens.refresh(token)
        return await self._post(path, body(), {**params, "access_token": token}, timeout)

    async def _post(self, path: str, body: Any, params: Mapping[str, str], timeout: aiohttp.ClientTimeout) -> Answer:
        try:
            async with self._http.post(
                self._base + path, data=body, params=params, timeout=timeout, allow_redirects=False
            ) as response:
                return read_answer(await response.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            failure = unreachable(error)
        raise failure  # out here, so that it does not carry the original, whose text has the token

    async def _download(self, url: str, params: Mapping[str, str], sink: Sink, max_bytes: int) -> MediaInfo:
        """Without `params`: the address that a video's answer named; that one must give the bytes."""
        try:
            async with self._http.get(url, params=params, timeout=MEDIA_TIMEOUT, allow_redirects=False) as response:
                if response.content_type not in ("application/json", "text/plain") and response.status == 200:
                    return await _pour(response, sink, max_bytes)
                answer = read_answer(await response.content.read(65536))
        except (aiohttp.ClientError, TimeoutError) as error:
            failure = unreachable(error)
        else:
            if params and str(answer.get("video_url", "")).startswith(("http://", "https://")):
                return await self._download(answer["video_url"], {}, sink, max_bytes)
            failure = WeChatError(None, "no_media")
        raise failure


async def _pour(response: aiohttp.ClientResponse, sink: Sink, max_bytes: int) -> MediaInfo:
    size = 0
    async for chunk in response.content.iter_chunked(65536):
        size += len(chunk)
        if size > max_bytes:
            raise WeChatError(None, "too_large")
        sink.write(chunk)
    disposition = response.content_disposition
    filename = disposition.filename if disposition and disposition.filename else ""
    return MediaInfo(size, response.content_type, filename)


def _json_bytes(body: Mapping[str, Any]) -> bytes:
    r"""Raw UTF-8: the platform shows or refuses `\u` escapes."""
    return json.dumps(body, ensure_ascii=False).encode()


def _templated(openid: str, template_id: str, data: Mapping[str, str], place: str, url: str) -> dict[str, Any]:
    values = {key: {"value": value} for key, value in data.items()}
    return {"touser": openid, "template_id": template_id, "data": values} | ({place: url} if url else {})


def _next_midnight(now: datetime) -> datetime:
    """When the platform's daily quotas begin anew, and a minute."""
    local = now.astimezone(SHANGHAI)
    return (local + timedelta(days=1)).replace(hour=0, minute=1, second=0, microsecond=0)
