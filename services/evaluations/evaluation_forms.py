"""The form and the weights of an evaluation file, completed from its cycle: points and class weights are said once. Pure."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from pydantic import ValidationError

from config.refusals import BadInput
from models.cycles import Cycle
from scoring import faults
from scoring.numbers import read_decimal, show
from services.ballots.ballot_forms import sheet_of
from services.ballots.voting_files import Reader, read_form
from services.cycles.cycles import scheme_of
from services.evaluations.evaluation_files import EvaluationFile


def resolve_form(file: EvaluationFile, cycle: Cycle) -> dict[str, Any]:
    """The form with points and rules, as `models.evaluations.Evaluation` keeps it. Raises `BadInput`."""
    form = _of_scheme(file.form, cycle) if isinstance(file.form, str) else file.form
    points: Mapping[str, str] = cycle.settings.get("points", {})
    options = [[word, points.get(word) if worth is None else worth] for word, worth in form["options"]]
    found = [
        f'form.options.{word}：没有分值：请写成「{word}: "95"」，或先设置 points'
        for word, worth in options
        if worth is None
    ]
    found += [
        f"form.options.{word}：这里是 {worth} 分，周期设置 points 里是 {points[word]} 分"
        for word, worth in options
        if worth is not None and points.get(word, worth) != worth
    ]
    if found:
        raise BadInput(found)
    return _checked({**form, "options": options})


def _of_scheme(key: str, cycle: Cycle) -> dict[str, Any]:
    forms = scheme_of(cycle).forms
    form = forms.get(key)
    if form is None:
        raise BadInput([f"form：方案里没有「{faults.clip(key)}」这份票样{faults.suggest(key, forms)}"])
    if form.scale is not None:
        raise BadInput([f"form：「{faults.clip(key)}」按分数填，聊天里只能投有选项的票样"])
    options = {word: show(worth) for word, worth in form.options.items()} or _by_worth(cycle)
    if not options:
        raise BadInput([f"form：「{faults.clip(key)}」的选项由各单位自定，请先设置 points"])
    # What a poll can hold is less than what a scheme can say: a longer word would stop the count.
    reader = Reader()
    found = read_form(reader, {"items": list(form.items), "options": options, "abstain": form.abstain})
    if reader.found:
        raise BadInput(reader.found)
    return {**found, "rules": [_plain(rule.model_dump(exclude_none=True)) for rule in form.rules]}


def _by_worth(cycle: Cycle) -> dict[str, str]:
    """The options that the setting `points` names, the best first."""
    points: Mapping[str, str] = cycle.settings.get("points", {})
    return dict(sorted(points.items(), key=lambda one: -read_decimal(one[1], one[0])))


def _plain(value: Any) -> Any:
    """Numbers as decimal strings, lists for tuples."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return show(value) if isinstance(value, Fraction) else value


def _checked(form: dict[str, Any]) -> dict[str, Any]:
    try:
        sheet = sheet_of(form)
    except ValidationError as error:
        raise BadInput([f"form.rules：{_where(one)}不合规则的写法" for one in error.errors()]) from None
    named = [word for rule in sheet.rules for word in _options(rule)]
    if unknown := [word for word in named if word not in sheet.options]:
        # 弃权 neither: a voter's own place is one, whatever they wish.
        raise BadInput([f"form.rules：没有「{word}」这个选项" for word in dict.fromkeys(unknown)])
    return form


def _options(rule: Any) -> tuple[str, ...]:
    return rule.answers.options if hasattr(rule, "answers") else ()


def _where(error: Any) -> str:
    path = [str(part) for part in error["loc"] if part != "rules"]
    return f"[{path[0]}]{'.'.join(['', *path[2:]])} " if path else ""


def resolve_weights(file: EvaluationFile, cycle: Cycle) -> dict[str, str]:
    """The weight of every class, those of the file or of the cycle. Raises `BadInput`."""
    known: Mapping[str, str] = cycle.settings.get("class_weights", {})
    names = [one.name for one in file.classes]
    if known and set(known) != set(names):
        raise BadInput([f"classes：周期设置 class_weights 里的类别是 {'、'.join(known)}，与这里的不同"])
    given = {one.name: one.weight for one in file.classes if one.weight is not None}
    if given and known and dict(known) != given:
        raise BadInput(["classes：权重与周期设置 class_weights 不同，请只写一处"])
    if not given and not known:
        if len(names) > 1:
            raise BadInput(["classes：有几类票，须写明各类的权重（weight），或先设置 class_weights"])
        return dict.fromkeys(names, "1")
    return given or dict(known)
