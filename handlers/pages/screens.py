"""`/screen/<token>`: the hall's big screen. The page itself is empty; what stands on it comes as events, so no name is ever markup."""

import asyncio
import io
import json
from collections.abc import Callable
from datetime import datetime

import segno
from aiohttp import web
from redis.exceptions import RedisError

from bot.tokens import WeChatError
from handlers.pages.live import Live, Snapshot
from handlers.pages.rendering import HEADERS, render, render_message
from handlers.runtime import RUNTIME
from models.database import is_passing
from models.meetings import CLOSED
from models.screens import Screen, find_screen
from services.meetings.scene_codes import check_in_code

LIVE = web.AppKey("live", Live)
NOW: web.AppKey[Callable[[], datetime]] = web.AppKey("now")
BEAT_S = 4.0
_STUCK_S = 10.0
_RETRY_MS = 1000
_REPLACED = "地址已更换"
_ASK_HOST = "主持人换了大屏地址。请向主持人要新地址：在公众号回复「大屏」即可看到。"


async def show_screen(request: web.Request) -> web.Response:
    """GET /screen/{token}: the page; in Chinese what is wrong with an address that is unknown (404) or replaced (410)."""
    try:
        screen = await find_screen(request.match_info["token"])
    except Exception as error:
        if is_passing(error):
            return _later()
        raise
    if screen is None:
        return render_message(
            404, "没有这个大屏", "地址不对，请核对是否完整。主持人在公众号回复「大屏」可以看到正确的地址。"
        )
    if screen.replaced_at is not None:
        return render_message(410, _REPLACED, _ASK_HOST)
    return render("page.html", name="screen", title="会场大屏", address=f"/screen/{screen.token}")


def _later() -> web.Response:
    """The database is away for a moment: the page tries again by itself."""
    page = render_message(503, "正在恢复", "服务暂时连不上数据库，本页每几秒自动重试。")
    page.headers["Refresh"] = "3"
    return page


async def show_code(request: web.Request) -> web.Response:
    """GET /screen/{token}/code.svg: the check-in code."""
    screen = await _live_screen(request)
    if screen.meeting.state == CLOSED:
        raise web.HTTPNotFound
    try:
        code = await check_in_code(request.app[RUNTIME], screen.meeting, request.app[NOW]())
    except (WeChatError, RedisError):
        raise web.HTTPServiceUnavailable from None
    picture = io.BytesIO()
    segno.make(code.url, error="m").save(picture, kind="svg", border=0, xmldecl=False, omitsize=True, dark="#1a1a1a")
    return web.Response(body=picture.getvalue(), content_type="image/svg+xml", headers=HEADERS)


async def _live_screen(request: web.Request) -> Screen:
    screen = await find_screen(request.match_info["token"])
    if screen is None or screen.replaced_at is not None:
        raise web.HTTPNotFound
    return screen


async def follow_screen(request: web.Request) -> web.StreamResponse:
    """GET /screen/{token}/events: `board` whenever it has changed, whole; `beat` with the server's time; `gone` once replaced."""
    screen = await find_screen(request.match_info["token"])
    if screen is None:
        raise web.HTTPNotFound
    async with request.app[LIVE].watch(screen.meeting_id) as channel:
        if channel is None:
            raise web.HTTPServiceUnavailable(headers={"Retry-After": "10"})
        stream = _Stream(request)
        await stream.open()
        while not channel.is_closing:
            if not await stream.tell(channel.latest, screen):
                break
            await channel.wait_for_change(BEAT_S)
    return stream.response


class _Stream:
    """One screen's line. A board that the far end does not take within seconds ends it; the page then calls again."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._sent: Snapshot | None = None
        # X-Accel-Buffering: nginx would keep events back.
        headers = {**HEADERS, "X-Accel-Buffering": "no"}
        self.response = web.StreamResponse(headers=headers)
        self.response.content_type = "text/event-stream"

    async def open(self) -> None:
        """Begin to answer."""
        await self.response.prepare(self._request)
        await self._write(f"retry: {_RETRY_MS}\n\n")

    async def tell(self, latest: Snapshot | None, screen: Screen) -> bool:
        """Send what is new; whether the line goes on."""
        if latest is not None and latest.token != screen.token:
            # Replaced; or so new that the reader has not seen it yet.
            await screen.refresh_from_db(fields=["replaced_at"])
            latest = None
        if screen.replaced_at is not None:
            await self._write(_event("gone", json.dumps({"title": _REPLACED, "say": _ASK_HOST}, ensure_ascii=False)))
            return False
        if latest is not None and latest != self._sent:
            if not await self._write(_event("board", latest.data)):
                return False
            self._sent = latest
        now = self._request.app[NOW]().timestamp()
        return await self._write(f": beat\n{_event('beat', str(int(now * 1000)))}")

    async def _write(self, text: str) -> bool:
        try:
            async with asyncio.timeout(_STUCK_S):
                await self.response.write(text.encode())
        except (ConnectionError, TimeoutError):
            return False
        return True


def _event(name: str, data: str) -> str:
    return f"event: {name}\ndata: {data}\n\n"


URLS = (
    web.get("/screen/{token}", show_screen),
    web.get("/screen/{token}/code.svg", show_code),
    web.get("/screen/{token}/events", follow_screen, allow_head=False),
)
