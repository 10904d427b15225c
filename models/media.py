"""Photos and voice that people sent: to be fetched from the platform within three days, then kept by content."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from models.complaints import Complaint

WAITING, STORED, LOST = "waiting", "stored", "lost"


class MediaItem(Model):
    """One file on its way from the platform into the store. `sha256` names the stored content."""

    id: UUID = fields.UUIDField(primary_key=True)
    source_key = fields.CharField(64, unique=True)
    kind = fields.CharField(8)
    media_id = fields.CharField(256)
    complaint: fields.ForeignKeyNullableRelation[Complaint] = fields.ForeignKeyField(
        "models.Complaint", related_name="media", null=True
    )
    complaint_id: int | None
    state = fields.CharField(8, default=WAITING)
    due_at: datetime = fields.DatetimeField()
    received_at: datetime = fields.DatetimeField()
    attempts = fields.IntField(default=0)
    sha256 = fields.CharField(64, null=True)
    content_type = fields.CharField(64, null=True)

    class Meta:
        table = "media_items"
        indexes = (("state", "due_at"),)
