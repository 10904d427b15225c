"""Objections (异议) to what is on public notice, and what was answered."""

from __future__ import annotations

from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from models.people import Person
from models.public_notices import PublicNotice

RECEIVED, UPHELD, CORRECTED = "received", "upheld", "corrected"


class Objection(Model):
    """One person's objection to one notice. `outcome`: received until the office has upheld or corrected what was objected to."""

    id = fields.IntField(primary_key=True)
    source_key = fields.CharField(64, unique=True)
    notice: fields.ForeignKeyRelation[PublicNotice] = fields.ForeignKeyField(
        "models.PublicNotice", related_name="objections", on_delete=fields.RESTRICT
    )
    notice_id: int
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", on_delete=fields.RESTRICT)
    person_id: int
    text = fields.TextField()
    received_at: datetime = fields.DatetimeField()
    outcome = fields.CharField(12, default=RECEIVED, db_index=True)
    answer: str | None = fields.TextField(null=True)
    answered_by = fields.CharField(64, null=True)
    answered_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "objections"


async def insert_once(objection: Objection) -> Objection:
    """Insert it, unless its `source_key` is there already; the one that is there then."""
    await Objection.bulk_create([objection], ignore_conflicts=True)
    return await Objection.get(source_key=objection.source_key)


async def list_open(notice_id: int | None = None) -> list[Objection]:
    """Those that wait for an answer, the oldest first, with person and notice."""
    waiting = Objection.filter(outcome=RECEIVED)
    if notice_id is not None:
        waiting = waiting.filter(notice_id=notice_id)
    return await waiting.order_by("id").select_related("person__organisation", "notice")
