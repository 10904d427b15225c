"""What is put into a cycle: scores, counted ballots, stated facts, history. Nothing is overwritten: a new value stands beside the old."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from models.cycles import CycleSubject


class Input(Model):
    """One value of one slot of a subject.

    `slot` is the path in contract §4: `scores.team`, `indicators.common.1`, `ballots.onsite`, `facts.decided_grade`, `history.2019`.
    `content` is JSON text, canonical: equal values are equal texts. `hidden`: classes of ballots too small to be shown (design §5).
    The one that counts has no `replaced_at`.
    """

    id = fields.BigIntField(primary_key=True)
    subject: fields.ForeignKeyRelation[CycleSubject] = fields.ForeignKeyField(
        "models.CycleSubject", related_name="inputs"
    )
    subject_id: int
    slot = fields.CharField(80)
    content = fields.TextField()
    hidden: list[str] = fields.JSONField(default=list)
    source = fields.CharField(64)
    reason = fields.TextField(default="")
    entered_by = fields.CharField(64)
    entered_at: datetime = fields.DatetimeField()
    replaced_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "inputs"
        constraints = (
            UniqueConstraint(fields=("subject_id", "slot"), name="one_standing_input", condition="replaced_at IS NULL"),
        )

    @property
    def value(self) -> Any:
        """The content as it goes into the document; None where the value was taken away."""
        return json.loads(self.content)


async def list_standing(cycle_id: int) -> list[Input]:
    """The inputs of a cycle that count now, by subject and slot."""
    return await Input.filter(subject__cycle_id=cycle_id, replaced_at=None).order_by("subject_id", "slot")
