"""The API client and the callback against the simulator."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis

from bot.client import WeChat
from bot.tokens import Tokens
from config import clock
from sandbox.app import create_app
from sandbox.phones import Phone, Sandbox
from sandbox.settings import Settings
from tests.ports import free_port

Client = Callable[[], AbstractAsyncContextManager[WeChat]]


@pytest.fixture
async def settings() -> Settings:
    callback = f"http://127.0.0.1:{free_port()}/wechat"
    return Settings(port=free_port(), callback_url=callback, deadline=1.0, retry_pause=0.01, job_finish_delay=0.0)


@pytest.fixture
async def base(settings: Settings) -> AsyncIterator[str]:
    async with TestServer(create_app(settings), port=settings.port, shutdown_timeout=0.1) as server:
        yield str(server.make_url("/")).rstrip("/")


@pytest.fixture
async def sandbox(base: str) -> AsyncIterator[Sandbox]:
    async with Sandbox(base) as sandbox:
        yield sandbox


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
async def client(base: str, settings: Settings, redis: Redis) -> Client:
    """Makes API clients that share nothing but Redis, as several processes do."""

    @asynccontextmanager
    async def make() -> AsyncIterator[WeChat]:
        async with aiohttp.ClientSession() as http:
            yield WeChat(http, Tokens(http, redis, settings.app_id, settings.app_secret, base), base, clock.now)

    return make


@pytest.fixture
async def wechat(client: Client) -> AsyncIterator[WeChat]:
    async with client() as wechat:
        yield wechat


@pytest.fixture
async def phone(sandbox: Sandbox) -> Phone:
    """A follower who has just written, so that the window for messages is open."""
    phone = await sandbox.phone("张三")
    await phone.follow()
    await phone.text("你好")
    return phone
