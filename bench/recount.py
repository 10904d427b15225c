"""Counting again, plainly, what was sent, and setting it beside what the product made of it."""

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from app.resources import open_runtime
from bench.electorate import CLASSES, POINTS, WEIGHTS, class_no
from config.settings import Settings
from models.polls import BallotCount
from services.meetings.meetings import get_meeting
from services.meetings.results import meeting_result

Counts = Counter[tuple[int, int, str]]
"""Ballots by reporter, class and option."""


@dataclass(frozen=True)
class Recount:
    """How many ballots were counted, and all that differs from what was sent."""

    ballots: int
    differences: list[str]


async def recount(settings: Settings, meeting_id: int, choices: list[list[str]], on_screen: dict[str, Any]) -> Recount:
    """Compare the stored counts, the exact scores and those on the screen with the choices of all voters (in order)."""
    async with open_runtime(settings):
        rows = await BallotCount.filter(poll__meeting_id=meeting_id)
        result = await meeting_result(await get_meeting(meeting_id))
    stored: Counts = Counter({(row.subject_no, row.class_no, row.option): row.count for row in rows})
    sent = _count(choices)
    differences = [
        f"{key}: {sent[key]} sent, {stored[key]} counted" for key in sent | stored if sent[key] != stored[key]
    ]
    for place, (row, seen) in enumerate(zip(result["reporters"], on_screen["rows"], strict=True)):
        exact = None if row["exact"] is None else Fraction(row["exact"])
        if exact != _score(sent, place):
            differences.append(f"reporter {place}: {exact} is not {_score(sent, place)}")
        if seen["score"] != row["onsite"]:
            differences.append(f"reporter {place}: {seen['score']} on the screen, {row['onsite']} in the result")
    return Recount(sum(count for (place, _, _), count in stored.items() if place == 0), differences)


def _count(choices: list[list[str]]) -> Counts:
    return Counter(
        (place, class_no(voter), word) for voter, words in enumerate(choices) for place, word in enumerate(words)
    )


def _score(counts: Counts, place: int) -> Fraction | None:
    """A reporter's points, the mean of each class weighted; None where a class has none."""
    total = Fraction(0)
    for number, name in enumerate(CLASSES):
        valid = {word: counts[place, number, word] for word in POINTS}
        if not any(valid.values()):
            return None
        mean = Fraction(sum(POINTS[word] * count for word, count in valid.items()), sum(valid.values()))
        total += Fraction(WEIGHTS[name]) * mean
    return total
