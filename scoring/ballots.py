"""Counted ballots to scores, exact: class → item → option → count, never a single ballot."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from scoring.faults import BadInput, child, suggest

ABSTAIN = "弃权"

Counts = Mapping[str, Mapping[str, Mapping[str, int]]]


@dataclass(frozen=True, slots=True)
class ItemScore:
    """One item of one class: how many ballots counted, how many abstained, the mean (None where none counted)."""

    ballots: int
    abstained: int
    score: Fraction | None


@dataclass(frozen=True, slots=True)
class ClassScore:
    """One class: `ballots` and `abstained` of its fullest item, `score` the mean over its items, None where an item has no counted vote."""

    weight: Fraction
    ballots: int
    abstained: int
    score: Fraction | None
    items: Mapping[str, ItemScore]


@dataclass(frozen=True, slots=True)
class BallotScore:
    """The weighted score; None with reason `empty_class` where a class has no counted vote: weights are never redistributed."""

    score: Fraction | None
    reason: str | None
    classes: Mapping[str, ClassScore]
    empty: tuple[str, ...]


def score_ballots(
    counts: Counts, points: Mapping[str, Fraction], class_weights: Mapping[str, Fraction], *, path: str = "ballots"
) -> BallotScore:
    """Score one subject's counted ballots (contract §4).

    counts: {class: {item: {option: number of ballots}}}, 弃权 allowed everywhere; points: {option: points};
    class_weights: {class: ratio}, sum 1; a class that it names and nobody voted in counts as empty.
    Raises BadInput for unknown classes or options and weights that do not sum to 1.
    """
    check_class_weights(class_weights, path)
    for name in counts:
        if name not in class_weights:
            raise BadInput(child(path, name), f"没有为「{name}」设权重{suggest(name, class_weights)}")
    classes = {
        name: _score_class(counts.get(name, {}), points, weight, child(path, name))
        for name, weight in class_weights.items()
    }
    empty = tuple(name for name, found in classes.items() if found.score is None)
    if empty:
        return BallotScore(None, "empty_class", classes, empty)
    total = sum((found.weight * found.score for found in classes.values() if found.score is not None), Fraction(0))
    return BallotScore(total, None, classes, ())


def check_class_weights(class_weights: Mapping[str, Fraction], path: str) -> None:
    """Raise BadInput unless the weights are there, none is negative and they sum to exactly 1."""
    if any(weight < 0 for weight in class_weights.values()) or sum(class_weights.values()) != 1:
        raise BadInput(path, "各类票的权重之和应等于 1")


def _score_class(
    items: Mapping[str, Mapping[str, int]], points: Mapping[str, Fraction], weight: Fraction, path: str
) -> ClassScore:
    scored = {item: _score_item(options, points, child(path, item)) for item, options in items.items()}
    means = [item.score for item in scored.values() if item.score is not None]
    return ClassScore(
        weight=weight,
        ballots=max((item.ballots for item in scored.values()), default=0),
        abstained=max((item.abstained for item in scored.values()), default=0),
        score=sum(means, Fraction(0)) / len(means) if means and len(means) == len(scored) else None,
        items=scored,
    )


def _score_item(options: Mapping[str, int], points: Mapping[str, Fraction], path: str) -> ItemScore:
    abstained, ballots, total = 0, 0, Fraction(0)
    for option, count in options.items():
        if option == ABSTAIN:
            abstained = count
        elif option in points:
            ballots += count
            total += points[option] * count
        else:
            raise BadInput(child(path, option), f"没有为选项「{option}」设分值{suggest(option, points)}")
    return ItemScore(ballots, abstained, total / ballots if ballots else None)
