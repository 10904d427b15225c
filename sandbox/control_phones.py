"""The control API of people and their phones; documented in docs/simulator.md."""

import re
from collections.abc import Mapping

import aiohttp
from aiohttp import web
from yarl import URL

from sandbox import events
from sandbox.actions import ACTIONS, Act, Action, media_url, sent_media
from sandbox.answers import NOTHING
from sandbox.api_oauth import COOKIE
from sandbox.control import read_json, refuse
from sandbox.delivery import Attempt, Delivered, deliver
from sandbox.errors import ApiError
from sandbox.grants import Purpose
from sandbox.menu_actions import tap_menu
from sandbox.person import Person
from sandbox.world import WORLD, World

ALL_ACTIONS: dict[str, Action] = {
    **ACTIONS,
    "menu": tap_menu,
    "event": events.any_event,
    "report-location": events.report_location,
    "consent": events.consent,
    "revoke-consent": events.revoke_consent,
    "mass-send-finished": events.mass_send_finished,
    "modify-info": events.modify_info,
    "revoke-authorization": events.revoke_authorization,
}
FRAME_PATIENCE = aiohttp.ClientTimeout(total=3)
OPENID = re.compile(r"[A-Za-z0-9_-]{0,64}")
PERSON_FLAGS = ("name", "note", "blocked", "snapshot", "high_risk")


def find_phone(request: web.Request) -> Person:
    """The phone named in the path; 404 otherwise."""
    person = request.app[WORLD].people.get(request.match_info["id"])
    if person is None:
        raise web.HTTPNotFound(text='{"error": "no such phone"}', content_type="application/json")
    return person


async def add_phone(request: web.Request) -> web.Response:
    """POST /sim/phones {"name", "note"?, "openid"?, "following"?}; whoever has that openid already is answered again."""
    world, body = request.app[WORLD], await read_json(request)
    name, note, openid = (str(body.get(key) or "") for key in ("name", "note", "openid"))
    if not OPENID.fullmatch(openid):
        return refuse(400, "openid is at most 64 of A-Z a-z 0-9 _ -")
    known = world.find_person(openid)
    if known:
        return web.json_response(known.json())
    person = world.add_person(name or "无名", note, openid, followed=bool(body.get("following")))
    return web.json_response(person.json(), status=201)


async def list_phones(request: web.Request) -> web.Response:
    """GET /sim/phones."""
    return web.json_response({"phones": [person.json() for person in request.app[WORLD].people.values()]})


async def change_phone(request: web.Request) -> web.Response:
    """PATCH /sim/phones/{id}: name, note, blocked, snapshot, high_risk."""
    person, body = find_phone(request), await read_json(request)
    for name in PERSON_FLAGS:
        if name in body:
            setattr(person, name, body[name])
    request.app[WORLD].journal.publish("phone", person.json())
    return web.json_response(person.json())


async def messages(request: web.Request) -> web.Response:
    """GET /sim/phones/{id}/messages?after=N."""
    after, entries = int(request.query.get("after", 0)), find_phone(request).entries
    return web.json_response({"messages": [entry.json() for entry in entries[after:]], "count": len(entries)})


async def act(request: web.Request) -> web.Response:
    """POST /sim/phones/{id}/{action}: do it, and wait for what the person sees unless ?wait=0."""
    world, person = request.app[WORLD], find_phone(request)
    action = ALL_ACTIONS.get(request.match_info["action"])
    if action is None:
        return refuse(404, "no such action")
    done = action(world, person, await read_json(request))
    if request.query.get("wait") == "0":
        world.spawn(_deliver_all(world, person, done))
        return web.json_response({"saw": None, "deliveries": [], "opens": done.opens, "hint": done.hint}, status=202)
    delivered = await _deliver_all(world, person, done)
    return web.json_response({**delivered.json(), "opens": done.opens, "hint": done.hint})


async def _deliver_all(world: World, person: Person, act: Act) -> Delivered:
    """Deliver an action's messages in order; the last thing seen that is not nothing is what the person saw."""
    saw, attempts = NOTHING, list[Attempt]()
    for fields in act.messages:
        delivered = await deliver(world, person, fields)
        saw = delivered.saw if delivered.saw.kind != "nothing" else saw
        attempts.extend(delivered.attempts)
    return Delivered(saw, tuple(attempts))


async def upload(request: web.Request) -> web.Response:
    """POST /sim/phones/{id}/upload {"data"?, "content_type"?}: the JS-SDK's uploadImage; answers {"media_id", "url"}."""
    world = request.app[WORLD]
    media = sent_media(world, await read_json(request), "image")
    return web.json_response({"media_id": media.id, "url": media_url(world, media)})


async def code(request: web.Request) -> web.Response:
    """POST /sim/phones/{id}/code {"purpose": "login"|"phone"}: what wx.login and getPhoneNumber give the mini-program."""
    world, person, body = request.app[WORLD], find_phone(request), await read_json(request)
    purpose: Purpose = "phone" if body.get("purpose") == "phone" else "login"
    return web.json_response({"code": world.grants.issue(person, purpose, world.settings.code_ttl)})


async def browse(request: web.Request) -> web.Response:
    """GET /sim/phones/{id}/browse?url=: the phone's browser goes there, and authorizations know whose it is."""
    person, url = find_phone(request), URL(request.query.get("url", ""))
    if url.scheme not in {"http", "https"}:
        return refuse(400, "url must be http or https")
    response = web.Response(status=302, headers={"Location": str(url)})
    response.set_cookie(COOKIE, person.id, samesite="Lax")
    return response


async def frames(request: web.Request) -> web.Response:
    """GET /sim/frames?url=: {"allowed"}, whether the page of the back end at `url` may be shown inside a phone.

    A page of any other origin may not: nothing is asked of strangers' servers.
    """
    world, url = request.app[WORLD], URL(request.query.get("url", ""))
    if not url.is_absolute() or url.origin() != URL(world.settings.callback_url).origin():
        return web.json_response({"allowed": False})
    try:
        async with world.http.get(url, timeout=FRAME_PATIENCE, allow_redirects=False) as response:
            return web.json_response({"allowed": _may_be_framed(response.headers)})
    except (TimeoutError, aiohttp.ClientError):
        return web.json_response({"allowed": False})


def _may_be_framed(headers: Mapping[str, str]) -> bool:
    policy = headers.get("Content-Security-Policy", "")
    return "X-Frame-Options" not in headers and "frame-ancestors 'none'" not in policy


async def picture(request: web.Request) -> web.Response:
    """GET /mmbiz/{media_id}: what PicUrl points to."""
    world = request.app[WORLD]
    try:
        media = world.media.get(request.match_info["media_id"], world.settings.media_ttl)
    except ApiError:
        raise web.HTTPNotFound from None
    safe = media.content_type.startswith(("image/", "audio/", "video/")) and "svg" not in media.content_type
    content_type = media.content_type if safe else "application/octet-stream"
    return web.Response(body=media.data, content_type=content_type, headers={"X-Content-Type-Options": "nosniff"})


ROUTES = [
    web.post("/sim/phones", add_phone),
    web.get("/sim/phones", list_phones),
    web.patch("/sim/phones/{id}", change_phone),
    web.get("/sim/phones/{id}/messages", messages),
    web.get("/sim/phones/{id}/browse", browse),
    web.post("/sim/phones/{id}/upload", upload),
    web.post("/sim/phones/{id}/code", code),
    web.post("/sim/phones/{id}/{action}", act),
    web.get("/sim/frames", frames),
    web.get("/mmbiz/{media_id}", picture),
]
