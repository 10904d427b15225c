"""The way in to a page that needs a name: to WeChat's web authorization and back, a short session, a Chinese no."""

from collections.abc import Awaitable, Callable
from functools import wraps

from aiohttp import web

from config.refusals import Refusal
from handlers.pages.rendering import HEADERS, render
from handlers.pages.screens import NOW
from handlers.runtime import RUNTIME
from models.database import is_passing
from services.meetings.statements import typeset
from services.people.logins import (
    SESSION_LIFE,
    TICKET_LIFE,
    authorize_url,
    log_in,
    make_session,
    make_ticket,
    read_session,
)

Show = Callable[[web.Request], Awaitable[web.Response]]
_LATER = "服务暂时连不上数据库，本页每几秒自动重试。"
_SESSION, _TICKET = "zp_session", "zp_login"


def patient(show: Show) -> Show:
    """The same page; a Chinese one that tries again by itself where the database is away for a moment."""

    @wraps(show)
    async def shown(request: web.Request) -> web.Response:
        try:
            return await show(request)
        except Exception as error:
            if not is_passing(error):
                raise
        page = render("page_message.html", 503, name="brief", title="正在恢复", say=_LATER)
        page.headers["Refresh"] = "3"
        return page

    return shown


async def session_of(request: web.Request) -> int | None:
    """The person who has logged in with this browser."""
    settings, now = request.app[RUNTIME].settings, request.app[NOW]()
    return await read_session(settings, request.cookies.get(_SESSION, ""), now)


async def require_session(request: web.Request) -> int:
    """The same, for what a page fetches. Raises 401: the page then leads to the login by itself."""
    person = await session_of(request)
    if person is None:
        raise web.HTTPUnauthorized
    return person


def send_to_login(request: web.Request, path: str) -> web.Response:
    """On to the platform, which sends the browser back to `path`/login. Cookies are for the pages that begin as `path` does."""
    settings, now = request.app[RUNTIME].settings, request.app[NOW]()
    state, ticket = make_ticket(settings, now)
    answer = moved(authorize_url(settings, f"{settings.site}{path}/login", state))
    _set_cookie(request, answer, path, _TICKET, ticket, int(TICKET_LIFE.total_seconds()))
    return answer


async def come_back(request: web.Request, path: str, title: str) -> web.Response:
    """Back from the platform with a code; on to `path`. The back button leads here again, and on. `title`: above a refusal."""
    rt, now, query = request.app[RUNTIME], request.app[NOW](), request.query
    person = await session_of(request)
    answer = moved(path)
    if person is not None:
        return answer
    try:
        ticket = request.cookies.get(_TICKET, "")
        person = await log_in(rt, query.get("state", ""), ticket, query.get("code", ""), now)
    except Refusal as refusal:
        return refused(refusal, title)
    cookie = await make_session(rt.settings, person, now)
    _set_cookie(request, answer, path, _SESSION, cookie, int(SESSION_LIFE.total_seconds()))
    return answer


def moved(to: str) -> web.Response:
    """A redirection."""
    return web.Response(status=302, headers={**HEADERS, "Location": to})


def refused(refusal: Refusal, title: str) -> web.Response:
    """A page that says why not."""
    return render("page_message.html", refusal.http_status, name="brief", title=title, say=typeset(refusal.say))


def _set_cookie(request: web.Request, answer: web.Response, path: str, name: str, value: str, seconds: int) -> None:
    """Kept from scripts and from other sites' requests; on pages of this kind only, and never without TLS where we have it."""
    is_secure = request.app[RUNTIME].settings.site.startswith("https:")
    kind = f"/{path.split('/')[1]}"
    answer.set_cookie(name, value, max_age=seconds, path=kind, httponly=True, samesite="Lax", secure=is_secure)
