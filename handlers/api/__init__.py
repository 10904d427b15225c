"""Doors for programs. `URLS` is the one table."""

from aiohttp import web

from handlers.api.health import healthz, readyz

URLS = (web.get("/healthz", healthz), web.get("/readyz", readyz))
