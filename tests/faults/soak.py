"""`make soak`: the same schedules of faults, a thousand of them, on servers of its own.

python -m tests.faults.soak [--schedules 1000] [--seed 1000]    one after another from that seed; stops at the first that fails
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

from app.embedded import Servers
from app.environment import DataDir
from models.database import migrate_schema
from tests.faults.outages import Outages
from tests.faults.schedules import play
from tests.faults.theatre import open_theatre

PER_STAGE = 25
"""Then the processes, the database's rows and the simulator's memory begin anew."""


async def soak(servers: Servers, directory: Path, first: int, count: int) -> None:
    """Play `count` schedules. Raises what the failing one raises."""
    database_url, redis_url = servers.postgres.url, servers.redis.url
    values = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "DATA_DIR": str(directory / "data")}
    values = {**DataDir(directory / "data").made_values(), **values}
    await migrate_schema(database_url)
    outages = Outages(database_url, redis_url, servers.postgres, servers.redis)
    (directory / "stage").mkdir()
    async with open_theatre(values, outages, directory / "stage") as theatre:
        for seed in range(first, first + count):
            started = time.monotonic()
            schedule = await play(theatre, seed)
            print(f"{time.monotonic() - started:5.1f}s  {schedule}", flush=True)


def main() -> int:
    """Run it and print; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak")
    parser.add_argument("--schedules", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1000)
    options = parser.parse_args()
    end = options.seed + options.schedules
    for first in range(options.seed, end, PER_STAGE):
        directory = Path(tempfile.mkdtemp(prefix="zhiping-soak-"))
        try:
            with Servers(directory, postgres_extra="fsync = off") as servers:
                asyncio.run(soak(servers, directory, first, min(PER_STAGE, end - first)))
        except Exception:
            traceback.print_exc()
            print(f"logs: {directory}", file=sys.stderr)
            return 1
        shutil.rmtree(directory)
    print(
        f"{options.schedules} schedules; after each: acknowledged = counted once, none after the close, none linkable."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
