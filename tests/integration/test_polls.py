"""Polls on a real PostgreSQL: one person one ballot, the close as a barrier, counts equal to a plain recount, nothing linkable."""

import asyncio
import random
from collections import Counter
from collections.abc import Coroutine
from fractions import Fraction
from typing import Any

import asyncpg

from config.refusals import Refusal
from models.accounts import Account
from models.meetings import CLOSED, Meeting
from models.organisations import Organisation
from models.people import Person
from models.polls import Poll, SealedBallot
from services.meetings.meetings import check_in, get_meeting, standing_of
from services.meetings.results import meeting_result
from services.polls.polls import cast_ballot, close_poll, find_ballots, open_poll
from services.runtime import Runtime
from tests.integration.refusing import refused
from tests.integration.voted import ballot_of, cast
from tests.integration.world import NOW, hold, make_hall, people_by_number, seat

POINTS = {0: 95, 1: 85, 2: 70, 3: 50}
ABSTAIN = 4


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
    organisation = (await Organisation.get(code="0102")).id
    await Person.filter(id=newcomer).update(organisation_id=organisation)
    assert await find_ballots(newcomer) == []
    assert (await Poll.get(id=poll.id)).form["items"] == ["总体评价"]
    assert len(poll.scheme_sha256) == 64


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


async def test_nobody_comes_in_while_the_close_counts_who_is_there(rt: Runtime, sql: asyncpg.Connection) -> None:
    meeting = await hold(make_hall())
    people = await people_by_number()
    await check_in(meeting.code, people["2001"], NOW)
    async with sql.transaction():
        await sql.execute("SELECT 1 FROM meetings WHERE id = $1 FOR UPDATE", meeting.id)
        coming = [asyncio.create_task(check_in(meeting.code, people[one], NOW)) for one in ("2001", "2002")]
        while await sql.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted") < 2:
            await asyncio.sleep(0)
        await sql.execute("UPDATE meetings SET state = 'closed' WHERE id = $1", meeting.id)
    for one in coming:
        await refused("closed", one)
    assert await sql.fetchval("SELECT count(*) FROM check_ins") == 1


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
