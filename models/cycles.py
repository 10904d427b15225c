"""Assessment cycles (考核周期): a frozen scheme, its settings, and the roster as it stood when the cycle was made."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tortoise import fields
from tortoise.models import Model

from models.organisations import Organisation
from models.people import Person


class Cycle(Model):
    """One year of a scheme over an organisation and all below it. The scheme's text is kept: a used scheme never changes."""

    id = fields.IntField(primary_key=True)
    title = fields.CharField(128)
    scheme = fields.CharField(64)
    scheme_sha256 = fields.CharField(64)
    scheme_text = fields.TextField()
    year = fields.CharField(4)
    organisation: fields.ForeignKeyRelation[Organisation] = fields.ForeignKeyField(
        "models.Organisation", on_delete=fields.RESTRICT
    )
    organisation_id: int
    # As in contract §4; what the scheme requires and is not there yet refuses subjects.
    settings: dict[str, Any] = fields.JSONField(default=dict)
    created_at: datetime = fields.DatetimeField()
    created_by = fields.CharField(64)
    subjects: fields.ReverseRelation[CycleSubject]

    class Meta:
        table = "cycles"
        unique_together = (("scheme", "year", "organisation"),)


class CycleSubject(Model):
    """One assessed subject of the snapshot; `key` (`branch:0102`, `member:2001`) is its id in documents and results.

    `exempt`: why it is left out of every denominator, null where it is assessed.
    """

    id = fields.IntField(primary_key=True)
    cycle: fields.ForeignKeyRelation[Cycle] = fields.ForeignKeyField("models.Cycle", related_name="subjects")
    cycle_id: int
    position = fields.IntField()
    key = fields.CharField(80)
    kind = fields.CharField(16)
    name = fields.CharField(128)
    status = fields.CharField(16)
    parent = fields.CharField(80, null=True)
    organisation: fields.ForeignKeyRelation[Organisation] = fields.ForeignKeyField(
        "models.Organisation", on_delete=fields.RESTRICT
    )
    organisation_id: int
    person: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", null=True, on_delete=fields.RESTRICT
    )
    person_id: int | None
    exempt: str | None = fields.TextField(null=True)

    class Meta:
        table = "cycle_subjects"
        indexes = (("person_id",), ("organisation_id",))
        unique_together = (("cycle", "key"), ("cycle", "position"))


async def list_subjects(cycle_id: int) -> list[CycleSubject]:
    """The snapshot of a cycle in its order, with organisations and people."""
    rows = CycleSubject.filter(cycle_id=cycle_id).order_by("position")
    return await rows.select_related("organisation", "person")


async def list_organisations_of(cycle_ids: list[int]) -> dict[int, set[int]]:
    """The organisations that each of these cycles assesses, itself or people in it."""
    rows = (
        await CycleSubject.filter(cycle_id__in=cycle_ids, exempt=None)
        .distinct()
        .values_list("cycle_id", "organisation_id")
    )
    found: dict[int, set[int]] = {}
    for cycle_id, organisation_id in rows:
        found.setdefault(cycle_id, set()).add(organisation_id)
    return found
