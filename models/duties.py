"""Periodic duties (履职): one line for each time that one was done."""

from __future__ import annotations

from datetime import date, datetime

from tortoise import fields
from tortoise.models import Model

from models.cycles import Cycle
from models.organisations import Organisation
from models.people import Person


class DutyReport(Model):
    """A duty of the cycle's scheme was done once. Its bearer is `person` (a leader; a member on their joining day) or else
    `organisation`; `what`: which of the duty's counts; `branch`: the one it was about; `grades`: area → what was found there.
    """

    id = fields.IntField(primary_key=True)
    source_key = fields.CharField(96, unique=True)
    cycle: fields.ForeignKeyRelation[Cycle] = fields.ForeignKeyField("models.Cycle", related_name="duty_reports")
    cycle_id: int
    duty = fields.CharField(48)
    what = fields.CharField(64)
    organisation: fields.ForeignKeyRelation[Organisation] = fields.ForeignKeyField(
        "models.Organisation", related_name="duty_reports", on_delete=fields.RESTRICT
    )
    organisation_id: int
    person: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="duty_reports", null=True, on_delete=fields.RESTRICT
    )
    person_id: int | None
    branch: fields.ForeignKeyNullableRelation[Organisation] = fields.ForeignKeyField(
        "models.Organisation", related_name="duties_about", null=True, on_delete=fields.RESTRICT
    )
    branch_id: int | None
    done_on: date = fields.DateField()
    text = fields.TextField()
    grades: dict[str, str] = fields.JSONField(default=dict)
    reported_by = fields.CharField(64)
    reported_at: datetime = fields.DatetimeField()

    class Meta:
        table = "duty_reports"
        indexes = (("cycle_id", "duty"), ("person_id",))
