"""`/brief/<meeting>`: the leaders' summary. Logged in by WeChat's web authorization; for leaders and hosts of the meeting alone."""

import asyncio
from typing import Any

from aiohttp import web

from config.refusals import Refusal
from handlers.pages.logins import come_back, patient, refused, require_session, send_to_login, session_of
from handlers.pages.rendering import HEADERS, render
from scoring.numbers import exact_text, two_places
from services.meetings.briefs import Brief, read_brief, require_reader
from services.meetings.meetings import HOST, LEADER
from services.meetings.pictures import draw_brief
from services.meetings.statements import Reported, Statement, empty_classes, typeset

_AT = "/brief/{meeting:[0-9]{1,9}}"
_REFUSED = "现在不能看小结"


@patient
async def show_brief(request: web.Request) -> web.Response:
    """GET /brief/{meeting}: the page for who may see it, the way to log in for who has not yet, a Chinese 403 for others."""
    person = await session_of(request)
    if person is None:
        return send_to_login(request, _path(request))
    try:
        await require_reader(_meeting_id(request), person, LEADER, HOST)
    except Refusal as refusal:
        return refused(refusal, _REFUSED)
    return render("page.html", title="测评小结", name="brief", address=_path(request))


@patient
async def log_in_to_brief(request: web.Request) -> web.Response:
    """GET /brief/{meeting}/login."""
    return await come_back(request, _path(request), _REFUSED)


async def give_facts(request: web.Request) -> web.Response:
    """GET /brief/{meeting}/facts: what the page shows, as JSON; 401 without a session."""
    return web.json_response(_document(await _read(request)), headers=HEADERS)


async def give_picture(request: web.Request) -> web.Response:
    """GET /brief/{meeting}/picture.png: the same picture as is sent."""
    picture = await asyncio.to_thread(draw_brief, await _read(request))
    return web.Response(body=picture, content_type="image/png", headers=HEADERS)


async def _read(request: web.Request) -> Brief:
    person = await require_session(request)
    try:
        meeting = await require_reader(_meeting_id(request), person, LEADER, HOST)
    except Refusal:
        raise web.HTTPForbidden from None
    return await read_brief(meeting)


def _meeting_id(request: web.Request) -> int:
    return int(request.match_info["meeting"])


def _path(request: web.Request) -> str:
    return f"/brief/{_meeting_id(request)}"


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
    web.get(f"{_AT}/login", log_in_to_brief, allow_head=False),
    web.get(f"{_AT}/facts", give_facts),
    web.get(f"{_AT}/picture.png", give_picture),
)
