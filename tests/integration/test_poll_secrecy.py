"""What nobody may learn from a poll, during it or ever after, and what nobody may slip into it."""

from uuid import uuid4

import asyncpg
import pytest

from models.meetings import OPEN
from models.polls import Poll, SealedBallot
from services.ballots.seals import seal_ballot
from services.meetings.meetings import get_meeting
from services.meetings.results import meeting_result
from services.polls.polls import close_poll, open_poll
from services.runtime import Runtime
from tests.integration.refusing import refused
from tests.integration.voted import cast
from tests.integration.world import NOW, hold, make_hall, meeting_of, people_by_number, seat

ABSTAIN = 4


async def test_what_remains_after_the_close_links_nobody_to_anything(rt: Runtime, sql: asyncpg.Connection) -> None:
    hall = make_hall()
    meeting = await hold(hall)
    people = await people_by_number()
    voters = [people[number] for numbers in hall.classes.values() for number in numbers]
    await seat(meeting, *voters)
    await open_poll(rt, meeting.id, now=NOW, actor="command")
    for person in voters[:30]:
        await cast(person, [0, 1, 2])
    await close_poll(rt, meeting.id, now=NOW, actor="command")
    assert await sql.fetchval("SELECT count(*) FROM sealed_ballots") == 0
    poll = await sql.fetchrow("SELECT * FROM polls")
    assert poll["public_key"] is poll["wrapped_secret"] is poll["wrapped_desk"] is None
    roll = await sql.fetch(
        "SELECT xmin::text, ctid::text, person_id, has_voted, cast_key FROM roll_entries ORDER BY ctid"
    )
    assert len({row["xmin"] for row in roll}) == 1
    assert {row["cast_key"] for row in roll} == {None}
    assert sum(row["has_voted"] for row in roll) == 30
    # Voting order was by person id; the physical order is random now.
    assert [row["person_id"] for row in roll] != sorted(row["person_id"] for row in roll)
    assert await sql.fetchval("SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'sealed_ballots'") == 0


async def test_small_classes_are_hidden_and_a_class_without_votes_refuses_the_score(rt: Runtime) -> None:
    hall = make_hall(leaders=3, delegates=20, masses=9)
    meeting = await hold(hall)
    people = await people_by_number()
    await seat(meeting, *(people[number] for numbers in hall.classes.values() for number in numbers))
    await open_poll(rt, meeting.id, now=NOW, actor="command")
    for numbers in hall.classes.values():
        for number in numbers:
            # The first reporter gets no counted vote from the masses.
            await cast(people[number], [ABSTAIN if number.startswith("3") else 0, 0, 1])
    await close_poll(rt, meeting.id, now=NOW, actor="command")
    first, second, _ = (await meeting_result(await get_meeting(meeting.id)))["reporters"]
    assert first["onsite"] is None
    assert first["reason"] == "empty_class"
    assert second["onsite"] == "95.00"
    assert second["exact"] == "95"
    assert second["by_class"] == {
        "领导班子": {"suppressed": True},
        "党员代表": {"ballots": 20, "abstained": 0, "score": "95.00"},
        "群众代表": {"suppressed": True},
    }


async def test_a_single_small_class_opens_only_when_the_host_accepts_it(rt: Runtime) -> None:
    hall = make_hall(delegates=4)
    file = meeting_of(hall)
    start, end = file.index("classes:"), file.index("reporters:")
    file = file[:start] + 'classes: {党员代表: {weight: "1", orgs: ["0102"]}}\n' + file[end:]
    meeting = await hold(hall, file)
    await refused("small_class", open_poll(rt, meeting.id, now=NOW, actor="command"))
    assert (await get_meeting(meeting.id)).state == "draft"
    poll = await open_poll(rt, meeting.id, now=NOW, actor="command", accept_small=True)
    assert poll.is_small


@pytest.mark.parametrize(
    ("sizes", "min_class", "told"), [((6, 20, 10), 5, False), ((4, 20, 10), 5, True), ((6, 20, 10), 1, True)]
)
async def test_voters_are_told_where_a_class_is_small_or_its_protection_off(
    rt: Runtime, sizes: tuple[int, int, int], min_class: int, told: bool
) -> None:
    hall = make_hall(*sizes)
    meeting = await hold(hall, meeting_of(hall, min_class=min_class))
    assert (await open_poll(rt, meeting.id, now=NOW, actor="command")).is_small is told


@pytest.mark.parametrize("tampering", ["stuffed", "removed", "garbage", "other class", "unknown option"])
async def test_what_was_put_in_or_taken_out_past_the_door_is_not_counted(
    rt: Runtime, sql: asyncpg.Connection, tampering: str
) -> None:
    hall = make_hall()
    meeting = await hold(hall)
    people = await people_by_number()
    voters = [people[number] for number in hall.classes["党员代表"]]
    await seat(meeting, *voters)
    await open_poll(rt, meeting.id, now=NOW, actor="command")
    for person in voters[:6]:
        await cast(person, [0, 0, 0])
    poll = await Poll.get()
    one = await SealedBallot.first()
    assert one is not None
    own = {"stuffed": (1, [0, 0, 0]), "other class": (0, [0, 0, 0]), "unknown option": (1, [0, 0, 9])}
    box = seal_ballot(bytes(poll.public_key or b""), *own[tampering]) if tampering in own else b"x" * 50
    if tampering != "stuffed":
        await one.delete()
    if tampering != "removed":
        await SealedBallot.create(id=uuid4(), poll=poll, box=box)
    await refused("tampered", close_poll(rt, meeting.id, now=NOW, actor="command"))
    assert (await get_meeting(meeting.id)).state == OPEN
    assert await sql.fetchval("SELECT count(*) FROM ballot_counts") == 0
