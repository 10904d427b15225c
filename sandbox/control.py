"""The control API under /sim/: phones, and how the platform behaves. JSON in, JSON out; documented in docs/simulator.md."""

import asyncio
import json
import secrets
from datetime import datetime
from typing import Any

import aiohttp
from aiohttp import web
from pydantic import ValidationError
from yarl import URL

from sandbox import crypto, events
from sandbox.actions import ACTIONS, Act, Action, Impossible, media_url, sent_media
from sandbox.answers import NOTHING
from sandbox.delivery import Attempt, Delivered, deliver
from sandbox.faults import ApiFault, DeliveryFaults
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
PERSON_FLAGS = ("name", "note", "blocked", "snapshot", "high_risk")


def refuse(status: int, say: str) -> web.Response:
    """An error of the control API."""
    return web.json_response({"error": say}, status=status)


@web.middleware
async def control_errors(request: web.Request, handler: Any) -> web.StreamResponse:
    """Turn what a caller got wrong into 4xx with a reason."""
    try:
        response: web.StreamResponse = await handler(request)
    except Impossible as error:
        return refuse(409, str(error))
    except ValidationError as error:
        return refuse(400, "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()))
    except (json.JSONDecodeError, ValueError) as error:
        return refuse(400, f"unusable input: {error}")
    return response


async def read_json(request: web.Request) -> dict[str, Any]:
    """The JSON object in the body; {} when there is none."""
    body = json.loads(await request.text() or "{}")
    if not isinstance(body, dict):
        raise ValueError("a JSON object is expected")
    return body


def find_phone(request: web.Request) -> Person:
    """The phone named in the path; 404 otherwise."""
    person = request.app[WORLD].people.get(request.match_info["id"])
    if person is None:
        raise web.HTTPNotFound(text='{"error": "no such phone"}', content_type="application/json")
    return person


async def add_phone(request: web.Request) -> web.Response:
    """POST /sim/phones {"name", "note"?}."""
    body = await read_json(request)
    person = request.app[WORLD].add_person(str(body.get("name") or "无名"), str(body.get("note") or ""))
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
    after = int(request.query.get("after", 0))
    return web.json_response({"messages": [entry.json() for entry in find_phone(request).entries[after:]]})


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


async def picture(request: web.Request) -> web.Response:
    """GET /mmbiz/{media_id}: what PicUrl points to."""
    world = request.app[WORLD]
    media = world.media.get(request.match_info["media_id"], world.settings.media_ttl)
    return web.Response(body=media.data, content_type=media.content_type)


async def verify_url(request: web.Request) -> web.Response:
    """POST /sim/verify-url {"bad_signature"?}: the GET handshake that the console makes when the address is saved."""
    world, body = request.app[WORLD], await read_json(request)
    timestamp, nonce = str(int(world.clock.now())), str(secrets.randbelow(2_000_000_000))
    echo = str(secrets.randbelow(10**19))
    signature = crypto.sign("wrong" if body.get("bad_signature") else world.settings.token, timestamp, nonce)
    query = {"signature": signature, "echostr": echo, "timestamp": timestamp, "nonce": nonce}
    try:
        status, answer = await _get(world, URL(world.settings.callback_url).update_query(query))
    except (TimeoutError, aiohttp.ClientError) as error:
        return web.json_response({"ok": False, "status": 0, "reason": f"connection failed: {type(error).__name__}"})
    ok = status == 200 and answer == echo.encode()
    world.note("verify", ok=ok, status=status)
    return web.json_response({"ok": ok, "status": status, "reason": "" if ok else "answer is not the echostr"})


async def _get(world: World, url: URL) -> tuple[int, bytes]:
    timeout = aiohttp.ClientTimeout(total=world.settings.deadline)
    async with world.http.get(url, timeout=timeout, allow_redirects=False) as response:
        return response.status, await response.read()


async def set_faults(request: web.Request) -> web.Response:
    """POST /sim/faults {"phone"?, "deliveries"?: {...}, "api"?: {...}, "tokens"?: "expire"|"replace", "clear"?: true}."""
    world, body = request.app[WORLD], await read_json(request)
    if body.get("clear"):
        world.faults = type(world.faults)()
    if "deliveries" in body:
        world.faults.set_deliveries(body.get("phone"), DeliveryFaults.model_validate(body["deliveries"]))
    if "api" in body:
        world.faults.add_api(ApiFault.model_validate(body["api"]))
    if "tokens" in body:
        world.tokens.kill_all(expired=body["tokens"] == "expire")
    world.note("faults", **world.faults.json())
    return web.json_response(world.faults.json())


async def move_clock(request: web.Request) -> web.Response:
    """POST /sim/clock {"advance": seconds} or {"set": ISO 8601 with offset}; GET tells the time."""
    world, body = request.app[WORLD], await read_json(request)
    if "advance" in body:
        world.clock.advance(float(body["advance"]))
    if "set" in body:
        world.clock.set(datetime.fromisoformat(body["set"]))
    return web.json_response({"now": world.clock.iso()})


async def add_scene(request: web.Request) -> web.Response:
    """POST /sim/scenes {"name", "scene"}: offer a code for scanning; GET lists them."""
    world = request.app[WORLD]
    if request.method == "POST":
        body = await read_json(request)
        world.codes.named[str(body["name"])] = str(body["scene"])
        world.journal.publish("scenes", world.codes.offered())
    return web.json_response({"scenes": world.codes.offered()})


async def settings(request: web.Request) -> web.Response:
    """GET or PATCH /sim/settings; secrets can be set, never read."""
    world = request.app[WORLD]
    if request.method == "PATCH":
        world.settings = world.settings.patched(await read_json(request))
    return web.json_response(world.settings.public())


async def log(request: web.Request) -> web.Response:
    """GET /sim/log?after=N."""
    return web.json_response({"log": request.app[WORLD].journal.lines(int(request.query.get("after", 0)))})


async def menu(request: web.Request) -> web.Response:
    """GET /sim/menu: the menu as phones show it, or null."""
    return web.json_response({"menu": request.app[WORLD].menu})


async def reset(request: web.Request) -> web.Response:
    """POST /sim/reset."""
    request.app[WORLD].reset()
    return web.json_response({})


async def feed(request: web.Request) -> web.StreamResponse:
    """GET /sim/events: server-sent events message, phone, log, scenes, menu, reset."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    with request.app[WORLD].journal.subscribed() as queue:
        while True:
            try:
                event = await asyncio.wait_for(queue.get(), 15)
            except TimeoutError:
                event = {"event": "ping", "data": {}}
            if event is None:
                return response
            data = json.dumps(event["data"], ensure_ascii=False)
            await response.write(f"event: {event['event']}\ndata: {data}\n\n".encode())


ROUTES = [
    web.post("/sim/phones", add_phone),
    web.get("/sim/phones", list_phones),
    web.patch("/sim/phones/{id}", change_phone),
    web.get("/sim/phones/{id}/messages", messages),
    web.post("/sim/phones/{id}/upload", upload),
    web.post("/sim/phones/{id}/{action}", act),
    web.get("/mmbiz/{media_id}", picture),
    web.post("/sim/verify-url", verify_url),
    web.post("/sim/faults", set_faults),
    web.post("/sim/clock", move_clock),
    web.get("/sim/clock", move_clock),
    web.post("/sim/scenes", add_scene),
    web.get("/sim/scenes", add_scene),
    web.get("/sim/settings", settings),
    web.patch("/sim/settings", settings),
    web.get("/sim/log", log),
    web.get("/sim/menu", menu),
    web.post("/sim/reset", reset),
    web.get("/sim/events", feed),
]
