"""Days as people say them: 今天, 昨天, 上周五, 11月5日, 2022-01-05. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

_BACK = {"今天": 0, "今日": 0, "昨天": 1, "昨日": 1, "前天": 2}
_WEEKDAYS = "一二三四五六日天"
_OF_DAY = (
    r"(?:(?:上午|下午|中午|晚上|早上)(?:[0-9一二三四五六七八九十两]{1,3}点(?:半|[0-9一二三四五六七八九十]{1,3}分?)?)?)?"
)


@dataclass(frozen=True, slots=True)
class Said:
    """A day that a text names, and where: `start`, `end` of the words that name it."""

    day: date
    start: int
    end: int


def read_day(text: str, today: date) -> Said | None:
    """The first day that the text names; a day without its year is the last such day, today included. None where there is none.

    A day that does not exist (2月30日) names none.
    """
    for pattern, make in _WAYS:
        for found in pattern.finditer(text):
            day = make(found, today)
            if day is not None:
                return Said(day, *found.span())
    return None


def _relative(found: re.Match[str], today: date) -> date | None:
    return today - timedelta(days=_BACK[found[1]])


def _weekday(found: re.Match[str], today: date) -> date | None:
    """周五: the last one; 上周五: the one of the week before this."""
    wanted = min(_WEEKDAYS.index(found[2]), 6)
    monday = today - timedelta(days=today.weekday())
    if found[1]:
        return monday + timedelta(days=wanted - 7)
    this = monday + timedelta(days=wanted)
    return this if this <= today else this - timedelta(days=7)


def _full(found: re.Match[str], today: date) -> date | None:
    return _day(int(found[1]), int(found[2]), int(found[3]))


def _in_year(found: re.Match[str], today: date) -> date | None:
    month, day = int(found[1]), int(found[2])
    this = _day(today.year, month, day)
    return this if this is not None and this <= today else _day(today.year - 1, month, day)


def _in_month(found: re.Match[str], today: date) -> date | None:
    number = int(found[1])
    this = _day(today.year, today.month, number)
    before = today.replace(day=1) - timedelta(days=1)
    return this if this is not None and this <= today else _day(before.year, before.month, number)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


_WAYS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], date | None]], ...] = tuple(
    (re.compile(pattern + _OF_DAY), make)
    for pattern, make in (
        (r"(20[0-9]{2})\s*[年./-]\s*([0-9]{1,2})\s*[月./-]\s*([0-9]{1,2})[日号]?", _full),
        (r"([0-9]{1,2})\s*月\s*([0-9]{1,2})\s*[日号]?", _in_year),
        (r"(?<![0-9./-])([0-9]{1,2})[./]([0-9]{1,2})(?![0-9./-])", _in_year),
        (r"(今天|今日|昨天|昨日|前天)", _relative),
        (rf"(上)?(?:周|星期)([{_WEEKDAYS}])", _weekday),
        (r"(?:本月)?(?<![0-9月])([0-9]{1,2})[日号](?!文件)", _in_month),
    )
)
