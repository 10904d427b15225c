"""The platform and a runtime for tests; and, as `python -m tests.faults.worker`, a worker process that a test can kill."""

import asyncio
import base64
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from aiohttp.typedefs import Handler
from redis.asyncio import Redis

from bot.client import WeChat
from bot.tokens import Tokens
from config import clock
from config.logging import set_up_logging
from config.settings import Settings, load_settings
from models import database
from sandbox.app import create_app
from sandbox.person import USER_MESSAGE, Person, Window
from sandbox.settings import Settings as PlatformSettings
from sandbox.world import WORLD, World
from scheduler import runner
from scheduler.jobs import JOBS
from services.files import Files
from services.runtime import Runtime


def environment(database_url: str, redis_url: str, api_base: str, data_dir: Path) -> dict[str, str]:
    """Variables that fit the simulator's own defaults."""
    return {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "DATA_DIR": str(data_dir),
        "WECHAT_APP_ID": "wx0123456789abcdef",
        "WECHAT_APP_SECRET": "sandbox-secret",
        "WECHAT_TOKEN": "simtoken",
        "WECHAT_API_BASE": api_base,
        "BALLOT_KEY": base64.b64encode(bytes(32)).decode(),
        "SESSION_KEY": base64.b64encode(bytes(range(32))).decode(),
    }


@dataclass
class Platform:
    """The simulator in this process. With `hold_path` set, the answer to such a call is kept back after it took effect."""

    world: World
    url: str
    held: asyncio.Event
    release: asyncio.Event
    hold_path: str = ""

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


@asynccontextmanager
async def run_platform() -> AsyncIterator[Platform]:
    """The simulator on a free port."""
    app = create_app(PlatformSettings())
    platform = Platform(app[WORLD], "", asyncio.Event(), asyncio.Event())

    @web.middleware
    async def hold(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if platform.hold_path and request.path == platform.hold_path:
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
        platform.release.set()
        await server.close()


@asynccontextmanager
async def open_runtime(settings: Settings, now: Callable[[], datetime] = clock.now) -> AsyncIterator[Runtime]:
    """What a process has at hand; the database is connected by the caller."""
    secret, base = settings.wechat_app_secret.get_secret_value(), settings.wechat_api_base
    async with Redis.from_url(settings.redis_url.get_secret_value()) as redis, ClientSession() as http:
        tokens = Tokens(http, redis, settings.wechat_app_id, secret, base)
        yield Runtime(settings, redis, WeChat(http, tokens, base, now), Files(settings.data_dir / "files"))


async def work(settings: Settings) -> None:
    """Run the worker's notices and media until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await database.connect(settings.database_url.get_secret_value())
    try:
        async with open_runtime(settings) as rt:
            await runner.run(rt, stop, table=[job for job in JOBS if job.name in {"send_notices", "fetch_media"}])
    finally:
        await database.disconnect()


if __name__ == "__main__":
    set_up_logging("info")
    asyncio.run(work(load_settings(os.environ)))
