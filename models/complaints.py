"""投诉建议: what people complain of or suggest."""

from __future__ import annotations

from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from models.people import Person


class Complaint(Model):
    """One complaint. `person` is absent where the sender had not bound an account. `source_key` makes a repeated message harmless."""

    id = fields.IntField(primary_key=True)
    source_key = fields.CharField(64, unique=True)
    person: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField("models.Person", null=True)
    person_id: int | None
    text = fields.TextField()
    received_at: datetime = fields.DatetimeField()

    class Meta:
        table = "complaints"


async def insert_once(complaint: Complaint) -> Complaint:
    """Insert it, unless its `source_key` is there already; the one that is there then."""
    await Complaint.bulk_create([complaint], ignore_conflicts=True)
    return await Complaint.get(source_key=complaint.source_key)
