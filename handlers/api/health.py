"""/healthz: the process is up. /readyz: it can serve: database, schema and Redis answer."""

import asyncio
import logging

from aiohttp import web
from redis.exceptions import RedisError

from handlers.runtime import RUNTIME
from models.database import is_schema_newest

_log = logging.getLogger(__name__)
_PATIENCE = 3.0


async def healthz(request: web.Request) -> web.Response:
    """Always 200 while the process runs."""
    return web.json_response({"status": "up"})


async def readyz(request: web.Request) -> web.Response:
    """200 when everything answers within three seconds, else 503; names what does not."""
    checks = {"database": _database(), "redis": _redis(request)}
    found = dict(zip(checks, await asyncio.gather(*checks.values()), strict=True))
    return web.json_response(found, status=200 if set(found.values()) == {"ok"} else 503)


async def _database() -> str:
    try:
        async with asyncio.timeout(_PATIENCE):
            return "ok" if await is_schema_newest() else "schema is old: run `zhiping migrate`"
    except Exception as error:  # asyncpg's own errors, too: whatever it is, this process cannot serve now
        _log.warning("not ready", extra={"action": "not_ready", "part": "database", "error": type(error).__name__})
        return "away"


async def _redis(request: web.Request) -> str:
    try:
        async with asyncio.timeout(_PATIENCE):
            await request.app[RUNTIME].redis.ping()
            return "ok"
    except (RedisError, OSError, TimeoutError) as error:
        _log.warning("not ready", extra={"action": "not_ready", "part": "redis", "error": type(error).__name__})
        return "away"
