"""`/muster/<code>`: the code of an activity, to be held up or put on a wall. Who is there is not shown."""

import io

import segno
from aiohttp import web
from redis.exceptions import RedisError

from bot.tokens import WeChatError
from handlers.pages.rendering import HEADERS, render, render_message
from handlers.pages.screens import NOW
from handlers.runtime import RUNTIME
from models.musters import Muster
from services.meetings.scene_codes import muster_code
from services.records.musters import OPEN_FOR

_AT = "/muster/{code:[A-Za-z0-9_-]{1,32}}"


async def show_muster(request: web.Request) -> web.Response:
    """GET /muster/{code}: the page; a Chinese 404 for a code that nobody made, a 410 for one that is over."""
    muster = await _find(request)
    if muster is None:
        return render_message(404, "没有这个点名码", "地址不对，请核对是否完整。在公众号回复「点名」可以看到今天的。")
    if request.app[NOW]() - muster.made_at >= OPEN_FOR:
        return render_message(410, "点名码已过期", "点名码一天内有效。今天的请在公众号回复「点名」。")
    return render(
        "muster.html", name="screen", title=f"{muster.organisation.name} 点名", address=f"/muster/{muster.code}"
    )


async def show_code(request: web.Request) -> web.Response:
    """GET /muster/{code}/code.svg: the code itself."""
    muster, now = await _find(request), request.app[NOW]()
    if muster is None or now - muster.made_at >= OPEN_FOR:
        raise web.HTTPNotFound
    try:
        code = await muster_code(request.app[RUNTIME], muster, now)
    except (WeChatError, RedisError):
        raise web.HTTPServiceUnavailable from None
    picture = io.BytesIO()
    segno.make(code.url, error="m").save(picture, kind="svg", border=2, scale=7, xmldecl=False)
    return web.Response(body=picture.getvalue(), content_type="image/svg+xml", headers=HEADERS)


async def _find(request: web.Request) -> Muster | None:
    return await Muster.get_or_none(code=request.match_info["code"]).select_related("organisation")


URLS = (web.get(_AT, show_muster), web.get(f"{_AT}/code.svg", show_code))
