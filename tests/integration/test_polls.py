"""Polls on a real PostgreSQL: one person one ballot, the close as a barrier, counts equal to a plain recount, nothing linkable."""

import asyncio
import random
from collections import Counter
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from redis.asyncio import Redis

from config.refusals import Refusal
from models.accounts import Account
from models.meetings import CLOSED, OPEN, Meeting, MeetingClass
from models.notices import Notice
from models.organisations import Organisation
from models.people import Person
from models.polls import Poll, SealedBallot
from services.ballots.seals import seal_ballot
from services.meetings.meetings import check_in, get_meeting, import_meeting, standing_of
from services.meetings.results import meeting_result
from services.people.roster import import_roster
from services.polls import polls
from services.polls.polls import Ballot, cast_ballot, close_poll, find_ballots, open_poll
from services.runtime import Runtime
from tests.integration.refusing import refused
from tests.integration.world import NOW, hold, make_hall, meeting_of, people_by_number, roster_of, seat

POINTS = {0: 95, 1: 85, 2: 70, 3: 50}
ABSTAIN = 4


async def ballot_of(person: int) -> Ballot:
    (ballot,) = await find_ballots(person)
    return ballot


async def cast(person: int, choices: list[int], key: str = "") -> None:
    ballot = await ballot_of(person)
    await cast_ballot(
        ballot.poll.id, person, ballot.class_no, bytes(ballot.poll.public_key or b""), choices, key or uuid4().hex
    )


async def test_a_whole_poll_equals_a_plain_recount(rt: Runtime, sql: asyncpg.Connection) -> None:
    hall = make_hall()
    meeting = await hold(hall)
    people = await people_by_number()
    voters = [number for numbers in hall.classes.values() for number in numbers]
    await seat(meeting, *(people[number] for number in voters))
    await open_poll(rt, meeting.id, now=NOW, actor="command")
    dice = random.Random(7)
    sent = {number: [dice.choice([0, 0, 1, 2, 3, ABSTAIN]) for _ in hall.reporters] for number in voters}
    order = list(sent)
    dice.shuffle(order)
    await asyncio.gather(*(cast(people[number], sent[number]) for number in order))
    assert await sql.fetchval("SELECT count(*) FROM sealed_ballots") == len(voters)
    assert len({len(row["box"]) for row in await sql.fetch("SELECT box FROM sealed_ballots")}) == 1
    await close_poll(rt, meeting.id, now=NOW, actor="command")
    result = await meeting_result(await get_meeting(meeting.id))
    weights = {"领导班子": Fraction(2, 5), "党员代表": Fraction(2, 5), "群众代表": Fraction(1, 5)}
    for place, row in enumerate(result["reporters"]):
        total = Fraction(0)
        for name, weight in weights.items():
            points = [POINTS[sent[number][place]] for number in hall.classes[name] if sent[number][place] != ABSTAIN]
            total += weight * Fraction(sum(points), len(points))
            assert row["by_class"][name]["ballots"] == len(hall.classes[name])
        assert Fraction(row["exact"]) == total
    assert result["turnout"] == {"entitled": 36, "present": 36, "voted": 36}


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


async def test_no_vote_without_presence_twice_by_strangers_or_after_the_close(rt: Runtime) -> None:
    hall = make_hall()
    meeting = await hold(hall)
    people = await people_by_number()
    person, other, absent = (people[number] for number in hall.classes["党员代表"][:3])
    await seat(meeting, person, other)
    await open_poll(rt, meeting.id, now=NOW, actor="command")
    ballot = await ballot_of(person)
    key = bytes(ballot.poll.public_key or b"")
    await refused("absent", cast(absent, [0, 0, 0]))
    await refused("not_entitled", cast_ballot(ballot.poll.id, people[hall.host], 0, key, [0, 0, 0], "k"))
    await cast(person, [0, 0, 0], key="first")
    await cast(person, [0, 0, 0], key="first")  # the same message again is answered as the first time
    await refused("already_voted", cast(person, [3, 3, 3], key="second"))
    assert await SealedBallot.all().count() == 1
    await close_poll(rt, meeting.id, now=NOW, actor="command")
    await refused("closed", cast_ballot(ballot.poll.id, other, 1, key, [0, 0, 0], "late"))


