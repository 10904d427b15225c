"""The value of one component of one subject: given as a score, or worked out from its counted ballots."""

from fractions import Fraction
from typing import NamedTuple

from scoring.ballots import BallotScore, score_ballots
from scoring.faults import child
from scoring.result import Refusal, Step
from scoring.rules import Rule
from scoring.settings import Settings
from scoring.subjects import Subject


class ComponentValue(NamedTuple):
    """The value, or None with the reasons; the steps tell how ballots became the value."""

    value: Fraction | None
    steps: tuple[Step, ...] = ()
    refusals: tuple[Refusal, ...] = ()


def read_component(rule: Rule, key: str, label: str, subject: Subject, settings: Settings) -> ComponentValue:
    """The value of the component `key`. Raises BadInput where ballots name a class or option that no setting knows."""
    value = subject.scores.get(key)
    if value is not None:
        return ComponentValue(value)
    if key not in subject.ballots:
        return ComponentValue(None, (), (Refusal("missing_score", f"缺少「{label}」({key})的得分"),))
    refusals = _missing_settings(key, subject, settings)
    if refusals:
        return ComponentValue(None, (), refusals)
    counts = subject.ballots[key]
    weights = settings.values.get("class_weights") or dict.fromkeys(counts, Fraction(1))
    path = child(child(subject.path, "ballots"), key)
    if not weights:
        return ComponentValue(None, (), (Refusal("empty_class", f"「{label}」没有任何一类票"),))
    found = score_ballots(counts, settings.values["points"], weights, path=path)
    steps = _ballot_steps(rule, label, found)
    if found.score is None:
        say = f"「{label}」中{'、'.join(found.empty)}没有有效票(无人投票或全部弃权)，权重不转移"
        return ComponentValue(None, steps, (Refusal("empty_class", say),))
    return ComponentValue(found.score, steps)


def _missing_settings(key: str, subject: Subject, settings: Settings) -> tuple[Refusal, ...]:
    needs = {"ballots": True, "classes": len(subject.ballots[key]) > 1}
    return tuple(
        settings.refusal(name)
        for name, rule in settings.rules.items()
        if needs.get(rule.needed) and name not in settings.values
    )


def _ballot_steps(rule: Rule, label: str, found: BallotScore) -> tuple[Step, ...]:
    return tuple(
        Step(
            rule,
            "{}·{}：有效票 {} 张，弃权 {} 张，平均 {}，权重 {}",
            (label, name, one.ballots, one.abstained, "无" if one.score is None else one.score, one.weight),
            one.score,
        )
        for name, one in found.classes.items()
    )
