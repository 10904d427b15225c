"""Democratic evaluation outside a meeting, on a real PostgreSQL: who votes on whom, the close as a barrier, counts into the cycle."""

import asyncio
import json
import random
from collections import Counter
from fractions import Fraction
from uuid import uuid4

import asyncpg
import pytest

from config.refusals import Refusal
from models.cycles import CycleSubject
from models.evaluations import Evaluation
from models.inputs import Input
from models.people import Person
from models.polls import SealedBallot
from services.ballots.ballot_forms import own_place
from services.evaluations import evaluations
from services.evaluations.evaluations import (
    close_evaluation,
    evaluation_result,
    gather,
    list_evaluations,
    open_evaluation,
)
from services.polls import polls
from services.polls.polls import cast_ballot, find_ballots
from services.reminders.agenda import list_agenda
from services.runtime import Runtime
from tests.integration.electing import (
    CLOSES,
    FORM,
    MASSES,
    MEMBERS,
    NOW,
    OFFICE,
    OPENS,
    POINTS,
    WORDS,
    cast,
    imported,
    opened,
    phone_of,
)
from tests.integration.refusing import refused
from tests.integration.voted import ballot_of
from tests.integration.world import people_by_number

ONE_BEST = FORM.replace("abstain: true", "abstain: true, rules: [{op: at_most, count: 2, answers: {options: [优秀]}}]")


@pytest.mark.fact("S2-19", "S2-23", "S2-24", "A16")
async def test_members_are_voted_on_by_members_and_masses_and_the_counts_reach_the_cycle(
    rt: Runtime, sql: asyncpg.Connection
) -> None:
    evaluation = await opened(rt)
    people = await people_by_number()
    dice = random.Random(3)
    sent = {number: [dice.choice(WORDS) for _ in MEMBERS] for number in (*MEMBERS, *MASSES)}
    for number in MEMBERS:
        sent[number].pop()  # not on themselves
    order = list(sent)
    dice.shuffle(order)
    await asyncio.gather(*(cast(people[number], sent[number]) for number in order))
    assert len({len(row["box"]) for row in await sql.fetch("SELECT box FROM sealed_ballots")}) == 1
    closed = await close_evaluation(rt, evaluation.id, now=CLOSES, actor="command")
    assert (closed.state, closed.trouble) == ("closed", "")
    assert await sql.fetchval("SELECT count(*) FROM sealed_ballots") == 0
    found = {row.subject_id: row for row in await Input.filter(source=f"evaluation:{evaluation.id}")}
    keys = {row["id"]: row["key"] for row in await sql.fetch("SELECT id, key FROM cycle_subjects")}
    by_key = {keys[subject]: row for subject, row in found.items()}
    assert set(by_key) == {f"member:{number}" for number in MEMBERS}
    for place, number in enumerate(MEMBERS):
        counted = by_key[f"member:{number}"].value
        for name, voters in (("党员", MEMBERS), ("群众代表", MASSES)):
            plain = Counter(
                "弃权" if voter == number else sent[voter][place - (voter in MEMBERS and MEMBERS.index(voter) < place)]
                for voter in voters
            )
            assert counted[name]["总体评价"] == plain
    result = await evaluation_result(evaluation.id)
    assert result["turnout"] == {"entitled": 18, "voted": 18}
    assert result["gathered"] is True
    mean = {name: mean_of(one["总体评价"]) for name, one in by_key["member:1001"].value.items()}
    assert (
        Fraction(result["subjects"][0]["exact"]) == Fraction(7, 10) * mean["党员"] + Fraction(3, 10) * mean["群众代表"]
    )
    settings = json.loads(await sql.fetchval("SELECT settings FROM cycles"))
    assert settings["class_weights"] == {"党员": "0.7", "群众代表": "0.3"}
    assert settings["points"] == {word: str(points) for word, points in POINTS.items()}
    # Said once more by hand: nothing changes.
    assert (await gather(evaluation.id, now=CLOSES, actor=OFFICE)).same == 12


def mean_of(counts: dict[str, int]) -> Fraction:
    """Of those who did not abstain."""
    voted = {word: count for word, count in counts.items() if word != "弃权"}
    return Fraction(sum(POINTS[word] * count for word, count in voted.items()), sum(voted.values()))


