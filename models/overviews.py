"""What leaders and the office were told of a cycle, and when: kept, so that the next overview can say what has changed."""

from __future__ import annotations

from datetime import date
from typing import Any

from tortoise import fields
from tortoise.models import Model

from models.cycles import Cycle


class Overview(Model):
    """The figures of one overview, as of a morning. `slot`: `week:2020-11-16` (its Monday) or `stage:self_report`, once each."""

    id = fields.IntField(primary_key=True)
    cycle: fields.ForeignKeyRelation[Cycle] = fields.ForeignKeyField("models.Cycle", related_name="overviews")
    cycle_id: int
    slot = fields.CharField(48)
    kept_on: date = fields.DateField()
    # Name of the figure -> [how many, of how many].
    figures: dict[str, Any] = fields.JSONField(default=dict)

    class Meta:
        table = "overviews"
        unique_together = (("cycle", "slot"),)


async def find_before(cycle_id: int, day: date) -> Overview | None:
    """The newest overview of the cycle that was told before that day."""
    told = Overview.filter(cycle_id=cycle_id, kept_on__lt=day).exclude(slot="latest")
    return await told.order_by("-kept_on", "-id").first()
