"""Which of many meetings can be chosen: a year's meetings imported on one day must not hide today's."""

from datetime import UTC, datetime, timedelta

from models.meetings import CLOSED, DRAFT, OPEN, Meeting
from services.meetings.meetings import nearest

NOW = datetime(2022, 1, 18, 1, 0, tzinfo=UTC)


def meeting(title: str, days: int, state: str = DRAFT) -> Meeting:
    return Meeting(title=title, starts_at=NOW + timedelta(days=days), state=state)


def test_todays_meeting_is_offered_however_many_are_to_come() -> None:
    year = [meeting(f"{days}天后", days) for days in range(1, 15)]
    assert [one.title for one in nearest([*year, meeting("今天", 0)], NOW)][:2] == ["今天", "1天后"]


def test_what_is_being_voted_in_comes_first_and_what_is_closed_last() -> None:
    found = [meeting("昨天", -1, CLOSED), meeting("明天", 1), meeting("三天前开始", -3, OPEN)]
    assert [one.title for one in nearest(found, NOW, (DRAFT, CLOSED))] == ["三天前开始", "明天", "昨天"]
