"""Records of organisational life (主题党日, 三会一课, 谈话提醒 …): what was done, who was there, and what became of the record."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from tortoise import fields
from tortoise.expressions import Q
from tortoise.models import Model
from tortoise.queryset import QuerySet

from models.organisations import Organisation
from models.people import Person

KEPT, REVIEWED, RETURNED = "kept", "reviewed", "returned"


class Record(Model):
    """One record. `kind`: a key of config/record_kinds.yaml. `expected` and `present` are counted on the roster of that moment.

    `source_key` makes a repeated confirmation harmless; `version` rises with every change, so that a stale review is noticed.
    """

    id = fields.IntField(primary_key=True)
    source_key = fields.CharField(64, unique=True)
    kind = fields.CharField(32)
    organisation: fields.ForeignKeyRelation[Organisation] = fields.ForeignKeyField(
        "models.Organisation", related_name="records", on_delete=fields.RESTRICT
    )
    organisation_id: int
    held_on: date = fields.DateField()
    topic = fields.CharField(200)
    place = fields.CharField(100, default="")
    host = fields.CharField(64, default="")
    procedure = fields.TextField(default="")
    minutes = fields.TextField(default="")
    # Whom a talk or a step is about.
    concerns: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="records_about", null=True, on_delete=fields.RESTRICT
    )
    concerns_id: int | None
    # {"checks": {key: bool}, "remark": str, "stage": str}
    answers: dict[str, Any] = fields.JSONField(default=dict)
    expected = fields.IntField(default=0)
    present = fields.IntField(default=0)
    state = fields.CharField(8, default=KEPT)
    version = fields.IntField(default=1)
    kept_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="records_kept", on_delete=fields.RESTRICT
    )
    kept_by_id: int
    kept_at: datetime = fields.DatetimeField()
    reviewed_by = fields.CharField(64, null=True)
    reviewed_at: datetime | None = fields.DatetimeField(null=True)
    reason = fields.TextField(default="")
    attendances: fields.ReverseRelation[Attendance]
    steps: fields.ReverseRelation[RecordStep]
    media: fields.ReverseRelation[Model]

    class Meta:
        table = "records"
        indexes = (("organisation_id", "held_on"), ("state",), ("kept_by_id", "kept_at"))


class Attendance(Model):
    """Whether one person of the roster was there; `word` is what was said of their absence (请假, 出差 …)."""

    id = fields.BigIntField(primary_key=True)
    record: fields.ForeignKeyRelation[Record] = fields.ForeignKeyField("models.Record", related_name="attendances")
    record_id: int
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="attendances", on_delete=fields.RESTRICT
    )
    person_id: int
    is_present = fields.BooleanField()
    word = fields.CharField(16, default="")

    class Meta:
        table = "attendances"
        unique_together = (("record", "person"),)


class RecordStep(Model):
    """One thing that happened to a record, for good: `act` kept | changed | accepted | returned | photo, with what stood before.

    Also `dropped`: a photo that was taken out again.
    """

    id = fields.BigIntField(primary_key=True)
    record: fields.ForeignKeyRelation[Record] = fields.ForeignKeyField("models.Record", related_name="steps")
    record_id: int
    at: datetime = fields.DatetimeField()
    by = fields.CharField(64)
    act = fields.CharField(8)
    reason = fields.TextField(default="")
    before: dict[str, Any] = fields.JSONField(default=dict)

    class Meta:
        table = "record_steps"
        indexes = (("record_id",),)


async def insert_once(record: Record) -> tuple[Record, bool]:
    """Insert it unless its `source_key` is there already; the one that is there then, and whether it is new."""
    await Record.bulk_create([record], ignore_conflicts=True)
    there = await Record.get(source_key=record.source_key)
    return there, not await RecordStep.filter(record_id=there.id).exists()


async def lock_record(record_id: int) -> Record | None:
    """The record with its row locked until the transaction ends; None where there is none."""
    return await Record.filter(id=record_id).select_for_update().first()


def records_of(
    organisation_ids: Collection[int] | None, since: date, until: date, kinds: Collection[str] | None = None
) -> QuerySet[Record]:
    """Records held from `since` to `until`, both included, in the order of their days; None stands for all."""
    found = Record.filter(Q(held_on__gte=since), Q(held_on__lte=until))
    if organisation_ids is not None:
        found = found.filter(organisation_id__in=list(organisation_ids))
    if kinds is not None:
        found = found.filter(kind__in=list(kinds))
    return found.order_by("held_on", "id")
