"""What a whole hall does within a minute stays lean: how often the answer to a message asks the database."""

import logging
from collections.abc import Awaitable
from datetime import UTC, datetime

import pytest

from services.polls.polls import open_poll
from services.runtime import Runtime
from tests.integration.chatting import bound_phone
from tests.integration.world import NOW, hold, make_hall, people_by_number, seat


async def asked(caplog: pytest.LogCaptureFixture, saying: Awaitable[str]) -> int:
    """How many statements the answer to this message took."""
    caplog.clear()
    with caplog.at_level(logging.DEBUG, "tortoise.db_client"):
        await saying
    return sum(record.name == "tortoise.db_client" for record in caplog.records)


async def test_a_step_of_a_ballot_asks_nothing_and_a_vote_is_one_statement(
    rt: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    meeting = await hold(make_hall())
    people = await people_by_number()
    await seat(meeting, people["2001"])
    await open_poll(rt, meeting.id, accept_small=False, now=NOW, actor="test")
    phone = await bound_phone(rt, "2001", datetime(2022, 1, 18, 1, 10, tzinfo=UTC))
    assert await asked(caplog, phone.say("投票")) > 1, "statements are seen"
    for _ in range(3):
        assert await asked(caplog, phone.say("好")) == 0
    assert await asked(caplog, phone.say("确认")) == 1


async def test_whoever_is_not_understood_is_looked_up_once(rt: Runtime, caplog: pytest.LogCaptureFixture) -> None:
    await hold(make_hall())
    phone = await bound_phone(rt, "2001", datetime(2022, 1, 18, 1, 10, tzinfo=UTC))
    assert await asked(caplog, phone.say("今天天气怎么样")) == 1
