"""Stages of a cycle as the office keeps them: days of its own instead of the document's, and which are finished."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from tortoise import fields
from tortoise.models import Model

from models.cycles import Cycle


class StageDate(Model):
    """What the office has set for one stage of one cycle. A day that is null stays the document's; `reason` is of the last change."""

    id = fields.IntField(primary_key=True)
    cycle: fields.ForeignKeyRelation[Cycle] = fields.ForeignKeyField("models.Cycle", related_name="stage_dates")
    cycle_id: int
    stage = fields.CharField(41)
    starts: date | None = fields.DateField(null=True)
    soft: date | None = fields.DateField(null=True)
    due: date | None = fields.DateField(null=True)
    reason = fields.TextField()
    by = fields.CharField(64)
    at: datetime = fields.DatetimeField()
    finished_at: datetime | None = fields.DatetimeField(null=True)
    finished_by = fields.CharField(64, null=True)

    class Meta:
        table = "stage_dates"
        unique_together = (("cycle", "stage"),)


async def list_stage_dates(cycle_ids: Sequence[int]) -> list[StageDate]:
    """What has been set in these cycles."""
    return await StageDate.filter(cycle_id__in=list(cycle_ids))
