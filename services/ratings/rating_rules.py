"""What makes a sheet complete: every line of a round with points in range, with words where words are asked for. Pure."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction

from scoring import faults
from scoring.numbers import read_decimal_in, show
from scoring.rounds import Item, Round
from scoring.vetoes import Veto
from services.canonical import canonical_json

MOST_WORDS = 500
NONE = "无"
"""What is declared where a veto does not apply."""
_NOTHING = {"无", "没有", "暂无", "无问题", "没有问题", "/", "-"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a sheet as it is handed in; see `models.ratings.RatingValue`."""

    slot: str
    points: str | None = None
    text: str = ""
    problems: str = ""
    reason: str = ""
    records: tuple[int, ...] = ()


def veto_slot(veto: Veto) -> str:
    """Where its declaration stands in a sheet."""
    return f"veto.{veto.id}"


def says_nothing(words: str) -> bool:
    """Whether words are blank, or as good as blank where a problem is to be named (S0-39c)."""
    return words.strip().rstrip("。.") in {"", *_NOTHING}


def faults_of_sheet(round: Round, lines: Sequence[Line]) -> Iterator[str]:
    """What keeps a sheet from being handed in, a Chinese sentence each."""
    by_slot = {line.slot: line for line in lines}
    known = {item.slot for item in round.items} | {veto_slot(veto) for veto in round.vetoes}
    for line in lines:
        if line.slot not in known:
            yield f"{line.slot}：这一轮没有这一项"
        if max(len(line.text), len(line.problems), len(line.reason)) > MOST_WORDS:
            yield f"{line.slot}：每一处文字不超过 {MOST_WORDS} 字"
    if len(by_slot) < len(lines):
        yield "同一项写了两次"
    for item in round.items:
        yield from (f"{item.label}：{say}" for say in _item_faults(item, by_slot.get(item.slot)))
    for veto in round.vetoes:
        if not by_slot.get(veto_slot(veto), Line("")).text.strip():
            yield f"「{veto.title}」还没有申报"


def _item_faults(item: Item, line: Line | None) -> Iterator[str]:
    if line is None:
        yield "还没有填"
    elif item.has_points:
        yield from _points_faults(item, line)
    elif item.is_problem and says_nothing(line.text):
        yield "请写出问题和不足，不能空着"
    elif not line.text.strip():
        yield "请写出做法和成绩"
    elif item.wants_problem and says_nothing(line.problems):
        yield "请写出问题和不足，不能空着"


def _points_faults(item: Item, line: Line) -> Iterator[str]:
    assert item.low is not None
    assert item.high is not None
    try:
        read_decimal_in(line.points or "", item.low, item.high, "")
    except faults.BadInput as error:
        yield error.say


def canonical_lines(round: Round, lines: Sequence[Line]) -> list[Line]:
    """The lines of a complete sheet in its order, points in one spelling, words without surrounding space."""
    by_slot = {line.slot: line for line in lines}
    order = [*(item.slot for item in round.items), *map(veto_slot, round.vetoes)]
    return [_canonical(by_slot[slot]) for slot in order]


def _canonical(line: Line) -> Line:
    points = None if line.points is None else show(Fraction(line.points))
    return replace(
        line, points=points, text=line.text.strip(), problems=line.problems.strip(), reason=line.reason.strip()
    )


def total_of(lines: Sequence[Line]) -> Fraction:
    """The exact sum of all points."""
    return sum((Fraction(line.points) for line in lines if line.points is not None), Fraction(0))


def fingerprint_of(lines: Sequence[Line]) -> str:
    """Equal for equal sheets."""
    return hashlib.sha256(canonical_json([asdict(line) for line in lines]).encode()).hexdigest()


def wide_deviations(own: Mapping[str, str], lines: Sequence[Line], limit: Fraction | None) -> list[str]:
    """The slots whose points lie `limit` or more away from the self-rating without a reason beside them; none without a limit (S0-39d)."""
    if limit is None:
        return []
    return [
        line.slot
        for line in lines
        if line.points is not None and line.slot in own and not (line.reason or line.text or line.problems)
        if abs(Fraction(line.points) - Fraction(own[line.slot])) >= limit
    ]
