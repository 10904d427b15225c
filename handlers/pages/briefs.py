"""`/brief/<meeting>`: the leaders' summary. Logged in by WeChat's web authorization; for leaders and hosts of the meeting alone."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from aiohttp import web

from config.refusals import Refusal
from handlers.pages.rendering import HEADERS, render
from handlers.pages.screens import NOW
from handlers.runtime import RUNTIME
from models.database import is_passing
from scoring.numbers import exact_text, two_places
from services.briefs import Brief, address_of, read_brief, require_reader
from services.logins import (
    SESSION_LIFE,
    TICKET_LIFE,
    authorize_url,
    log_in,
    make_session,
    make_ticket,
    read_session,
)
from services.meetings import HOST, LEADER
from services.pictures import draw_brief
from services.statements import Reported, Statement, empty_classes, typeset

Show = Callable[[web.Request], Awaitable[web.Response]]
_LATER = "服务暂时连不上数据库，本页每几秒自动重试。"
_SESSION, _TICKET = "zp_session", "zp_login"
_AT = "/brief/{meeting:[0-9]{1,9}}"


def _patient(show: Show) -> Show:
    """The same page; a Chinese one that tries again by itself where the database is away for a moment."""

    @wraps(show)
    async def shown(request: web.Request) -> web.Response:
        try:
            return await show(request)
        except Exception as error:
            if not is_passing(error):
                raise
        page = render("brief_message.html", 503, title="正在恢复", say=_LATER)
        page.headers["Refresh"] = "3"
        return page

    return shown


@_patient
async def show_brief(request: web.Request) -> web.Response:
    """GET /brief/{meeting}: the page for who may see it, the way to log in for who has not yet, a Chinese 403 for others."""
    settings, now = request.app[RUNTIME].settings, request.app[NOW]()
    person = await _session(request)
    if person is None:
        state, ticket = make_ticket(settings, now)
        back = f"{address_of(settings, _meeting_id(request))}/login"
        answer = _moved(authorize_url(settings, back, state))
        _set_cookie(request, answer, _TICKET, ticket, int(TICKET_LIFE.total_seconds()))
        return answer
    try:
        await require_reader(_meeting_id(request), person, LEADER, HOST)
    except Refusal as refusal:
        return _message(refusal)
    return render("brief.html", address=f"/brief/{_meeting_id(request)}")


@_patient
async def come_back(request: web.Request) -> web.Response:
    """GET /brief/{meeting}/login: back from the platform with a code; on to the page. The back button leads here again, and on."""
    rt, now, query = request.app[RUNTIME], request.app[NOW](), request.query
    person = await _session(request)
    answer = _moved(f"/brief/{_meeting_id(request)}")
    if person is not None:
        return answer
    try:
        ticket = request.cookies.get(_TICKET, "")
        person = await log_in(rt, query.get("state", ""), ticket, query.get("code", ""), now)
    except Refusal as refusal:
        return _message(refusal)
    cookie = make_session(rt.settings, person, now)
    _set_cookie(request, answer, _SESSION, cookie, int(SESSION_LIFE.total_seconds()))
    return answer


async def give_facts(request: web.Request) -> web.Response:
    """GET /brief/{meeting}/facts: what the page shows, as JSON; 401 without a session."""
    return web.json_response(_document(await _read(request)), headers=HEADERS)


async def give_picture(request: web.Request) -> web.Response:
    """GET /brief/{meeting}/picture.png: the same picture as is sent."""
    picture = await asyncio.to_thread(draw_brief, await _read(request))
    return web.Response(body=picture, content_type="image/png", headers=HEADERS)


async def _read(request: web.Request) -> Brief:
    person = await _session(request)
    if person is None:
        raise web.HTTPUnauthorized
    try:
        meeting = await require_reader(_meeting_id(request), person, LEADER, HOST)
    except Refusal:
        raise web.HTTPForbidden from None
    return await read_brief(meeting)


async def _session(request: web.Request) -> int | None:
    settings, now = request.app[RUNTIME].settings, request.app[NOW]()
    return await read_session(settings, request.cookies.get(_SESSION, ""), now)


def _meeting_id(request: web.Request) -> int:
    return int(request.match_info["meeting"])


def _moved(to: str) -> web.Response:
    return web.Response(status=302, headers={**HEADERS, "Location": to})


def _set_cookie(request: web.Request, answer: web.Response, name: str, value: str, seconds: int) -> None:
    """Kept from scripts and from other sites' requests; on these pages only, and never without TLS where we have it."""
    is_secure = request.app[RUNTIME].settings.site.startswith("https:")
    answer.set_cookie(name, value, max_age=seconds, path="/brief", httponly=True, samesite="Lax", secure=is_secure)


def _message(refusal: Refusal) -> web.Response:
    return render("brief_message.html", refusal.http_status, title="现在不能看小结", say=typeset(refusal.say))


def _document(brief: Brief) -> dict[str, Any]:
    """Everything is text already; numbers only place bars (0 to 1)."""
    return {
        "title": brief.meeting.title,
        "starts_at": brief.meeting.starts_at.isoformat(),
        "final": brief.is_final,
        "statements": [_statement(one) for one in brief.statements],
        "reporters": [_reporter(one, brief) for one in brief.reporters],
        "notes": [typeset(note) for note in brief.notes],
    }


def _statement(one: Statement) -> dict[str, Any]:
    texts = {"title": one.title, "say": one.say, "means": one.means, "who": one.who}
    return {**{name: typeset(text) for name, text in texts.items()}, "why": [typeset(line) for line in one.why]}


def _reporter(one: Reported, brief: Brief) -> dict[str, Any]:
    return {
        "name": one.name,
        "organisation": one.organisation,
        "mode": one.mode,
        "score": two_places(one.score) if one.score is not None else None,
        "exact": exact_text(one.score) if one.score is not None else None,
        "ratio": float(one.score / brief.top) if one.score is not None else None,
        "missing": empty_classes(one.empty) if brief.is_final and one.score is None else "",
        "grade": one.grade,
        "why": [typeset(line) for line in one.why],
    }


URLS = (
    web.get(_AT, show_brief),
    web.get(f"{_AT}/login", come_back, allow_head=False),
    web.get(f"{_AT}/facts", give_facts),
    web.get(f"{_AT}/picture.png", give_picture),
)
