"""Big screens of meetings: the address of each, and what the host chose to show there."""

from __future__ import annotations

from datetime import datetime

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from models.meetings import Meeting


class Screen(Model):
    """One address of a meeting's big screen. Replaced ones stay, so that whoever still has them open is told."""

    id = fields.IntField(primary_key=True)
    meeting: fields.ForeignKeyRelation[Meeting] = fields.ForeignKeyField("models.Meeting", related_name="screens")
    meeting_id: int
    token = fields.CharField(32, unique=True)
    made_at: datetime = fields.DatetimeField()
    replaced_at: datetime | None = fields.DatetimeField(null=True)
    # What the host chose, and in which phase of the meeting; in another phase the choice no longer holds.
    chosen_view = fields.CharField(8, default="")
    chosen_phase = fields.CharField(16, default="")
    reporter_no: int | None = fields.SmallIntField(null=True)
    # The message that steered last, so that its repeat does not steer again.
    steering_key = fields.CharField(64, default="")

    class Meta:
        table = "screens"
        constraints = (UniqueConstraint(fields=("meeting_id",), name="one_screen", condition="replaced_at IS NULL"),)


async def find_screen(token: str) -> Screen | None:
    """The screen of an address, replaced ones too."""
    return await Screen.get_or_none(token=token).prefetch_related("meeting")


async def find_live_screen(meeting_id: int) -> Screen | None:
    """The meeting's present screen."""
    return await Screen.get_or_none(meeting_id=meeting_id, replaced_at=None)
