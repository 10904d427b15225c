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
    answer: str | None = fields.TextField(null=True)
    answered_by = fields.CharField(64, null=True)
    answered_at: datetime | None = fields.DatetimeField(null=True)
    media: fields.ReverseRelation[Model]

    class Meta:
        table = "complaints"


async def list_complaints() -> list[Complaint]:
    """All of them, newest first, with the person who sent it and their photos."""
    return await Complaint.all().order_by("-id").prefetch_related("person__organisation", "media")


async def insert_once(complaint: Complaint) -> Complaint:
    """Insert it, unless its `source_key` is there already; the one that is there then."""
    await Complaint.bulk_create([complaint], ignore_conflicts=True)
    return await Complaint.get(source_key=complaint.source_key)


async def find_complaint(complaint_id: int) -> Complaint | None:
    """The complaint of that number."""
    return await Complaint.get_or_none(id=complaint_id)


async def list_unanswered() -> list[Complaint]:
    """Those that wait for an answer, the oldest first, with who sent them."""
    return await Complaint.filter(answered_at=None).order_by("id").prefetch_related("person")
