"""A meeting that was voted at, and a cycle that takes its ballots; for tests."""

from uuid import uuid4

from models.cycles import Cycle
from services.cycles.cycles import create_cycle
from services.cycles.inputs import InputRow
from services.meetings.meetings import import_meeting
from services.people.roster import import_roster
from services.polls.gathering import gather_meeting
from services.polls.polls import Ballot, cast_ballot, close_poll, find_ballots, open_poll
from services.ratings.entries import enter_inputs
from services.runtime import Runtime
from tests.integration.cycles import NOW
from tests.integration.world import Hall, make_hall, meeting_of, people_by_number, roster_of, seat

REVIEW = """
title: 2021年度述职评议考核
scheme: report-review
year: "2021"
organisation: "0001"
subjects: {secretary: [党支部]}
"""


async def ballot_of(person: int) -> Ballot:
    """The one open ballot of this person."""
    (ballot,) = await find_ballots(person)
    return ballot


async def cast(person: int, choices: list[int], key: str = "") -> None:
    """Cast these choices, one a reporter; `key` names the message (a new one by default)."""
    ballot = await ballot_of(person)
    await cast_ballot(
        ballot.poll.id, person, ballot.class_no, bytes(ballot.poll.public_key or b""), choices, key or uuid4().hex
    )


async def held(rt: Runtime, hall: Hall, people: tuple[tuple[str, int], ...]) -> int:
    """A meeting that is over: (staff number, choice for every reporter). Its number."""
    await import_roster(roster_of(hall), now=NOW, actor="test")
    meeting = await import_meeting(meeting_of(hall).encode(), now=NOW, actor="test")
    ids = await people_by_number()
    await seat(meeting, *(ids[number] for number, _ in people))
    await open_poll(rt, meeting.id, now=NOW, actor="command")
    for number, choice in people:
        await cast(ids[number], [choice] * len(hall.reporters))
    await close_poll(rt, meeting.id, now=NOW, actor="command")
    return meeting.id


async def held_with_a_small_class(rt: Runtime) -> tuple[Hall, Cycle]:
    """Of the leaders only two voted, and both 差: a cycle that has taken these ballots, and the routine scores beside them."""
    hall = make_hall()
    few = [(number, 0) for name in ("党员代表", "群众代表") for number in hall.classes[name]]
    few += [(number, 3) for number in hall.classes["领导班子"][:2]]
    meeting_id = await held(rt, hall, tuple(few))
    cycle = (await create_cycle(REVIEW.encode(), now=NOW, actor="command")).cycle
    await gather_meeting(cycle.id, meeting_id, "onsite", now=NOW, actor="command")
    rows = [InputRow(number, "scores.routine", "90") for number in hall.reporters]
    await enter_inputs(cycle.id, rows, actor="command", now=NOW)
    return hall, cycle
