"""Scene codes: creation, and the picture of one."""

import io
from typing import Any

import segno
from aiohttp import web

from sandbox.api import Call, Endpoint, Json
from sandbox.codes import MAX_EXPIRY, MAX_PERMANENT
from sandbox.errors import ApiError
from sandbox.world import WORLD


async def create(call: Call) -> Json:
    """POST /cgi-bin/qrcode/create."""
    name = str(call.body.get("action_name") or "")
    scene = _scene(name, call.body.get("action_info"))
    if name.startswith("QR_LIMIT"):
        code = call.world.codes.create(scene, None)
        return {"ticket": code.ticket, "url": code.url}
    seconds = call.body.get("expire_seconds", call.world.settings.qr_default_expiry)
    if not isinstance(seconds, int) or not 1 <= seconds <= MAX_EXPIRY:
        raise ApiError(40035)
    code = call.world.codes.create(scene, seconds)
    call.world.journal.publish("scenes", call.world.codes.offered())
    return {"ticket": code.ticket, "expire_seconds": seconds, "url": code.url}


def _scene(name: str, info: Any) -> str:
    scene = info.get("scene") if isinstance(info, dict) else None
    if not isinstance(scene, dict) or name not in {"QR_SCENE", "QR_STR_SCENE", "QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE"}:
        raise ApiError(40053)
    if "STR" in name:
        text = scene.get("scene_str")
        if isinstance(text, str) and 1 <= len(text) <= 64:
            return text
    else:
        number, highest = scene.get("scene_id"), MAX_PERMANENT if "LIMIT" in name else 2**32 - 1
        if isinstance(number, int) and 1 <= number <= highest:
            return str(number)
    raise ApiError(40053)


async def show(request: web.Request) -> web.Response:
    """GET /cgi-bin/showqrcode?ticket=: the picture; 404 for a bad or expired ticket."""
    codes = request.app[WORLD].codes
    code = codes.find(ticket=request.query.get("ticket", "-"))
    if code is None or not codes.is_valid(code):
        raise web.HTTPNotFound
    out = io.BytesIO()
    segno.make(code.url, error="m").save(out, kind="png", scale=8)
    return web.Response(body=out.getvalue(), content_type="image/png")


async def draw(request: web.Request) -> web.Response:
    """GET /sim/scenes/picture?scene=: the code of a scene as SVG, for the phones page."""
    codes, scene = request.app[WORLD].codes, request.query.get("scene", "")
    if not scene:
        raise web.HTTPNotFound
    code = codes.find(scene=scene) or codes.create(scene, None)
    out = io.BytesIO()
    segno.make(code.url, error="m").save(out, kind="svg", border=1, xmldecl=False, omitsize=True)
    return web.Response(body=out.getvalue(), content_type="image/svg+xml")


ENDPOINTS = [Endpoint("POST", "/cgi-bin/qrcode/create", create)]
ROUTES = [web.get("/cgi-bin/showqrcode", show), web.get("/sim/scenes/picture", draw)]
