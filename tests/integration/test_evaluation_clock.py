"""The clock opens and closes evaluations; what the cycle does not take, or a crash kept from it, is told and taken later."""

import asyncio
from datetime import timedelta

import asyncpg

from models.evaluations import Evaluation
from models.inputs import Input
from models.notices import Notice
from models.polls import Poll
from services.cycles.inputs import InputRow
from services.evaluations import evaluations
from services.evaluations.evaluation_imports import import_evaluations
from services.evaluations.evaluations import (
    close_evaluation,
    evaluation_result,
    gather,
    open_evaluation,
)
from services.polls.polls import cast_ballot
from services.ratings.entries import enter_inputs
from services.runtime import Runtime
from tests.integration.electing import (
    CLOSES,
    MASSES,
    MEMBERS,
    NOW,
    OFFICE,
    OPENS,
    cast,
    file_of,
    imported,
    opened,
)
from tests.integration.refusing import refused
from tests.integration.voted import ballot_of
from tests.integration.world import people_by_number


async def test_the_clock_opens_and_closes_and_no_vote_comes_after_the_end(rt: Runtime) -> None:
    (evaluation,) = await imported()
    await evaluations.open_due(rt, OPENS - timedelta(seconds=1))
    assert (await Evaluation.get(id=evaluation.id)).state == "draft"
    await asyncio.gather(evaluations.open_due(rt, OPENS), evaluations.open_due(rt, OPENS))
    assert await Poll.all().count() == 1
    person = (await people_by_number())["1001"]
    ballot = await ballot_of(person)
    late = cast_ballot(ballot.poll.id, person, 0, bytes(ballot.poll.public_key or b""), [4] * 12, "k", now=CLOSES)
    await refused("closed", late)
    await evaluations.close_due(rt, CLOSES - timedelta(seconds=1))
    assert (await Evaluation.get(id=evaluation.id)).state == "open"
    await asyncio.gather(evaluations.close_due(rt, CLOSES), evaluations.close_due(rt, CLOSES))
    assert (await Evaluation.get(id=evaluation.id)).state == "closed"
    await refused("closed", open_evaluation(rt, evaluation.id, now=CLOSES, actor="command"))


async def test_what_the_cycle_does_not_take_is_told_to_the_office_and_taken_later(rt: Runtime) -> None:
    evaluation = await opened(rt)
    people = await people_by_number()
    for number in (*MEMBERS, *MASSES):
        await cast(people[number], ["称职"] * 12)
    await enter_inputs(evaluation.cycle_id, [InputRow("member:1001", "scores.democratic", "88")], actor=OFFICE, now=NOW)
    closed = await close_evaluation(rt, evaluation.id, now=CLOSES, actor="clock")
    assert closed.state == "closed"
    assert "已录入得分" in closed.trouble
    (notice,) = await Notice.filter(kind="evaluation_not_gathered")
    assert notice.person_id == people[OFFICE]
    assert "已录入得分" in notice.text
    taken_back = InputRow("member:1001", "scores.democratic", None, "改用测评票")
    await enter_inputs(evaluation.cycle_id, [taken_back], actor=OFFICE, now=NOW)
    assert (await gather(evaluation.id, now=CLOSES, actor=OFFICE)).new == 12
    assert (await evaluation_result(evaluation.id))["trouble"] == ""


async def test_what_a_crash_kept_from_the_cycle_the_worker_takes(rt: Runtime) -> None:
    evaluation = await opened(rt)
    await cast((await people_by_number())["1001"], ["称职"] * 11)
    await close_evaluation(rt, evaluation.id, now=CLOSES, actor="command")
    await Input.all().delete()
    await Evaluation.filter(id=evaluation.id).update(gathered_at=None)
    await evaluations.close_due(rt, CLOSES + timedelta(minutes=1))
    assert await Input.all().count() == 12


async def test_trouble_with_the_close_does_not_keep_the_counts_from_the_cycle_after_a_crash(
    rt: Runtime, sql: asyncpg.Connection
) -> None:
    evaluation = await opened(rt)
    await cast((await people_by_number())["1001"], ["称职"] * 11)
    await Evaluation.filter(id=evaluation.id).update(trouble="没有按时结束")
    async with sql.transaction():
        await sql.execute("SELECT 1 FROM cycles FOR UPDATE")
        closing = asyncio.create_task(close_evaluation(rt, evaluation.id, now=CLOSES, actor="clock"))
        await queued(sql, 1)
        closing.cancel()
        await asyncio.gather(closing, return_exceptions=True)
    assert (await Evaluation.get(id=evaluation.id)).state == "closed"
    assert await Input.all().count() == 0
    await evaluations.close_due(rt, CLOSES + timedelta(minutes=1))
    assert await Input.all().count() == 12


async def test_an_import_does_not_undo_an_opening_that_comes_between(rt: Runtime, sql: asyncpg.Connection) -> None:
    (evaluation,) = await imported()
    file = file_of(evaluation.cycle_id).encode()
    async with sql.transaction():
        await sql.execute("SELECT 1 FROM evaluations FOR UPDATE")
        opening = asyncio.create_task(open_evaluation(rt, evaluation.id, now=OPENS, actor="command"))
        await queued(sql, 1)
        importing = asyncio.create_task(import_evaluations(file, now=OPENS, actor="command"))
        await queued(sql, 2)
    await asyncio.gather(opening, importing)
    assert (await Evaluation.get(id=evaluation.id)).state == "open"
    await evaluations.close_due(rt, CLOSES)
    assert (await Evaluation.get(id=evaluation.id)).gathered_at is not None


async def test_an_evaluation_whose_time_passed_unopened_is_told_to_the_office_once(rt: Runtime) -> None:
    (evaluation,) = await imported()
    for minutes in range(3):
        await evaluations.open_due(rt, CLOSES + timedelta(minutes=minutes))
    (notice,) = await Notice.filter(kind="evaluation_missed")
    assert notice.person_id == (await people_by_number())[OFFICE]
    assert "投票时间已过" in notice.text
    later = file_of(evaluation.cycle_id).replace("2020-12-04", "2020-12-08").encode()
    (again,) = await import_evaluations(later, now=CLOSES, actor="command")
    assert (again.trouble, again.state) == ("", "draft")
    await evaluations.open_due(rt, CLOSES + timedelta(minutes=9))
    assert (await Evaluation.get(id=evaluation.id)).state == "open"


async def queued(sql: asyncpg.Connection, count: int) -> None:
    """Wait until so many wait for a lock."""
    while await sql.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted") < count:
        await asyncio.sleep(0)
