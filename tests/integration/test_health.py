"""/healthz and /readyz of a real web process's application: what is away is named, and nothing else is told."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from aiohttp.test_utils import TestClient, TestServer

from app.build import make_web_app
from app.resources import open_runtime
from config.settings import load_settings

Served = Callable[..., AbstractAsyncContextManager[TestClient]]
READY = {"database": "ok", "redis": "ok"}


@pytest.fixture
def served(settings_values: dict[str, str]) -> Served:
    """The web application with changed settings, asked over HTTP."""

    @asynccontextmanager
    async def serve(**changes: str) -> AsyncIterator[TestClient]:
        async with (
            open_runtime(load_settings(settings_values | changes)) as rt,
            TestClient(TestServer(make_web_app(rt))) as client,
        ):
            yield client

    return serve


async def ask(client: TestClient, path: str = "/readyz") -> tuple[int, dict[str, str]]:
    async with client.get(path) as response:
        return response.status, await response.json()


async def test_a_whole_process_is_up_and_ready(served: Served) -> None:
    async with served() as client:
        assert await ask(client, "/healthz") == (200, {"status": "up"})
        assert await ask(client) == (200, READY)
        async with client.get("/metrics") as response:
            assert response.status == 404, "figures are for the internal port only"


async def test_an_older_schema_is_named_until_it_is_migrated(served: Served, sql: asyncpg.Connection) -> None:
    async with served() as client:
        newest = await sql.fetchval("SELECT max(name) FROM tortoise_migrations")
        await sql.execute("UPDATE tortoise_migrations SET name = 'gone' WHERE name = $1", newest)
        status, found = await ask(client)
        assert (status, found["redis"]) == (503, "ok")
        assert "zhiping migrate" in found["database"]
        await sql.execute("UPDATE tortoise_migrations SET name = $1 WHERE name = 'gone'", newest)
        assert await ask(client) == (200, READY)


async def test_a_redis_that_is_away_is_named_and_the_process_stays_up(served: Served, tmp_path: Path) -> None:
    async with served(REDIS_URL=f"unix://{tmp_path}/none.sock") as client:
        assert await ask(client) == (503, {"database": "ok", "redis": "away"})
        assert (await ask(client, "/healthz"))[0] == 200


async def test_a_database_that_is_away_is_named_and_the_process_stays_up(served: Served, tmp_path: Path) -> None:
    async with served(DATABASE_URL=f"postgresql://postgres@/zp?host={tmp_path}") as client:
        assert await ask(client) == (503, {"database": "away", "redis": "ok"})
        assert (await ask(client, "/healthz"))[0] == 200


async def test_a_database_that_refuses_connections_is_away(
    served: Served, server_url: str, settings_values: dict[str, str]
) -> None:
    name = settings_values["DATABASE_URL"].partition("?")[0].rsplit("/", 1)[1]
    connection = await asyncpg.connect(server_url)
    try:
        async with served() as client:
            await connection.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false')
            await connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
            assert await ask(client) == (503, {"database": "away", "redis": "ok"})
    finally:
        await connection.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS true')
        await connection.close()
