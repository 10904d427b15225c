"""What the sections of a scheme that remind, record and ask must agree on: names that are used are declared, forms can be filled."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from scoring.faults import BadInput, child, suggest
from scoring.forms import AtLeast, AtMost, BallotForm, Scale
from scoring.numbers import show
from scoring.procedures import Procedure
from scoring.rules import Rule, SettingRef
from scoring.scheme import Scheme
from scoring.stages import Stage
from scoring.walking import walk

_MOST_STEPS = 1000


def check_references(scheme: Scheme) -> None:
    """Raise BadInput for the first contradiction."""
    _check_clauses(scheme)
    for name, form in scheme.forms.items():
        _check_form(form, child("forms", name))
    _check_stages(scheme)
    _refuse_repeats(scheme.papers, "papers")
    _check_kinds_of_papers(scheme)
    _refuse_repeats(scheme.duties, "duties")
    _refuse_repeats(scheme.procedures, "procedures")
    for n, procedure in enumerate(scheme.procedures):
        _check_procedure(procedure, f"procedures[{n}]")
    _check_uses_of_procedures(scheme)
    effective = scheme.effective
    if effective.from_day and effective.to_day and effective.to_day < effective.from_day:
        raise BadInput("effective.to_day", "失效日期早于生效日期")


def require_known(name: str, names: Collection[str], path: str, what: str) -> None:
    """Raise BadInput, with what was probably meant, unless the name is one of the names."""
    if name not in names:
        raise BadInput(path, f"没有名为「{name}」的{what}{suggest(name, names)}")


def _refuse_repeats(pieces: Iterable[object], path: str) -> None:
    seen: set[str] = set()
    for n, piece in enumerate(pieces):
        key = str(getattr(piece, "key", ""))
        if key in seen:
            raise BadInput(f"{path}[{n}].key", f"「{key}」写了两次")
        seen.add(key)


def _check_clauses(scheme: Scheme) -> None:
    """Where the source lists its clauses, rules cite no other; 「、」 joins several."""
    clauses = scheme.source.clauses
    for path, piece in walk(scheme) if clauses else ():
        if isinstance(piece, Rule):
            for clause in piece.clause.split("、"):
                require_known(clause, clauses, child(path, "clause"), "条款（source.clauses）")


def _check_form(form: BallotForm, path: str) -> None:
    if form.options and form.scale:
        raise BadInput(path, "options 和 scale 只能写一种")
    if form.scale is not None:
        _check_scale(form.scale, child(path, "scale"))
    weights = [group.weight for group in form.raters]
    if any(weight is None for weight in weights) and any(weight is not None for weight in weights):
        raise BadInput(child(path, "raters"), "各类评价人的权重要么都写，要么都不写")
    fixed = [weight for weight in weights if isinstance(weight, Fraction)]
    if fixed and sum(fixed) != 1:
        raise BadInput(child(path, "raters"), f"各类评价人的权重之和是 {show(sum(fixed, Fraction(0)))}，应等于 1")
    if any(isinstance(weight, SettingRef) for weight in weights):
        raise BadInput(child(path, "raters"), "权重由组织设定时不要写在这里，请声明设置 class_weights")
    for n, rule in enumerate(form.rules):
        if isinstance(rule, AtMost | AtLeast):
            _check_which(form, rule, f"{path}.rules[{n}].answers")


def _check_scale(scale: Scale, path: str) -> None:
    if scale.step <= 0 or scale.high <= scale.low:
        raise BadInput(path, "应有 low 小于 high，step 大于 0")
    if (scale.high - scale.low) / scale.step > _MOST_STEPS:
        raise BadInput(child(path, "step"), f"分得太细，最多 {_MOST_STEPS} 级")


def _check_which(form: BallotForm, rule: AtMost | AtLeast, path: str) -> None:
    which = rule.answers
    if not which.options and which.at_least is None and which.below is None:
        raise BadInput(path, "应写 options、at_least 或 below，说明限制哪些答案")
    for option in which.options:
        require_known(option, form.options, child(path, "options"), "选项")


def _check_stages(scheme: Scheme) -> None:
    _refuse_repeats(scheme.stages, "stages")
    places = {stage.key: n for n, stage in enumerate(scheme.stages)}
    papers = dict.fromkeys(paper.key for paper in scheme.papers)
    for n, stage in enumerate(scheme.stages):
        path = f"stages[{n}]"
        for field, key in _stages_named(stage):
            require_known(key, places, child(path, field), "阶段")
        for key in stage.gives:
            require_known(key, papers, child(path, "gives"), "材料（papers）")
    _refuse_circles(scheme.stages, places)


def _stages_named(stage: Stage) -> Iterator[tuple[str, str]]:
    for key in stage.after:
        yield "after", key
    if stage.within is not None:
        yield "within", stage.within


def _refuse_circles(stages: Sequence[Stage], places: Mapping[str, int]) -> None:
    """Take away, again and again, the stages that wait for nobody: what is left waits for itself."""
    waiting = {n: {places[key] for _, key in _stages_named(stage)} for n, stage in enumerate(stages)}
    followers: dict[int, list[int]] = {n: [] for n in waiting}
    for n, others in waiting.items():
        for other in others:
            followers[other].append(n)
    free = [n for n, others in waiting.items() if not others]
    while free:
        done = free.pop()
        for n in followers[done]:
            waiting[n].discard(done)
            if not waiting[n]:
                free.append(n)
    left = [n for n, others in waiting.items() if others]
    if left:
        raise BadInput(f"stages[{left[0]}]", f"阶段「{stages[left[0]].title}」绕成了圈（after、within）")


def _check_procedure(procedure: Procedure, path: str) -> None:
    names = [state.name for state in procedure.states]
    if len(set(names)) < len(names):
        raise BadInput(child(path, "states"), "状态的名称写了两次")
    for n, state in enumerate(procedure.states):
        for name in state.then:
            require_known(name, names, f"{path}.states[{n}].then", "状态")


def _check_kinds_of_papers(scheme: Scheme) -> None:
    for n, paper in enumerate(scheme.papers):
        for kind in paper.kinds:
            require_known(kind, scheme.track_of, f"papers[{n}].kinds", "对象种类（tracks 的 kinds）")


def _check_uses_of_procedures(scheme: Scheme) -> None:
    known = dict.fromkeys(procedure.key for procedure in scheme.procedures)
    for n, track in enumerate(scheme.tracks):
        if track.exemption is not None and track.exemption.by is not None:
            require_known(track.exemption.by, known, f"tracks[{n}].exemption.by", "程序（procedures）")
    if scheme.publication is not None:
        for key in scheme.publication.steps:
            require_known(key, known, "publication.steps", "程序（procedures）")
    for n, paper in enumerate(scheme.papers):
        if paper.procedure is not None:
            require_known(paper.procedure, known, f"papers[{n}].procedure", "程序（procedures）")
