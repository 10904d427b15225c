"""Under which key an aiohttp application carries the runtime."""

from aiohttp import web

from services.runtime import Runtime

RUNTIME = web.AppKey("runtime", Runtime)
