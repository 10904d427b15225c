"""Real servers for the tests: embedded ones, or those that DATABASE_URL and REDIS_URL name; a fresh database for each test."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import hypothesis
import pytest
import redis.asyncio
from playwright.async_api import expect

from app.embedded import Postgres, Redis
from app.environment import DataDir
from app.resources import open_runtime
from config.settings import load_settings
from models import database
from services.runtime import Runtime
from tests.faults.platform import Platform, run_platform

# What a busy machine takes over one example says nothing about the product.
hypothesis.settings.register_profile("shared", deadline=None)
hypothesis.settings.load_profile("shared")
# What is waited for is an event, not a speed: on a busy machine it may take its time. How long it takes is in bench/.
expect.set_options(timeout=30_000)


def _named(url: str, name: str) -> str:
    """The same server, another database."""
    address, mark, query = url.partition("?")
    return f"{address.rsplit('/', 1)[0]}/{name}{mark}{query}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres | None]:
    """The embedded PostgreSQL of this run (None where DATABASE_URL names one). Killing it is survivable: only fsync is off."""
    if os.environ.get("DATABASE_URL"):
        yield None
        return
    # Not under pytest's own directory: that is closed to the user as whom PostgreSQL runs under root.
    directory = Path(tempfile.mkdtemp(prefix="zhiping-test-"))
    server = Postgres(directory / "postgres", extra="fsync = off").start()
    yield server
    server.stop()
    shutil.rmtree(directory)


@pytest.fixture(scope="session")
def server_url(postgres: Postgres | None) -> str:
    """Address of the server's own database."""
    return postgres.url if postgres else os.environ["DATABASE_URL"]


@pytest.fixture(scope="session")
async def template(server_url: str) -> AsyncIterator[str]:
    """Name of a database with the newest schema, cloned for each test."""
    name = f"template_{uuid4().hex[:12]}"
    await _execute(server_url, f'CREATE DATABASE "{name}"')
    await database.migrate_schema(_named(server_url, name))
    yield name
    await _execute(server_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def database_url(server_url: str, template: str) -> AsyncIterator[str]:
    """A fresh database of the newest schema."""
    name = f"test_{uuid4().hex[:12]}"
    await _execute(server_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield _named(server_url, name)
    await _execute(server_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[str]:
    """Tortoise connected to a fresh database; the value is its address."""
    await database.connect(database_url)
    yield database_url
    await database.disconnect()


@pytest.fixture
async def sql(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A second connection, so that a test reads what was really committed."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis | None]:
    """The embedded Redis of this run (None where REDIS_URL names one)."""
    if os.environ.get("REDIS_URL"):
        yield None
        return
    server = Redis().start()
    yield server
    server.remove()


@pytest.fixture
async def redis_url(redis_server: Redis | None) -> str:
    """An empty Redis."""
    url = redis_server.url if redis_server else os.environ["REDIS_URL"]
    async with redis.asyncio.from_url(url) as client:
        await client.flushall()
    return url


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    """The simulated platform, in this process; the product of a test that asks for it talks to it."""
    async with run_platform() as platform:
        yield platform


@pytest.fixture
def settings_values(
    request: pytest.FixtureRequest, database_url: str, redis_url: str, data_dir: Path
) -> dict[str, str]:
    """A complete environment of the product, with fresh secrets."""
    values = {
        **DataDir(data_dir).made_values(),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "DATA_DIR": str(data_dir),
    }
    if "platform" in request.fixturenames:
        platform: Platform = request.getfixturevalue("platform")
        values |= platform.variables()
    return values


@pytest.fixture
async def own_postgres(settings_values: dict[str, str]) -> AsyncIterator[Postgres]:
    """A server for one test, so that it can be stopped. Asked for before `rt`."""
    # Not under pytest's own directory: that is closed to the user as whom PostgreSQL runs under root.
    directory = Path(tempfile.mkdtemp(prefix="zhiping-test-"))
    server = Postgres(directory / "postgres", extra="fsync = off").start()
    await database.migrate_schema(server.url)
    settings_values["DATABASE_URL"] = server.url
    yield server
    server.stop()
    shutil.rmtree(directory)


@pytest.fixture
async def rt(settings_values: dict[str, str]) -> AsyncIterator[Runtime]:
    """The runtime of a process, on a fresh database and an empty Redis."""
    async with open_runtime(load_settings(settings_values)) as runtime:
        yield runtime


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """An empty DATA_DIR."""
    return tmp_path / "data"
