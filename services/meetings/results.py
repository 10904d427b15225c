"""The result of a meeting's voting, as the host, the command and the pages see it (contract §5)."""

from collections import defaultdict
from fractions import Fraction
from typing import Any

from models.meetings import CLOSED, Meeting, Reporter
from models.polls import BallotCount, Poll
from scoring.ballots import BallotScore, score_ballots
from scoring.numbers import exact_text, read_decimal, two_places
from services.ballots.disclosure import hidden_classes
from services.meetings.meetings import standing_of

# subject -> class -> item -> option -> count
Counts = dict[int, dict[str, dict[str, dict[str, int]]]]


async def meeting_result(meeting: Meeting) -> dict[str, Any]:
    """The JSON of `zhiping meeting result`: turnout always; scores, exact and by class, from the close on."""
    standing = await standing_of(meeting)
    poll = await Poll.get_or_none(meeting=meeting)
    reporters = await Reporter.filter(meeting=meeting).order_by("position").prefetch_related("person")
    people = [{"staff_no": one.person.staff_no, "name": one.person.name} for one in reporters]
    if poll is None or meeting.state != CLOSED:
        rows: list[dict[str, Any]] = [{**person, "onsite": None, "exact": None, "by_class": {}} for person in people]
    else:
        rows = [{**person, **row} for person, row in zip(people, await scored_rows(poll, "onsite"), strict=True)]
    turnout = {"entitled": standing.entitled, "present": standing.present, "voted": standing.voted}
    return {"title": meeting.title, "state": meeting.state, "turnout": turnout, "reporters": rows}


async def scored_rows(poll: Poll, word: str) -> list[dict[str, Any]]:
    """The result of each subject of a closed poll; `word` is what its score is called. Small classes are not in it."""
    counts = await read_counts(poll)
    cast = ballots_cast(poll, counts.get(0, {}))
    hidden = hidden_classes(cast, poll.min_class)
    # Where hiding cannot be had after all (few came), no class is shown.
    hidden = frozenset(cast) if hidden is None else hidden
    numbers = range(len(poll.form["subjects"]))
    return [_scored(poll, counts.get(number, {}), cast, hidden, word) for number in numbers]


async def read_counts(poll: Poll) -> Counts:
    """Counted ballots of a closed poll; options that nobody chose are absent."""
    counts: Counts = defaultdict(lambda: defaultdict(lambda: defaultdict(dict)))
    for row in await BallotCount.filter(poll=poll):
        class_name, item = poll.classes[row.class_no]["name"], poll.form["items"][row.item_no]
        counts[row.subject_no][class_name][item][row.option] = row.count
    return counts


def ballots_cast(poll: Poll, counts: dict[str, dict[str, dict[str, int]]]) -> dict[str, int]:
    """Ballots of each class, abstentions included: every ballot answers every question, so one item tells all."""
    item = poll.form["items"][0]
    return {one["name"]: sum(counts.get(one["name"], {}).get(item, {}).values()) for one in poll.classes}


def score_subject(poll: Poll, counts: dict[str, dict[str, dict[str, int]]]) -> BallotScore:
    """One subject's score under the poll's frozen points and weights."""
    points = {word: read_decimal(text, word) for word, text in poll.form["options"]}
    weights = {one["name"]: read_decimal(one["weight"], one["name"]) for one in poll.classes}
    return score_ballots(counts, points, weights)


def _scored(
    poll: Poll, counts: dict[str, dict[str, dict[str, int]]], cast: dict[str, int], hidden: frozenset[str], word: str
) -> dict[str, Any]:
    found = score_subject(poll, counts)
    by_class: dict[str, Any] = {}
    for name, one in found.classes.items():
        if name in hidden:
            by_class[name] = {"suppressed": True}
        else:
            by_class[name] = {"ballots": cast[name], "abstained": one.abstained, **_number("score", one.score)}
    row: dict[str, Any] = {**_number(word, found.score), "by_class": by_class}
    row["exact"] = None if found.score is None else exact_text(found.score)
    return row if found.reason is None else {**row, "reason": found.reason}


def _number(name: str, value: Fraction | None) -> dict[str, str | None]:
    return {name: None if value is None else two_places(value)}
