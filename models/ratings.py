"""Ratings (评分): what one person gave one subject in one round, value by value, with words and evidence; self-ratings, too."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from models.cycles import CycleSubject
from models.people import Person

DRAFT, SUBMITTED = "draft", "submitted"


class Rating(Model):
    """One sheet of one rater. `round`: see `services.rounds`. A reopened one is a draft again, with who, when and why.

    `version` counts the submissions; the values are those of the last one.
    """

    id = fields.IntField(primary_key=True)
    subject: fields.ForeignKeyRelation[CycleSubject] = fields.ForeignKeyField(
        "models.CycleSubject", related_name="ratings"
    )
    subject_id: int
    round = fields.CharField(41)
    rater: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="ratings", on_delete=fields.RESTRICT
    )
    rater_id: int
    state = fields.CharField(16, default=SUBMITTED)
    submitted_at: datetime = fields.DatetimeField()
    version = fields.IntField(default=1)
    reopened_at: datetime | None = fields.DatetimeField(null=True)
    reopened_by = fields.CharField(64, null=True)
    reopen_reason = fields.TextField(default="")
    # Of all that was submitted: the same sheet again is no second submission.
    fingerprint = fields.CharField(64)
    values: fields.ReverseRelation[RatingValue]

    class Meta:
        table = "ratings"
        unique_together = (("subject", "round", "rater"),)


class RatingValue(Model):
    """One line of a sheet. `slot`: an indicator (`indicators.common.3`), a score (`scores.team`), an aspect or part in words
    (`words.3`), a veto declared (`veto.S0-19.1`).

    `points`: a decimal, null where the line has none; `text`: what was done and achieved, or the whole part; `problems`: what is
    wanting; `reason`: for a wide deviation; `records`: ids of records of organisational life that prove it.
    """

    id = fields.BigIntField(primary_key=True)
    rating: fields.ForeignKeyRelation[Rating] = fields.ForeignKeyField("models.Rating", related_name="values")
    rating_id: int
    slot = fields.CharField(80)
    points = fields.CharField(32, null=True)
    text = fields.TextField(default="")
    problems = fields.TextField(default="")
    reason = fields.TextField(default="")
    records: list[int] = fields.JSONField(default=list)

    class Meta:
        table = "rating_values"
        unique_together = (("rating", "slot"),)


async def list_ratings(cycle_ids: Collection[int], round: str | None = None) -> list[Rating]:
    """The ratings of these cycles, of one round or of all, with subjects and raters, in the order in which they came."""
    found = Rating.filter(subject__cycle_id__in=list(cycle_ids))
    found = found if round is None else found.filter(round=round)
    return await found.select_related("subject", "rater").order_by("id")


async def list_values(rating_ids: Collection[int]) -> list[RatingValue]:
    """The lines of these ratings, by rating, in the order of the sheet."""
    return await RatingValue.filter(rating_id__in=list(rating_ids)).order_by("rating_id", "id")
