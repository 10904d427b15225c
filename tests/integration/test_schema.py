"""The schema that the migrations make is the one that the models describe."""

import asyncpg
from tortoise import Tortoise
from tortoise.migrations.autodetector import MigrationAutodetector

from models import database


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


async def test_no_model_has_changed_without_a_migration(db: str) -> None:
    changes = await MigrationAutodetector(Tortoise.apps, database.tortoise_config(db)["apps"]).changes()
    assert [type(operation).__name__ for writer in changes for operation in writer.operations] == []
