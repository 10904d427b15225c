"""Counted ballots to scores, exact: class → item → option → count, never a single ballot."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from scoring.faults import BadInput, child, suggest
from scoring.forms import ABSTAIN, BallotForm, Trim

__all__ = ["ABSTAIN", "BallotScore", "ClassScore", "Counts", "ItemScore", "check_class_weights", "score_ballots"]

Counts = Mapping[str, Mapping[str, Mapping[str, int]]]


@dataclass(frozen=True, slots=True)
class ItemScore:
    """One item of one class: how many ballots counted, how many abstained, the mean (None where none counted), how many were trimmed."""

    ballots: int
    abstained: int
    score: Fraction | None
    trimmed: int = 0


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
    """The weighted score; None with reason `empty_class` where a class has no counted vote, or `too_few_ballots` where it has fewer
    than its form asks for: weights are never redistributed."""

    score: Fraction | None
    reason: str | None
    classes: Mapping[str, ClassScore]
    empty: tuple[str, ...]


def score_ballots(
    counts: Counts,
    points: Mapping[str, Fraction],
    class_weights: Mapping[str, Fraction],
    *,
    path: str = "ballots",
    form: BallotForm | None = None,
) -> BallotScore:
    """Score one subject's counted ballots (contract §4).

    counts: {class: {item: {option: number of ballots}}}, 弃权 allowed everywhere; points: {option: points};
    class_weights: {class: ratio}, sum 1; a class that it names and nobody voted in counts as empty; form: for its scale, its
    trimming and how many ballots a class needs.
    Raises BadInput for unknown classes or options and weights that do not sum to 1.
    """
    check_class_weights(class_weights, path)
    for name in counts:
        if name not in class_weights:
            raise BadInput(child(path, name), f"没有为「{name}」设权重{suggest(name, class_weights)}")
    classes = {
        name: _score_class(counts.get(name, {}), points, weight, child(path, name), form)
        for name, weight in class_weights.items()
    }
    empty = tuple(name for name, found in classes.items() if found.score is None)
    if empty:
        return BallotScore(None, "empty_class", classes, empty)
    needed = {group.name: group.min_ballots for group in form.raters} if form else {}
    few = tuple(name for name, found in classes.items() if found.ballots < needed.get(name, 1))
    if few:
        return BallotScore(None, "too_few_ballots", classes, few)
    total = sum((found.weight * found.score for found in classes.values() if found.score is not None), Fraction(0))
    return BallotScore(total, None, classes, ())


def check_class_weights(class_weights: Mapping[str, Fraction], path: str) -> None:
    """Raise BadInput unless the weights are there, none is negative and they sum to exactly 1."""
    if any(weight < 0 for weight in class_weights.values()) or sum(class_weights.values()) != 1:
        raise BadInput(path, "各类票的权重之和应等于 1")


def _score_class(
    items: Mapping[str, Mapping[str, int]],
    points: Mapping[str, Fraction],
    weight: Fraction,
    path: str,
    form: BallotForm | None,
) -> ClassScore:
    scored = {item: _score_item(options, points, child(path, item), form) for item, options in items.items()}
    means = [item.score for item in scored.values() if item.score is not None]
    return ClassScore(
        weight=weight,
        ballots=max((item.ballots for item in scored.values()), default=0),
        abstained=max((item.abstained for item in scored.values()), default=0),
        score=sum(means, Fraction(0)) / len(means) if means and len(means) == len(scored) else None,
        items=scored,
    )


def _score_item(
    options: Mapping[str, int], points: Mapping[str, Fraction], path: str, form: BallotForm | None
) -> ItemScore:
    counted = [(_worth(option, points, path, form), count) for option, count in options.items() if option != ABSTAIN]
    ballots = sum(count for _, count in counted)
    kept = _trim(counted, form.trim) if form and form.trim and ballots > form.trim.above else counted
    left = sum(count for _, count in kept)
    mean = sum((worth * count for worth, count in kept), Fraction(0)) / left if left else None
    return ItemScore(ballots, options.get(ABSTAIN, 0), mean, ballots - left)


def _worth(option: str, points: Mapping[str, Fraction], path: str, form: BallotForm | None) -> Fraction:
    worth = points.get(option) if form is None or form.scale is None else form.points(option)
    if worth is None:
        raise BadInput(child(path, option), f"没有为选项「{option}」设分值{suggest(option, points)}")
    return worth


def _trim(counted: list[tuple[Fraction, int]], trim: Trim) -> list[tuple[Fraction, int]]:
    """Without the best and the worst ballots; the order of options does not matter."""
    by_worth = sorted(counted)
    for at, drop in ((0, trim.lowest), (-1, trim.highest)):
        while drop and by_worth:
            worth, count = by_worth[at]
            taken = min(drop, count)
            drop -= taken
            by_worth[at] = (worth, count - taken)
            if count == taken:
                by_worth.pop(at)
    return by_worth
