"""The common case in whole numbers: weighted sums of given scores, and their bands, without building a trace.

What a trace tells is worked out by scoring.assessment when it is read; both ways give the same (tests/unit/scoring/test_quick.py).
"""

from fractions import Fraction
from math import floor, lcm
from typing import NamedTuple

from scoring.grades import Bands, ReadingName
from scoring.numbers import PLACES
from scoring.scheme import Track
from scoring.settings import Settings
from scoring.sheets import Sheet
from scoring.totals import WeightedSum

_UNIT = 10**PLACES


class Quick(NamedTuple):
    """A track in whole numbers: parts are (key, weight × denominator), lines and doubled lines are points × scale."""

    parts: tuple[tuple[str, int], ...]
    scale: int
    reading: ReadingName
    bands: tuple[tuple[int, str], ...]
    doubled: frozenset[int]


def compile_track(track: Track, settings: Settings) -> Quick | None:
    """The track in whole numbers; None where it is not a weighted sum with bands, or a setting is lacking."""
    rule, grade = track.total, track.grade
    if settings.lacking or track.alongside or not isinstance(rule, WeightedSum) or not isinstance(grade, Bands):
        return None
    weights = [(part.key, settings.amount(part.weight)) for part in rule.parts]
    denominator = lcm(*(weight.denominator for _, weight in weights))
    scale = _UNIT * denominator
    lines = [floor(settings.amount(band.line) * scale) for band in grade.bands]
    return Quick(
        parts=tuple((key, floor(weight * denominator)) for key, weight in weights),
        scale=scale,
        reading=grade.reading,
        bands=tuple((line, band.name) for line, band in zip(lines, grade.bands, strict=True)),
        doubled=frozenset(line for line, band in zip(lines, grade.bands, strict=True) if band.counted_twice),
    )


def assess_quickly(quick: Quick, sheet: Sheet) -> bool:
    """Fill in score, band and flag; False, and nothing done, where the subject needs more than that."""
    subject = sheet.subject
    if subject.facts.veto or subject.facts.bonus:
        return False
    total, scores = 0, subject.scores
    for key, weight in quick.parts:
        score = scores.get(key)
        if score is None:
            return False
        total += score.numerator * (_UNIT // score.denominator) * weight
    band = _band(quick, total)
    if band is None:
        return False
    sheet.exact, sheet.band = Fraction(total, quick.scale), band
    if total in quick.doubled:
        sheet.flags = ("boundary",)
    return True


def _band(quick: Quick, total: int) -> str | None:
    if quick.reading == "half_up_integer":
        total = (2 * total + quick.scale) // (2 * quick.scale) * quick.scale
    elif quick.reading == "truncate_integer":
        total = total // quick.scale * quick.scale
    for line, name in quick.bands:
        if total >= line:
            return name
    return None
