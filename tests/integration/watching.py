"""A meeting with a big screen, and the screen as a browser follows it; for tests."""

import asyncio
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import aiohttp
from aiohttp.test_utils import TestClient

from models.meetings import Meeting
from services.meetings.screens import Shown, open_screen
from services.polls.polls import cast_ballot, find_ballots
from tests.integration.world import NOW, Hall, hold, meeting_of, people_by_number, seat

Board = dict[str, Any]


async def held(hall: Hall, **changes: Any) -> tuple[Meeting, Shown]:
    """An imported meeting with everybody in the hall, and its screen."""
    meeting = await hold(hall, meeting_of(hall, **changes))
    people = await people_by_number()
    await seat(meeting, *(people[number] for numbers in hall.classes.values() for number in numbers))
    return meeting, await open_screen(meeting, now=NOW, actor="test")


async def vote(hall: Hall, numbers: list[str], choice: int = 0) -> None:
    """These people cast that choice for every reporter."""
    people = await people_by_number()
    for number in numbers:
        (ballot,) = await find_ballots(people[number])
        key, choices = bytes(ballot.poll.public_key or b""), [choice] * len(hall.reporters)
        await cast_ballot(ballot.poll.id, people[number], ballot.class_no, key, choices, uuid4().hex)


def path_of(shown: Shown) -> str:
    """Where the screen stands."""
    return f"/screen/{shown.screen.token}"


class Stream:
    """The events of one screen, as a browser reads them."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response
        self.raw = ""

    async def event(self) -> tuple[str, Any]:
        """The next event: its name and data."""
        name = ""
        async with asyncio.timeout(30):
            async for line in self.response.content:
                self.raw += line.decode()
                field, _, value = line.decode().rstrip("\n").partition(": ")
                if field == "event":
                    name = value
                elif field == "data":
                    return name, json.loads(value)
        return "end", None

    async def until(self, wanted: Callable[[Board], bool]) -> Board:
        """The first board that is as wanted."""
        while True:
            name, data = await self.event()
            assert name in ("board", "beat"), (name, data)
            if name == "board" and wanted(data):
                return dict(data)

    async def board(self) -> Board:
        """The next board."""
        return await self.until(lambda _: True)


async def follow(door: TestClient, shown: Shown) -> Stream:
    """Open the screen's events."""
    response = await door.get(f"{path_of(shown)}/events")
    assert response.status == 200
    assert response.content_type == "text/event-stream"
    return Stream(response)
