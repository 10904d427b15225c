"""Public notices (公示): a published run, or a text such as the summary of a report, put where everybody may read it for some days."""

from __future__ import annotations

from datetime import date, datetime

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from models.cycles import Cycle
from models.organisations import Organisation
from models.runs import ScoreRun

OPEN, CLOSED, REPLACED, WITHDRAWN = "open", "closed", "replaced", "withdrawn"


class PublicNotice(Model):
    """One notice, of a run or (without one) of `body`, paragraphs a line each; `code` is its unguessable address.

    It runs from the beginning of `from_day` to the end of `to_day` (Asia/Shanghai). `state`: closed when its days were over and
    all objections answered, replaced when a corrected run was put up, withdrawn before its time with `reason`.
    """

    id = fields.IntField(primary_key=True)
    source_key = fields.CharField(64, unique=True)
    code = fields.CharField(32, unique=True)
    organisation: fields.ForeignKeyRelation[Organisation] = fields.ForeignKeyField(
        "models.Organisation", on_delete=fields.RESTRICT
    )
    organisation_id: int
    cycle: fields.ForeignKeyNullableRelation[Cycle] = fields.ForeignKeyField(
        "models.Cycle", related_name="public_notices", null=True, on_delete=fields.RESTRICT
    )
    cycle_id: int | None
    run: fields.ForeignKeyNullableRelation[ScoreRun] = fields.ForeignKeyField(
        "models.ScoreRun", null=True, on_delete=fields.RESTRICT
    )
    run_id: int | None
    title = fields.CharField(128)
    body = fields.TextField(default="")
    from_day: date = fields.DateField()
    to_day: date = fields.DateField()
    opened_at: datetime = fields.DatetimeField()
    opened_by = fields.CharField(64)
    state = fields.CharField(12, default=OPEN)
    ended_at: datetime | None = fields.DatetimeField(null=True)
    ended_by = fields.CharField(64, null=True)
    reason = fields.TextField(default="")

    class Meta:
        table = "public_notices"
        constraints = (
            UniqueConstraint(
                fields=("cycle_id",), name="one_open_result_notice", condition="state = 'open' AND run_id IS NOT NULL"
            ),
        )


async def insert_once(notice: PublicNotice) -> PublicNotice:
    """Insert it, unless its `source_key` is there already; the one that is there then."""
    await PublicNotice.bulk_create([notice], ignore_conflicts=True)
    return await PublicNotice.get(source_key=notice.source_key)


async def list_running(day: date) -> list[PublicNotice]:
    """Those that can be read on that day, newest first."""
    return await PublicNotice.filter(state=OPEN, from_day__lte=day, to_day__gte=day).order_by("-id")
