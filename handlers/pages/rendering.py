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


def render(template: str, status: int = 200, *, name: str, **values: str) -> web.Response:
    """A page: `template` in the frame, with the stylesheet `name` (and its script, where the template has one).

    `values`, `title` among them, are text, never markup.
    """
    if not (STATIC / "screen.js").is_file():
        return web.Response(status=503, text=_NOT_BUILT, headers=HEADERS)
    known = {key: escape(value) for key, value in values.items()} | {"name": name, "version": _version()}
    body = _template(template).substitute(known)
    text = _template("frame.html").substitute(known, viewport=_viewport(name), body=body)
    return web.Response(status=status, text=text, content_type="text/html", headers=HEADERS)


def render_message(status: int, title: str, say: str) -> web.Response:
    """A page for a wall that says one thing; `page_message.html` does so for phones."""
    return render("message.html", status, name="screen", title=title, say=say)


def _viewport(name: str) -> str:
    """Pages for phones reach to the edges; `page.css` keeps text out of them."""
    return "width=device-width, initial-scale=1" + ("" if name == "screen" else ", viewport-fit=cover")


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
