"""How a subject gets its band: lines on the exact score, or a grade that people decided."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from math import floor
from typing import Literal, NamedTuple

from pydantic import Field

from scoring.numbers import half_up
from scoring.result import Boundary, Refusal, Step
from scoring.rules import Amount, Key, Piece, Rule, SettingRef, Text
from scoring.settings import Settings
from scoring.subjects import Subject

ReadingName = Literal["half_open", "half_up_integer", "truncate_integer"]

READINGS: Mapping[ReadingName, Callable[[Fraction], Fraction | int]] = {
    "half_open": lambda score: score,
    "half_up_integer": half_up,
    "truncate_integer": floor,
}
READING_WORDS = {
    "half_open": "按精确得分",
    "half_up_integer": "先四舍五入到整数",
    "truncate_integer": "先舍去小数",
    "exclusive_bound": "「以上」不含本数",
}


class Grade(NamedTuple):
    """The band (None where nobody decided or no line fits), its trace, flags and refusals."""

    band: str | None
    steps: tuple[Step, ...]
    flags: tuple[str, ...] = ()
    boundary: Boundary | None = None
    refusals: tuple[Refusal, ...] = ()


class Band(Piece):
    """A band from `line` (included) up to the next.

    counted_twice: the document counts the line to the band below as well (A15): a person is asked; printed: the range as the
    document prints it, for the linter and for people (A14).
    """

    name: Text
    line: Amount
    counted_twice: bool = False
    printed: Text | None = None


class Bands(Rule):
    """Bands from the highest to the lowest, taken on the score under `reading`; `show` = other readings to tell of (A14)."""

    op: Literal["bands"]
    bands: tuple[Band, ...] = Field(min_length=2)
    reading: ReadingName = "half_open"
    show: tuple[ReadingName, ...] = ()

    @cached_property
    def fixed_lines(self) -> tuple[Fraction, ...] | None:
        """The lines where the document gives them all; None where one is a setting."""
        lines = tuple(band.line for band in self.bands if not isinstance(band.line, SettingRef))
        return lines if len(lines) == len(self.bands) else None

    def names(self) -> tuple[str, ...]:
        """Highest first."""
        return tuple(band.name for band in self.bands)


class Stated(Rule):
    """A grade that people decided, the fact `input`. Without it: flag `undecided`, unless the fact `unless_absent` is absent too."""

    op: Literal["stated"]
    input: Key
    grades: tuple[Text, ...] = Field(min_length=2)
    unless_absent: Key | None = None

    def names(self) -> tuple[str, ...]:
        """Highest first."""
        return self.grades


def grade_by_lines(rule: Bands, score: Fraction | None, subject: Subject, settings: Settings) -> Grade:
    """The band whose line the score reaches; `score` None never comes here."""
    assert score is not None, "bands need a total"
    lines = rule.fixed_lines or tuple(settings.amount(band.line) for band in rule.bands)
    at = _reached(lines, READINGS[rule.reading](score))
    if at is None:
        low = rule.bands[-1].name
        return Grade(None, (), refusals=(Refusal("no_band", f"得分低于最低一档「{low}」的下限，无档可归"),))
    band = rule.bands[at]
    boundary = Boundary(
        next_band=rule.bands[at - 1].name if at else None,
        distance=lines[at - 1] - score if at else None,
        alternatives=tuple(_alternatives(rule, lines, score, at)),
    )
    on_line = band.counted_twice and score == lines[at]
    step = Step(
        rule, "{} ≥ {}，{}，分数到「{}」", (score, lines[at], READING_WORDS[rule.reading], band.name), band.name
    )
    return Grade(band.name, (step,), ("boundary",) if on_line else (), boundary)


def _reached(lines: Sequence[Fraction], score: Fraction | int) -> int | None:
    top, bottom = score.as_integer_ratio()  # whole numbers compare many times faster than fractions
    for n, line in enumerate(lines):
        if top * line.denominator >= line.numerator * bottom:
            return n
    return None


def _alternatives(rule: Bands, lines: Sequence[Fraction], score: Fraction, at: int) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name in rule.show:
        other = _reached(lines, READINGS[name](score))
        if other is not None and other != at:
            found.append((name, rule.bands[other].name))
    if rule.bands[at].counted_twice and score == lines[at] and at + 1 < len(lines):
        found.append(("exclusive_bound", rule.bands[at + 1].name))
    return found


def grade_as_stated(rule: Stated, score: Fraction | None, subject: Subject, settings: Settings) -> Grade:
    """The decided grade as it was stated."""
    grade = subject.facts.text(rule.input)
    if grade is not None:
        who = f"（{subject.facts.decided}）" if subject.facts.decided else ""
        return Grade(grade, (Step(rule, "经研究确定为「{}」{}", (grade, who), grade),))
    if rule.unless_absent is not None and subject.facts.text(rule.unless_absent) is None:
        return Grade(None, (Step(rule, "不参加评定等次"),))
    return Grade(None, (Step(rule, "尚未确定等次，须由有权的人研究决定"),), ("undecided",))
