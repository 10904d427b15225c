"""Putting values into a cycle: all rows or none, every fault at once, nothing overwritten, everything with who and when."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.refusals import BadInput
from models.cycles import Cycle, CycleSubject
from models.inputs import Input
from scoring import faults
from scoring.document import read_document
from scoring.numbers import read_decimal, show
from scoring.scheme import Scheme
from services.audit import record
from services.canonical import canonical_json
from services.cycles.cycles import scheme_of
from services.cycles.subjects import FEW, Subjects, load_subjects
from services.entitlements import GRADE, Actor, Scope, find_actor, posts_for

PARTS = ("scores", "indicators", "ballots", "facts", "history")
_MOST_REASON = 500


@dataclass(frozen=True, slots=True)
class InputRow:
    """One value to be put in.

    `subject`: its key (`branch:0102`), or the bare code where only one subject has it; `slot`: see `models.inputs.Input`;
    `value` as in contract §4, None takes the value away; `reason`: needed where a value is changed or a grade decided;
    `at`: where it stood (a cell), told with a fault; `hidden`: classes of its ballots that must not be shown.
    """

    subject: str
    slot: str
    value: Any
    reason: str = ""
    at: str = ""
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entered:
    """How many values were new, changed, and there already."""

    new: int
    changed: int
    same: int


WhyNot = Callable[[Actor, str, CycleSubject], str]
"""Why the actor may not put in this slot of this subject, one phrase; empty where they may."""


def by_posts(scope: Scope) -> WhyNot:
    """What the table of entitlements says, where no assignment can go before it."""

    def why_not(actor: Actor, slot: str, subject: CycleSubject) -> str:
        if scope.may(actor, slot, subject):
            return ""
        if subject.person_id is not None and subject.person_id == actor.person_id:
            return f"这是您本人的考核，不能自己录入，请由别的同志录入，可以录入的职务：{posts_for(slot)}"
        if actor.is_command:
            return "这一项要由具体的人负责，请写明工号"
        return f"您不能录入这一项，可以录入的职务：{posts_for(slot)}"

    return why_not


async def put_in(
    cycle: Cycle, rows: Sequence[InputRow], *, actor: str, now: datetime, source: str, why_not: WhyNot | None
) -> Entered:
    """Within the caller's transaction, which holds the cycle: put in all rows, or raise `BadInput` with every fault and put in none.

    The same rows again change nothing. `source` says by which door: `chat`, `workbook`, `command`, `meeting:<id>`; `why_not`: who may,
    None where the caller has made sure already.
    """
    entry = _Entry(
        cycle,
        await find_actor(actor),
        await load_subjects(cycle.id, {row.subject for row in rows}),
        why_not,
    )
    entry.standing = await _standing(cycle, entry.subjects)
    checked = [found for row in rows if (found := entry.check(row)) is not None]
    if entry.faults:
        raise BadInput(entry.faults)
    return await _store(cycle, _distinct(checked), actor, now, source)


async def _standing(cycle: Cycle, subjects: Subjects) -> dict[tuple[int, str], Input]:
    ids = [one.id for one in subjects.all]
    few = len(ids) <= FEW
    rows = (
        Input.filter(subject_id__in=ids, replaced_at=None)
        if few
        else Input.filter(subject__cycle_id=cycle.id, replaced_at=None)
    )
    return {(one.subject_id, one.slot): one for one in await rows}


@dataclass(frozen=True, slots=True)
class _Checked:
    subject: CycleSubject
    row: InputRow
    before: Input | None


class _Entry:
    """The checks of one entering; what is wrong is collected in `faults`."""

    def __init__(self, cycle: Cycle, actor: Actor, subjects: Subjects, why_not: WhyNot | None) -> None:
        self.cycle, self.actor, self.subjects, self.why_not = cycle, actor, subjects, why_not
        self.scheme = scheme_of(cycle)
        self.standing: dict[tuple[int, str], Input] = {}
        self.faults: list[str] = []
        self._seen: dict[tuple[int, str], Any] = {}

    def check(self, row: InputRow) -> _Checked | None:
        """The row with canonical value, None where it has faults."""
        subject = self.subjects.find(row.subject)
        if isinstance(subject, str):
            self._fault(row, subject)
            return None
        try:
            row = _with_value(row, canonical(self.scheme, self.cycle.year, subject.kind, row.slot, row.value))
        except faults.BadInput as error:
            self._fault(row, error.say)
            return None
        before = self.standing.get((subject.id, row.slot))
        for say in (*self._entitlement(row, subject), *self._repeat(row, subject), *self._both(row, subject)):
            self._fault(row, say)
        for say in self._change(row, before):
            self._fault(row, say)
        return _Checked(subject, row, before)

    def _fault(self, row: InputRow, say: str) -> None:
        self.faults.append(f"{row.at or f'{row.subject} {row.slot}'}：{say}")

    def _entitlement(self, row: InputRow, subject: CycleSubject) -> Iterator[str]:
        if self.why_not is not None and (say := self.why_not(self.actor, row.slot, subject)):
            yield say

    def _repeat(self, row: InputRow, subject: CycleSubject) -> Iterator[str]:
        if self._seen.setdefault((subject.id, row.slot), row.value) != row.value:
            yield "同一项写了两个不同的值"

    def _change(self, row: InputRow, before: Input | None) -> Iterator[str]:
        if len(row.reason) > _MOST_REASON:
            yield f"理由不超过 {_MOST_REASON} 字"
        if before is not None and before.value != row.value and not row.reason:
            yield f"原来是 {shown(before.value)}，改动须写明理由"
        if row.slot == GRADE and row.value is not None and not row.reason:
            yield "等次由人研究确定，须写明理由"

    def _both(self, row: InputRow, subject: CycleSubject) -> Iterator[str]:
        """A component is a score or counted ballots, never both."""
        part, _, key = row.slot.partition(".")
        other = {"scores": "ballots", "ballots": "scores"}.get(part)
        standing = self.standing.get((subject.id, f"{other}.{key}"))
        if row.value is not None and standing is not None and standing.value is not None:
            yield "这一项已有计票结果" if other == "ballots" else "这一项已录入得分，请先撤回再取计票结果"


def _with_value(row: InputRow, value: Any) -> InputRow:
    return InputRow(row.subject, row.slot, value, row.reason.strip(), row.at, row.hidden)


def canonical(scheme: Scheme, year: str, kind: str, slot: str, value: Any) -> Any:
    """The value as it is stored: checked by the engine's own reading, decimals in one spelling. Raises `scoring.faults.BadInput`."""
    part, _, key = slot.partition(".")
    if part not in PARTS or not key:
        raise faults.BadInput(slot, f"没有「{faults.clip(slot)}」这一项")
    if part in ("scores", "indicators") and isinstance(value, str):
        value = show(read_decimal(value.strip(), slot))
    if part == "history" and not isinstance(value, dict | None):
        raise faults.BadInput(slot, "往年记录应写成 {score, band, titles}")
    nothing: Any = {"scores": "0", "indicators": "0", "ballots": {}, "history": {}}.get(part)
    subject = {"id": "1", "kind": kind, **nest(slot, nothing if value is None else value)}
    read_document(scheme, {"scheme": scheme.slug, "cycle": year, "settings": {}, "subjects": [subject]})
    return value


