"""The day that a typed sentence names: 「11月5日」「昨天」「月底前」「两周内」. Pure."""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

_DIGITS = {word: number for number, word in enumerate("零一二三四五六七八九十")} | {"两": 2, "半": 0}
_NUMBER = r"(?:[0-9]{1,3}|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])"
_WEEKDAYS = "一二三四五六日天"
_RELATIVE = {"大前天": -3, "前天": -2, "昨天": -1, "昨日": -1, "今天": 0, "今日": 0, "明天": 1, "明日": 1, "后天": 2}
_NARROW = str.maketrans("０１２３４５６７８９．／－", "0123456789./-")
_AFTER = r"(?:之前|以前|前(?!往|去)|以内|之内|内|完成)*"
_YEAR_WORDS = {"前": -2, "去": -1, "今": 0, "本": 0, "明": 1, "后": 2}
_YEAR_WORD = re.compile(r"(?P<word>[前去今本明后])年(?=[0-9]{1,2}月|年?[底末])")
_DEADLINE = re.compile(r"(?:前|内)(?:完成)?$")


@dataclass(frozen=True, slots=True)
class DayFound:
    """The day, and the sentence without the words that named it."""

    day: date
    rest: str


@dataclass(frozen=True, slots=True)
class _From:
    """Where days are counted from, and whether a day without its year lies ahead (a deadline) or behind (what was done)."""

    today: date
    ahead: bool

    def nearest(self, month: int, day: int) -> date | None:
        years = (self.today.year, self.today.year + (1 if self.ahead else -1))
        days = [found for year in years if (found := _made(year, month, day)) is not None]
        return next((one for one in days if (one >= self.today if self.ahead else one <= self.today)), None)


def find_day(text: str, today: date, *, ahead: bool) -> DayFound | None:
    """The first day that the text names, None where it names none that exists. `ahead`: deadlines; else what is past.

    Of several days a deadline is the one that says so: 「学习7月1日讲话，12月20日前」.
    """
    plain = _YEAR_WORD.sub(lambda found: f"{today.year + _YEAR_WORDS[found['word']]}年", text.translate(_NARROW))
    start = _From(today, ahead)
    matches = ((match, work_out(match, start)) for pattern, work_out in _PATTERNS for match in pattern.finditer(plain))
    days = [(match, day) for match, day in matches if day is not None]
    said = (one for one in days if ahead and _DEADLINE.search(one[0][0]))
    match, day = next(said, None) or next(iter(days), (None, None))
    return DayFound(day, _without(plain, match)) if match and day else None


def _without(text: str, match: re.Match[str]) -> str:
    left, right = text[: match.start()].rstrip(" ,，;；、"), text[match.end() :].strip(" ,，;；、。")
    return f"{left}，{right}" if left and right else left or right


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _number(word: str) -> int:
    if word.isascii():
        return int(word)
    tens, ten, ones = word.rpartition("十")
    return (_DIGITS[tens or "一"] * 10 if ten else 0) + (_DIGITS[ones] if ones else 0)


def _full(match: re.Match[str], start: _From) -> date | None:
    return _made(int(match["y"]), int(match["m"]), int(match["d"]))


def _month_day(match: re.Match[str], start: _From) -> date | None:
    return start.nearest(int(match["m"]), int(match["d"]))


def _of_month(match: re.Match[str], start: _From) -> date | None:
    """17号: of this month, or of the one beside it."""
    first = start.today.replace(day=1)
    beside = first + timedelta(days=31) if start.ahead else first - timedelta(days=1)
    days = (_made(one.year, one.month, int(match["d"])) for one in (first, beside))
    fitting = (one for one in days if one and (one >= start.today if start.ahead else one <= start.today))
    return next(fitting, None)


def _of_named_month(match: re.Match[str], start: _From) -> date | None:
    """上个月28号, 本月3日."""
    first = _shifted(start.today, _SHIFTS.get(match["which"][0], 0))
    return _made(first.year, first.month, int(match["d"]))


_SHIFTS = {"上": -1, "下": 1}


