"""What follows from results beside rectification: interviews, changes of secretary, titles revoked, bars, notices (S0-28 to S0-31)."""

from __future__ import annotations

from datetime import date, datetime

from tortoise import fields
from tortoise.models import Model

from models.cycles import Cycle
from models.organisations import Organisation
from models.people import Person

# STANDING: it holds by itself, nobody has to do anything.
OPEN, RECORDED, STANDING, WITHDRAWN = "open", "recorded", "standing", "withdrawn"


class FollowUp(Model):
    """One follow-up of one organisation or person. `after`: what must be recorded before it (filing before notice, A6).

    `done_on`, `outcome`: when it was done and what came of it. `opened_by`, `recorded_by`: staff numbers.
    """

    id = fields.IntField(primary_key=True)
    source_key = fields.CharField(96, unique=True)
    kind = fields.CharField(32)
    organisation: fields.ForeignKeyRelation[Organisation] = fields.ForeignKeyField(
        "models.Organisation", related_name="follow_ups", on_delete=fields.RESTRICT
    )
    organisation_id: int
    person: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="follow_ups", null=True, on_delete=fields.RESTRICT
    )
    person_id: int | None
    cycle: fields.ForeignKeyNullableRelation[Cycle] = fields.ForeignKeyField(
        "models.Cycle", related_name="follow_ups", null=True, on_delete=fields.RESTRICT
    )
    cycle_id: int | None
    reason = fields.TextField()
    clause = fields.CharField(64, default="")
    fact = fields.CharField(16, default="")
    after: fields.ForeignKeyNullableRelation[FollowUp] = fields.ForeignKeyField(
        "models.FollowUp", related_name="next", null=True, on_delete=fields.RESTRICT
    )
    after_id: int | None
    state = fields.CharField(12, default=OPEN)
    opened_by = fields.CharField(64)
    opened_at: datetime = fields.DatetimeField()
    done_on: date | None = fields.DateField(null=True)
    outcome = fields.TextField(default="")
    recorded_by = fields.CharField(64, default="")
    recorded_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "follow_ups"
        indexes = (("state", "kind"), ("person_id", "kind"), ("organisation_id", "kind"))


async def insert_follow_ups(found: list[FollowUp]) -> None:
    """Insert those whose `source_key` is not there yet."""
    await FollowUp.bulk_create(found, 1000, ignore_conflicts=True)
