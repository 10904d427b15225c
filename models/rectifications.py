"""Rectification (整改): the items of each branch's list, every step taken on them, and the ledger of weak organisations."""

from __future__ import annotations

from datetime import date, datetime

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from models.cycles import Cycle
from models.organisations import Organisation
from models.people import Person

# The four sources of S4-29.
OWN_CHECK, INSPECTION, COMMENT, FEEDBACK = "自己查摆", "会前督查", "上级点评", "考核反馈"
SOURCES = (OWN_CHECK, INSPECTION, COMMENT, FEEDBACK)
# WITHDRAWN: what it followed from was corrected before anybody had begun.
PLANNING, WORKING, DONE, CLOSED, REOPENED, WITHDRAWN = "planning", "working", "done", "closed", "reopened", "withdrawn"
OPEN_STATES = (PLANNING, WORKING, DONE, REOPENED)


class RectificationItem(Model):
    """One problem to be put right. Without measure, responsible person and last day it is only `planning` (S0-26, S1-09).

    `person`: whose problem it is, null for the organisation's own; `support`: who helps (S0-39b); `due_on`: the last day.
    `consequence`, `clause`, `fact`: the rule that opened it; `opened_by`, `reported_by`, `settled_by`: staff numbers.
    """

    id = fields.IntField(primary_key=True)
    source_key = fields.CharField(96, unique=True)
    organisation: fields.ForeignKeyRelation[Organisation] = fields.ForeignKeyField(
        "models.Organisation", related_name="rectifications", on_delete=fields.RESTRICT
    )
    organisation_id: int
    person: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="rectifications", null=True, on_delete=fields.RESTRICT
    )
    person_id: int | None
    cycle: fields.ForeignKeyNullableRelation[Cycle] = fields.ForeignKeyField(
        "models.Cycle", related_name="rectifications", null=True, on_delete=fields.RESTRICT
    )
    cycle_id: int | None
    source = fields.CharField(8)
    problem = fields.TextField()
    measure = fields.TextField(default="")
    responsible: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="responsibilities", null=True, on_delete=fields.RESTRICT
    )
    responsible_id: int | None
    support = fields.CharField(128, default="")
    due_on: date | None = fields.DateField(null=True)
    state = fields.CharField(12, default=PLANNING)
    consequence = fields.CharField(32, default="")
    clause = fields.CharField(64, default="")
    fact = fields.CharField(16, default="")
    opened_by = fields.CharField(64)
    opened_at: datetime = fields.DatetimeField()
    reported_by = fields.CharField(64, default="")
    settled_by = fields.CharField(64, default="")
    settled_at: datetime | None = fields.DatetimeField(null=True)
    steps: fields.ReverseRelation[RectificationStep]

    class Meta:
        table = "rectification_items"
        indexes = (("organisation_id", "state"), ("responsible_id", "state"), ("state", "due_on"))


PLANNED, PROGRESS, REPORTED, VERIFIED, RETURNED = "planned", "progress", "reported", "verified", "returned"
STEP_WORDS = {PLANNED: "定措施", PROGRESS: "进展", REPORTED: "报告完成", VERIFIED: "核实销号", RETURNED: "重新整改"}


class RectificationStep(Model):
    """What was done about an item: planned, progress, reported done, verified, returned with a reason. Never changed."""

    id = fields.IntField(primary_key=True)
    source_key = fields.CharField(96, unique=True)
    item: fields.ForeignKeyRelation[RectificationItem] = fields.ForeignKeyField(
        "models.RectificationItem", related_name="steps"
    )
    item_id: int
    kind = fields.CharField(12)
    text = fields.TextField(default="")
    by = fields.CharField(64)
    at: datetime = fields.DatetimeField()
    media: fields.ReverseRelation[Model]

    class Meta:
        table = "rectification_steps"


class WeakOrganisation(Model):
    """An organisation in the ledger of weak and lax ones (软弱涣散, S0-27): responsible unit and person, until it has turned."""

    id = fields.IntField(primary_key=True)
    organisation: fields.ForeignKeyRelation[Organisation] = fields.ForeignKeyField(
        "models.Organisation", related_name="weak_marks", on_delete=fields.RESTRICT
    )
    organisation_id: int
    reason = fields.TextField()
    unit = fields.CharField(128)
    responsible: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="weak_marks", on_delete=fields.RESTRICT
    )
    responsible_id: int
    measure = fields.TextField()
    marked_by = fields.CharField(64)
    marked_at: datetime = fields.DatetimeField()
    cleared_by = fields.CharField(64, default="")
    cleared_at: datetime | None = fields.DatetimeField(null=True)
    outcome = fields.TextField(default="")

    class Meta:
        table = "weak_organisations"
        constraints = (
            UniqueConstraint(fields=("organisation_id",), name="one_standing_mark", condition="cleared_at IS NULL"),
        )


async def insert_items(items: list[RectificationItem]) -> None:
    """Insert those whose `source_key` is not there yet."""
    await RectificationItem.bulk_create(items, 1000, ignore_conflicts=True)


async def insert_step(step: RectificationStep) -> bool:
    """Insert it, unless its `source_key` is there already; whether it is new."""
    before = await RectificationStep.filter(source_key=step.source_key).exists()
    await RectificationStep.bulk_create([step], ignore_conflicts=True)
    return not before