async def test_three_hundred_parallel_casts_of_one_person_count_once(rt: Runtime) -> None:
    hall = make_hall()
    meeting = await hold(hall)
    person = (await people_by_number())[hall.classes["党员代表"][0]]
    await seat(meeting, person)
    await open_poll(rt, meeting.id, now=NOW, actor="command")
    outcomes = await asyncio.gather(
        *(cast(person, [n % 5] * 3, key=f"key {n}") for n in range(300)), return_exceptions=True
    )
    counted = [one for one in outcomes if one is None]
    assert len(counted) == 1
    assert {one.code for one in outcomes if isinstance(one, Refusal)} == {"already_voted"}
    assert await SealedBallot.all().count() == 1


async def test_the_close_is_a_barrier(rt: Runtime) -> None:
    """Casts and the close race: whoever was told 已计入 is in the counts, whoever was refused is not."""
    hall = make_hall(delegates=60)
    meeting = await hold(hall)
    people = await people_by_number()
    voters = [people[number] for numbers in hall.classes.values() for number in numbers]
    await seat(meeting, *voters)
    await open_poll(rt, meeting.id, now=NOW, actor="command")
    ballots = {person: await ballot_of(person) for person in voters}

    async def vote(person: int) -> str:
        ballot = ballots[person]
        await asyncio.sleep(0)
        try:
            await cast_ballot(
                ballot.poll.id, person, ballot.class_no, bytes(ballot.poll.public_key or b""), [0, 1, 2], f"{person}"
            )
        except Refusal as refusal:
            return refusal.code
        return "counted"

    async def close() -> str:
        while await SealedBallot.all().count() < 20:
            await asyncio.sleep(0)
        await close_poll(rt, meeting.id, now=NOW, actor="command")
        return "close"

    outcomes = Counter((await asyncio.gather(close(), *(vote(person) for person in voters)))[1:])
    result = await meeting_result(await get_meeting(meeting.id))
    assert set(outcomes) <= {"counted", "closed"}
    assert result["turnout"]["voted"] == outcomes["counted"] >= 20


async def test_opening_and_closing_twice_or_by_two_at_once_is_once(rt: Runtime) -> None:
    hall = make_hall()
    meeting = await hold(hall)
    await refused("not_open", close_poll(rt, meeting.id, now=NOW, actor="command"))
    opened = await asyncio.gather(*(open_poll(rt, meeting.id, now=NOW, actor="command") for _ in range(4)))
    assert len({poll.id for poll in opened}) == 1
    await asyncio.gather(*(close_poll(rt, meeting.id, now=NOW, actor="command") for _ in range(4)))
    assert (await get_meeting(meeting.id)).state == CLOSED
    await refused("closed", open_poll(rt, meeting.id, now=NOW, actor="command"))


async def test_turnout_moves_in_steps_until_the_close(rt: Runtime) -> None:
    hall = make_hall()
    meeting = await hold(hall)
    people = await people_by_number()
    voters = [people[number] for number in hall.classes["党员代表"]]
    await seat(meeting, *voters)
    await open_poll(rt, meeting.id, now=NOW, actor="command")
    for person in voters[:9]:
        await cast(person, [0, 0, 0])
    standing = await standing_of(await get_meeting(meeting.id))
    assert (standing.entitled, standing.present, standing.voted, standing.missing) == (36, 20, 5, 11)
    result = await meeting_result(await get_meeting(meeting.id))
    assert result["turnout"]["voted"] == 5
    assert {row["onsite"] for row in result["reporters"]} == {None}
    await close_poll(rt, meeting.id, now=NOW, actor="command")
    assert (await meeting_result(await get_meeting(meeting.id)))["turnout"]["voted"] == 9


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


