"""The whole meeting again, while processes are killed, Redis is flushed and PostgreSQL restarts: every acknowledged vote counts once."""

import asyncio
import random
import signal
import sys
from pathlib import Path

import asyncpg
import redis.asyncio

from app.embedded import Postgres
from tests.e2e.hall import LiveMeeting, enter, set_up, vote_stubbornly, voted_people
from tests.e2e.stage import Stage, open_stage
from tests.integration.world import make_hall

HALL = make_hall(leaders=8, delegates=36, masses=16, reporters=8)
# Killing has to be noticed quickly here; the platform waits five seconds.
PLATFORM = {"deadline": 5.0, "retry_pause": 0.3}


async def restart_postgres(postgres: Postgres | None, database_url: str) -> None:
    """Crash and recovery of the server; of one that is not ours, all its connections to this database."""
    if postgres is not None:
        await asyncio.to_thread(postgres.control, "-m", "immediate", "restart")
        return
    connection = await asyncpg.connect(database_url)
    others = "pid <> pg_backend_pid() AND datname = current_database()"
    await connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
    await connection.close()


async def opened(stage: Stage, tmp_path: Path) -> LiveMeeting:
    """The meeting, all inside, voting open."""
    meeting = await set_up(stage, HALL, tmp_path)
    await asyncio.gather(*(enter(meeting, number) for number in meeting.phones))
    await stage.run("meeting", "open", str(meeting.id))
    await stage.sandbox.faults(deliveries={"repeat_every": 3, "overlap_every": 5, "lose_every": 7})
    return meeting


async def test_killed_flushed_and_restarted_while_voting(
    settings_values: dict[str, str], postgres: Postgres | None, tmp_path: Path
) -> None:
    async with open_stage(settings_values, tmp_path, **PLATFORM) as stage:
        meeting = await opened(stage, tmp_path)

        async def trouble() -> None:
            await asyncio.sleep(0.4)
            stage.kill("serve")
            stage.start("serve", "serve")
            await stage.ready()
            await asyncio.sleep(0.4)
            async with redis.asyncio.from_url(settings_values["REDIS_URL"]) as client:
                await client.flushall()
            stage.kill("work")
            stage.start("work", "work")
            await asyncio.sleep(0.4)
            await restart_postgres(postgres, settings_values["DATABASE_URL"])

        votes = [vote_stubbornly(meeting, number, random.Random(number), asyncio.Event()) for number in meeting.phones]
        outcomes = await asyncio.gather(*votes, trouble())
        assert set(outcomes) <= {"counted", "voted", None}
        await stage.run("meeting", "close", str(meeting.id))
        voted = await voted_people(settings_values["DATABASE_URL"])
        assert voted == set(meeting.phones)
        await meeting.assert_recount(voted)


async def test_killed_while_closing(settings_values: dict[str, str], tmp_path: Path) -> None:
    """Whoever closes and is killed leaves the voting open, or closed, but never in between; votes go on meanwhile."""
    async with open_stage(settings_values, tmp_path, **PLATFORM) as stage:
        meeting = await opened(stage, tmp_path)
        stop = asyncio.Event()
        early, late = list(meeting.phones)[:35], list(meeting.phones)[35:]
        await asyncio.gather(*(vote_stubbornly(meeting, number, random.Random(number), stop) for number in early))

        async def kill_closers() -> None:
            for delay in (0.7, 0.8, 0.9):
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "app", "meeting", "close", str(meeting.id)),
                    env=stage.environment,
                    stdout=asyncio.subprocess.DEVNULL,
                    stderr=asyncio.subprocess.DEVNULL,
                )
                await asyncio.sleep(delay)
                if process.returncode is None:
                    process.send_signal(signal.SIGKILL)
                await process.wait()
            await stage.run("meeting", "close", str(meeting.id))
            stop.set()

        votes = [vote_stubbornly(meeting, number, random.Random(number), stop) for number in late]
        await asyncio.gather(*votes, kill_closers())
        await meeting.assert_recount(await voted_people(settings_values["DATABASE_URL"]))


async def test_the_web_process_is_killed_while_the_host_closes(settings_values: dict[str, str], tmp_path: Path) -> None:
    async with open_stage(settings_values, tmp_path, **PLATFORM) as stage:
        meeting = await opened(stage, tmp_path)
        stop = asyncio.Event()
        await asyncio.gather(
            *(vote_stubbornly(meeting, number, random.Random(number), stop) for number in meeting.phones)
        )
        for attempt in range(40):
            said = await meeting.host.text("结束投票")
            if "没有可以" in said.text:
                break
            closing = asyncio.create_task(meeting.host.text("确认"))
            # Later each time, so that however slow the machine is, one close gets through.
            await asyncio.sleep(0.02 * attempt)
            stage.kill("serve")
            stage.start("serve", "serve")
            await stage.ready()
            await closing
        assert "投票已结束" in (await meeting.host.text("主持")).text
        await meeting.assert_recount(await voted_people(settings_values["DATABASE_URL"]))
