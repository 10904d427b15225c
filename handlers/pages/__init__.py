"""Pages for people's browsers. `URLS` is the one table; `go_live` gives an application what the live ones need."""

from collections.abc import Callable
from datetime import datetime

from aiohttp import web

from handlers.pages import briefs, musters, public_notices, rendering, results, screens, uploads
from handlers.pages.live import Live
from services.runtime import Runtime

URLS = (*screens.URLS, *briefs.URLS, *musters.URLS, *public_notices.URLS, *results.URLS, *uploads.URLS, *rendering.URLS)


def go_live(app: web.Application, rt: Runtime, now: Callable[[], datetime]) -> None:
    """Carry the live boards in the application; they end when it stops."""
    live = app[screens.LIVE] = Live(rt, now)
    app[screens.NOW] = now

    async def close(_: web.Application) -> None:
        await live.close()

    app.on_shutdown.append(close)
