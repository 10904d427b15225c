"""A back end and a phone for each test."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from tests.integration.bot.hall import World, serve
from tests.integration.bot.phone import Phone


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """A client of an empty Redis."""
    async with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
async def world() -> World:
    """What the flows do is seen here."""
    return World()


@pytest.fixture
async def phone(redis: Redis, world: World) -> AsyncIterator[Phone]:
    """A follower's phone, in safe mode."""
    async with serve(redis, world) as client:
        yield Phone(client)
