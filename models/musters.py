"""Musters (点名): the code of one activity that members scan, so that nobody has to name who is there."""

from __future__ import annotations

from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from models.organisations import Organisation
from models.people import Person
from models.records import Record


class Muster(Model):
    """One activity's code, the unguessable part of its scene `r.<code>`. `record` once the activity has been recorded."""

    id = fields.IntField(primary_key=True)
    code = fields.CharField(32, unique=True)
    source_key = fields.CharField(64, unique=True)
    organisation: fields.ForeignKeyRelation[Organisation] = fields.ForeignKeyField(
        "models.Organisation", related_name="musters", on_delete=fields.RESTRICT
    )
    organisation_id: int
    kind = fields.CharField(32)
    made_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", on_delete=fields.RESTRICT)
    made_by_id: int
    made_at: datetime = fields.DatetimeField()
    record: fields.ForeignKeyNullableRelation[Record] = fields.ForeignKeyField(
        "models.Record", related_name="musters", null=True
    )
    record_id: int | None
    arrivals: fields.ReverseRelation[Arrival]

    class Meta:
        table = "musters"
        indexes = (("organisation_id", "made_at"),)


class Arrival(Model):
    """One person who scanned. No time is kept: who was late is nobody's business."""

    id = fields.BigIntField(primary_key=True)
    muster: fields.ForeignKeyRelation[Muster] = fields.ForeignKeyField("models.Muster", related_name="arrivals")
    muster_id: int
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", on_delete=fields.RESTRICT)
    person_id: int

    class Meta:
        table = "arrivals"
        unique_together = (("muster", "person"),)


async def lock_muster(code: str) -> Muster | None:
    """The muster of a code, its row locked until the transaction ends."""
    return await Muster.filter(code=code).select_for_update().first()
