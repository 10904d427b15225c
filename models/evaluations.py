"""Democratic evaluation (民主测评) outside a meeting: who votes on what of one branch, over days. Its votes: models.polls."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tortoise import fields
from tortoise.models import Model

from models.cycles import Cycle
from models.meetings import DRAFT
from models.organisations import Organisation

BRANCH, MEMBERS = "branch", "members"


class Evaluation(Model):
    """One branch's vote on itself or on its members, for a component of a cycle. What is voted on is looked up at the opening."""

    id = fields.IntField(primary_key=True)
    cycle: fields.ForeignKeyRelation[Cycle] = fields.ForeignKeyField(
        "models.Cycle", related_name="evaluations", on_delete=fields.RESTRICT
    )
    cycle_id: int
    component = fields.CharField(64)
    organisation: fields.ForeignKeyRelation[Organisation] = fields.ForeignKeyField(
        "models.Organisation", on_delete=fields.RESTRICT
    )
    organisation_id: int
    # BRANCH or MEMBERS: what is voted on.
    about = fields.CharField(8)
    title = fields.CharField(128)
    opens_at: datetime = fields.DatetimeField()
    closes_at: datetime = fields.DatetimeField()
    # As in models.polls.Poll, without the subjects.
    form: dict[str, Any] = fields.JSONField()
    # [{"name", "weight": decimal string, "statuses": [状态 of the branch's own people], "voters": [工号], "orgs": [组织编码]}]
    classes: list[dict[str, Any]] = fields.JSONField()
    min_class = fields.IntField()
    accepts_small = fields.BooleanField(default=False)
    state = fields.CharField(8, default=DRAFT)
    imported_at: datetime = fields.DatetimeField()
    # When the counts went into the cycle; null after the close where they could not, and `trouble` says why.
    gathered_at: datetime | None = fields.DatetimeField(null=True)
    trouble = fields.TextField(default="")

    class Meta:
        table = "evaluations"
        unique_together = (("cycle", "component", "organisation", "about"),)
