"""How the fake API host answers: tokens, rations, faults, and the platform's way of writing JSON."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

from sandbox.errors import ApiError, error_json
from sandbox.faults import ApiFault
from sandbox.journal import masked
from sandbox.world import WORLD, World

Json = dict[str, Any]
OK: Json = {"errcode": 0, "errmsg": "ok"}
# A character written as \u and four digits; control characters have no other spelling and stay allowed.
_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\u(?!00[01])[0-9a-fA-F]{4}")


@dataclass(frozen=True)
class Call:
    """One API call. `app_id` is the token's account, "" where no token is needed; `body` the JSON of a POST."""

    world: World
    request: web.Request
    app_id: str
    body: Json = field(default_factory=dict)

    def query(self, name: str) -> str:
        """A query parameter, "" when absent."""
        return self.request.query.get(name, "")


Handler = Callable[[Call], Awaitable[Json | web.Response]]
Account = Literal["oa", "mp", "any", "none"]


@dataclass(frozen=True)
class Endpoint:
    """One API path. `account` tells whose token it takes; `form` that the body is not JSON."""

    method: str
    path: str
    handler: Handler
    account: Account = "oa"
    form: bool = False

    def route(self) -> web.RouteDef:
        """The aiohttp route."""

        async def serve(request: web.Request) -> web.StreamResponse:
            return await answer(self, request)

        return web.route(self.method, self.path, serve)


async def answer(endpoint: Endpoint, request: web.Request) -> web.StreamResponse:
    """HTTP 200 with JSON as text/plain, or bytes; errors are errcodes."""
    world = request.app[WORLD]
    body: Json = {}
    fault = world.faults.take_api(endpoint.path)
    if fault and fault.kind != "errcode":
        return await _break(world, fault, request)
    try:
        if fault:
            raise ApiError(fault.errcode, ip=request.remote or "")
        app_id = _account(world, endpoint, request)
        body = {} if endpoint.form or endpoint.method == "GET" else _read(world, await request.read())
        caller = app_id or request.query.get("appid") or str(body.get("appid") or "")
        world.quota.spend(caller, endpoint.path, world.settings)
        result = await endpoint.handler(Call(world, request, app_id, body))
    except ApiError as error:
        result = error_json(error)
    _log(world, endpoint.path, request, body, result)
    return result if isinstance(result, web.StreamResponse) else as_text(result)


def as_text(result: Json) -> web.Response:
    """JSON in the platform's content type."""
    return web.Response(text=json.dumps(result, ensure_ascii=False), content_type="text/plain")


def _account(world: World, endpoint: Endpoint, request: web.Request) -> str:
    if endpoint.account == "none":
        return ""
    app_id = world.tokens.check(request.query.get("access_token", "")).app_id
    expected = {"oa": world.settings.app_id, "mp": world.settings.mp_app_id, "any": app_id}[endpoint.account]
    if app_id != expected:
        raise ApiError(48001)
    return app_id


def _read(world: World, raw: bytes) -> Json:
    if not raw:
        raise ApiError(44002)
    try:
        text = raw.decode()
        body = json.loads(text)
    except ValueError:
        raise ApiError(47001) from None
    if not isinstance(body, dict):
        raise ApiError(47001)
    if world.settings.unicode_escapes == "refuse" and _ESCAPE.search(text):
        raise ApiError(40033)
    return body


async def _break(world: World, fault: ApiFault, request: web.Request) -> web.StreamResponse:
    world.note("api", path=request.path, fault=fault.kind)
    if fault.kind == "html":
        return web.Response(status=502, text="<html><body>502 Bad Gateway</body></html>", content_type="text/html")
    if fault.kind == "hang":
        await asyncio.sleep(fault.seconds)
    if request.transport:
        request.transport.abort()
    return web.Response()


def _log(world: World, path: str, request: web.Request, body: Json, result: Json | web.StreamResponse) -> None:
    got = masked(result) if isinstance(result, dict) else f"{result.content_type} {result.status}"
    query = masked(
        {name: value for name, value in request.query.items() if name not in {"access_token", "js_code", "code"}}
    )
    world.note("api", path=path, query=query, body=masked(body), answer=got)
