"""Opening what a process has at hand: database, Redis, WeChat, files."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from redis.asyncio import Redis

from bot.client import WeChat
from bot.tokens import Tokens
from config import clock
from config.settings import Settings
from models import database
from services.files import Files
from services.runtime import Runtime

# Twice what `bot.reception` lets in at once: a message may ask while its lease is kept up.
_REDIS_CONNECTIONS = 160


@asynccontextmanager
async def open_runtime(settings: Settings, *, ready: int = 1) -> AsyncIterator[Runtime]:
    """Everything a process has at hand: database, Redis, WeChat, files; all closed at the end.

    `ready`: database connections that are open from the start, so that the first burst need not wait for them.
    """
    await database.connect(settings.database_url.get_secret_value(), ready=ready)
    redis = Redis.from_url(settings.redis_url.get_secret_value(), max_connections=_REDIS_CONNECTIONS)
    try:
        async with aiohttp.ClientSession() as http:
            secret, base = settings.wechat_app_secret.get_secret_value(), settings.wechat_api_base
            tokens = Tokens(http, redis, settings.wechat_app_id, secret, base)
            yield Runtime(settings, redis, WeChat(http, tokens, base, clock.now), Files(settings.data_dir / "files"))
    finally:
        await redis.aclose()
        await database.disconnect()
