"""Which answers leave a line of cells fillable: a walk over counts, each capped where it stops to matter."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from scoring.forms import ABSTAIN, AtLeast, AtMost, BallotForm, FormRule, NotAllEqual, is_among

_NOBODY, _ONE, _ALIKE, _DIFFER = range(4)  # how the graded answers of a line compare so far


class _State(NamedTuple):
    """Counts for each counting rule, how the graded answers compare, and the answer that they share while they are alike."""

    counts: tuple[int, ...]
    likeness: int
    shared: str


class _Kind(NamedTuple):
    """An answer with what it adds to the count of each rule."""

    answer: str
    adds: tuple[bool, ...]


def possible_answers(form: BallotForm, rules: Sequence[FormRule], given: Sequence[str], empty: int) -> set[str]:
    """The answers after which `empty` more cells can still be filled so that all the rules hold.

    Answers that the rules cannot tell apart share their fate, so only two of each kind are walked: two, so that not all need
    be equal.
    """
    counting = [rule for rule in rules if not isinstance(rule, NotAllEqual)]
    must_differ = len(counting) < len(rules)
    by_kind: dict[tuple[bool, ...], list[_Kind]] = {}
    for answer in form.worth:
        kind = _kind(form, counting, answer)
        by_kind.setdefault((answer == ABSTAIN, answer in given, *kind.adds), []).append(kind)
    samples = [kind for kinds in by_kind.values() for kind in kinds[:2]]
    start = _State((0,) * len(counting), _NOBODY, "")
    for answer in given:
        start = _after(counting, start, _kind(form, counting, answer))
    return {
        kind.answer
        for kinds in by_kind.values()
        if _can_end_well(counting, _after(counting, start, kinds[0]), samples, empty, must_differ)
        for kind in kinds
    }


def _kind(form: BallotForm, counting: Sequence[AtMost | AtLeast], answer: str) -> _Kind:
    points = form.worth[answer] if answer in form.worth else form.points(answer)
    return _Kind(answer, tuple(is_among(rule.answers, answer, points) for rule in counting))


def _after(counting: Sequence[AtMost | AtLeast], state: _State, kind: _Kind) -> _State:
    counts = tuple(
        min(count + adds, rule.count + isinstance(rule, AtMost))
        for rule, count, adds in zip(counting, state.counts, kind.adds, strict=True)
    )
    if kind.answer == ABSTAIN or state.likeness == _DIFFER:
        return _State(counts, state.likeness, state.shared)
    if state.likeness == _NOBODY:
        return _State(counts, _ONE, kind.answer)
    return _State(counts, _ALIKE, state.shared) if kind.answer == state.shared else _State(counts, _DIFFER, "")


def _can_end_well(
    counting: Sequence[AtMost | AtLeast], start: _State, samples: Iterable[_Kind], empty: int, must_differ: bool
) -> bool:
    states = {start}
    for _ in range(empty):
        before, states = states, {_after(counting, state, kind) for state in states for kind in samples}
        if states == before:
            break
    return any(_is_good(counting, state, must_differ) for state in states)


def _is_good(counting: Sequence[AtMost | AtLeast], state: _State, must_differ: bool) -> bool:
    held = all(
        count <= rule.count if isinstance(rule, AtMost) else count >= rule.count
        for rule, count in zip(counting, state.counts, strict=True)
    )
    return held and not (must_differ and state.likeness == _ALIKE)
