"""Settings: the numbers that a document leaves open. The scheme declares them, the office sets them, nothing has a default."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal

from scoring.faults import BadInput, child, suggest
from scoring.forms import ABSTAIN, BallotForm
from scoring.numbers import read_decimal_in
from scoring.result import Refusal
from scoring.rules import Key, Rule, SettingRef, Text
from scoring.shapes import read_map

_HIGH = {
    "score": Fraction(100),
    "scores": Fraction(100),
    "ratio": Fraction(1),
    "ratios": Fraction(1),
    "days": Fraction(366),
}
SINGLE = frozenset({"score", "ratio", "days"})


class SettingRule(Rule):
    """A declared setting.

    form: one `score` (0–100), `ratio` (0–1) or number of `days`, or `scores` / `ratios` by name (ratios sum to 1); names: the
    closed list of names, empty = any; falling: scores fall strictly in the order of `names`; needed: `always`, or only where
    ballots (`ballots`) or several classes of them (`classes`) are given, or only to publish (`publishing`); without it a
    subject, or the publishing, is refused with `refusal`. One that is `optional` is missed nowhere.
    """

    form: Literal["score", "ratio", "scores", "ratios", "days"]
    names: tuple[Text, ...] = ()
    falling: bool = False
    needed: Literal["always", "ballots", "classes", "publishing", "optional"] = "always"
    refusal: Key
    say: Text


@dataclass(frozen=True, slots=True)
class Settings:
    """The values that were set: name → key → number, '' being the only key of a single number.

    lacking: a refusal for each setting that is always needed and not set, in the scheme's order; forms: those of the scheme.
    """

    rules: Mapping[str, SettingRule]
    values: Mapping[str, Mapping[str, Fraction]]
    lacking: tuple[Refusal, ...]
    forms: Mapping[str, BallotForm] = field(default_factory=dict)

    def amount(self, amount: Fraction | SettingRef) -> Fraction:
        """The number itself, or the setting that it refers to. What is `lacking` raises KeyError."""
        return self.values[amount.setting][amount.key] if isinstance(amount, SettingRef) else amount

    def refusal(self, name: str) -> Refusal:
        """The refusal for want of this setting."""
        return _refusal(self.rules[name])


def _refusal(rule: SettingRule) -> Refusal:
    return Refusal(rule.refusal, f"还没有设定：{rule.say}")


def read_settings(
    rules: Mapping[str, SettingRule], value: object, path: str, forms: Mapping[str, BallotForm] | None = None
) -> Settings:
    """The document's settings, checked against what the scheme declares. Raises BadInput."""
    given = read_map(value, path)
    for name in given:
        if name not in rules:
            raise BadInput(child(path, name), f"此方案没有这项设置{suggest(name, rules)}")
    values = {name: _read_setting(rules[name], content, child(path, name)) for name, content in given.items()}
    lacking = (_refusal(rule) for name, rule in rules.items() if rule.needed == "always" and name not in values)
    return Settings(rules, values, tuple(lacking), forms or {})


def _read_setting(rule: SettingRule, value: Any, path: str) -> Mapping[str, Fraction]:
    high = _HIGH[rule.form]
    if rule.form in SINGLE:
        number = read_decimal_in(value, Fraction(0), high, path)
        if rule.form == "days" and number.denominator != 1:
            raise BadInput(path, "天数应是整数")
        return {"": number}
    found = {
        name: read_decimal_in(number, Fraction(0), high, child(path, name))
        for name, number in read_map(value, path).items()
    }
    _check_names(rule, found, path)
    if rule.form == "ratios" and sum(found.values()) != 1:
        raise BadInput(path, "各项之和应等于 1")
    in_order = [found[name] for name in rule.names]
    if rule.falling and any(upper <= lower for upper, lower in pairwise(in_order)):
        raise BadInput(path, f"下限应按 {'、'.join(rule.names)} 的次序从高到低")
    return found


def _check_names(rule: SettingRule, found: Mapping[str, Fraction], path: str) -> None:
    if not found:
        raise BadInput(path, "这项设置是空的")
    if ABSTAIN in found:
        raise BadInput(child(path, ABSTAIN), f"「{ABSTAIN}」不计入分母，不能设值")
    if rule.names:
        for name in found:
            if name not in rule.names:
                raise BadInput(child(path, name), f"没有这一项{suggest(name, rule.names)}")
        for name in rule.names:
            if name not in found:
                raise BadInput(path, f"缺少「{name}」")