def nest(slot: str, value: Any) -> dict[str, Any]:
    """A value as the part of a subject of the document that its slot names."""
    part, _, key = slot.partition(".")
    return {part: [{**value, "cycle": key}]} if part == "history" else {part: {key: value}}


def shown(value: Any) -> str:
    """A stored value in a sentence."""
    return "（已撤回）" if value is None else value if isinstance(value, str) else "（计票结果或往年记录）"


def _distinct(checked: Iterable[_Checked]) -> list[_Checked]:
    found: Mapping[tuple[int, str], _Checked] = {(one.subject.id, one.row.slot): one for one in checked}
    return list(found.values())


async def _store(cycle: Cycle, checked: list[_Checked], actor: str, now: datetime, source: str) -> Entered:
    fresh = [one for one in checked if (one.before.value if one.before else None) != one.row.value]
    replaced = [one.before.id for one in fresh if one.before is not None]
    await Input.filter(id__in=replaced).update(replaced_at=now)
    await Input.bulk_create(
        [
            Input(
                subject=one.subject,
                slot=one.row.slot,
                content=canonical_json(one.row.value),
                hidden=list(one.row.hidden),
                source=source,
                reason=one.row.reason,
                entered_by=actor,
                entered_at=now,
            )
            for one in fresh
        ],
        1000,
    )
    entered = Entered(len(fresh) - len(replaced), len(replaced), len(checked) - len(fresh))
    if fresh:
        detail = {"source": source, "new": entered.new, "changed": entered.changed}
        await record(now, actor, "enter_inputs", f"cycle:{cycle.id}", detail)
    return entered
