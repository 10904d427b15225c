"""What is known of photos beside their content: a perceptual print, the day they were taken, and what is asked about them.

Prints are looked up by four bands of 16 bits. Two prints that differ in at most seven bits agree in one band but for at most one
bit, so 68 values of indexed columns find every near one (`find_near`), however many photos there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tortoise import connections, fields
from tortoise.models import Model

from models.media import MediaItem
from models.records import Record

NEAR, OTHER_DAY, BULK = "near", "other_day", "bulk"

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('photo_prints', 0))"
_FIND_NEAR = """
SELECT p.media_id, m.record_id FROM photo_prints p
JOIN media_items m ON m.id = p.media_id
WHERE (p.band_0 = ANY($2::int[]) OR p.band_1 = ANY($3::int[]) OR p.band_2 = ANY($4::int[]) OR p.band_3 = ANY($5::int[]))
  AND bit_count((p.print # $1)::bit(64)) <= $6 AND m.record_id IS NOT NULL AND m.record_id <> $7
ORDER BY bit_count((p.print # $1)::bit(64)), m.received_at LIMIT 1
"""


class PhotoPrint(Model):
    """The print of one photo: 64 bits as a signed number, its four bands, and the day in the photo itself where it names one."""

    id = fields.BigIntField(primary_key=True)
    media: fields.OneToOneRelation[MediaItem] = fields.OneToOneField("models.MediaItem", related_name="photo_print")
    media_id: UUID
    print = fields.BigIntField(null=True)
    band_0 = fields.IntField(null=True, db_index=True)
    band_1 = fields.IntField(null=True, db_index=True)
    band_2 = fields.IntField(null=True, db_index=True)
    band_3 = fields.IntField(null=True, db_index=True)
    taken_on: date | None = fields.DateField(null=True)

    class Meta:
        table = "photo_prints"


class PhotoQuestion(Model):
    """Something to ask the branch about a record's photos; a question, never a finding against anybody.

    `other`: the record that has a near photo. `detail`: what the question says, {"taken_on"} or {"count"}.
    """

    id = fields.IntField(primary_key=True)
    source_key = fields.CharField(64, unique=True)
    kind = fields.CharField(16)
    record: fields.ForeignKeyRelation[Record] = fields.ForeignKeyField("models.Record", related_name="questions")
    record_id: int
    media: fields.ForeignKeyNullableRelation[MediaItem] = fields.ForeignKeyField(
        "models.MediaItem", related_name="questions", null=True
    )
    media_id: UUID | None
    other: fields.ForeignKeyNullableRelation[Record] = fields.ForeignKeyField(
        "models.Record", related_name="questions_elsewhere", null=True
    )
    other_id: int | None
    detail: dict[str, Any] = fields.JSONField(default=dict)
    asked_at: datetime = fields.DatetimeField()
    answer = fields.TextField(default="")
    answered_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "photo_questions"
        indexes = (("record_id",),)


async def lock_prints() -> None:
    """One after the other: of two near photos that come at the same time the later must see the earlier."""
    await connections.get("default").execute_query(_LOCK)


async def find_near(number: int, bands: Sequence[Sequence[int]], most: int, record_id: int) -> tuple[UUID, int] | None:
    """(media id, record id) of the nearest photo of another record, `most` bits away at most; `bands`: what each band may be."""
    values = [number, *(list(band) for band in bands), most, record_id]
    rows = await connections.get("default").execute_query_dict(_FIND_NEAR, values)
    return (UUID(str(rows[0]["media_id"])), rows[0]["record_id"]) if rows else None