async def test_rules_and_roll_are_frozen_at_the_opening(rt: Runtime) -> None:
    hall = make_hall()
    meeting = await hold(hall)
    people = await people_by_number()
    await open_poll(rt, meeting.id, now=NOW, actor="command")
    poll = await Poll.get()
    await Meeting.filter(id=meeting.id).update(
        form={"items": ["别的"], "options": [["a", "1"], ["b", "2"]], "abstain": False}
    )
    newcomer = people[hall.reporters[0]]
    organisation = (await sql_org("0102")).id

    await Person.filter(id=newcomer).update(organisation_id=organisation)
    assert await find_ballots(newcomer) == []
    assert (await Poll.get(id=poll.id)).form["items"] == ["总体评价"]
    assert len(poll.scheme_sha256) == 64


async def sql_org(code: str) -> object:

    return await Organisation.get(code=code)


async def test_the_clock_opens_and_closes_what_its_file_says(rt: Runtime) -> None:
    hall = make_hall()
    early = NOW - timedelta(hours=1)
    file = meeting_of(hall, extra="opens_at: 2022-01-18T10:00:00+08:00")
    from services.people.roster import import_roster

    await import_roster(roster_of(hall), now=early, actor="test")
    meeting = await import_meeting(file.encode(), now=early, actor="test")
    opens, closes = NOW + timedelta(hours=1), NOW + timedelta(hours=2, minutes=30)
    await polls.open_due(rt, opens - timedelta(seconds=1))
    assert (await get_meeting(meeting.id)).state == "draft"
    await polls.open_due(rt, opens)
    assert (await get_meeting(meeting.id)).state == OPEN
    await polls.close_due(rt, closes - timedelta(seconds=1))
    assert (await get_meeting(meeting.id)).state == OPEN
    await asyncio.gather(polls.close_due(rt, closes), polls.close_due(rt, closes))
    closed = await get_meeting(meeting.id)
    assert closed.state == CLOSED
    assert closed.published_at is not None


async def test_a_meeting_opened_after_its_end_waits_for_the_host_to_close_it(rt: Runtime) -> None:
    hall = make_hall()
    meeting = await hold(hall)
    late = NOW + timedelta(days=400)
    await open_poll(rt, meeting.id, now=late, actor="command")
    await polls.close_due(rt, late + timedelta(minutes=1))
    assert (await get_meeting(meeting.id)).state == OPEN


async def test_check_in_is_once_and_ends_with_the_close(rt: Runtime, sql: asyncpg.Connection) -> None:
    hall = make_hall()
    meeting = await hold(hall)
    people = await people_by_number()
    voter, guest = people[hall.classes["领导班子"][0]], people[hall.host]
    await asyncio.gather(*(check_in(meeting.code, voter, NOW) for _ in range(10)))
    assert (await check_in(meeting.code, voter, NOW)).class_name == "领导班子"
    assert (await check_in(meeting.code, guest, NOW)).class_name is None
    assert await sql.fetchval("SELECT count(*) FROM check_ins") == 2
    await open_poll(rt, meeting.id, now=NOW, actor="command")
    assert (await check_in(meeting.code, people[hall.classes["群众代表"][0]], NOW)).class_name == "群众代表"
    await close_poll(rt, meeting.id, now=NOW, actor="command")
    await refused("closed", check_in(meeting.code, voter, NOW))
    await refused("no_such_meeting", check_in("nonsense", voter, NOW))


async def test_the_close_stands_when_redis_is_away_and_the_worker_cleans_up_later(
    rt: Runtime, sql: asyncpg.Connection
) -> None:
    meeting = await hold(make_hall())
    await open_poll(rt, meeting.id, now=NOW, actor="command")
    away = replace(rt, redis=Redis.from_url("unix:///nowhere/redis.sock"))
    await close_poll(away, meeting.id, now=NOW, actor="command")
    assert (await get_meeting(meeting.id)).state == CLOSED
    assert await sql.fetchval("SELECT cleaned_at FROM polls") is None
    await polls.close_due(rt, NOW)
    assert await sql.fetchval("SELECT cleaned_at FROM polls") == NOW


