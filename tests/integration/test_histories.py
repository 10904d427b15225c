"""What is kept for good cannot be changed in the database either, by whatever door: histories, and the terms of an open vote."""

import asyncpg
import pytest

from services.polls.polls import close_poll, open_poll
from services.runtime import Runtime
from tests.integration.world import NOW, Hall, hold

FINAL = pytest.raises(asyncpg.IntegrityConstraintViolationError)


@pytest.mark.parametrize("table", ["audit_entries", "record_steps", "filing_steps", "rectification_steps"])
async def test_the_database_refuses_any_change_of_a_history(sql: asyncpg.Connection, table: str) -> None:
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        with FINAL:
            await sql.execute(statement)


async def test_a_vote_keeps_what_it_was_opened_with_and_no_key_after_its_close(
    rt: Runtime, hall: Hall, sql: asyncpg.Connection
) -> None:
    meeting = await hold(hall)
    poll = await open_poll(rt, meeting.id, now=NOW, actor="test")
    for change in ("form = '{}'", "classes = '[]'", "min_class = 1", "is_small = NOT is_small"):
        with FINAL:
            await sql.execute(f"UPDATE polls SET {change}")
    for change in ("wrapped_secret = NULL", "state = 'closed'"):
        with pytest.raises(asyncpg.CheckViolationError):
            await sql.execute(f"UPDATE polls SET {change}")
    await close_poll(rt, meeting.id, now=NOW, actor="test")
    with pytest.raises(asyncpg.CheckViolationError):
        await sql.execute("UPDATE polls SET wrapped_secret = $1", bytes(poll.wrapped_secret or b"\0"))
