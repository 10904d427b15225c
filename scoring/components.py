"""The value of one component of one subject: given as a score, or worked out from its counted ballots."""

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from scoring.ballots import BallotScore, ClassScore, Counts, score_ballots
from scoring.faults import child
from scoring.forms import BallotForm
from scoring.result import Refusal, Step
from scoring.rules import Rule
from scoring.settings import Settings
from scoring.subjects import Subject


class ComponentValue(NamedTuple):
    """The value, or None with the reasons; the steps tell how ballots became the value."""

    value: Fraction | None
    steps: tuple[Step, ...] = ()
    refusals: tuple[Refusal, ...] = ()


def read_component(
    rule: Rule, key: str, label: str, subject: Subject, settings: Settings, form: BallotForm | None = None
) -> ComponentValue:
    """The value of the component `key`. Raises BadInput where ballots name a class or option that neither form nor setting knows."""
    value = subject.scores.get(key)
    if value is not None:
        return ComponentValue(value)
    if key not in subject.ballots:
        return ComponentValue(None, (), (Refusal("missing_score", f"缺少「{label}」的得分"),))
    refusals = _missing_settings(key, subject, settings, form)
    if refusals:
        return ComponentValue(None, (), refusals)
    weights = _class_weights(subject.ballots[key], settings, form)
    if not weights:
        return ComponentValue(None, (), (Refusal("empty_class", f"「{label}」没有任何一类票"),))
    path = child(child(subject.path, "ballots"), key)
    points = form.options if form and form.options else settings.values.get("points", {})
    found = score_ballots(subject.ballots[key], points, weights, path=path, form=form)
    steps = _ballot_steps(rule, label, found)
    if found.score is None:
        return ComponentValue(None, steps, (_empty(label, found),))
    return ComponentValue(found.score, steps)


def _class_weights(counts: Counts, settings: Settings, form: BallotForm | None) -> Mapping[str, Fraction]:
    """Those of the form, else those that were set, else the one class there is."""
    if form is not None:
        weights = {group.name: settings.amount(group.weight) for group in form.raters if group.weight is not None}
        if weights:
            return weights
    return settings.values.get("class_weights") or dict.fromkeys(counts, Fraction(1))


def _empty(label: str, found: BallotScore) -> Refusal:
    classes = "、".join(found.empty)
    if found.reason == "too_few_ballots":
        return Refusal("too_few_ballots", f"「{label}」中{classes}的有效票太少，权重不转移")
    return Refusal("empty_class", f"「{label}」中{classes}没有有效票（无人投票或全部弃权），权重不转移")


def _missing_settings(key: str, subject: Subject, settings: Settings, form: BallotForm | None) -> tuple[Refusal, ...]:
    """Settings for ballots that this form does not make superfluous."""
    own_points = form is not None and bool(form.options or form.scale)
    own_weights = form is not None and any(group.weight is not None for group in form.raters)
    needs = {"ballots": not own_points, "classes": not own_weights and len(subject.ballots[key]) > 1}
    return tuple(
        settings.refusal(name)
        for name, rule in settings.rules.items()
        if needs.get(rule.needed) and name not in settings.values
    )


def _ballot_steps(rule: Rule, label: str, found: BallotScore) -> tuple[Step, ...]:
    return tuple(
        Step(
            rule,
            "{}·{}：有效票 {} 张，弃权 {} 张{}，平均 {}，权重 {}",
            (
                label,
                name,
                one.ballots,
                one.abstained,
                _trimmed(one),
                "无" if one.score is None else one.score,
                one.weight,
            ),
            one.score,
        )
        for name, one in found.classes.items()
    )


def _trimmed(one: ClassScore) -> str:
    trimmed = max((item.trimmed for item in one.items.values()), default=0)
    return f"，去掉最高和最低共 {trimmed} 张" if trimmed else ""