async def test_a_phone_casts_only_for_the_person_it_is_bound_to(rt: Runtime) -> None:
    hall = make_hall()
    meeting = await hold(hall)
    people = await people_by_number()
    person, other = (people[number] for number in hall.classes["党员代表"][:2])
    await seat(meeting, person, other)
    await open_poll(rt, meeting.id, now=NOW, actor="command")
    ballot = await ballot_of(person)
    key = bytes(ballot.poll.public_key or b"")

    def attempt(openid: str) -> Coroutine[Any, Any, None]:
        return cast_ballot(ballot.poll.id, person, ballot.class_no, key, [0, 0, 0], openid, openid=openid)

    await refused("not_yours", attempt("o-nobody"))
    await Account.create(openid="o-other", person_id=other, bound_at=NOW, consent="1")
    await refused("not_yours", attempt("o-other"))
    await Account.create(openid="o-own", person_id=person, bound_at=NOW, consent="1")
    await attempt("o-own")


async def test_no_vote_after_the_end_though_no_worker_has_closed(rt: Runtime) -> None:
    hall = make_hall()
    meeting = await hold(hall)
    people = await people_by_number()
    first, second = (people[number] for number in hall.classes["党员代表"][:2])
    await seat(meeting, first, second)
    await open_poll(rt, meeting.id, now=NOW, actor="command")
    ballot = await ballot_of(first)
    key, end = bytes(ballot.poll.public_key or b""), meeting.closes_at
    just_before = end - timedelta(seconds=1)
    await cast_ballot(ballot.poll.id, first, ballot.class_no, key, [0, 0, 0], "a", now=just_before)
    await refused("closed", cast_ballot(ballot.poll.id, second, ballot.class_no, key, [0, 0, 0], "b", now=end))
    await cast_ballot(ballot.poll.id, first, ballot.class_no, key, [0, 0, 0], "a", now=end)  # its repeat


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


async def test_one_meeting_that_cannot_be_closed_keeps_the_clock_from_no_other(rt: Runtime) -> None:
    hall = make_hall()
    bad = await hold(hall)
    good = [await import_meeting(meeting_of(hall).encode(), now=NOW, actor="test") for _ in range(2)]
    for meeting in (bad, *good):
        await open_poll(rt, meeting.id, now=NOW, actor="command")
    poll = await Poll.get(meeting=bad)
    await SealedBallot.create(id=uuid4(), poll=poll, box=b"x" * 50)
    end = bad.closes_at
    await polls.close_due(rt, end)
    assert (await get_meeting(bad.id)).state == OPEN
    assert {(await get_meeting(meeting.id)).state for meeting in good} == {CLOSED}
    (notice,) = await Notice.filter(kind="not_closed_by_clock")
    assert "没有按时结束投票" in notice.text


async def test_a_clock_opening_that_was_refused_first_is_told_when_it_comes(rt: Runtime) -> None:
    hall = make_hall()
    early, opens = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
    await import_roster(roster_of(hall), now=early, actor="test")
    file = meeting_of(hall, extra="opens_at: 2022-01-18T10:00:00+08:00")
    meeting = await import_meeting(file.encode(), now=early, actor="test")
    masses = MeetingClass.filter(meeting=meeting, name="群众代表")
    await masses.update(orgs=[])
    await polls.open_due(rt, opens)
    assert (await get_meeting(meeting.id)).state == "draft"
    await masses.update(orgs=["0101"])
    await polls.open_due(rt, opens + timedelta(seconds=2))
    assert (await get_meeting(meeting.id)).state == OPEN
    assert {one.kind for one in await Notice.all()} == {"not_opened_by_clock", "opened_by_clock"}


@pytest.mark.parametrize(
    ("sizes", "min_class", "told"), [((6, 20, 10), 5, False), ((4, 20, 10), 5, True), ((6, 20, 10), 1, True)]
)
async def test_voters_are_told_where_a_class_is_small_or_its_protection_off(
    rt: Runtime, sizes: tuple[int, int, int], min_class: int, told: bool
) -> None:
    hall = make_hall(*sizes)
    meeting = await hold(hall, meeting_of(hall, min_class=min_class))
    assert (await open_poll(rt, meeting.id, now=NOW, actor="command")).is_small is told
