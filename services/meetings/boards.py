"""What stands on a meeting's big screen, as JSON: titles, names of reporters, turnout in steps, the published result. No more."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from models.meetings import DRAFT, OPEN, Meeting, Reporter
from models.polls import Poll
from models.screens import find_live_screen
from scoring.numbers import read_decimal, two_places
from services.meetings.meetings import standing_of
from services.meetings.results import meeting_result
from services.meetings.screens import PUBLISHED, REPORTER, phase_of, view_of

# Scores are drawn on a scale of a hundred, unless an option is worth more.
_USUAL_TOP = Fraction(100)


@dataclass(frozen=True, slots=True)
class Board:
    """What one meeting shows now. `token` is that of the one address where it may be shown."""

    meeting: Meeting
    token: str
    is_check_in_open: bool
    content: dict[str, Any]


async def read_board(meeting_id: int, now: datetime) -> Board | None:
    """The meeting's board; None where it has no screen."""
    screen = await find_live_screen(meeting_id)
    if screen is None:
        return None
    meeting = await Meeting.get(id=meeting_id)
    phase = phase_of(meeting)
    view = view_of(screen, phase)
    content = {
        "title": meeting.title,
        "starts_at": meeting.starts_at.isoformat(),
        "phase": phase,
        "view": view,
        "speaker": screen.reporter_no if view == REPORTER else None,
        "reporters": await _reporters(meeting),
        "turnout": await _turnout(meeting),
        "clock": await _clock(meeting, now),
        "result": await _result(meeting) if phase == PUBLISHED else None,
    }
    return Board(meeting, screen.token, phase in (DRAFT, OPEN), content)


async def _reporters(meeting: Meeting) -> list[dict[str, str]]:
    reporters = await Reporter.filter(meeting=meeting).order_by("position").prefetch_related("person__organisation")
    return [
        {"name": one.person.name, "organisation": one.person.organisation.name, "mode": one.mode} for one in reporters
    ]


async def _turnout(meeting: Meeting) -> dict[str, int | None]:
    """`step`: of what `voted` is a multiple while voting is open; null where it is exact, or there is none yet."""
    standing = await standing_of(meeting)
    return {
        "entitled": standing.entitled,
        "present": standing.present,
        "voted": None if meeting.state == DRAFT else standing.voted,
        "step": meeting.min_class if meeting.state == OPEN and meeting.min_class > 1 else None,
    }


async def _clock(meeting: Meeting, now: datetime) -> dict[str, str] | None:
    """What the clock will do next: open or close the voting. None where only the host does it."""
    if meeting.state == DRAFT and meeting.opens_at and max(now, meeting.imported_at) <= meeting.opens_at:
        return {"does": "open", "at": meeting.opens_at.isoformat()}
    if meeting.state == OPEN:
        poll = await Poll.get(meeting=meeting)
        if poll.opened_at < meeting.closes_at:
            return {"does": "close", "at": meeting.closes_at.isoformat()}
    return None


async def _result(meeting: Meeting) -> dict[str, Any]:
    """Scores in file order. A class that is hidden is hidden for every reporter."""
    rows = (await meeting_result(meeting))["reporters"]
    names = list(rows[0]["by_class"])
    hidden = [name for name in names if rows[0]["by_class"][name].get("suppressed")]
    top = max(_USUAL_TOP, *(read_decimal(points, word) for word, points in meeting.form["options"]))
    return {
        "top": two_places(top),
        "classes": [name for name in names if name not in hidden],
        "hidden": hidden,
        "rows": [_row(row) for row in rows],
    }


def _row(row: dict[str, Any]) -> dict[str, Any]:
    """`score` is null where a class has no counted vote; `classes` holds only what may be shown."""
    shown = {name: one for name, one in row["by_class"].items() if not one.get("suppressed")}
    return {"name": row["name"], "score": row["onsite"], "classes": shown}
