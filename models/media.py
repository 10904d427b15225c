"""Photos and voice that people sent: to be fetched from the platform within three days, then kept by content."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise import connections, fields
from tortoise.expressions import F
from tortoise.models import Model
from tortoise.transactions import in_transaction

from models.complaints import Complaint
from models.people import Person
from models.records import Record
from models.rectifications import RectificationStep

WAITING, STORED, LOST = "waiting", "stored", "lost"
DROPPED = -1
"""The position of what its sender has taken back: no record takes it up again."""


class MediaItem(Model):
    """One file on its way from the platform into the store. `sha256` names the stored content.

    What is sent for a record belongs to `keeper` until the record is confirmed, then to the `record`, at its `position`.
    """

    id: UUID = fields.UUIDField(primary_key=True)
    source_key = fields.CharField(64, unique=True)
    kind = fields.CharField(8)
    media_id = fields.CharField(256)
    complaint: fields.ForeignKeyNullableRelation[Complaint] = fields.ForeignKeyField(
        "models.Complaint", related_name="media", null=True
    )
    complaint_id: int | None
    keeper: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="media", null=True
    )
    keeper_id: int | None
    record: fields.ForeignKeyNullableRelation[Record] = fields.ForeignKeyField(
        "models.Record", related_name="media", null=True
    )
    record_id: int | None
    position = fields.IntField(default=0)
    rectification_step: fields.ForeignKeyNullableRelation[RectificationStep] = fields.ForeignKeyField(
        "models.RectificationStep", related_name="media", null=True
    )
    rectification_step_id: int | None
    state = fields.CharField(8, default=WAITING)
    # When it may next be fetched; while somebody fetches it, the end of their lease.
    due_at: datetime = fields.DatetimeField()
    received_at: datetime = fields.DatetimeField()
    attempts = fields.IntField(default=0)
    sha256 = fields.CharField(64, null=True)
    content_type = fields.CharField(64, null=True)

    class Meta:
        table = "media_items"
        indexes = (("state", "due_at"), ("keeper_id", "received_at"), ("record_id",))


async def insert_new(item: MediaItem) -> None:
    """Insert it unless its `source_key` is there already."""
    await MediaItem.bulk_create([item], ignore_conflicts=True)


async def claim_due(now: datetime, lease_until: datetime, limit: int) -> list[MediaItem]:
    """Take up to `limit` due items for this process alone, until `lease_until`; then whoever comes takes them again."""
    async with in_transaction():
        due = MediaItem.filter(state=WAITING, due_at__lte=now).order_by("due_at").limit(limit)
        taken = await due.select_for_update(skip_locked=True)
        await MediaItem.filter(id__in=[item.id for item in taken]).update(
            due_at=lease_until, attempts=F("attempts") + 1
        )
    for item in taken:
        item.attempts += 1
    return taken


async def lock_content(sha256: str) -> None:
    """Whoever stores this content and whoever deletes it come one after the other, until the transaction ends."""
    statement = "SELECT pg_advisory_xact_lock(hashtextextended('content:' || $1, 0))"
    await connections.get("default").execute_query(statement, [sha256])


async def list_unclaimed(before: datetime, limit: int) -> list[MediaItem]:
    """What was sent before that for records that were never confirmed, or was taken back; the oldest first."""
    unclaimed = MediaItem.filter(record_id=None, received_at__lt=before).exclude(keeper_id=None)
    return await unclaimed.order_by("received_at").limit(limit)


async def settle_stored(item: MediaItem, sha256: str, content_type: str) -> int:
    """It is in the file store under `sha256`; 1, or 0 where another worker has said so already."""
    return await MediaItem.filter(id=item.id, state=WAITING).update(
        state=STORED, sha256=sha256, content_type=content_type
    )


async def settle_lost(item: MediaItem) -> None:
    """It can no longer be had."""
    await MediaItem.filter(id=item.id, state=WAITING, attempts=item.attempts).update(state=LOST)


async def postpone(item: MediaItem, retry_at: datetime) -> None:
    """This attempt failed: it is due again at `retry_at`."""
    await MediaItem.filter(id=item.id, state=WAITING, attempts=item.attempts).update(due_at=retry_at)