@pytest.mark.fact("S2-18")
async def test_the_branch_itself_is_voted_on(rt: Runtime) -> None:
    evaluation = await opened(rt, "branch")
    people = await people_by_number()
    for number in (*MEMBERS, *MASSES):
        ballot = await ballot_of(people[number])
        assert [one["id"] for one in ballot.poll.form["subjects"]] == ["branch:0101"]
        assert own_place(ballot.poll.form, people[number]) is None
        await cast(people[number], ["称职"])
    await close_evaluation(rt, evaluation.id, now=CLOSES, actor="command")
    (row,) = await Input.filter(source=f"evaluation:{evaluation.id}")
    assert row.slot == "ballots.democratic"
    assert row.value == {"党员": {"总体评价": {"称职": 12}}, "群众代表": {"总体评价": {"称职": 6}}}


async def test_nobody_votes_on_themselves_and_nothing_invalid_is_sealed(rt: Runtime) -> None:
    await opened(rt, form=ONE_BEST)
    people = await people_by_number()
    ballot = await ballot_of(people["1001"])
    key, form = bytes(ballot.poll.public_key or b""), ballot.poll.form

    async def attempt(choices: list[int]) -> None:
        await cast_ballot(ballot.poll.id, people["1001"], 0, key, choices, uuid4().hex, form=form)

    assert "自己" in await refused("invalid_ballot", attempt([1] * 12))
    assert "最多给 2 个“优秀”" in await refused("invalid_ballot", attempt([4, 0, 0, 0, *[1] * 8]))
    for choices in ([1] * 11, [4, *[9] * 11], []):
        await refused("invalid_ballot", attempt(choices))
    assert await SealedBallot.all().count() == 0
    await attempt([4, 0, 0, *[1] * 9])
    assert await SealedBallot.all().count() == 1


async def test_a_ballot_against_the_rules_that_came_past_the_door_stops_the_count(rt: Runtime) -> None:
    evaluation = await opened(rt, form=ONE_BEST)
    people = await people_by_number()
    ballot = await ballot_of(people["1001"])
    key = bytes(ballot.poll.public_key or b"")
    await cast_ballot(ballot.poll.id, people["1001"], 0, key, [4, *[0] * 11], "k")
    await refused("tampered", close_evaluation(rt, evaluation.id, now=CLOSES, actor="command"))
    await evaluations.close_due(rt, CLOSES)
    assert "有人改动" in (await Evaluation.get(id=evaluation.id)).trouble


async def test_the_close_is_a_barrier(rt: Runtime) -> None:
    evaluation = await opened(rt)
    people = await people_by_number()
    voters = [people[number] for number in (*MEMBERS, *MASSES)]

    async def vote(person: int) -> str:
        try:
            await cast(person, ["称职"] * 12)
        except Refusal as refusal:
            return refusal.code
        except ValueError:  # the poll was closed before the ballot was looked up
            return "closed"
        return "counted"

    async def close() -> None:
        while await SealedBallot.all().count() < 5:
            await asyncio.sleep(0)
        await close_evaluation(rt, evaluation.id, now=CLOSES, actor="command")

    outcomes = Counter((await asyncio.gather(close(), *(vote(person) for person in voters)))[1:])
    assert set(outcomes) <= {"counted", "closed"}
    result = await evaluation_result(evaluation.id)
    assert result["turnout"]["voted"] == outcomes["counted"] >= 5


async def test_two_phones_at_once_and_repeats_count_once(rt: Runtime) -> None:
    await opened(rt)
    person = (await people_by_number())["1002"]
    outcomes = await asyncio.gather(
        *(cast(person, [WORDS[n % 5]] * 11, key=f"key {n}") for n in range(20)), return_exceptions=True
    )
    assert [one for one in outcomes if one is None] == [None]
    assert {one.code for one in outcomes if isinstance(one, Refusal)} == {"already_voted"}
    assert await SealedBallot.all().count() == 1


async def test_what_remains_after_the_close_links_nobody_to_anything(rt: Runtime, sql: asyncpg.Connection) -> None:
    evaluation = await opened(rt)
    people = await people_by_number()
    for number in MEMBERS[:9]:
        await cast(people[number], ["优秀", "称职", *["弃权"] * 9])
    before = await sql.fetch("SELECT id FROM sealed_ballots")
    assert {row["id"].version for row in before} == {4}
    await close_evaluation(rt, evaluation.id, now=CLOSES, actor="command")
    poll = await sql.fetchrow("SELECT * FROM polls")
    assert poll["public_key"] is poll["wrapped_secret"] is poll["wrapped_desk"] is None
    assert poll["cleaned_at"] is not None
    roll = await sql.fetch("SELECT xmin::text, person_id, has_voted, cast_key FROM roll_entries ORDER BY ctid")
    assert len({row["xmin"] for row in roll}) == 1
    assert {row["cast_key"] for row in roll} == {None}
    assert sum(row["has_voted"] for row in roll) == 9
    assert [row["person_id"] for row in roll] != sorted(row["person_id"] for row in roll)
    assert await sql.fetchval("SELECT count(*) FROM sealed_ballots") == 0
    audited = await sql.fetch("SELECT detail::text FROM audit_entries WHERE object LIKE 'evaluation%'")
    assert audited
    assert not any(word in str(row) for row in audited for word in WORDS)


