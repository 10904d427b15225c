"""Democratic evaluation outside a meeting, on a real PostgreSQL: who votes on whom, the close as a barrier, counts into the cycle."""

import asyncio
import json
import random
from collections import Counter
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from app.commands.evaluations import EVALUATION_COMMANDS
from config.refusals import BadInput, Refusal
from models.cycles import CycleSubject
from models.evaluations import Evaluation
from models.inputs import Input
from models.notices import Notice
from models.people import Person
from models.polls import Poll, SealedBallot
from services.ballots.ballot_forms import own_place
from services.cycles.inputs import InputRow, enter_inputs
from services.evaluations import evaluations
from services.evaluations.evaluation_imports import import_evaluations
from services.evaluations.evaluations import (
    close_evaluation,
    evaluation_result,
    gather,
    list_evaluations,
    open_evaluation,
)
from services.polls import polls
from services.polls.polls import Ballot, cast_ballot, find_ballots
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
    SMALL,
    file_of,
    imported,
    make_cycle,
    opened,
    phone_of,
)
from tests.integration.refusing import refused
from tests.integration.test_runs import run_line
from tests.integration.world import people_by_number

POINTS = {"优秀": 95, "称职": 85, "基本称职": 70, "不称职": 50}
WORDS = [*POINTS, "弃权"]
ONE_BEST = FORM.replace("abstain: true", "abstain: true, rules: [{op: at_most, count: 2, answers: {options: [优秀]}}]")


async def ballot_of(person: int) -> Ballot:
    (ballot,) = await find_ballots(person)
    return ballot


async def cast(person: int, words: list[str], key: str = "") -> None:
    """Cast these words for everybody but the voter."""
    ballot = await ballot_of(person)
    form, filled = ballot.poll.form, iter(words)
    own = own_place(form, person)
    choices = [4 if n == own else WORDS.index(next(filled)) for n, _ in enumerate(form["subjects"])]
    sealed_to = bytes(ballot.poll.public_key or b"")
    await cast_ballot(
        ballot.poll.id, person, ballot.class_no, sealed_to, choices, key or uuid4().hex, now=NOW, form=form
    )


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


async def queued(sql: asyncpg.Connection, count: int) -> None:
    """Wait until so many wait for a lock."""
    while await sql.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted") < count:
        await asyncio.sleep(0)


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


@pytest.mark.fact("A35")
async def test_small_branches_vote_only_where_that_is_accepted_and_voters_are_told(rt: Runtime) -> None:
    cycle = await make_cycle()
    both = file_of(cycle.id, organisations="all").replace('weight: "0.7", ', "")
    own = "\n".join(line for line in both.splitlines() if "群众代表" not in line)
    with pytest.raises(BadInput) as caught:
        await import_evaluations(own.encode(), now=OPENS, actor="command")
    (fault,) = caught.value.faults
    assert "第二党支部" in fault
    assert "投票人太少" in fault
    made = await import_evaluations(f'{own}\nsmall: ["0102"]'.encode(), now=OPENS, actor="command")
    assert len(made) == 2
    for one in made:
        await open_evaluation(rt, one.id, now=OPENS, actor="command")
    assert [one.is_small for one in await Poll.all().order_by("title")] == [False, True]
    assert "推知个别人的选择" in await (await phone_of(rt, SMALL[0])).say("投票")
    assert "推知个别人的选择" not in await (await phone_of(rt, MEMBERS[0])).say("投票")


async def test_who_is_exempt_is_not_voted_on_but_votes(rt: Runtime) -> None:
    (evaluation,) = await imported()
    await CycleSubject.filter(cycle_id=evaluation.cycle_id, key="member:1012").update(exempt="长期病假")
    await open_evaluation(rt, evaluation.id, now=OPENS, actor="command")
    ballot = await ballot_of((await people_by_number())["1012"])
    assert [one["id"] for one in ballot.poll.form["subjects"]] == [f"member:{number}" for number in MEMBERS[:-1]]


async def test_importing_again_changes_nothing_or_what_has_not_begun(rt: Runtime) -> None:
    cycle = await make_cycle()
    file = file_of(cycle.id, "[branch, members]")
    first = await import_evaluations(file.encode(), now=OPENS, actor="command")
    assert [one.about for one in first] == ["branch", "members"]
    again = await import_evaluations(file.encode(), now=OPENS, actor=OFFICE)
    assert [one.id for one in again] == [one.id for one in first]
    later = file.replace("12-04T18", "12-05T18").encode()
    await import_evaluations(later, now=OPENS, actor="command")
    assert {one.closes_at for one in await Evaluation.all()} == {CLOSES + timedelta(days=1)}
    await open_evaluation(rt, first[0].id, now=OPENS, actor="command")
    await import_evaluations(later, now=OPENS, actor="command")
    with pytest.raises(BadInput, match=r"不能再改：closes_at"):
        await import_evaluations(file.encode(), now=OPENS, actor="command")
    with pytest.raises(Refusal, match="not_entitled"):
        await import_evaluations(file.encode(), now=OPENS, actor="1002")


