"""A cycle as the document of contract §4: the same snapshot, inputs and claims give the same bytes."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from models.claims import BONUS, CONFIRMED, VETO, Claim, list_counting
from models.cycles import Cycle, CycleSubject
from models.inputs import Input, list_standing
from services.canonical import canonical_json
from services.cycles.histories import find_pasts
from services.runs.veils import Hidden


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document as canonical JSON text, and what of its ballots no door may show."""

    text: str
    hidden: Hidden

    @property
    def sha256(self) -> str:
        """What names these inputs."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(slots=True)
class _Material:
    """What belongs to one subject."""

    inputs: list[Input] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)


async def prepare_document(cycle: Cycle) -> Prepared:
    """The document of a cycle as it stands, read within the caller's transaction, which holds the cycle."""
    subjects = await CycleSubject.filter(cycle_id=cycle.id).order_by("position")
    inputs, claims = await list_standing(cycle.id), await list_counting(cycle.id)
    pasts = await find_pasts(cycle)
    keys = {one.id: one.key for one in subjects}
    hidden: dict[str, list[tuple[str, str]]] = {}
    for one in (one for one in inputs if one.hidden):
        component = one.slot.partition(".")[2]
        hidden.setdefault(keys[one.subject_id], []).extend((component, name) for name in one.hidden)
    return Prepared(canonical_json(make_document(cycle, subjects, inputs, claims, pasts)), hidden)


def make_document(
    cycle: Cycle,
    subjects: Iterable[CycleSubject],
    inputs: Iterable[Input],
    claims: Iterable[Claim],
    pasts: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """Contract §4. `pasts`: subject key → year → what earlier cycles of this office found; an imported year gives way to it."""
    material: dict[int, _Material] = {}
    for one in inputs:
        material.setdefault(one.subject_id, _Material()).inputs.append(one)
    for claim in claims:
        material.setdefault(claim.subject_id, _Material()).claims.append(claim)
    rows = [_subject(one, material.get(one.id, _Material()), pasts.get(one.key, {})) for one in subjects]
    return {"scheme": cycle.scheme, "cycle": cycle.year, "settings": cycle.settings, "subjects": rows}


def _subject(subject: CycleSubject, material: _Material, pasts: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {"id": subject.key, "kind": subject.kind, "name": subject.name}
    if subject.parent is not None:
        row["parent"] = subject.parent
    if subject.exempt is not None:
        row["exempt"] = subject.exempt
    years: dict[str, Any] = {}
    for one in material.inputs:
        part, _, key = one.slot.partition(".")
        if one.value is not None:
            (years if part == "history" else row.setdefault(part, {}))[key] = one.value
    for claim in material.claims:
        row.setdefault("facts", {}).setdefault(claim.kind, []).append(claim_json(claim))
    years |= pasts
    if years:
        row["history"] = [{**years[year], "cycle": year} for year in sorted(years)]
    return row


def claim_json(claim: Claim) -> dict[str, Any]:
    """A claim as an entry of `facts`, with who answers for it and why."""
    by, reason = claim.decided_by or claim.claimed_by, claim.decision or claim.reason
    row: dict[str, Any] = {"confirmed": claim.state == CONFIRMED, "by": by, "reason": reason}
    if claim.kind == VETO:
        days = {"on": claim.happened_on, "until": claim.until}
        return row | {"rule": claim.rule} | {name: str(day) for name, day in days.items() if day is not None}
    return row | ({"points": claim.amount} if claim.kind == BONUS else {"levels": int(claim.amount)})