async def test_nobody_closes_right_after_the_first_voters_or_watches_them_one_by_one(rt: Runtime) -> None:
    """The office that reminds one person by telephone learns neither that they voted nor, by closing at once, how."""
    evaluation = await opened(rt, extra="min_class: 1")
    people = await people_by_number()
    for count, number in enumerate(MEMBERS[:5]):
        (before,) = await list_evaluations()
        assert before.voted == 0
        said = await refused("too_few", close_evaluation(rt, evaluation.id, now=NOW, actor=OFFICE))
        assert str(count) not in said.replace("5", "")
        await cast(people[number], ["称职"] * 11)
    assert (await close_evaluation(rt, evaluation.id, now=NOW, actor=OFFICE)).state == "closed"


async def test_who_is_exempt_is_not_voted_on_but_votes(rt: Runtime) -> None:
    (evaluation,) = await imported()
    await CycleSubject.filter(cycle_id=evaluation.cycle_id, key="member:1012").update(exempt="长期病假")
    await open_evaluation(rt, evaluation.id, now=OPENS, actor="command")
    ballot = await ballot_of((await people_by_number())["1012"])
    assert [one["id"] for one in ballot.poll.form["subjects"]] == [f"member:{number}" for number in MEMBERS[:-1]]


async def test_the_vote_is_a_due_of_everybody_on_the_roll_voted_or_not(rt: Runtime) -> None:
    await opened(rt)
    people = await people_by_number()
    await cast(people["1001"], ["称职"] * 11)
    dues = [one for one in await list_agenda(NOW, list(people.values())) if one.is_poll]
    assert {one.person_id for one in dues} == {people[number] for number in (*MEMBERS, *MASSES)}
    assert {(one.word, one.scheme, str(one.from_day), str(one.by)) for one in dues} == {
        ("投票", "star-rating", "2020-12-01", "2020-12-04")
    }
    voted, waiting = await phone_of(rt, "1001"), await phone_of(rt, "1002")
    assert "正在投票" not in await voted.say("任务")
    assert "正在投票" in await waiting.say("任务")


async def test_the_office_sees_turnout_in_steps_and_no_names(rt: Runtime) -> None:
    evaluation = await opened(rt)
    people = await people_by_number()
    for number in MEMBERS[:8]:
        await cast(people[number], ["称职"] * 11)
    (progress,) = await list_evaluations(evaluation.cycle_id)
    assert (progress.entitled, progress.voted) == (18, 5)
    result = await evaluation_result(evaluation.id)
    assert (result["turnout"]["voted"], result["subjects"]) == (5, [])
    await close_evaluation(rt, evaluation.id, now=CLOSES, actor="command")
    result = await evaluation_result(evaluation.id)
    assert result["turnout"]["voted"] == 8
    # The masses did not vote: no score is made up.
    assert {row["score"] for row in result["subjects"]} == {None}
    assert {row["reason"] for row in result["subjects"]} == {"empty_class"}


async def test_hidden_classes_stay_hidden_in_the_cycle(rt: Runtime) -> None:
    evaluation = await opened(rt)
    people = await people_by_number()
    for number in (*MEMBERS, *MASSES[:2]):
        await cast(people[number], ["称职"] * 12)
    await close_evaluation(rt, evaluation.id, now=CLOSES, actor="command")
    assert {tuple(row.hidden) for row in await Input.all()} == {("党员", "群众代表")}
    by_class = (await evaluation_result(evaluation.id))["subjects"][0]["by_class"]
    assert by_class == {"党员": {"suppressed": True}, "群众代表": {"suppressed": True}}


async def test_the_roll_is_frozen_at_the_opening(rt: Runtime) -> None:
    await opened(rt)
    people = await people_by_number()
    retired = people["1013"]
    assert await find_ballots(retired) == []
    await Person.filter(id=retired).update(status="正式党员")
    assert await find_ballots(retired) == []
    assert len(await polls.list_dues(NOW, [retired])) == 0
