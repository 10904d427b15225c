"""Two runs of a cycle side by side: what changed, and because of which input. Pure but for loading them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from config.refusals import Refusal
from models.cycles import CycleSubject
from models.inputs import Input
from models.runs import ScoreRun
from services.actors import name_actors
from services.cycles.cycles import scheme_of
from services.cycles.slot_words import slot_words
from services.runs.runs import get_run, read_result

FIGURES = ("score", "exact", "band", "awards", "consequences", "flags")
_PARTS = ("scores", "indicators", "ballots", "facts", "history")


@dataclass(frozen=True, slots=True)
class InputChange:
    """One input that differs. `subject` is empty for a setting; `by`, `at`, `reason` where it was put in by somebody.

    `what` and `who`: slot and `by` as people call them, where that is known.
    """

    subject: str
    slot: str
    before: Any
    after: Any
    by: str = ""
    at: str = ""
    reason: str = ""
    what: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class SubjectChange:
    """A subject whose figures differ (None: no result there). `because`: its own inputs; else those of its group; else settings."""

    key: str
    name: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    because: tuple[InputChange, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that differs between two runs."""

    inputs: tuple[InputChange, ...]
    subjects: tuple[SubjectChange, ...]


async def compare_runs(first_id: int, second_id: int) -> Comparison:
    """What changed from the first run to the second. Raises `Refusal` where they belong to different cycles."""
    first, second = await get_run(first_id), await get_run(second_id)
    if first.cycle_id != second.cycle_id:
        raise Refusal("other_cycle", "两次计算属于不同的考核周期，不能对比。")
    found = compare(
        json.loads(first.document), await read_result(first), json.loads(second.document), await read_result(second)
    )
    return await _with_names(found, second)


def compare(
    document: Mapping[str, Any], result: Mapping[str, Any], later: Mapping[str, Any], later_result: Mapping[str, Any]
) -> Comparison:
    """The same for two documents of contract §4 and their results (also of a what-if). Pure."""
    inputs = tuple(_input_changes(document, later))
    rows = {one["id"]: one for one in (*document["subjects"], *later["subjects"])}
    before, after = _figures(result), _figures(later_result)
    groups = _Groups(rows, inputs)
    return Comparison(
        inputs,
        tuple(
            SubjectChange(key, row.get("name", ""), before.get(key), after.get(key), groups.because(key))
            for key, row in rows.items()
            if before.get(key) != after.get(key)
        ),
    )


def _figures(result: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["id"]: {name: one[name] for name in FIGURES} for one in result["subjects"]}


def _input_changes(document: Mapping[str, Any], later: Mapping[str, Any]) -> Iterator[InputChange]:
    yield from _changed("", document["settings"], later["settings"])
    before = {one["id"]: _slots(one) for one in document["subjects"]}
    after = {one["id"]: _slots(one) for one in later["subjects"]}
    for key in {**before, **after}:
        yield from _changed(key, before.get(key, {}), after.get(key, {}))


def _changed(key: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[InputChange]:
    for slot in {**before, **after}:
        if before.get(slot) != after.get(slot):
            name = slot if key else f"settings.{slot}"
            yield InputChange(key, name, _told(slot, before.get(slot)), _told(slot, after.get(slot)))


def _told(slot: str, value: Any) -> Any:
    """Counts stay where they are: small classes must not be read off a comparison (design §5)."""
    return "（计票结果）" if slot.startswith("ballots.") and value is not None else value


def _slots(subject: Mapping[str, Any]) -> dict[str, Any]:
    """A subject of a document, flat: slot → value."""
    flat = {name: value for name, value in subject.items() if name not in (*_PARTS, "id")}
    for part in _PARTS:
        given = subject.get(part, {})
        rows = given.items() if isinstance(given, dict) else ((one["cycle"], one) for one in given)
        flat |= {f"{part}.{key}": value for key, value in rows}
    return flat


class _Groups:
    """Which changed inputs bear on a subject: a quota or an award joins it to its parent, its siblings and its members."""

    def __init__(self, rows: Mapping[str, Mapping[str, Any]], inputs: Iterable[InputChange]) -> None:
        self.rows = rows
        self.of: dict[str, list[InputChange]] = {}
        self.in_family: dict[str, list[InputChange]] = {}
        self.in_kind: dict[str, list[InputChange]] = {}
        for one in inputs:
            self.of.setdefault(one.subject, []).append(one)
            if one.subject:
                row = rows[one.subject]
                self.in_kind.setdefault(row["kind"], []).append(one)
                for family in {one.subject, row.get("parent", one.subject)}:
                    self.in_family.setdefault(family, []).append(one)

    def because(self, key: str) -> tuple[InputChange, ...]:
        """Its own changed inputs and settings; where there are none, those of its family, then of all of its kind."""
        own = (*self.of.get(key, ()), *self.of.get("", ()))
        if own:
            return own
        row = self.rows[key]
        family = [*self.in_family.get(key, []), *self.in_family.get(row.get("parent", key), [])]
        return tuple(family or self.in_kind.get(row["kind"], ()))


async def _with_names(found: Comparison, later: ScoreRun) -> Comparison:
    """The same with who put each changed input in, when and why."""
    keys = {one.subject for one in found.inputs if one.subject}
    rows = Input.filter(
        subject__cycle_id=later.cycle_id, subject__key__in=list(keys), entered_at__lte=later.computed_at
    )
    entered: dict[tuple[str, str], Input] = {}
    for one in await rows.select_related("subject").order_by("id"):
        entered[one.subject.key, one.slot] = one
    scheme = scheme_of(later.cycle)
    kinds = {one.key: one.kind for one in await CycleSubject.filter(cycle_id=later.cycle_id, key__in=list(keys))}
    names = await name_actors({one.entered_by for one in entered.values()})

    def named(change: InputChange) -> InputChange:
        kind = kinds.get(change.subject)
        change = replace(change, what=slot_words(scheme, kind, change.slot) if kind else "")
        one = entered.get((change.subject, change.slot))
        if one is None or _told(one.slot, one.value) != change.after:
            return change
        at, who = one.entered_at.isoformat(), names[one.entered_by]
        return replace(change, by=one.entered_by, at=at, reason=one.reason, who=who)

    subjects = (
        SubjectChange(one.key, one.name, one.before, one.after, tuple(map(named, one.because)))
        for one in found.subjects
    )
    return Comparison(tuple(map(named, found.inputs)), tuple(subjects))
