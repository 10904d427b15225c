"""While a sheet is filled: what may still be answered so that it can become valid, what to tell the voter, what is wrong at the end."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from scoring.feasibility import possible_answers
from scoring.forms import ABSTAIN, AtLeast, AtMost, BallotForm, FormRule, NotAllEqual, Which, is_among
from scoring.numbers import show

Answers = Mapping[str, Mapping[str, str]]


class Line(NamedTuple):
    """The cells that one rule runs over: (subject, item) each, and the name of what they have in common."""

    name: str
    cells: tuple[tuple[str, str], ...]


def problems(form: BallotForm, subjects: Sequence[str], answers: Answers) -> tuple[str, ...]:
    """What makes a filled sheet invalid, a Chinese sentence each. `answers`: subject → item → answer, 弃权 included."""
    missing = [f"「{s}」的「{i}」还没有填" for s in subjects for i in form.items if i not in answers.get(s, {})]
    foreign = [
        f"「{s}」的「{i}」不能填「{answer}」"
        for s, row in answers.items()
        for i, answer in row.items()
        if s not in subjects or i not in form.items or not _is_answer(form, answer)
    ]
    broken = [
        _where(line, form, subjects) + _words(rule)
        for rule in form.rules
        for line in _lines(rule.across, form, subjects)
        if not _is_met(rule, form, _given(line, answers))
    ]
    return (*missing, *foreign, *broken)


def allowed(form: BallotForm, subjects: Sequence[str], answers: Answers, subject: str, item: str) -> tuple[str, ...]:
    """The answers for this cell after which the sheet can still become valid.

    Each line of cells is looked at by itself; where rules run both ways a dead end shows in `problems` only.
    """
    fitting = set(form.worth)
    for across in ("subjects", "items"):
        rules = [rule for rule in form.rules if rule.across == across]
        for line in _lines(across, form, subjects) if rules else ():
            if (subject, item) in line.cells:
                given = _given(line, answers, (subject, item))
                fitting &= possible_answers(form, rules, given, len(line.cells) - len(given) - 1)
    return tuple(answer for answer in form.worth if answer in fitting)


def remaining(form: BallotForm, subjects: Sequence[str], answers: Answers) -> tuple[str, ...]:
    """Hints while filling, such as 「还可给 1 个“优秀”」; nothing about what others answered."""
    return tuple(
        _where(line, form, subjects) + hint
        for rule in form.rules
        for line in _lines(rule.across, form, subjects)
        if (hint := _hint(rule, form, line, _given(line, answers)))
    )


def _is_answer(form: BallotForm, answer: str) -> bool:
    return form.abstain if answer == ABSTAIN else form.points(answer) is not None or answer in form.options


def _lines(across: str, form: BallotForm, subjects: Sequence[str]) -> Iterator[Line]:
    if across == "subjects":
        for item in form.items:
            yield Line(item, tuple((subject, item) for subject in subjects))
    else:
        for subject in subjects:
            yield Line(subject, tuple((subject, item) for item in form.items))


def _where(line: Line, form: BallotForm, subjects: Sequence[str]) -> str:
    lonely = (len(form.items) == 1 and line.name in form.items) or (len(subjects) == 1 and line.name in subjects)
    return "" if lonely else f"「{line.name}」"


def _given(line: Line, answers: Answers, but: tuple[str, str] | None = None) -> list[str]:
    return [answers[s][i] for s, i in line.cells if (s, i) != but and i in answers.get(s, {})]


def _count(rule: AtMost | AtLeast, form: BallotForm, given: Sequence[str]) -> int:
    return sum(is_among(rule.answers, answer, form.points(answer)) for answer in given)


def _is_met(rule: FormRule, form: BallotForm, given: Sequence[str]) -> bool:
    if isinstance(rule, NotAllEqual):
        graded = [answer for answer in given if answer != ABSTAIN]
        return len(graded) < 2 or len(set(graded)) > 1
    found = _count(rule, form, given)
    return found <= rule.count if isinstance(rule, AtMost) else found >= rule.count


def _hint(rule: FormRule, form: BallotForm, line: Line, given: Sequence[str]) -> str:
    if isinstance(rule, NotAllEqual):
        graded = [answer for answer in given if answer != ABSTAIN]
        alike = len(graded) > 1 and len(set(graded)) == 1
        return "不能全部相同" if alike else ""
    left = rule.count - _count(rule, form, given)
    words = _which_words(rule.answers)
    if isinstance(rule, AtMost):
        return f"还可给 {left} 个{words}" if left > 0 else f"不能再给{words}"
    return f"还须给 {left} 个{words}" if left > 0 else ""


def _words(rule: FormRule) -> str:
    if isinstance(rule, NotAllEqual):
        return "不能全部相同"
    bound = "最多" if isinstance(rule, AtMost) else "至少"
    return f"{bound}给 {rule.count} 个{_which_words(rule.answers)}"


def _which_words(which: Which) -> str:
    words = [f"“{option}”" for option in which.options]
    if which.at_least is not None:
        words.append(f"{show(which.at_least)} 分以上")
    if which.below is not None:
        words.append(f"低于 {show(which.below)} 分")
    return "、".join(words)
