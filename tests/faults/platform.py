"""The simulator in the test's own process, with a way to keep an answer back after the call took effect."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer
from aiohttp.typedefs import Handler

from sandbox.app import create_app
from sandbox.person import USER_MESSAGE, Person, Window
from sandbox.settings import Settings
from sandbox.world import WORLD, World


@dataclass
class Platform:
    """The world of the simulator. A call of `hold_path` sets `held`, and is answered once `release` is set."""

    world: World
    url: str = ""
    hold_path: str = ""
    held: asyncio.Event = field(default_factory=asyncio.Event)
    release: asyncio.Event = field(default_factory=asyncio.Event)

    def variables(self) -> dict[str, str]:
        """Settings of the product that make it talk to this platform."""
        settings = self.world.settings
        return {
            "WECHAT_API_BASE": self.url,
            "WECHAT_OPEN_BASE": self.url,
            "WECHAT_APP_ID": settings.app_id,
            "WECHAT_APP_SECRET": settings.app_secret,
        }

    def follower(self, name: str = "张三") -> Person:
        """A person who follows the account and has just written to it."""
        person = self.world.add_person(name, "")
        person.followed = True
        count, seconds = USER_MESSAGE
        person.window = Window(count, self.world.clock.now() + seconds)
        return person

    def calls(self, path: str) -> int:
        """How often the product called that path."""
        return sum(line["kind"] == "api" and line["path"] == path for line in self.world.journal.lines())

    def let_go(self) -> None:
        """Answer what was kept back, and keep nothing back any more."""
        self.hold_path = ""
        self.release.set()


@asynccontextmanager
async def run_platform() -> AsyncIterator[Platform]:
    """The simulator on a free port. What its phones send reaches nobody: no back end has that address."""
    app = create_app(Settings(callback_url="http://127.0.0.1:1/wechat"))
    platform = Platform(app[WORLD])

    @web.middleware
    async def hold(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if request.path == platform.hold_path:
            platform.held.set()
            await platform.release.wait()
        return response

    app.middlewares.append(hold)
    server = TestServer(app)
    await server.start_server()
    platform.url = str(server.make_url("")).rstrip("/")
    try:
        yield platform
    finally:
        platform.let_go()
        await server.close()