@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        ("component: democratic", "component: 民主", ["component"]),
        ('["0101"]', '["0999"]', ["0999"]),
        ('"5001"', '"x1", "x2"', ["x1", "x2"]),
        ('"5001"', '"1001"', ["同时在两个投票类别"]),
        ('称职: "85"', '称职: "101"', ["称职"]),
        ("abstain: true", "abstain: true, rules: [{op: most}]", ["form.rules"]),
        (
            "abstain: true",
            "abstain: true, rules: [{op: at_least, count: 12, answers: {options: [优秀]}}]",
            ["无法同时满足"],
        ),
        ("abstain: true", "abstain: true, rules: [{op: at_most, count: 1, answers: {options: [好]}}]", ["好"]),
        ("12-04T18", "11-04T18", ["closes_at"]),
        ('weight: "0.7", ', "", ["权重"]),
        ("about: members", "about: people", ["about"]),
        ('{"0101": ["5001"', '{"0102": ["5001"', ["「0102」不在名册或 organisations 里"]),
    ],
)
async def test_every_fault_of_a_file_is_named(rt: Runtime, old: str, new: str, faults: list[str]) -> None:
    cycle = await make_cycle()
    file = file_of(cycle.id)
    assert old in file
    with pytest.raises(BadInput) as caught:
        await import_evaluations(file.replace(old, new).encode(), now=OPENS, actor="command")
    told = "\n".join(caught.value.faults)
    assert all(one in told for one in faults), told
    assert await Evaluation.all().count() == 0


async def test_voters_named_without_a_branch_vote_where_they_belong(rt: Runtime) -> None:
    cycle = await make_cycle()
    file = file_of(cycle.id).replace('{"0101": [', "[").replace('"5006"]}}', '"5006"]}')
    (made,) = await import_evaluations(file.encode(), now=OPENS, actor="command")
    assert made.classes[1]["voters"] == MASSES
    with pytest.raises(BadInput, match=r"测二零零一（2001） 不属于这些支部"):
        await import_evaluations(file.replace('"5006"', '"5006", "2001"').encode(), now=OPENS, actor="command")


@pytest.mark.fact("A16")
async def test_options_get_their_points_from_the_cycle_and_from_nowhere_else(rt: Runtime) -> None:
    cycle = await make_cycle()
    bare = file_of(cycle.id, form="form: {items: [总体评价], options: [优秀, 称职], abstain: true}")
    with pytest.raises(BadInput) as caught:
        await import_evaluations(bare.encode(), now=OPENS, actor="command")
    assert sum("没有分值" in fault for fault in caught.value.faults) == 2
    cycle.settings = {"points": {"优秀": "96", "称职": "80"}}
    await cycle.save(update_fields=["settings"])
    (one,) = await import_evaluations(bare.encode(), now=OPENS, actor="command")
    assert one.form["options"] == [["优秀", "96"], ["称职", "80"]]
    with pytest.raises(BadInput, match="95"):
        await import_evaluations(file_of(cycle.id).encode(), now=OPENS, actor="command")


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


async def test_the_office_sets_up_watches_closes_and_reads_by_command(
    settings_values: dict[str, str], db: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = {line.name: line for line in EVALUATION_COMMANDS}
    cycle = await make_cycle()
    file = tmp_path / "evaluation.yaml"
    file.write_text(file_of(cycle.id))
    assert await run_line(lines["import"], settings_values, str(file), "--by", OFFICE) == 0
    said = capsys.readouterr().out
    assert "已导入 1 项测评，2020年12月1日 08:00 自动开始，2020年12月4日 18:00 自动结束。" in said
    assert await run_line(lines["import"], settings_values, str(file), "--json") == 0
    (made,) = json.loads(capsys.readouterr().out)
    assert made == {
        "id": made["id"],
        "organisation": "0101",
        "about": "members",
        "title": "2020年度民主测评·第一党支部（评党员）",
        "state": "draft",
    }
    number = str(made["id"])
    for _ in range(2):
        assert await run_line(lines["open"], settings_values, number) == 0
    assert "正在投票" in capsys.readouterr().out
    assert await run_line(lines["list"], settings_values, "--cycle", str(cycle.id)) == 0
    assert "正在投票，应投 18 人，已投 0 人" in capsys.readouterr().out
    for _ in range(2):
        assert await run_line(lines["close"], settings_values, number, "--by", OFFICE) == 0
    capsys.readouterr()
    assert await run_line(lines["result"], settings_values, number, "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert result["state"] == "closed"
    assert result["turnout"] == {"entitled": 18, "voted": 0}
    assert [row["id"] for row in result["subjects"]] == [f"member:{one}" for one in MEMBERS]
    assert {row["reason"] for row in result["subjects"]} == {"empty_class"}
    assert await run_line(lines["result"], settings_values, number) == 0
    assert "无法计分：有类别没有有效票" in capsys.readouterr().out
    assert await run_line(lines["gather"], settings_values, number) == 0
    assert "未变 12 项" in capsys.readouterr().out
