"""What was kept of a record, as it was really committed; for tests."""

import asyncpg


async def row_of(sql: asyncpg.Connection) -> asyncpg.Record:
    """The newest record."""
    return await sql.fetchrow("SELECT * FROM records ORDER BY id DESC LIMIT 1")
