"""The clock opens and closes a meeting with nobody touching it: once, by whichever worker lives, and the host is told."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg

from config import clock
from config.clock import SHANGHAI
from sandbox.phones import Phone
from tests.e2e.stage import Stage, bind, open_stage
from tests.integration.world import Hall, make_hall, meeting_of, name_of, roster_of

OPENS_AFTER, OPEN_FOR = timedelta(seconds=4), timedelta(seconds=5)
PATIENCE = 120


async def until(found: Callable[[], Awaitable[bool]], what: str) -> None:
    """Ask again and again, until it is so."""
    async with asyncio.timeout(PATIENCE):
        while not await found():
            await asyncio.sleep(0.1)


def timed_meeting(hall: Hall, opens_at: datetime, closes_at: datetime) -> str:
    """The meeting file of a hall whose voting the clock opens and closes."""
    text = meeting_of(hall, extra=f"opens_at: {opens_at.isoformat()}")
    return text.replace("2022-01-18T09:00:00+08:00", opens_at.isoformat()).replace(
        "2022-01-18T11:30:00+08:00", closes_at.isoformat()
    )


async def prepare(stage: Stage, hall: Hall, directory: Path) -> tuple[int, Phone]:
    """Roster and host's binding first, for they take time; then the meeting, whose voting the clock is about to open."""
    roster, file = directory / "roster.xlsx", directory / "meeting.yaml"
    roster.write_bytes(roster_of(hall))
    file.write_text(meeting_of(hall))
    await stage.run("roster", "import", str(roster))
    codes = {row["staff_no"]: row["code"] for row in await stage.json("roster", "codes", "--json")}
    began = clock.now()
    earlier = await stage.json("meeting", "import", str(file))
    took = clock.now() - began
    host = await stage.sandbox.phone(name_of(hall.host), codes[hall.host])
    await bind(host, host.name, host.note, earlier["scene"])
    # The second import has to be over by then, on a busy machine too.
    opens_at = (clock.now() + OPENS_AFTER + 3 * took).astimezone(SHANGHAI).replace(microsecond=0)
    file.write_text(timed_meeting(hall, opens_at, opens_at + OPEN_FOR))
    return (await stage.json("meeting", "import", str(file)))["id"], host


async def acts(connection: asyncpg.Connection, meeting: int) -> list[tuple[str, str]]:
    """Who did what to the meeting, in order."""
    rows = await connection.fetch(
        "SELECT actor, action FROM audit_entries WHERE object = $1 ORDER BY at, action", f"meeting:{meeting}"
    )
    return [(row["actor"], row["action"]) for row in rows]


async def pushes(host: Phone) -> list[str]:
    """What the host's phone got as host, without asking. (As one of the leaders they also get the summary.)"""
    got = [message.text for message in await host.messages() if message.via == "custom" and message.kind == "text"]
    return [text for text in got if "测评小结" not in text]


OPENED_AND_CLOSED = [("command", "import_meeting"), ("clock", "open_poll"), ("clock", "close_poll")]


async def test_two_workers_open_and_close_once_and_the_host_is_told(
    settings_values: dict[str, str], sql: asyncpg.Connection, tmp_path: Path
) -> None:
    async with open_stage(settings_values, tmp_path) as stage:
        stage.start("second", "work")
        meeting, host = await prepare(stage, make_hall(), tmp_path)

        async def is_over() -> bool:
            return len(await pushes(host)) >= 2

        await until(is_over, "two pushes")
        assert await acts(sql, meeting) == OPENED_AND_CLOSED
        # The meeting of years ago beside it is left alone.
        assert [row["state"] for row in await sql.fetch("SELECT state FROM meetings ORDER BY id")] == [
            "draft",
            "closed",
        ]
        opened, closed = await pushes(host)
        assert "投票已按时自动开始" in opened
        assert "已到结束时间，投票已自动结束" in closed
        tasks = (await host.text("任务")).text
        assert "投票已自动结束" in tasks
        assert "投票已按时自动开始" in tasks
        board = await host.text(f"主持{meeting}")
        assert "投票已结束" in board.text
        result = await stage.json("meeting", "result", str(meeting), "--json")
        assert result["state"] == "closed"
        # Nothing more comes: the notices and acts are those, however often the workers look.
        assert len(await pushes(host)) == 2
        kinds = [row["kind"] for row in await sql.fetch("SELECT kind FROM notices ORDER BY kind")]
        assert kinds == ["brief", "closed_by_clock", "opened_by_clock"]


async def test_a_worker_killed_before_the_close_is_made_up_for_by_the_next(
    settings_values: dict[str, str], sql: asyncpg.Connection, tmp_path: Path
) -> None:
    async with open_stage(settings_values, tmp_path) as stage:
        meeting, host = await prepare(stage, make_hall(), tmp_path)

        async def is_open() -> bool:
            return await state(sql, meeting) == "open"

        async def is_late() -> bool:
            return clock.now() > await sql.fetchval("SELECT closes_at FROM meetings WHERE id = $1", meeting)

        async def is_told() -> bool:
            return any("投票已自动结束" in text for text in await pushes(host))

        await until(is_open, "opened by the clock")
        stage.kill("work")
        await until(is_late, "closing time passed")
        assert await state(sql, meeting) == "open"
        stage.start("work", "work")
        await until(is_told, "the host is told")
        assert await acts(sql, meeting) == OPENED_AND_CLOSED
        assert await state(sql, meeting) == "closed"


async def state(connection: asyncpg.Connection, meeting: int) -> str:
    return str(await connection.fetchval("SELECT state FROM meetings WHERE id = $1", meeting))
