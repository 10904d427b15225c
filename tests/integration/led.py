"""Meetings with leaders, held through the services, and phones of theirs at the simulated platform."""

from typing import Any
from uuid import uuid4

from models.accounts import Account
from models.meetings import Meeting
from models.people import Person
from sandbox.person import Person as Phone
from services.polls.polls import cast_ballot, close_poll, find_ballots, open_poll
from services.runtime import Runtime
from tests.faults.platform import Platform
from tests.integration.world import NOW, Hall, hold, meeting_of, people_by_number, seat

LEADERS = ["1001", "1002", "1003"]
Votes = dict[str, list[int]]


def file_of(hall: Hall, **changes: Any) -> str:
    """A meeting with leaders of its own, so that its host is none of them."""
    leaders = ", ".join(f'"{number}"' for number in LEADERS)
    return meeting_of(hall, **changes).replace(f'leaders: ["{hall.host}"]', f"leaders: [{leaders}]")


async def opened(rt: Runtime, hall: Hall, votes: Votes, file: str = "") -> Meeting:
    """A meeting being voted on, with everybody there, and these ballots: by voter, option numbers of the reporters in order."""
    meeting = await hold(hall, file or file_of(hall))
    people = await people_by_number()
    await seat(meeting, *(people[number] for numbers in hall.classes.values() for number in numbers))
    await open_poll(rt, meeting.id, now=NOW, actor="test", accept_small=True)
    for number, choices in votes.items():
        (ballot,) = await find_ballots(people[number])
        key = bytes(ballot.poll.public_key or b"")
        await cast_ballot(ballot.poll.id, people[number], ballot.class_no, key, choices, uuid4().hex)
    return await Meeting.get(id=meeting.id)


async def closed(rt: Runtime, hall: Hall, votes: Votes, file: str = "") -> Meeting:
    meeting = await opened(rt, hall, votes, file)
    return await close_poll(rt, meeting.id, now=NOW, actor="test")


def all_vote(hall: Hall, *choices: int) -> Votes:
    return {number: list(choices) for numbers in hall.classes.values() for number in numbers}


async def bound(platform: Platform, number: str) -> Phone:
    """The phone of a person of the roster, who follows the account and is bound to it."""
    phone = platform.follower(number)
    person = await Person.get(staff_no=number)
    await Account.create(openid=phone.openid, person=person, bound_at=NOW, consent="1")
    return phone
