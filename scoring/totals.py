"""How the number of a subject comes about: weighted components, summed indicators, or inputs shown side by side."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Literal, NamedTuple

from pydantic import Field

from scoring.components import read_component
from scoring.forms import BallotForm
from scoring.result import Refusal, Step
from scoring.rules import Amount, Key, Number, Piece, Rule, Text
from scoring.settings import Settings
from scoring.subjects import Subject


class Input(NamedTuple):
    """A score that a document may give: its name for people and its range."""

    label: str
    low: Fraction
    high: Fraction


class Total(NamedTuple):
    """The number (None where none is computed or it is refused), its trace, and why it is refused."""

    value: Fraction | None
    steps: tuple[Step, ...]
    refusals: tuple[Refusal, ...] = ()


class Component(Piece):
    """A component on 0–100, given as a score or as counted ballots on the scheme's `form`; scored_by: who gives it."""

    key: Key
    label: Text
    scored_by: Text | None = None
    form: Key | None = None
    low: Number = Fraction(0)
    high: Number = Fraction(100)


class WeightedComponent(Component):
    """A component and its ratio of the total; the ratios of a rule sum to 1."""

    weight: Amount


class WeightedSum(Rule):
    """Σ component × weight. rounding_said: what the document says of rounding the sum, None where it is silent (A32)."""

    op: Literal["weighted_sum"]
    rounding_said: Text | None = None
    parts: tuple[WeightedComponent, ...] = Field(min_length=1)


class SideBySide(Rule):
    """Components that are shown and never added up. `required` must be there; `not_alone` needs company, else refusal `refusal`."""

    op: Literal["side_by_side"]
    parts: tuple[Component, ...] = Field(min_length=1)
    required: tuple[Key, ...] = ()
    not_alone: Key | None = None
    refusal: Key = "not_alone"
    say: Text = "只有一项，不能据此评定"


class IndicatorGroup(Piece):
    """`count` indicators named `key.1` … `key.count`, each within [low, high]; or `groups`, whose names then begin with `key.`.

    items: what the indicators are called, where the document says so; evidence: what proves them; scored_by: who gives the points.
    """

    key: Key
    label: Text
    count: int = Field(default=0, ge=0, le=500)
    low: Number = Fraction(0)
    high: Number = Fraction(0)
    fact: str = ""
    items: tuple[Text, ...] = ()
    aspects: tuple[Text, ...] = ()
    evidence: tuple[Text, ...] = ()
    scored_by: Text | None = None
    groups: tuple["IndicatorGroup", ...] = ()

    def names(self) -> tuple[str, ...]:
        """The full keys of all indicators below, in order."""
        return tuple(name for name, _ in self.leaves())

    def leaves(self) -> Iterator[tuple[str, "IndicatorGroup"]]:
        """Every indicator below with the group it stands in."""
        for n in range(1, self.count + 1):
            yield f"{self.key}.{n}", self
        for group in self.groups:
            for name, holder in group.leaves():
                yield f"{self.key}.{name}", holder

    def called(self, name: str) -> str:
        """What people call the indicator of this group that has this key: as the document does, else 「共性指标 3」."""
        number = int(name.rpartition(".")[2])
        return self.items[number - 1] if self.items else f"{self.label} {number}"

    def full(self) -> Fraction:
        """The most that all indicators below can add up to."""
        return self.high * self.count + sum((group.full() for group in self.groups), Fraction(0))

    def size(self) -> int:
        """How many indicators stand below."""
        return self.count + sum(group.size() for group in self.groups)


class IndicatorSum(Rule):
    """Σ indicators; `full` is what the document says that they add up to."""

    op: Literal["indicator_sum"]
    full: Number
    groups: tuple[IndicatorGroup, ...] = Field(min_length=1)


# So many of the indicators that are missing are named.
_NAMED = 5


def component_inputs(rule: WeightedSum | SideBySide | IndicatorSum | None) -> Mapping[str, Input]:
    """What `scores` and `ballots` may hold."""
    if rule is None or isinstance(rule, IndicatorSum):
        return {}
    return {part.key: Input(part.label, part.low, part.high) for part in rule.parts}


def indicator_inputs(rule: WeightedSum | SideBySide | IndicatorSum | None) -> Mapping[str, Input]:
    """What `indicators` may hold."""
    if not isinstance(rule, IndicatorSum):
        return {}
    return {name: Input(leaf.label, leaf.low, leaf.high) for group in rule.groups for name, leaf in group.leaves()}


def form_of(part: Component, settings: Settings) -> BallotForm | None:
    """The form that the component's ballots are cast on, None where the scheme has none."""
    return settings.forms[part.form] if part.form is not None else None


def weigh(rule: WeightedSum, subject: Subject, settings: Settings) -> Total:
    """The weighted sum, one step for each component and one for the total; no number while a needed setting is lacking."""
    total = Fraction(0)
    steps: list[Step] = []
    refusals: list[Refusal] = []
    for part in rule.parts:
        found = read_component(rule, part.key, part.label, subject, settings, form_of(part, settings))
        steps.extend(found.steps)
        refusals.extend(found.refusals)
        if found.value is not None and not settings.lacking:
            weight = settings.amount(part.weight)
            share = found.value * weight
            total += share
            steps.append(Step(rule, "{}：{} × {} = {}", (part.label, found.value, weight, share), share, part.key))
    if refusals or settings.lacking:
        return Total(None, tuple(steps), tuple(refusals))
    steps.append(Step(rule, "综合得分 {}", (total,), total))
    return Total(total, tuple(steps))


def lay_side_by_side(rule: SideBySide, subject: Subject, settings: Settings) -> Total:
    """The components that are there, as steps; no number."""
    steps: list[Step] = []
    refusals: list[Refusal] = []
    given = [part for part in rule.parts if part.key in subject.scores or part.key in subject.ballots]
    for part in rule.parts:
        if part in given or part.key in rule.required:
            found = read_component(rule, part.key, part.label, subject, settings, form_of(part, settings))
            refusals.extend(found.refusals)
            steps.extend(found.steps)
            if found.value is not None:
                steps.append(Step(rule, "{}：{}（并列展示，不计入总分）", (part.label, found.value), found.value))
    if rule.not_alone is not None and [part.key for part in given] == [rule.not_alone]:
        refusals.append(Refusal(rule.refusal, rule.say))
    return Total(None, tuple(steps), tuple(refusals))


def add_indicators(rule: IndicatorSum, subject: Subject, settings: Settings) -> Total:
    """The sum of all indicators, one step for each group and one for the total."""
    missing = [leaf.called(name) for name, leaf in _leaves(rule) if name not in subject.scores]
    if missing:
        named = "、".join(missing[:_NAMED]) + ("等" if len(missing) > _NAMED else "")
        return Total(None, (), (Refusal("missing_score", f"缺少 {len(missing)} 项指标的得分：{named}"),))
    steps = tuple(_group_steps(rule, subject))
    total = sum((step.value for step in steps if isinstance(step.value, Fraction)), Fraction(0))
    return Total(total, (*steps, Step(rule, "合计 {}，满分 {}", (total, rule.full), total)))


def _leaves(rule: IndicatorSum) -> Iterator[tuple[str, IndicatorGroup]]:
    return (leaf for group in rule.groups for leaf in group.leaves())


def _group_steps(rule: IndicatorSum, subject: Subject) -> Iterator[Step]:
    for group in rule.groups:
        points = [subject.scores[name] for name in group.names()]
        total = sum(points, Fraction(0))
        yield Step(rule, "{}{}项：{} = {}", (group.label, group.size(), points, total), total, group.key)
