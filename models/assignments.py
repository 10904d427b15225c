"""Who is to rate whom in a round, and the draws that found it out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from models.cycles import Cycle, CycleSubject
from models.people import Person


class Draw(Model):
    """One draw. `names` (keys of the subjects drawn from) and `rule` (seed, groups, ratio) give `found` again, whoever computes it.

    The one that counts has no `replaced_at`; `reason`: why a second draw was made.
    """

    id = fields.IntField(primary_key=True)
    cycle: fields.ForeignKeyRelation[Cycle] = fields.ForeignKeyField("models.Cycle", related_name="draws")
    cycle_id: int
    round = fields.CharField(41)
    rule: dict[str, Any] = fields.JSONField()
    names: list[str] = fields.JSONField()
    found: dict[str, Any] = fields.JSONField()
    reason = fields.TextField(default="")
    drawn_by = fields.CharField(64)
    drawn_at: datetime = fields.DatetimeField()
    replaced_at: datetime | None = fields.DatetimeField(null=True)
    assignments: fields.ReverseRelation[Assignment]

    class Meta:
        table = "draws"
        constraints = (
            UniqueConstraint(fields=("cycle_id", "round"), name="one_standing_draw", condition="replaced_at IS NULL"),
        )


class Assignment(Model):
    """This person rates this subject in this round. `draw`: null where the office named them."""

    id = fields.IntField(primary_key=True)
    subject: fields.ForeignKeyRelation[CycleSubject] = fields.ForeignKeyField(
        "models.CycleSubject", related_name="assignments"
    )
    subject_id: int
    round = fields.CharField(41)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="assignments", on_delete=fields.RESTRICT
    )
    person_id: int
    draw: fields.ForeignKeyNullableRelation[Draw] = fields.ForeignKeyField(
        "models.Draw", related_name="assignments", null=True
    )
    draw_id: int | None

    class Meta:
        table = "assignments"
        indexes = (("person_id",),)
        unique_together = (("subject", "round", "person"),)


async def list_assignments(cycle_ids: Collection[int], round: str | None = None) -> list[Assignment]:
    """The assignments of these cycles, of one round or of all, with subjects, people and draws, by subject and person."""
    found = Assignment.filter(subject__cycle_id__in=list(cycle_ids))
    found = found if round is None else found.filter(round=round)
    return await found.select_related("subject", "person", "draw").order_by(
        "round", "subject__position", "person__staff_no"
    )


async def list_assigned_rounds(cycle_ids: Collection[int]) -> dict[int, set[str]]:
    """Cycle id → the rounds in which anybody is assigned by name."""
    rows = Assignment.filter(subject__cycle_id__in=list(cycle_ids)).distinct()
    found: dict[int, set[str]] = {}
    for cycle_id, round in await rows.values_list("subject__cycle_id", "round"):
        found.setdefault(int(cycle_id), set()).add(str(round))
    return found
