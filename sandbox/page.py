"""The phones page at /."""

from pathlib import Path

from aiohttp import web
from yarl import URL

from sandbox.world import WORLD

STATIC = Path(__file__).parent / "static"
HTML = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>支评：把述职评议会搬上手机</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/phones.css">
</head>
<body>
<script type="module" src="/static/phones.js"></script>
</body>
</html>
"""
# Messages come from the back end: even if one slipped through as markup, no script of its own would run, and nothing
# but the simulator and the back end is ever asked for a file.
POLICY = (
    "default-src 'self'; img-src 'self' data: {back_end}; font-src 'self' data:; frame-src 'self' {back_end}; "
    "object-src 'none'; base-uri 'none'; form-action 'none'"
)
NOT_BUILT = "手机页面还没有构建：请先运行 npm run build（make setup 会做这件事）。控制接口照常可用。"


async def index(request: web.Request) -> web.Response:
    """GET /."""
    if not (STATIC / "phones.js").is_file():
        return web.Response(status=503, text=NOT_BUILT)
    policy = POLICY.format(back_end=URL(request.app[WORLD].settings.callback_url).origin())
    return web.Response(text=HTML, content_type="text/html", headers={"Content-Security-Policy": policy})


async def static(request: web.Request) -> web.StreamResponse:
    """GET /static/{name}: what the build made; looked up at each request, so that a later build is found."""
    path = STATIC / request.match_info["name"]
    if path.parent != STATIC or not path.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(path, headers={"Cache-Control": "no-cache"})


ROUTES = [web.get("/", index), web.get("/static/{name}", static)]
