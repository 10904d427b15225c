"""`/upload/<link>`: bring files to a record or a filing. The link is signed for one person, who logs in by WeChat's web authorization."""

import asyncio
from urllib.parse import unquote

from aiohttp import web

from config.refusals import Refusal
from handlers.pages.logins import come_back, patient, refused, require_session, send_to_login, session_of
from handlers.pages.rendering import HEADERS, render
from handlers.pages.screens import NOW
from handlers.runtime import RUNTIME
from models.uploads import Upload, list_uploads
from services.filings.uploads import MAX_BYTES, Target, keep_upload, read_link, require_target, too_large

_AT = "/upload/{link:[0-9A-Za-z_.-]{40,600}}"
_REFUSED = "现在不能传文件"
# A phone on a bad line may take minutes for a large file; then it tries again, and what has arrived is not kept twice.
PATIENCE_S = 180
_CHUNK = 64 * 1024


@patient
async def show_upload(request: web.Request) -> web.Response:
    """GET /upload/{link}: the page for whom the link is, the way to log in for who has not yet, in Chinese why not for others."""
    try:
        target = _target(request)
        person = await session_of(request)
        if person is None:
            return send_to_login(request, _path(request))
        await require_target(target, person)
    except Refusal as refusal:
        return refused(refusal, _REFUSED)
    return render("page.html", title="传文件", name="upload", address=_path(request))


@patient
async def log_in_to_upload(request: web.Request) -> web.Response:
    """GET /upload/{link}/login."""
    return await come_back(request, _path(request), _REFUSED)


async def give_facts(request: web.Request) -> web.Response:
    """GET /upload/{link}/facts: what it is for, and what is there already, as JSON; 401 without a session."""
    try:
        target = await _require(request)
    except Refusal as refusal:
        return _error(refusal)
    files = [_file(one) for one in await list_uploads(target.kind, target.id)]
    return web.json_response({"title": target.title, "most_bytes": MAX_BYTES, "files": files}, headers=HEADERS)


async def take_file(request: web.Request) -> web.Response:
    """PUT /upload/{link}/file: the bytes of one file; its name percent-encoded in X-File-Name. The same bytes again are kept once."""
    rt, now = request.app[RUNTIME], request.app[NOW]()
    try:
        target = await _require(request)
        name = unquote(request.headers.get("X-File-Name", ""))
        kept = await keep_upload(rt, target, name, await _read(request), now)
    except Refusal as refusal:
        return _error(refusal)
    return web.json_response(_file(kept), headers=HEADERS)


async def _read(request: web.Request) -> bytes:
    """The body, up to the limit; beyond it nothing more is taken."""
    if (request.content_length or 0) > MAX_BYTES:
        raise too_large()
    content = bytearray()
    try:
        async with asyncio.timeout(PATIENCE_S):
            async for chunk in request.content.iter_chunked(_CHUNK):
                content += chunk
                if len(content) > MAX_BYTES:
                    raise too_large()
    except TimeoutError:
        raise Refusal("too_slow", "网络太慢，没有传完。请换个网络再传一次。", 408) from None
    return bytes(content)


async def _require(request: web.Request) -> Target:
    target = _target(request)
    await require_target(target, await require_session(request))
    return target


def _target(request: web.Request) -> Target:
    return read_link(request.app[RUNTIME].settings, request.match_info["link"], request.app[NOW]())


def _path(request: web.Request) -> str:
    return f"/upload/{request.match_info['link']}"


def _file(one: Upload) -> dict[str, object]:
    return {"name": one.name, "size": one.size, "kind": one.kind}


def _error(refusal: Refusal) -> web.Response:
    body = {"error": {"code": refusal.code, "say": refusal.say}}
    # What was not read of the body must not be taken for the next request.
    answer = web.json_response(body, status=refusal.http_status, headers=HEADERS)
    answer.force_close()
    return answer


URLS = (
    web.get(_AT, show_upload),
    web.get(f"{_AT}/login", log_in_to_upload, allow_head=False),
    web.get(f"{_AT}/facts", give_facts),
    web.put(f"{_AT}/file", take_file),
)
