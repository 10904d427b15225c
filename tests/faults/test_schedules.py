"""Thirty schedules of faults, each reproducible from its seed; `make soak` plays a thousand."""

from pathlib import Path

import pytest

from app.embedded import Postgres, Redis
from tests.faults.outages import Outages
from tests.faults.schedules import make_schedule, play_all
from tests.faults.theatre import open_theatre

PER_STAGE = 10


@pytest.mark.parametrize("first", [0, 10, 20])
async def test_schedules(
    settings_values: dict[str, str],
    postgres: Postgres | None,
    redis_server: Redis | None,
    tmp_path: Path,
    first: int,
) -> None:
    outages = Outages(settings_values["DATABASE_URL"], settings_values["REDIS_URL"], postgres, redis_server)
    async with open_theatre(settings_values, outages, tmp_path) as theatre:
        await play_all(theatre, range(first, first + PER_STAGE))


def test_a_seed_makes_one_schedule() -> None:
    voters = ["1", "2", "3"]
    assert str(make_schedule(7, voters)) == str(make_schedule(7, voters)) != str(make_schedule(8, voters))
