"""What is to be told to people: the outbox. The database is the schedule (design §7)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.people import Person

PLANNED, SENDING, SENT, REFUSED, UNKNOWN = "planned", "sending", "sent", "refused", "unknown"


class Notice(Model):
    """One message to one person, unique by (kind, person, slot). Until it is read it stands in their 任务 as well."""

    id: UUID = fields.UUIDField(primary_key=True)
    kind = fields.CharField(32)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", related_name="notices")
    person_id: int
    slot = fields.CharField(64)
    text = fields.TextField()
    state = fields.CharField(8, default=PLANNED)
    due_at: datetime = fields.DatetimeField()
    attempts = fields.IntField(default=0)
    errcode: int | None = fields.IntField(null=True)
    settled_at: datetime | None = fields.DatetimeField(null=True)
    read_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "notices"
        unique_together = (("kind", "person", "slot"),)
        indexes = (("state", "due_at"),)
