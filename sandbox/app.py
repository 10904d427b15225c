"""The simulator as one aiohttp application."""

from collections.abc import AsyncIterator

from aiohttp import web

from sandbox import (
    api_custom,
    api_media,
    api_menu,
    api_mini,
    api_oauth,
    api_qrcode,
    api_templates,
    api_tokens,
    api_users,
    control,
    control_phones,
    control_platform,
    page,
)
from sandbox.settings import Settings
from sandbox.world import WORLD, World

MODULES = (api_tokens, api_custom, api_menu, api_media, api_qrcode, api_templates, api_users, api_oauth, api_mini)
BODY_LIMIT = 16 * 1024 * 1024


def create_app(settings: Settings) -> web.Application:
    """The platform: fake API host, control API and phones page. Nothing of it outlives the application's clean-up."""
    app = web.Application(client_max_size=BODY_LIMIT, middlewares=[control.control_errors])
    app[WORLD] = World(settings)
    app.cleanup_ctx.append(_hold_world)
    app.on_shutdown.append(_end_feeds)
    for module in MODULES:
        app.add_routes([endpoint.route() for endpoint in module.ENDPOINTS])
    app.add_routes(
        [*api_qrcode.ROUTES, *api_oauth.ROUTES, *control_phones.ROUTES, *control_platform.ROUTES, *page.ROUTES]
    )
    return app


async def _hold_world(app: web.Application) -> AsyncIterator[None]:
    await app[WORLD].open()
    yield
    await app[WORLD].close()


async def _end_feeds(app: web.Application) -> None:
    app[WORLD].journal.close()
