"""Pages from templates/, with the headers that all of them bear."""

from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template

from aiohttp import web

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
# Nothing but our own files, no frame around it, no trace in other sites' logs, search engines or caches.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_NOT_BUILT = "网页还没有构建：请先运行 npm run build（make setup 会做这件事）。"


def render(template: str, status: int = 200, **values: str) -> web.Response:
    """A page; values are text, never markup."""
    if not (STATIC / "screen.js").is_file():
        return web.Response(status=503, text=_NOT_BUILT, headers=HEADERS)
    filled = _template(template).substitute({name: escape(value) for name, value in values.items()}, version=_version())
    return web.Response(status=status, text=filled, content_type="text/html", headers=HEADERS)


def render_message(status: int, title: str, say: str) -> web.Response:
    """A page that says one thing."""
    return render("message.html", status, title=title, say=say)


@cache
def _template(name: str) -> Template:
    return Template((_HERE / "templates" / name).read_text(encoding="utf-8"))


@cache
def _version() -> str:
    """Changes with the built files: browsers may keep each version for good."""
    return sha256(b"".join(path.read_bytes() for path in sorted(STATIC.iterdir()))).hexdigest()[:12]


async def show_static(request: web.Request) -> web.StreamResponse:
    """GET /static/{name}: what the build made."""
    path = STATIC / request.match_info["name"]
    if path.parent != STATIC or not path.is_file():
        raise web.HTTPNotFound
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return web.FileResponse(path, headers=headers)


URLS = (web.get("/static/{name}", show_static),)
