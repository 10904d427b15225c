"""Counted ballots of a meeting as inputs of a cycle: the meeting's own result, and nothing of a class that is too small."""

from fractions import Fraction

import asyncpg
import pytest

from config.refusals import BadInput
from services.cycles.cycles import create_cycle, get_cycle
from services.cycles.inputs import Entered, InputRow
from services.meetings.meetings import get_meeting, import_meeting
from services.meetings.results import meeting_result
from services.people.roster import import_roster
from services.polls.gathering import Gathered, gather_meeting
from services.polls.polls import open_poll
from services.ratings.entries import enter_inputs
from services.runs.explanations import explain_run
from services.runs.runs import compute_run, read_document, read_result
from services.runtime import Runtime
from tests.integration.cycles import (
    NOW,
    OFFICE,
)
from tests.integration.refusing import refused
from tests.integration.voted import REVIEW, held, held_with_a_small_class
from tests.integration.world import make_hall, meeting_of, roster_of


@pytest.mark.fact("A28")
async def test_counted_ballots_are_gathered_as_the_meeting_counts_them(rt: Runtime, sql: asyncpg.Connection) -> None:
    hall = make_hall()
    votes = [(number, n % 3) for numbers in hall.classes.values() for n, number in enumerate(numbers)]
    meeting_id = await held(rt, hall, tuple(votes))
    cycle = (await create_cycle(REVIEW.encode(), now=NOW, actor="command")).cycle
    for expected in (Entered(3, 0, 0), Entered(0, 0, 3)):
        found = await gather_meeting(cycle.id, meeting_id, "onsite", now=NOW, actor="command")
        assert found == Gathered(expected, ())
    assert (await get_cycle(cycle.id)).settings["class_weights"] == {
        "领导班子": "0.4",
        "党员代表": "0.4",
        "群众代表": "0.2",
    }
    await enter_inputs(
        cycle.id,
        [InputRow(number, "scores.routine", "90") for number in hall.reporters],
        actor="command",
        now=NOW,
    )
    result = await read_result(await compute_run(cycle.id, now=NOW, actor="command"))
    onsite = {
        row["staff_no"]: row["exact"] for row in (await meeting_result(await get_meeting(meeting_id)))["reporters"]
    }
    for row in result["subjects"]:
        # Shown beside the other inputs, never added to them; the grade waits for a person.
        (step,) = (step for step in row["trace"] if step["say"].startswith("现场测评") and "并列展示" in step["say"])
        assert Fraction(step["value"]) == Fraction(onsite[row["id"].partition(":")[2]])
        assert (row["score"], row["band"], row["flags"]) == (None, None, ["undecided"])


async def test_a_class_too_small_to_be_shown_is_in_no_trace(rt: Runtime) -> None:
    _, cycle = await held_with_a_small_class(rt)
    run = await compute_run(cycle.id, now=NOW, actor="command")
    await refused("hidden_classes", read_document(run, with_hidden=False, now=NOW, actor=OFFICE))
    assert '"差":2' in await read_document(run, with_hidden=True, now=NOW, actor=OFFICE)
    text = "\n".join(await explain_run(run))
    assert "领导班子：人数少，不单独公布" in text
    assert "群众代表：人数少，不单独公布" in text
    assert "有效票 2 张" not in text
    assert "平均 50" not in text


async def test_a_cycle_with_other_points_cannot_take_the_ballots(rt: Runtime, sql: asyncpg.Connection) -> None:
    hall = make_hall()
    everybody = tuple((number, 0) for numbers in hall.classes.values() for number in numbers)
    meeting_id = await held(rt, hall, everybody)
    made = await create_cycle((REVIEW + 'settings: {points: {好: "100"}}\n').encode(), now=NOW, actor="command")
    await refused("other_points", gather_meeting(made.cycle.id, meeting_id, "onsite", now=NOW, actor="command"))
    other = await create_cycle(REVIEW.replace('"2021"', '"2022"').encode(), now=NOW, actor="command")
    with pytest.raises(BadInput):
        await gather_meeting(other.cycle.id, meeting_id, "on_site", now=NOW, actor="command")
    await refused("no_such_meeting", gather_meeting(made.cycle.id, 999, "onsite", now=NOW, actor="command"))
    assert await sql.fetchval("SELECT count(*) FROM inputs") == 0


async def test_an_open_meeting_gives_nothing_yet(rt: Runtime) -> None:
    hall = make_hall()
    await import_roster(roster_of(hall), now=NOW, actor="test")
    meeting = await import_meeting(meeting_of(hall).encode(), now=NOW, actor="test")
    cycle = (await create_cycle(REVIEW.encode(), now=NOW, actor="command")).cycle
    await open_poll(rt, meeting.id, now=NOW, actor="command")
    await refused("not_closed", gather_meeting(cycle.id, meeting.id, "onsite", now=NOW, actor="command"))
