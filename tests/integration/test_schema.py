"""The schema that the migrations make is the one that the models describe."""

import asyncio
import sys
from uuid import uuid4

import asyncpg
from tortoise import Tortoise
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.models import Model

from models import database

# Table, columns, condition: what the database itself keeps unique.
Uniques = set[tuple[str, tuple[str, ...], str]]
INDEXES = """
SELECT relname AS table, indisunique AS is_unique, coalesce(pg_get_expr(indpred, indrelid), '') AS condition,
    ARRAY(SELECT attname::text FROM unnest(indkey) WITH ORDINALITY AS k(number, place)
          JOIN pg_attribute ON attrelid = indrelid AND attnum = number ORDER BY place) AS columns
FROM pg_index JOIN pg_class ON pg_class.oid = indrelid WHERE relnamespace = 'public'::regnamespace
"""


async def test_a_fresh_database_has_every_table_and_migrating_again_changes_nothing(
    database_url: str, sql: asyncpg.Connection
) -> None:
    tables = {
        row["tablename"] for row in await sql.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    }
    assert {"organisations", "people", "polls", "roll_entries", "sealed_ballots", "ballot_counts", "notices"} <= tables
    before = await sql.fetchval("SELECT count(*) FROM tortoise_migrations")
    await database.migrate_schema(database_url)
    assert await sql.fetchval("SELECT count(*) FROM tortoise_migrations") == before


async def test_several_processes_at_once_migrate_one_after_the_other(
    database_url: str, sql: asyncpg.Connection
) -> None:
    name = f"fresh_{uuid4().hex[:12]}"
    await sql.execute(f'CREATE DATABASE "{name}"')
    fresh = database_url.replace(await sql.fetchval("SELECT current_database()"), name)
    code = "import asyncio, sys; from models.database import migrate_schema as m; asyncio.run(m(sys.argv[1]))"
    started = [await asyncio.create_subprocess_exec(sys.executable, "-c", code, fresh) for _ in range(3)]
    assert [await one.wait() for one in started] == [0, 0, 0]
    await sql.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


async def test_no_model_has_changed_without_a_migration(db: str) -> None:
    changes = await MigrationAutodetector(Tortoise.apps, database.tortoise_config(db)["apps"]).changes()
    assert [type(operation).__name__ for writer in changes for operation in writer.operations] == []


def _columns(model: type[Model], names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(model._meta.fields_db_projection.get(name, f"{name}_id") for name in names)


def _said_unique(model: type[Model]) -> Uniques:
    meta, table = model._meta, model._meta.db_table
    fields = {
        (table, (column,), "") for name, column in meta.fields_db_projection.items() if meta.fields_map[name].unique
    }
    together = {(table, _columns(model, names), "") for names in meta.unique_together}
    named = {(table, _columns(model, one.fields), one.condition or "") for one in meta.constraints}
    return fields | together | named


def _plain(condition: str) -> str:
    """A condition without what the server adds to it: types and brackets."""
    for added in ("::text", "(", ")"):
        condition = condition.replace(added, "")
    return condition


async def test_what_a_model_calls_unique_the_database_keeps_unique(db: str, sql: asyncpg.Connection) -> None:
    """Also the conditional ones, which Tortoise does not make with a table."""
    kept = {
        (row["table"], tuple(row["columns"]), _plain(row["condition"]))
        for row in await sql.fetch(INDEXES)
        if row["is_unique"]
    }
    said = set().union(*(_said_unique(model) for model in Tortoise.apps["models"].values()))
    assert sum(condition != "" for *_, condition in said) == 8
    assert {(table, columns, _plain(condition)) for table, columns, condition in said} - kept == set()


async def test_what_a_model_wants_indexed_is_indexed(db: str, sql: asyncpg.Connection) -> None:
    there = {(row["table"], tuple(row["columns"])) for row in await sql.fetch(INDEXES)}
    wanted = {
        (model._meta.db_table, _columns(model, tuple(one.fields if hasattr(one, "fields") else one)))
        for model in Tortoise.apps["models"].values()
        for one in model._meta.indexes
    }
    assert wanted - there == set()
