"""What many of these tests begin with. A test file may define its own in place of each."""

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestClient, TestServer

from app.build import make_web_app
from models.cycles import Cycle
from services.people.roster import import_roster
from services.runtime import Runtime
from tests.integration.chatting import Phone
from tests.integration.cycles import NOW, SECRETARY, make_cycle, phone_of, roster
from tests.integration.world import Hall, make_hall


@pytest.fixture
async def cycle(rt: Runtime) -> Cycle:
    """The college's cycle of 2020 (`tests.integration.cycles`), with nothing in it yet."""
    return await make_cycle()


@pytest.fixture
async def secretary(rt: Runtime) -> Phone:
    """The secretary's phone; the branch has 5 party members (two of the committee, one retired)."""
    await import_roster(roster(), now=NOW, actor="test")
    return await phone_of(rt, SECRETARY)


@pytest.fixture
def hall() -> Hall:
    """Who is at a meeting; nobody of them is in the database yet."""
    return make_hall()


@pytest.fixture
async def door(rt: Runtime) -> AsyncIterator[TestClient]:
    """The web process in the test's own, and a client of it."""
    async with TestClient(TestServer(make_web_app(rt), shutdown_timeout=5)) as client:
        yield client
