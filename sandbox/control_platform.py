"""The control API of the platform itself: clock, faults, codes, templates, settings, log; documented in docs/simulator.md."""

import asyncio
import json
import secrets
from contextlib import suppress
from datetime import datetime

import aiohttp
from aiohttp import web
from yarl import URL

from sandbox import crypto
from sandbox.actions import need
from sandbox.control import read_json
from sandbox.faults import ApiFault, DeliveryFaults
from sandbox.templates import Template
from sandbox.world import WORLD, World


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
        world.codes.named[need(body, "name")] = need(body, "scene")
        world.journal.publish("scenes", world.codes.offered())
    return web.json_response({"scenes": world.codes.offered()})


async def add_page(request: web.Request) -> web.Response:
    """POST /sim/pages {"name", "url"}: a page that the phones page offers to open beside it, a big screen for example; GET lists them."""
    world = request.app[WORLD]
    if request.method == "POST":
        body = await read_json(request)
        url = need(body, "url")
        if not url.startswith(("http://", "https://")):
            raise ValueError("url must be http or https")
        world.pages[need(body, "name")] = url
        world.journal.publish("pages", _offered_pages(world))
    return web.json_response({"pages": _offered_pages(world)})


def _offered_pages(world: World) -> list[dict[str, str]]:
    return [{"name": name, "url": url} for name, url in world.pages.items()]


async def add_template(request: web.Request) -> web.Response:
    """POST /sim/templates: give the account a template; GET lists them."""
    world = request.app[WORLD]
    if request.method == "POST":
        template = Template.model_validate(await read_json(request))
        world.templates[template.template_id] = template
    return web.json_response({"templates": [template.model_dump() for template in world.templates.values()]})


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
    """GET /sim/events: server-sent events message, phone, log, scenes, pages, menu, typing, reset."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    with suppress(ConnectionResetError):  # the page was closed
        await response.prepare(request)
        await _tell_all(request.app[WORLD], response)
    return response


async def _tell_all(world: World, response: web.StreamResponse) -> None:
    await response.write(b": open\n\n")  # headers leave with the first bytes only
    with world.journal.subscribed() as queue:
        while True:
            try:
                event = await asyncio.wait_for(queue.get(), 15)
            except TimeoutError:
                event = {"event": "ping", "data": {}}
            if event is None:
                return
            data = json.dumps(event["data"], ensure_ascii=False)
            await response.write(f"event: {event['event']}\ndata: {data}\n\n".encode())


ROUTES = [
    web.post("/sim/verify-url", verify_url),
    web.post("/sim/faults", set_faults),
    web.post("/sim/clock", move_clock),
    web.get("/sim/clock", move_clock),
    web.post("/sim/scenes", add_scene),
    web.get("/sim/scenes", add_scene),
    web.post("/sim/pages", add_page),
    web.get("/sim/pages", add_page),
    web.post("/sim/templates", add_template),
    web.get("/sim/templates", add_template),
    web.get("/sim/settings", settings),
    web.patch("/sim/settings", settings),
    web.get("/sim/log", log),
    web.get("/sim/menu", menu),
    web.post("/sim/reset", reset),
    web.get("/sim/events", feed),
]
