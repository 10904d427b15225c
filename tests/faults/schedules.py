"""A seed becomes a schedule of troubles during a meeting's voting; after it the invariants must hold.

The schedule is the same for the same seed. What it meets, message by message, is up to the machine, as it is on a bad day.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import asyncpg

from config import clock
from tests.e2e.hall import vote_stubbornly
from tests.faults.invariants import (
    assert_counted_once,
    assert_logs_are_discreet,
    assert_nothing_linkable,
    assert_photos_arrived,
    assert_told_the_truth,
    find_voted,
)
from tests.faults.theatre import StagedMeeting, Theatre
from tests.faults.troubles import TROUBLES, Trouble

CLOSERS = ("host", "command", "killed command", "clock")


@dataclass(frozen=True)
class Schedule:
    """Troubles with the pauses before them; who closes, and after how long (of real seconds, None: when all have voted)."""

    seed: int
    troubles: tuple[tuple[float, Trouble], ...]
    closer: str
    closes_after: float | None
    absent: tuple[str, ...]

    def __str__(self) -> str:
        told = " ".join(f"+{pause:.2f}s {trouble.__name__}" for pause, trouble in self.troubles)
        when = "once all have voted" if self.closes_after is None else f"after {self.closes_after:.2f}s"
        return f"seed {self.seed}: {told}; closed by {self.closer} {when}"


def make_schedule(seed: int, voters: list[str]) -> Schedule:
    """The schedule of a seed."""
    dice = random.Random(seed)
    troubles = [(dice.uniform(0, 0.5), dice.choice(TROUBLES)) for _ in range(dice.randint(2, 5))]
    closer = dice.choice(CLOSERS)
    closes_after = dice.uniform(0.5, 2.5) if closer == "clock" or dice.random() < 0.5 else None
    return Schedule(seed, tuple(troubles), closer, closes_after, tuple(dice.sample(voters, dice.randint(0, 3))))


async def play(theatre: Theatre, seed: int) -> Schedule:
    """Hold a meeting under the schedule of this seed, and look at the invariants. Raises AssertionError with the seed."""
    schedule = make_schedule(seed, sorted(theatre.first.phones))
    try:
        await _play(theatre, schedule)
    except Exception as error:
        error.add_note(f"{schedule}\nagain: python -m tests.faults.soak --seed {seed} --schedules 1")
        raise
    return schedule


async def play_all(theatre: Theatre, seeds: range, told: Callable[[Schedule], None] = lambda _: None) -> None:
    """One schedule after another; in the end a look at what all of them left behind."""
    for seed in seeds:
        told(await play(theatre, seed))
    # A photo that could not be stored is tried again later: a day later, where our clock was a day ahead at the time.
    theatre.set_product_clock(timedelta(days=2).total_seconds())
    environment = theatre.stage.environment
    await assert_photos_arrived(environment["DATABASE_URL"], Path(environment["DATA_DIR"]) / "files")
    people = [theatre.first.host, theatre.bystander, *theatre.first.phones.values()]
    assert_logs_are_discreet(theatre.stage.all_logs(), people)


async def _play(theatre: Theatre, schedule: Schedule) -> None:
    meeting = await _open(theatre, schedule)
    read = {number: len(await phone.messages()) for number, phone in meeting.phones.items()}
    stop, dice = asyncio.Event(), random.Random(schedule.seed)
    voters = [number for number in meeting.phones if number not in schedule.absent]
    voting = asyncio.gather(*(_vote(meeting, number, schedule.seed, stop) for number in voters))
    troubling = asyncio.create_task(_trouble(theatre, schedule, dice))
    if schedule.closes_after is None:
        await voting
    else:
        await asyncio.sleep(schedule.closes_after)
    await _close(theatre, meeting, schedule.closer, dice)
    voted = await find_voted(theatre.outages.database_url, meeting.id)
    stop.set()
    await asyncio.gather(voting, troubling)
    await theatre.heal()
    await _assert_invariants(theatre, meeting, voted, read)


async def _open(theatre: Theatre, schedule: Schedule) -> StagedMeeting:
    # Else so late that no jump of the clock reaches it.
    by_clock = schedule.closer == "clock"
    ends = timedelta(seconds=schedule.closes_after or 0) if by_clock else timedelta(days=30)
    closes_at = (clock.now() + ends).isoformat()
    meeting = await theatre.new_meeting(f"述职评议会{schedule.seed}", {"closes_at": closes_at})
    saw = await asyncio.gather(*(phone.scan(meeting.scene) for phone in meeting.phones.values()))
    assert all("签到成功" in one.text for one in saw), saw
    said = await meeting.say_as_host(f"开始投票{meeting.id}", "确认")
    assert "投票已开始" in said.text, said
    return meeting


async def _vote(meeting: StagedMeeting, number: str, seed: int, stop: asyncio.Event) -> str:
    dice = random.Random(f"{seed} {number}")
    await asyncio.sleep(dice.uniform(0, 1))
    return await vote_stubbornly(meeting, number, dice, stop)


async def _trouble(theatre: Theatre, schedule: Schedule, dice: random.Random) -> None:
    for pause, trouble in schedule.troubles:
        await asyncio.sleep(pause)
        with suppress(OSError, asyncpg.PostgresError):  # PostgreSQL was away when the next trouble wanted it
            await trouble(theatre, dice)


async def _close(theatre: Theatre, meeting: StagedMeeting, closer: str, dice: random.Random) -> None:
    """Until it is closed: in the schedule's way three times, then by the command, as people would."""
    for attempt in range(40):
        if await _is_closed(theatre, meeting):
            return
        await _try_to_close(theatre, meeting, closer if attempt < 3 else "command", dice)
    raise AssertionError(f"could not be closed: {theatre.stage.all_logs()[-2000:]}")


async def _try_to_close(theatre: Theatre, meeting: StagedMeeting, closer: str, dice: random.Random) -> None:
    if closer == "host":
        await meeting.say_as_host(f"结束投票{meeting.id}", "确认")
    elif closer == "clock":
        await asyncio.sleep(1)
    else:
        await _command(theatre, meeting, dice.uniform(0.4, 1.2) if closer == "killed command" else None)


async def _command(theatre: Theatre, meeting: StagedMeeting, killed_after: float | None) -> None:
    stage = theatre.stage
    process = await asyncio.create_subprocess_exec(
        *(*stage.program, "meeting", "close", str(meeting.id)),
        env=stage.environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    with suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), killed_after)
        return
    process.kill()
    await process.wait()


async def _is_closed(theatre: Theatre, meeting: StagedMeeting) -> bool:
    try:
        connection = await asyncpg.connect(theatre.outages.database_url)
    except (OSError, asyncpg.PostgresError):
        await asyncio.sleep(0.1)
        return False
    try:
        return bool(await connection.fetchval("SELECT state = 'closed' FROM meetings WHERE id = $1", meeting.id))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    finally:
        connection.terminate()


async def _assert_invariants(theatre: Theatre, meeting: StagedMeeting, voted: set[str], read: dict[str, int]) -> None:
    """`voted`: who had voted the moment it was closed."""
    assert await find_voted(theatre.outages.database_url, meeting.id) == voted, "a vote after the close"
    await assert_told_the_truth(meeting.phones, read, voted)
    await assert_counted_once(meeting, voted)
    await assert_nothing_linkable(meeting)
