"""A message that met PostgreSQL between crash and recovery failed at once instead of being tried again: its socket was not there."""

from pathlib import Path

import pytest
from tortoise import connections

from models import database


async def test_a_missing_socket_passes(tmp_path: Path) -> None:
    await database.connect(f"postgresql://postgres@/postgres?host={tmp_path}")
    try:
        with pytest.raises(Exception) as caught:  # noqa: PT011 - whichever it is, it has to be seen as passing
            await connections.get("default").execute_query("SELECT 1")
    finally:
        await database.disconnect()
    assert database.is_passing(caught.value)
