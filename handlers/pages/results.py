"""`/explain/<cycle>/<subject>`: one result with every step behind it. Logged in by WeChat's web authorization; for who may read it."""

from typing import Any

from aiohttp import web

from config.refusals import Refusal
from handlers.pages.logins import come_back, patient, refused, require_session, send_to_login, session_of
from handlers.pages.rendering import HEADERS, render
from models.cycles import CycleSubject
from services.meetings.statements import typeset
from services.runs.result_pages import ResultPage, flag_words, path_of, read_result_page

_AT = r"/explain/{cycle:[0-9]{1,9}}/{key:[a-z]{1,16}:[^/\x00-\x1f]{1,64}}"
_REFUSED = "现在不能看这份结果"


@patient
async def show_result(request: web.Request) -> web.Response:
    """GET /explain/{cycle}/{key}: the page for who may see it, the way to log in for who has not yet, a Chinese 403 for others."""
    person = await session_of(request)
    if person is None:
        return send_to_login(request, _path(request))
    try:
        await read_result_page(person, *_subject(request))
    except Refusal as refusal:
        return refused(refusal, _REFUSED)
    return render("page.html", title="结果说明", name="explain", address=_path(request))


@patient
async def log_in_to_result(request: web.Request) -> web.Response:
    """GET /explain/{cycle}/{key}/login."""
    return await come_back(request, _path(request), _REFUSED)


async def give_facts(request: web.Request) -> web.Response:
    """GET /explain/{cycle}/{key}/facts: what the page shows, as JSON; 401 without a session."""
    person = await require_session(request)
    try:
        page = await read_result_page(person, *_subject(request))
    except Refusal:
        raise web.HTTPForbidden from None
    return web.json_response(_document(page), headers=HEADERS)


def _subject(request: web.Request) -> tuple[int, str]:
    return int(request.match_info["cycle"]), request.match_info["key"]


def _path(request: web.Request) -> str:
    cycle_id, key = _subject(request)
    return path_of(CycleSubject(cycle_id=cycle_id, key=key))


def _document(page: ResultPage) -> dict[str, Any]:
    """Everything is text already."""
    result, sheet = page.result, page.sheet
    return {
        "cycle": page.cycle.title,
        "name": page.subject.name,
        "published_at": page.published_at.isoformat() if page.published_at else None,
        "score": result["score"] if result else None,
        "exact": result["exact"] if result else None,
        "band": result["band"] if result else None,
        "awards": result["awards"] if result else [],
        "flags": [typeset(one) for one in flag_words(result)] if result else [],
        "verdict": [typeset(one) for one in sheet.verdict],
        "refusals": [typeset(one) for one in sheet.refusals],
        "steps": [{"say": typeset(say), "clause": typeset(clause)} for say, clause in sheet.steps],
        "near": [typeset(one) for one in sheet.near],
        "readings": [typeset(one) for one in sheet.readings],
        "decisions": [typeset(one) for one in page.decisions],
        "uses": [typeset(one) for one in page.uses],
        "source": [typeset(one) for one in sheet.source],
        "others": [{"name": one.name, "address": path_of(one)} for one in page.own if one.id != page.subject.id],
    }


URLS = (
    web.get(_AT, show_result),
    web.get(f"{_AT}/login", log_in_to_result, allow_head=False),
    web.get(f"{_AT}/facts", give_facts),
)
