"""Who is reminded when: laws that hold for any things to do, and the days of the documents."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.clock import SHANGHAI
from services.dues import Due
from services.reminders.planning import Habits, calls_of, line_of, lines_of, plan_digest, reminder_days
from services.workdays import is_known, is_workday, workday_from, workday_until

HABITS = Habits()
LAW = settings(deadline=None, max_examples=40)
FIRST = date(2021, 1, 4)
days = st.integers(0, 120).map(lambda more: FIRST + timedelta(days=more))


def due(text: str = "交述职报告", **fields: object) -> Due:
    return replace(Due(1, f"key:{text}", text, "述职"), **fields)


@st.composite
def dues(draw: st.DrawFn) -> list[Due]:
    found = []
    for number in range(draw(st.integers(0, 6))):
        by = draw(st.none() | days)
        soft_by = draw(st.none() | days)
        if by and soft_by:
            soft_by, by = sorted((soft_by, by))
        begins = draw(st.none() | days)
        if begins and (last := by or soft_by) and begins > last:
            begins = last
        found.append(Due(1, f"k{number}", f"事{number}", "任务", by, soft_by, begins, draw(st.booleans())))
    return found


def year_of(things: list[Due], habits: Habits = HABITS) -> dict[date, list[str]]:
    """Everything that a person is told from FIRST on, by day, as the planner goes from day to day."""
    told: dict[date, list[str]] = {}
    last: date | None = None
    for more in range(150):
        today = FIRST + timedelta(days=more)
        for call in ("morning", "last") if is_workday(today) else ():
            text = plan_digest(things, today, last, habits, call)
            if text is not None:
                told.setdefault(today, []).append(text)
                last = today if call == "morning" else last
    return told


@LAW
@given(dues())
def test_never_two_pushes_a_day_unless_something_ends_that_day(things: list[Due]) -> None:
    for day, texts in year_of(things).items():
        assert is_workday(day)
        assert len(texts) <= 2
        if len(texts) == 2:
            assert any(one.by == day for one in things)


@LAW
@given(dues())
def test_no_hard_deadline_is_dropped(things: list[Due]) -> None:
    told = year_of(things)
    for one in things:
        if one.by is not None and workday_until(one.by) >= FIRST:
            last_chance = workday_until(one.by)
            assert any(one.text in text for text in told.get(last_chance, ())), (one, last_chance)


@LAW
@given(dues())
def test_the_same_things_make_the_same_plan_whatever_their_order(things: list[Due]) -> None:
    assert year_of(things) == year_of(things[::-1])


@given(dues(), days)
def test_a_morning_that_was_missed_is_made_up_for_and_none_is_told_twice(things: list[Due], today: date) -> None:
    today = workday_from(today)
    if (text := plan_digest(things, today, None, HABITS)) is not None:
        assert plan_digest(things, today, today, HABITS) is None
        assert text.count("\n") == min(12, text.count("：回复")) + 1


@given(st.integers(0, 6 * 365 * 24 * 60))
def test_nobody_is_called_in_quiet_hours_or_on_days_off(minutes: int) -> None:
    now = datetime(2021, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    local = now.astimezone(SHANGHAI)
    for call, since in calls_of(now, HABITS):
        assert is_workday(local.date())
        assert 9 <= local.hour < 21
        assert since <= now
        assert call != "last" or local.hour >= 16


def test_a_soft_day_reminds_before_the_hard_one() -> None:
    """A5: early March, and 15 March."""
    review = due("全面考评", soft_by=date(2021, 3, 10), by=date(2021, 3, 15), from_day=date(2021, 2, 1))
    found = sorted(day for day in reminder_days(review, HABITS) if day <= date(2021, 3, 15))
    assert found == [date(2021, 3, day) for day in (3, 5, 8, 9, 10, 12, 15)]
    assert line_of(review, date(2021, 3, 3)) == "全面考评（建议3月10日前，3月15日截止，还有 12 天）：回复 述职"


def test_what_ends_on_a_day_off_is_told_on_the_working_day_before() -> None:
    """National Day 2021: 1 to 7 October off, Saturday 9 October worked."""
    days = reminder_days(due(by=date(2021, 10, 5)), HABITS)
    assert {date(2021, 9, 28), date(2021, 9, 30)} <= days
    assert all(is_workday(day) for day in days)
    assert is_workday(date(2021, 10, 9))
    assert workday_until(date(2021, 10, 7)) == date(2021, 9, 30)


def test_what_begins_and_ends_on_days_off_is_still_told() -> None:
    weekend = due(from_day=date(2021, 11, 20), by=date(2021, 11, 21))
    assert plan_digest([weekend], date(2021, 11, 19), None, HABITS) is not None


def test_nothing_is_said_of_what_has_not_begun_or_has_no_day() -> None:
    assert (
        plan_digest([due(from_day=date(2021, 12, 1), by=date(2021, 12, 31))], date(2021, 11, 24), None, HABITS) is None
    )
    assert plan_digest([due()], date(2021, 11, 24), None, HABITS) is None


def test_an_ended_poll_is_no_longer_named_and_other_late_things_once_a_week() -> None:
    vote, report = due("投票", by=date(2021, 11, 22), is_poll=True), due(by=date(2021, 11, 22))
    assert max(reminder_days(vote, HABITS)) == date(2021, 11, 22)
    late = sorted(day for day in reminder_days(report, HABITS) if day > date(2021, 11, 22))
    assert late == [date(2021, 11, 23), date(2021, 11, 30), date(2021, 12, 7), date(2021, 12, 14), date(2021, 12, 21)]


@pytest.mark.parametrize("by", [date(2029, 5, 1), date(2029, 5, 6)])
def test_a_year_without_known_holidays_has_weekends(by: date) -> None:
    assert not is_known(2029)
    assert workday_until(by) == (by if by.weekday() < 5 else date(2029, 5, 4))


def test_much_that_is_done_with_one_word_is_one_line_at_its_most_urgent() -> None:
    stages = [due(f"阶段{n}", word="阶段", by=FIRST + timedelta(days=n - 1)) for n in range(12)]
    other = [due("写述职报告", by=FIRST + timedelta(days=3)), due("定措施", word="整改")]
    assert lines_of([*stages[:4], *other], FIRST) == [line_of(one, FIRST) for one in (*stages[:4], *other)]
    assert lines_of([*stages, *other], FIRST) == [
        "阶段 12 件，其中 1 件已过期，最急的：阶段0（已过期，原定1月3日）。逐项看：回复 阶段",
        "写述职报告（1月7日截止，还有 3 天）：回复 述职",
        "定措施：回复 整改",
    ]
    told = plan_digest(stages[1:], FIRST, None, HABITS)
    assert told is not None
    assert told.startswith("您有 8 件事要办\n1. 阶段 8 件，最急的：阶段1（今天截止）。逐项看：回复 阶段")
    assert told.endswith("另有 3 件，回复 任务 看全部。")
