"""Exemptions (暂不列入): asked for with a reason, decided by another person."""

from __future__ import annotations

from datetime import datetime

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from models.cycles import CycleSubject

APPLIED, APPROVED, REJECTED = "applied", "approved", "rejected"


class Exemption(Model):
    """One application for one subject, and what came of it. Persons by staff number."""

    id = fields.IntField(primary_key=True)
    subject: fields.ForeignKeyRelation[CycleSubject] = fields.ForeignKeyField(
        "models.CycleSubject", related_name="exemptions"
    )
    subject_id: int
    reason = fields.TextField()
    applied_by = fields.CharField(64)
    applied_at: datetime = fields.DatetimeField()
    state = fields.CharField(8, default=APPLIED)
    decided_by = fields.CharField(64, null=True)
    decided_at: datetime | None = fields.DatetimeField(null=True)
    decision: str | None = fields.TextField(null=True)

    class Meta:
        table = "exemptions"
        constraints = (
            UniqueConstraint(fields=("subject_id",), name="one_standing_exemption", condition="state <> 'rejected'"),
        )
