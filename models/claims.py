"""Claims: vetoes, bonuses and downgrades, which somebody reports and another confirms or rejects."""

from __future__ import annotations

from datetime import date, datetime

from tortoise import fields
from tortoise.models import Model

from models.cycles import CycleSubject

CLAIMED, CONFIRMED, REJECTED = "claimed", "confirmed", "rejected"
VETO, BONUS, DOWNGRADE = "veto", "bonus", "downgrade"


class Claim(Model):
    """One claim about a subject. `rule` of a veto; `amount`: points of a bonus, levels of a downgrade. Persons by staff number."""

    id = fields.IntField(primary_key=True)
    subject: fields.ForeignKeyRelation[CycleSubject] = fields.ForeignKeyField(
        "models.CycleSubject", related_name="claims"
    )
    subject_id: int
    kind = fields.CharField(16)
    rule = fields.CharField(32, default="")
    amount = fields.CharField(32, default="")
    happened_on: date | None = fields.DateField(null=True)
    until: date | None = fields.DateField(null=True)
    reason = fields.TextField()
    # Of all that was claimed: the same claim again is no second one.
    fingerprint = fields.CharField(64)
    claimed_by = fields.CharField(64)
    claimed_at: datetime = fields.DatetimeField()
    state = fields.CharField(16, default=CLAIMED)
    decided_by = fields.CharField(64, null=True)
    decided_at: datetime | None = fields.DatetimeField(null=True)
    decision: str | None = fields.TextField(null=True)

    class Meta:
        table = "claims"
        unique_together = (("subject", "fingerprint"),)


async def list_counting(cycle_id: int) -> list[Claim]:
    """The claims of a cycle that go into its documents: all but the rejected, in the order in which they were made."""
    return await Claim.filter(subject__cycle_id=cycle_id).exclude(state=REJECTED).order_by("id")
