"""A company under meet-standard, as far as it is rated, for tests."""

from datetime import UTC, datetime
from functools import partial

from models.cycles import Cycle, CycleSubject
from services.cycles.cycles import create_cycle
from services.people.roster import import_roster
from services.ratings.rating_rules import NONE, Line
from services.ratings.ratings import submit_rating
from tests.integration.chatting import Phone, bound_phone
from tests.integration.cycles import roster

FEBRUARY = datetime(2021, 2, 20, 1, 0, tzinfo=UTC)
FILE = """
title: 2021年达标考评
scheme: meet-standard
year: "{year}"
organisation: "0001"
subjects: {{branch: [党支部]}}
exempt:
  - {{organisation: "0103", reason: 离退休党支部暂不参加}}
"""
INDICATORS = [f"indicators.common.{n}" for n in range(1, 16)] + [f"indicators.individual.{n}" for n in range(1, 6)]
VETOES = [f"veto.S0-19.{n}" for n in range(1, 8)]


async def make_cycle(year: str = "2021", now: datetime = FEBRUARY) -> Cycle:
    """The roster of `tests.integration.cycles`, and a cycle over its branches; 0103 is left out."""
    await import_roster(roster(), now=now, actor="test")
    return (await create_cycle(FILE.format(year=year).encode(), now=now, actor="command")).cycle


def self_lines(points: list[str] | None = None, **words: str) -> list[Line]:
    """A whole self-rating: all indicators (5 each where nothing is said), the three parts, no veto."""
    told = {"words.1": "全年工作有序", "words.2": "党员带头", "words.3": "学习不够深"} | words
    return [
        *(Line(slot, given) for slot, given in zip(INDICATORS, points or ["5"] * 20, strict=True)),
        *(Line(slot, text=text) for slot, text in told.items()),
        *(Line(slot, text=NONE) for slot in VETOES),
    ]


def review_lines(points: list[str]) -> list[Line]:
    """A sheet of the company's review."""
    return [Line(slot, given) for slot, given in zip(INDICATORS, points, strict=True)]


async def rate(cycle: Cycle, subject: str, round: str, lines: list[Line], actor: str, now: datetime = FEBRUARY) -> None:
    """Hand in a sheet."""
    await submit_rating(cycle.id, subject, round, lines, now=now, actor=actor)


async def subject_of(cycle: Cycle, key: str) -> CycleSubject:
    """One subject of the snapshot."""
    return await CycleSubject.get(cycle_id=cycle.id, key=key)


phone_of = partial(bound_phone, now=FEBRUARY)
"""The phone of somebody of the roster, bound."""


async def say_all(phone: Phone, *texts: str) -> str:
    """Say these, one after the other; the last answer."""
    shown = ""
    for text in texts:
        shown = await phone.say(text)
    return shown
