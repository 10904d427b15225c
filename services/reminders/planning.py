"""Who is reminded today of what: pure. The days of things to do go in, one digest a person comes out, or none.

Whether somebody has voted is nothing that this module could know: a poll is a due of everybody on its roll (design §5).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

from config.clock import SHANGHAI
from services.dues import Due
from services.workdays import is_workday, workday_from, workday_until

Call = Literal["morning", "last"]
# What stays undone is named again once a week, so often; after that only 任务 and the office's ledger name it.
_AGAIN_DAYS = (7, 14, 21, 28)
# A reminder that no digest brought in this time (the worker was down, or the thing is new) is brought now.
_CAUGHT_UP_DAYS = 15
_MOST_LINES = 12
# So many things to do are listed singly; of more, from so many on those that are done with one word share a line.
_SINGLY, _ALIKE = 6, 3
# UTF-8 bytes of one push, with room for what the platform's markup adds.
_MOST_BYTES = 1800


@dataclass(frozen=True, slots=True)
class Habits:
    """When people are reminded. Hours in Shanghai; `steps`: so many days before a last day.

    morning: the one digest of a working day; last: the second push, only for what ends that very day.
    quiet: the hours in which nothing is pushed.
    """

    morning: int = 9
    last: int = 16
    quiet: frozenset[int] = frozenset({21, 22, 23, *range(8)})
    steps: tuple[int, ...] = (7, 3, 1)


def calls_of(now: datetime, habits: Habits) -> list[tuple[Call, datetime]]:
    """The digests of today that it is time for, and since when; none in quiet hours and on days off."""
    local = now.astimezone(SHANGHAI)
    if not is_workday(local.date()) or local.hour in habits.quiet:
        return []
    hours: tuple[tuple[Call, int], ...] = (("morning", habits.morning), ("last", habits.last))
    return [(call, datetime.combine(local.date(), time(hour), SHANGHAI)) for call, hour in hours if local.hour >= hour]


def plan_digest(
    dues: Sequence[Due], today: date, reminded_on: date | None, habits: Habits, call: Call = "morning"
) -> str | None:
    """What to tell a person today, None for nothing. `today` is a working day; `reminded_on`: the day of their last digest.

    In the morning: where some reminder day has come since that digest. At the last call: where something ends today.
    """
    if call == "last":
        named = sorted((due for due in dues if due.by == today), key=lambda due: due.key)
        return _text(f"最后提醒：{len(named)} 件事今天截止", named, dues, today) if named else None
    since = max(reminded_on or date.min, today - timedelta(days=_CAUGHT_UP_DAYS))
    if not any(since < day <= today for due in dues for day in reminder_days(due, habits)):
        return None
    named = near(dues, today, habits)
    if not named:
        return None
    late = sum(_is_late(due, today) for due in named)
    return _text(f"您有 {len(named)} 件事要办{f'，其中 {late} 件已过期' if late else ''}", named, dues, today)


def reminder_days(due: Due, habits: Habits) -> frozenset[date]:
    """The working days on which a person is reminded of it: before and on the soft and the last day, then now and then.

    Of a day off people are reminded on the working day before. A poll that is over is nothing to be reminded of.
    """
    return _reminder_days(due.soft_by, due.by, _begins(due), due.is_poll, habits.steps)


# Thousands of people have the same few days.
@lru_cache(maxsize=4096)
def _reminder_days(
    soft_by: date | None, by: date | None, begins: date | None, is_poll: bool, steps: tuple[int, ...]
) -> frozenset[date]:
    days = [day for day in (soft_by, by) if day is not None]
    found = {workday_until(day - timedelta(days=step)) for day in days for step in (*steps, 0)}
    if by is not None and not is_poll:
        late = workday_from(by + timedelta(days=1))
        found |= {late, *(workday_from(late + timedelta(days=more)) for more in _AGAIN_DAYS)}
    return frozenset(day for day in found if begins is None or day >= begins)


def _begins(due: Due) -> date | None:
    """The day from which people are reminded. What begins and ends on days off is told of on the working day before."""
    if due.from_day is None or due.by is None:
        return due.from_day
    return min(due.from_day, workday_until(due.by))


def near(dues: Sequence[Due], today: date, habits: Habits) -> list[Due]:
    """What a digest names: what ends within the longest step, nearest first, then what is overdue."""
    horizon = today + timedelta(days=max(habits.steps, default=0))

    def is_near(due: Due) -> bool:
        begins, day = _begins(due), next_day(due, today)
        return day is not None and workday_until(day) <= horizon and (begins is None or begins <= today)

    return sorted(filter(is_near, dues), key=lambda due: (_is_late(due, today), next_day(due, today), due.key))


def next_day(due: Due, today: date) -> date | None:
    """The day that counts now: the soft one until it is over, then the last one."""
    if due.soft_by is not None and (due.soft_by >= today or due.by is None):
        return due.soft_by
    return due.by


def _is_late(due: Due, today: date) -> bool:
    return due.by is not None and due.by < today


def _text(headline: str, named: Sequence[Due], dues: Sequence[Due], today: date) -> str:
    begun = sum((begins := _begins(due)) is None or begins <= today for due in dues)
    groups = _grouped(named)[:_MOST_LINES]
    lines = [f"{number}. {_line_of_group(group, today)}" for number, group in enumerate(groups, 1)]
    while len("\n".join(lines).encode()) > _MOST_BYTES:
        lines.pop()
    more = begun - sum(map(len, groups[: len(lines)]))
    return "\n".join([headline, *lines, f"另有 {more} 件，回复 任务 看全部。" if more > 0 else "回复 任务 随时可看。"])


def lines_of(dues: Sequence[Due], today: date) -> list[str]:
    """What there is to do, a line each, in the given order; of much, what is done with one word is one line, at its most urgent."""
    return [_line_of_group(group, today) for group in _grouped(dues)]


def _grouped(dues: Sequence[Due]) -> list[list[Due]]:
    alike: dict[str, list[Due]] = {}
    for due in dues:
        alike.setdefault(due.word, []).append(due)
    if len(dues) <= _SINGLY:
        return [[due] for due in dues]
    found = []
    for due in dues:
        group = alike[due.word]
        if len(group) < _ALIKE:
            found.append([due])
        elif due is group[0]:
            found.append(group)
    return found


def _line_of_group(group: Sequence[Due], today: date) -> str:
    first = group[0]
    if len(group) == 1:
        return line_of(first, today)
    late = sum(_is_late(due, today) for due in group)
    past = f"，其中 {late} 件已过期" if late else ""
    return f"{first.word} {len(group)} 件{past}，最急的：{_told(first, today)}。逐项看：回复 {first.word}"


def line_of(due: Due, today: date) -> str:
    """One thing to do, with its days and the word to reply with."""
    return f"{_told(due, today)}：回复 {due.word}"


def _told(due: Due, today: date) -> str:
    when = "，".join(_days(due, today))
    return f"{due.text}{f'（{when}）' if when else ''}"


def _days(due: Due, today: date) -> Iterator[str]:
    if due.soft_by is not None and due.soft_by >= today and due.soft_by != due.by:
        yield f"建议{_day(due.soft_by, today)}前"
    if due.by is not None:
        yield f"已过期，原定{_day(due.by, today)}" if due.by < today else _last(due.by, today)


def _last(day: date, today: date) -> str:
    left = (day - today).days
    return {0: "今天截止", 1: "明天截止"}.get(left) or f"{_day(day, today)}截止，还有 {left} 天"


def _day(day: date, today: date) -> str:
    year = f"{day.year}年" if day.year != today.year else ""
    return f"{year}{day.month}月{day.day}日"
