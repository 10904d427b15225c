"""`make soak`: the schedules and the fuzzing of the tests, only more of them, on servers of its own.

python -m tests.faults.soak [--schedules 1000] [--seed 1000] [--callbacks 100000]    stops at the first failure, with its seed
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from app.embedded import Servers
from app.environment import DataDir
from models.database import migrate_schema
from tests.e2e.stage import open_stage
from tests.faults.outages import Outages
from tests.faults.schedules import play_all
from tests.faults.shelling import GROWTH_MB, lasting_keys, megabytes, record, rows_of, shell
from tests.faults.theatre import open_theatre

PER_STAGE = 25
"""Then the processes, the database's rows and the simulator's memory begin anew."""
PER_ROUND = 10_000


async def _values(servers: Servers, directory: Path) -> dict[str, str]:
    """Settings of the product on an empty database."""
    urls = {"DATABASE_URL": servers.postgres.url, "REDIS_URL": servers.redis.url}
    await migrate_schema(servers.postgres.url)
    (directory / "stage").mkdir()
    return {**DataDir(directory / "data").made_values(), **urls, "DATA_DIR": str(directory / "data")}


async def play_many(servers: Servers, directory: Path, first: int, count: int) -> None:
    """Play `count` schedules. Raises what the failing one raises."""
    values = await _values(servers, directory)
    outages = Outages(servers.postgres.url, servers.redis.url, servers.postgres, servers.redis)
    async with open_theatre(values, outages, directory / "stage") as theatre:
        await play_all(theatre, range(first, first + count), lambda schedule: print(schedule, flush=True))


async def fuzz_much(servers: Servers, directory: Path, count: int) -> None:
    """Send `count` fuzzed callbacks. Raises AssertionError for an answer, a trace or growth that should not be."""
    values, statuses, sizes = await _values(servers, directory), Counter[int](), []
    async with open_stage(values, directory / "stage") as stage:
        recorded = await record(stage)
        stage.kill("work")
        before = await rows_of(servers.postgres.url)
        for start in range(0, count, PER_ROUND):
            statuses += await shell(stage, recorded, min(PER_ROUND, count - start), start)
            sizes.append(megabytes(stage))
            print(f"{statuses.total()} callbacks: {dict(statuses)}, {sizes[-1]:.0f} MB", flush=True)
            assert sizes[-1] - sizes[0] < GROWTH_MB, sizes
        assert await rows_of(servers.postgres.url) == before
        assert await lasting_keys(servers.redis.url) == []
        assert '"level": "error"' not in stage.all_logs()


def _on_servers(act: Any, *arguments: int) -> None:
    """`act(servers, directory, *arguments)` on fresh servers. The directory stays where it fails, for the logs in it."""
    directory = Path(tempfile.mkdtemp(prefix="zhiping-soak-"))
    print(f"logs: {directory}/stage/logs", flush=True)
    with Servers(directory, postgres_extra="fsync = off") as servers:
        acting: Coroutine[Any, Any, None] = act(servers, directory, *arguments)
        asyncio.run(acting)
    shutil.rmtree(directory)


def main() -> int:
    """Run it and print; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak")
    parser.add_argument("--schedules", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--callbacks", type=int, default=0)
    options = parser.parse_args()
    end = options.seed + options.schedules
    try:
        if options.callbacks:
            _on_servers(fuzz_much, options.callbacks)
        for first in range(options.seed, end, PER_STAGE):
            _on_servers(play_many, first, min(PER_STAGE, end - first))
    except Exception:
        traceback.print_exc()
        return 1
    print(f"{options.callbacks} fuzzed callbacks without a trace; {options.schedules} schedules, and after each:")
    print("acknowledged = counted once, none after the close, result = recount, nothing linkable.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
