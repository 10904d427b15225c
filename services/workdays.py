"""Working days in China: public holidays and the days that are worked to make up for them. Pure but for the library's table."""

from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar

_SATURDAY = 5


@lru_cache(maxsize=2048)
def is_known(year: int) -> bool:
    """Whether the library has that year's days off; each autumn the State Council names those of the next year."""
    return bool(any(day.year == year for day in chinese_calendar.holidays))


@lru_cache(maxsize=2048)
def is_workday(day: date) -> bool:
    """Whether people are at work; of a year that the library does not know, Monday to Friday."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < _SATURDAY


@lru_cache(maxsize=2048)
def workday_until(day: date) -> date:
    """The day itself where it is worked, else the last working day before."""
    while not is_workday(day):
        day -= timedelta(days=1)
    return day


@lru_cache(maxsize=2048)
def workday_from(day: date) -> date:
    """The day itself where it is worked, else the next working day."""
    while not is_workday(day):
        day += timedelta(days=1)
    return day