def _shifted(today: date, months: int) -> date:
    """The first day of the month so many months on."""
    month = today.month - 1 + months
    return date(today.year + month // 12, month % 12 + 1, 1)


def _month_end(match: re.Match[str], start: _From) -> date | None:
    month = int(match["m"])
    if not 1 <= month <= 12:
        return None
    if match["y"]:
        return _end_of(int(match["y"]), month)
    year = start.today.year + (1 if start.ahead and month < start.today.month else 0)
    return _end_of(year, month)


def _end_of(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _end_word(match: re.Match[str], start: _From) -> date | None:
    if match["word"] in ("年底", "年末"):
        return date(int(match["y"] or start.today.year), 12, 31)
    first = _shifted(start.today, _SHIFTS.get(match["word"][0], 0))
    return _end_of(first.year, first.month)


def _relative(match: re.Match[str], start: _From) -> date | None:
    return start.today + timedelta(days=_RELATIVE[match["word"]])


def _weekday(match: re.Match[str], start: _From) -> date | None:
    monday = start.today - timedelta(days=start.today.weekday())
    day = monday + timedelta(days=min(_WEEKDAYS.index(match["day"]), 6))
    weeks = {"上": -1, "下": 1, "本": 0, "这": 0}.get(match["week"] or "")
    if weeks is not None:
        return day + timedelta(weeks=weeks)
    if start.ahead and day < start.today:
        return day + timedelta(weeks=1)
    return day - timedelta(weeks=1) if not start.ahead and day > start.today else day


def _span(match: re.Match[str], start: _From) -> date | None:
    if not start.ahead:
        return None
    count, unit = _number(match["n"]), match["unit"]
    if unit in ("个月", "月"):
        if match["n"] == "半":
            return start.today + timedelta(days=15)
        month = start.today.month - 1 + count
        year, month = start.today.year + month // 12, month % 12 + 1
        return min(_end_of(year, month), _end_of(year, month).replace(day=min(start.today.day, 28)))
    return start.today + timedelta(days=count * (7 if unit in ("周", "星期", "个星期") else 1))


_Work = Callable[[re.Match[str], _From], date | None]
_PATTERNS: tuple[tuple[re.Pattern[str], _Work], ...] = (
    (re.compile(rf"(?P<y>20[0-9]{{2}})[年./-](?P<m>[0-9]{{1,2}})[月./-](?P<d>[0-9]{{1,2}})[日号]?{_AFTER}"), _full),
    (re.compile(rf"(?<![0-9])(?P<m>[0-9]{{1,2}})月(?P<d>[0-9]{{1,2}})[日号]?{_AFTER}"), _month_day),
    (re.compile(rf"(?P<which>[上下这]个?月|本月)(?P<d>[0-9]{{1,2}})[日号]{_AFTER}"), _of_named_month),
    # 15日内 is a span.
    (re.compile(rf"(?<![0-9月第])(?P<d>[0-9]{{1,2}})[日号](?!文件|之内|以内|内){_AFTER}"), _of_month),
    (re.compile(rf"(?<![0-9])(?:(?P<y>20[0-9]{{2}})年)?(?P<m>[0-9]{{1,2}})月(?:底|末){_AFTER}"), _month_end),
    (
        re.compile(rf"(?<![0-9])(?:(?P<y>20[0-9]{{2}})年?)?(?P<word>年[底末]|(?:[上下这]个?|本)?月[底末]){_AFTER}"),
        _end_word,
    ),
    (re.compile(rf"(?P<word>{'|'.join(_RELATIVE)}){_AFTER}"), _relative),
    (re.compile(rf"(?P<week>[上下本这])?个?(?:周|星期|礼拜)(?P<day>[{_WEEKDAYS}]){_AFTER}"), _weekday),
    (
        re.compile(
            rf"(?<![0-9一二两三四五六七八九十百])(?P<n>{_NUMBER}|半)(?P<unit>天|日|周|个星期|星期|个月)(?:之内|以内|内|后)"
        ),
        _span,
    ),
)


def shown_day(day: date) -> str:
    """A day as people in China read it: `2021年12月20日`."""
    return f"{day.year}年{day.month}月{day.day}日"
