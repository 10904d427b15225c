"""A branch of 12 members with 6 representatives of the masses, a small branch beside it, and their evaluations, for tests."""

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

from models.cycles import Cycle
from models.evaluations import Evaluation
from services.ballots.ballot_forms import own_place
from services.cycles.cycles import create_cycle
from services.evaluations.evaluation_imports import import_evaluations
from services.evaluations.evaluations import open_evaluation
from services.people.roster import import_roster
from services.polls.polls import cast_ballot
from services.runtime import Runtime
from tests.integration.chatting import bound_phone
from tests.integration.cycles import FILE, roster
from tests.integration.voted import ballot_of

OPENS = datetime(2020, 12, 1, 0, 0, tzinfo=UTC)
NOW = OPENS + timedelta(hours=2)
CLOSES = datetime(2020, 12, 4, 10, 0, tzinfo=UTC)
OFFICE = "9001"
MEMBERS = [str(1001 + n) for n in range(12)]
MASSES = [str(5001 + n) for n in range(6)]
SMALL = ["2001", "2002", "2003"]
PEOPLE = (
    (OFFICE, "0002", "正式党员", "组织部"),
    *((number, "0101", "正式党员", "书记" if number == "1001" else "") for number in MEMBERS),
    *((number, "0101", "群众", "") for number in MASSES),
    ("1013", "0101", "离退休党员", ""),
    *((number, "0102", "正式党员", "") for number in SMALL),
)
POINTS = {"优秀": 95, "称职": 85, "基本称职": 70, "不称职": 50}
WORDS = [*POINTS, "弃权"]
FORM = 'form: {items: [总体评价], options: {优秀: "95", 称职: "85", 基本称职: "70", 不称职: "50"}, abstain: true}'


def file_of(
    cycle: int, about: str = "members", *, form: str = FORM, organisations: str = '["0101"]', extra: str = ""
) -> str:
    """An evaluation file for the cycle."""
    masses = ", ".join(f'"{number}"' for number in MASSES)
    return f"""
cycle: {cycle}
component: democratic
title: 2020年度民主测评
about: {about}
organisations: {organisations}
classes:
  党员: {{weight: "0.7", statuses: [正式党员, 预备党员]}}
  群众代表: {{weight: "0.3", voters: {{"0101": [{masses}]}}}}
opens_at: 2020-12-01T08:00:00+08:00
closes_at: 2020-12-04T18:00:00+08:00
{form}
{extra}
"""


async def make_cycle() -> Cycle:
    """The roster and its cycle."""
    await import_roster(roster(PEOPLE), now=OPENS - timedelta(days=30), actor="test")
    return (await create_cycle(FILE.encode(), now=OPENS - timedelta(days=30), actor="command")).cycle


async def imported(about: str = "members", **changes: str) -> list[Evaluation]:
    """A cycle with the evaluations of such a file."""
    cycle = await make_cycle()
    file = file_of(cycle.id, about, **changes)
    return await import_evaluations(file.encode(), now=OPENS - timedelta(days=1), actor="command")


async def opened(rt: Runtime, about: str = "members", **changes: str) -> Evaluation:
    """One evaluation that is being voted on."""
    (evaluation,) = await imported(about, **changes)
    await open_evaluation(rt, evaluation.id, now=OPENS, actor="command")
    return await Evaluation.get(id=evaluation.id)


phone_of = partial(bound_phone, now=NOW)
"""The phone of somebody of the roster, bound."""


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
