"""Score runs: what was put in and what came out, never changed (a trigger refuses it); and which of them was published."""

from __future__ import annotations

from datetime import datetime

from tortoise import fields
from tortoise.models import Model
from tortoise.queryset import QuerySet

from models.cycles import Cycle


class ScoreRun(Model):
    """One evaluation. `document` and `outcome` are JSON text, kept byte for byte.

    `inputs_sha256` is that of `document`; `outcome` is the result of contract §4 without its subjects, which are `RunSubject`s.
    """

    id = fields.IntField(primary_key=True)
    cycle: fields.ForeignKeyRelation[Cycle] = fields.ForeignKeyField(
        "models.Cycle", related_name="runs", on_delete=fields.RESTRICT
    )
    cycle_id: int
    scheme_sha256 = fields.CharField(64)
    inputs_sha256 = fields.CharField(64)
    document = fields.TextField()
    outcome = fields.TextField()
    computed_at: datetime = fields.DatetimeField()
    computed_by = fields.CharField(64)

    class Meta:
        table = "score_runs"
        unique_together = (("cycle", "scheme_sha256", "inputs_sha256"),)


class RunSubject(Model):
    """The result of one subject of a run, as JSON text; `position` is its place in the result."""

    id = fields.BigIntField(primary_key=True)
    run: fields.ForeignKeyRelation[ScoreRun] = fields.ForeignKeyField(
        "models.ScoreRun", related_name="subjects", on_delete=fields.RESTRICT
    )
    run_id: int
    position = fields.IntField()
    key = fields.CharField(80)
    result = fields.TextField()

    class Meta:
        table = "run_subjects"
        unique_together = (("run", "key"), ("run", "position"))


class Publication(Model):
    """A run was published. `position` 1 is the first of its cycle; any later one has a reason. The last one is what people see."""

    id = fields.IntField(primary_key=True)
    cycle: fields.ForeignKeyRelation[Cycle] = fields.ForeignKeyField(
        "models.Cycle", related_name="publications", on_delete=fields.RESTRICT
    )
    cycle_id: int
    run: fields.ForeignKeyRelation[ScoreRun] = fields.ForeignKeyField(
        "models.ScoreRun", related_name="publications", on_delete=fields.RESTRICT
    )
    run_id: int
    position = fields.IntField()
    reason = fields.TextField()
    published_at: datetime = fields.DatetimeField()
    published_by = fields.CharField(64)

    class Meta:
        table = "publications"
        unique_together = (("cycle", "position"),)


async def find_published(cycle_id: int) -> Publication | None:
    """The newest publication of a cycle."""
    return await Publication.filter(cycle_id=cycle_id).order_by("-position").first()


def light_runs() -> QuerySet[ScoreRun]:
    """Runs without their documents, which may be large."""
    return ScoreRun.all().only(
        "id", "cycle_id", "scheme_sha256", "inputs_sha256", "outcome", "computed_at", "computed_by"
    )


async def find_newest_run(cycle_id: int) -> ScoreRun | None:
    """The run computed last, without its document."""
    return await light_runs().filter(cycle_id=cycle_id).order_by("-id").first()
