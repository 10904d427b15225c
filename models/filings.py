"""Filings (材料): the papers of a scheme as they are written, handed in, sent back and passed; every move stays readable."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tortoise import fields
from tortoise.models import Model

from models.cycles import Cycle, CycleSubject

DRAFT, RETURNED = "草稿", "退回"
"""The states in which a filing is written. They stand in the procedures of schemes under these names."""


class Filing(Model):
    """One paper (`paper`: its key in the scheme) of a cycle, about a subject or about none; `about` tells several of one apart.

    `source_key` names it for good: cycle, paper, subject, about. `version` goes up with every change, so that a stale reader is
    told; `written_key`: inbox key of the message that wrote last, so that its repeat writes nothing.
    """

    id = fields.IntField(primary_key=True)
    cycle: fields.ForeignKeyRelation[Cycle] = fields.ForeignKeyField("models.Cycle", related_name="filings")
    cycle_id: int
    paper = fields.CharField(41)
    subject: fields.ForeignKeyNullableRelation[CycleSubject] = fields.ForeignKeyField(
        "models.CycleSubject", related_name="filings", null=True
    )
    subject_id: int | None
    about = fields.CharField(64, default="")
    source_key = fields.CharField(255, unique=True)
    state = fields.CharField(32, default=DRAFT)
    version = fields.IntField(default=0)
    # Ordered pairs: [[part, [entry, …]], …]; blank entries are never stored.
    parts: list[Any] = fields.JSONField(default=list)
    # What the subject promised in the report of the year before, frozen when this one was begun.
    promises: list[str] = fields.JSONField(default=list)
    written_key = fields.CharField(64, default="")
    made_by = fields.CharField(64)
    made_at: datetime = fields.DatetimeField()
    changed_at: datetime = fields.DatetimeField()
    steps: fields.ReverseRelation[FilingStep]

    class Meta:
        table = "filings"
        indexes = (("cycle_id", "paper", "state"),)

    @property
    def filled(self) -> dict[str, list[str]]:
        """part → its entries, in the order in which they stand."""
        return {name: list(entries) for name, entries in self.parts}


class FilingStep(Model):
    """One move of a filing: from where to where, by whom (staff number), when, why. `parts`: the paper as it was then.

    `reason`: one of the scheme's reasons; `part`: the part that is to be written anew, empty for all; `note`: a sentence.
    """

    id = fields.IntField(primary_key=True)
    filing: fields.ForeignKeyRelation[Filing] = fields.ForeignKeyField("models.Filing", related_name="steps")
    filing_id: int
    # The version that this move made.
    version = fields.IntField()
    from_state = fields.CharField(32)
    to_state = fields.CharField(32)
    by = fields.CharField(64)
    at: datetime = fields.DatetimeField()
    reason = fields.CharField(128, default="")
    part = fields.CharField(128, default="")
    note = fields.TextField(default="")
    parts: list[Any] = fields.JSONField(default=list)
    # Inbox key of the message that asked for it; its repeat is the same move.
    source_key = fields.CharField(64, null=True)

    class Meta:
        table = "filing_steps"
        unique_together = (("filing", "version"), ("filing", "source_key"))


async def last_steps(filing_ids: list[int]) -> dict[int, FilingStep]:
    """The newest move of each of these filings that has moved at all."""
    return {one.filing_id: one for one in await FilingStep.filter(filing_id__in=filing_ids).order_by("id")}


async def steps_of(filing_ids: Sequence[int]) -> dict[int, list[FilingStep]]:
    """The moves of each of these filings, the newest first, without the text as it was then; of those that have not moved none."""
    names = ("id", "filing_id", "from_state", "to_state", "by")
    found: dict[int, list[FilingStep]] = {}
    for one in await FilingStep.filter(filing_id__in=list(filing_ids)).order_by("-id").only(*names):
        found.setdefault(one.filing_id, []).append(one)
    return found
