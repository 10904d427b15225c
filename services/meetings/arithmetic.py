"""How a score came about, line by line, with every count that may be shown (design §5) and nothing of hidden classes. Pure."""

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

from scoring.ballots import ABSTAIN, BallotScore, ClassScore, ItemScore
from scoring.numbers import show, two_places
from services.meetings.statements import empty_classes

# class -> item -> option -> count
Counts = Mapping[str, Mapping[str, Mapping[str, int]]]
Options = Sequence[Sequence[str]]
"""[[word, points as a decimal string]], best first."""


def explain_score(found: BallotScore, counts: Counts, options: Options, hidden: Collection[str]) -> tuple[str, ...]:
    """One line an item of each class that may be shown, then the weighted sum."""
    lines = [line for name in found.classes for line in _class_lines(name, found, counts, options, hidden)]
    return (*lines, _sum_line(found, hidden))


def _class_lines(name: str, found: BallotScore, counts: Counts, options: Options, hidden: Collection[str]) -> list[str]:
    one = found.classes[name]
    head = f"{name}（权重 {show(one.weight)}）"
    if name in hidden:
        return [f"{head}：投票人少，不单独公布"]
    if not one.items:
        return [f"{head}：没有人投票"]
    lines = [_item_line(item, counts[name][item], options, score) for item, score in one.items.items()]
    if len(lines) == 1:
        return [f"{head}：{lines[0]}"]
    return [f"{head}：", *(f"{item}：{line}" for item, line in zip(one.items, lines, strict=True)), _mean_line(one)]


def _item_line(item: str, counted: Mapping[str, int], options: Options, score: ItemScore) -> str:
    votes = "、".join(f"{word} {counted.get(word, 0)} 票" for word, _ in options)
    abstained = f"，弃权 {score.abstained} 票" if ABSTAIN in counted else ""
    if score.score is None:
        return f"{votes}{abstained}；没有有效票"
    terms = "+".join(f"{counted[word]}×{points}" for word, points in options if counted.get(word))
    return f"{votes}{abstained};({terms})÷{score.ballots} {_equals(score.score)}"


def _mean_line(one: ClassScore) -> str:
    return f"各项平均 {_equals(one.score)}" if one.score is not None else "有一项没有有效票，算不出平均"


def _sum_line(found: BallotScore, hidden: Collection[str]) -> str:
    if found.score is None:
        return f"{empty_classes(tuple(name for name in found.empty if name not in hidden))}，权重不转给别的类别，所以没有得分"
    shown = [
        (one.weight, one.score) for name, one in found.classes.items() if name not in hidden and one.score is not None
    ]
    terms = [f"{show(weight)}×{two_places(score)}" for weight, score in shown]
    if len(shown) < len(found.classes):
        terms.append("不单独公布的类别按权重计入的部分")
    return f"得分：{'+'.join(terms)} {_equals(found.score)}"


def _equals(value: Fraction) -> str:
    text = two_places(value)
    return f"= {text}" if Fraction(text) == value else f"≈ {text}"
