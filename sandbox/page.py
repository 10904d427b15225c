"""The phones page at /."""

from pathlib import Path

from aiohttp import web

STATIC = Path(__file__).parent / "static"
HTML = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>微信模拟器</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/phones.css">
</head>
<body>
<script type="module" src="/static/phones.js"></script>
</body>
</html>
"""
# Messages come from the back end: even if one slipped through as markup, no script of its own would run.
POLICY = "default-src 'self'; img-src 'self' http: https: data:; font-src 'self' data:; frame-src http: https:"
NOT_BUILT = "手机页面还没有构建：请先运行 npm run build（make setup 会做这件事）。控制接口照常可用。"


async def index(request: web.Request) -> web.Response:
    """GET /."""
    if not (STATIC / "phones.js").is_file():
        return web.Response(status=503, text=NOT_BUILT)
    return web.Response(text=HTML, content_type="text/html", headers={"Content-Security-Policy": POLICY})


async def static(request: web.Request) -> web.StreamResponse:
    """GET /static/{name}: what the build made; looked up at each request, so that a later build is found."""
    path = STATIC / request.match_info["name"]
    if path.parent != STATIC or not path.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(path, headers={"Cache-Control": "no-cache"})


ROUTES = [web.get("/", index), web.get("/static/{name}", static)]
