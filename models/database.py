"""Connecting Tortoise, and bringing the schema to its newest version."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
from asyncpg.exceptions import InterfaceError
from tortoise import Tortoise, connections
from tortoise.exceptions import DBConnectionError
from tortoise.migrations.api import migrate

from models import MODULES


async def _leave_as_it_is(_connection: object) -> None:
    """Before a connection goes back to the pool. The driver's own statement would be a second journey for every query.

    We leave nothing behind in a session (no SET, no LISTEN, locks are of transactions); a transaction that was left open is
    rolled back by the driver in any case.
    """


def tortoise_config(database_url: str, *, pool: int = 10, ready: int = 1) -> dict[str, Any]:
    """Tortoise's configuration for a `postgresql://` address, which may name a socket directory by `?host=`."""
    url = urlsplit(database_url)
    query = {name: values[-1] for name, values in parse_qs(url.query).items()}
    credentials: dict[str, Any] = {
        "host": query.pop("host", None) or url.hostname or "localhost",
        "port": int(query.pop("port", 0)) or url.port or 5432,
        "user": unquote(url.username or "postgres"),
        "password": unquote(url.password or "") or None,
        "database": unquote(url.path.lstrip("/")) or "postgres",
        "minsize": ready,
        "maxsize": pool,
        # A cut connection must not keep a request beyond WeChat's five seconds.
        "timeout": 4,
        "command_timeout": 30,
        "reset": _leave_as_it_is,
    }
    if "sslmode" in query:
        credentials["ssl"] = query["sslmode"]
    return {
        "connections": {"default": {"engine": "tortoise.backends.asyncpg", "credentials": credentials}},
        "apps": {"models": {"models": MODULES, "default_connection": "default", "migrations": "models.migrations"}},
        "use_tz": True,
        "timezone": "UTC",
    }


async def connect(database_url: str, *, pool: int = 10, ready: int = 1) -> None:
    """Connect Tortoise for this process; `ready` of its `pool` connections are opened with the first query."""
    await Tortoise.init(config=tortoise_config(database_url, pool=pool, ready=ready))


async def disconnect() -> None:
    """Close all connections of this process."""
    await Tortoise.close_connections()


async def migrate_schema(database_url: str) -> None:
    """Bring the schema to the newest version; repeating does nothing. Of several at once one does it, and the others wait."""
    config = tortoise_config(database_url)
    given = config["connections"]["default"]["credentials"]
    # Outside the pool, which the migrations open and close themselves. The lock ends with its connection.
    names = {"host", "port", "user", "password", "database", "timeout", "ssl"}
    turn = await asyncpg.connect(**{name: value for name, value in given.items() if name in names})
    try:
        await turn.execute("SELECT pg_advisory_lock(hashtextextended('schema', 0))")
        await migrate(config=config)
    finally:
        await disconnect()
        await turn.close()


# The server is being stopped, has crashed, is starting, or cut the line.
_PASSING_STATES = {"57P01", "57P02", "57P03", "08000", "08001", "08003", "08004", "08006"}


def is_passing(error: BaseException | None) -> bool:
    """Whether an error says that the database was away for a moment, so that a repeat may succeed."""
    while error is not None:
        # FileNotFoundError: a server that restarts has no socket for a moment.
        if getattr(error, "sqlstate", None) in _PASSING_STATES or isinstance(
            error, DBConnectionError | ConnectionError | FileNotFoundError
        ):
            return True
        if isinstance(error, InterfaceError) and "closed" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


async def is_schema_newest() -> bool:
    """Whether every migration of this release has been applied. Raises the driver's errors where the database is away."""
    files = {path.stem for path in (Path(__file__).parent / "migrations").glob("[0-9]*.py")}
    rows = await connections.get("default").execute_query_dict("SELECT name FROM tortoise_migrations")
    return files <= {row["name"] for row in rows}
