"""What meetings are called where one is chosen from several."""

from collections import Counter
from collections.abc import Sequence

from config.clock import SHANGHAI
from models.meetings import Meeting


def names_apart(meetings: Sequence[Meeting]) -> dict[int, str]:
    """Name by meeting id: the title, with the day where another has the same, with the number where they are of one day."""
    titles = Counter(one.title for one in meetings)
    days = Counter((one.title, _day(one)) for one in meetings)
    return {one.id: _name(one, titles[one.title], days[one.title, _day(one)]) for one in meetings}


def _name(meeting: Meeting, namesakes: int, on_the_day: int) -> str:
    marks = [_day(meeting)] if namesakes > 1 else []
    marks += [f"编号 {meeting.id}"] if on_the_day > 1 else []
    return f"{meeting.title}（{'，'.join(marks)}）" if marks else meeting.title


def _day(meeting: Meeting) -> str:
    day = meeting.starts_at.astimezone(SHANGHAI).date()
    return f"{day.year}年{day.month}月{day.day}日"
