"""Ballot forms: what is asked, how an answer counts, which sheets are valid, and what is left out of the mean."""

from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from scoring.faults import BadInput
from scoring.numbers import read_decimal, show
from scoring.rules import Amount, Number, Piece, Rule, Text

ABSTAIN = "弃权"
Across = Literal["subjects", "items"]


class Scale(Piece):
    """Points from low to high in steps, written as the answer itself."""

    low: Number
    high: Number
    step: Number


class Which(Piece):
    """Answers that a rule is about: named options, and/or those worth at least `from` / less than `below` points."""

    options: tuple[Text, ...] = ()
    at_least: Number | None = None
    below: Number | None = None


class AtMost(Piece):
    """At most `count` such answers, across the subjects of an item or the items of a subject."""

    op: Literal["at_most"]
    count: int = Field(ge=0, le=1000)
    answers: Which
    across: Across = "subjects"


class AtLeast(Piece):
    """At least `count` such answers."""

    op: Literal["at_least"]
    count: int = Field(ge=1, le=1000)
    answers: Which
    across: Across = "subjects"


class NotAllEqual(Piece):
    """Not every answer the same, where there are at least two."""

    op: Literal["not_all_equal"]
    across: Across = "subjects"


FormRule = Annotated[AtMost | AtLeast | NotAllEqual, Field(discriminator="op")]


class RaterGroup(Piece):
    """A class of raters, its weight (all or none of a form's groups have one; they sum to 1) and how many ballots it needs to count."""

    name: Text
    weight: Amount | None = None
    min_ballots: int = Field(default=1, ge=1, le=1000)


class Trim(Piece):
    """With more than `above` ballots the `highest` best and `lowest` worst are left out of the mean of an item and class."""

    above: int = Field(ge=1, le=100_000)
    highest: int = Field(default=1, ge=0, le=1000)
    lowest: int = Field(default=1, ge=0, le=1000)


class BallotForm(Rule):
    """A form: items, and either options with points (empty points: the setting `points`), or a scale."""

    title: Text
    items: tuple[Text, ...] = Field(min_length=1)
    options: Mapping[Text, Number] = Field(default_factory=dict)
    scale: Scale | None = None
    abstain: bool = True
    raters: tuple[RaterGroup, ...] = ()
    rules: tuple[FormRule, ...] = ()
    trim: Trim | None = None

    @cached_property
    def worth(self) -> Mapping[str, Fraction | None]:
        """Every answer that the form allows with what it is worth, 弃权 last."""
        return {answer: self.points(answer) for answer in self.answers()}

    def points(self, answer: str) -> Fraction | None:
        """What an answer is worth; None for 弃权 and for what is no answer of this form."""
        if self.scale is None:
            return self.options.get(answer)
        try:
            number = read_decimal(answer, "")
        except BadInput:
            return None
        on_step = (number - self.scale.low) % self.scale.step == 0
        return number if self.scale.low <= number <= self.scale.high and on_step else None

    def answers(self) -> tuple[str, ...]:
        """Every answer that the form allows, 弃权 last."""
        return (*self.graded_answers(), ABSTAIN) if self.abstain else self.graded_answers()

    def graded_answers(self) -> tuple[str, ...]:
        """The answers that are worth points."""
        if self.scale is None:
            return tuple(self.options)
        count = (self.scale.high - self.scale.low) // self.scale.step
        return tuple(show(self.scale.low + n * self.scale.step) for n in range(count + 1))


def is_among(which: Which, answer: str, points: Fraction | None) -> bool:
    """Whether a rule is about this answer. 弃权 is worth nothing and is never among those worth less than something."""
    if answer in which.options:
        return True
    if points is None or (which.at_least is None and which.below is None):
        return False
    over = which.at_least is None or points >= which.at_least
    return over and (which.below is None or points < which.below)
