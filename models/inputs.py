"""What is put into a cycle: scores, counted ballots, stated facts, history. Nothing is overwritten: a new value stands beside the old."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from tortoise import connections, fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from models.cycles import CycleSubject


class Input(Model):
    """One value of one slot of a subject.

    `slot` is the path in contract §4: `scores.team`, `indicators.common.1`, `ballots.onsite`, `facts.decided_grade`, `history.2019`.
    `content` is JSON text, canonical: equal values are equal texts. `hidden`: classes of ballots too small to be shown (design §5).
    The one that counts has no `replaced_at`.
    """

    id = fields.BigIntField(primary_key=True)
    subject: fields.ForeignKeyRelation[CycleSubject] = fields.ForeignKeyField(
        "models.CycleSubject", related_name="inputs"
    )
    subject_id: int
    slot = fields.CharField(80)
    content = fields.TextField()
    hidden: list[str] = fields.JSONField(default=list)
    source = fields.CharField(64)
    reason = fields.TextField(default="")
    entered_by = fields.CharField(64)
    entered_at: datetime = fields.DatetimeField()
    replaced_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "inputs"
        constraints = (
            UniqueConstraint(fields=("subject_id", "slot"), name="one_standing_input", condition="replaced_at IS NULL"),
        )

    @property
    def value(self) -> Any:
        """The content as it goes into the document; None where the value was taken away."""
        return json.loads(self.content)


async def list_standing(cycle_id: int) -> list[Input]:
    """The inputs of a cycle that count now, by subject and slot."""
    return await Input.filter(subject__cycle_id=cycle_id, replaced_at=None).order_by("subject_id", "slot")


# Counted ballots stand in place of the score; a value that was taken away is not there.
_STANDING = """
SELECT DISTINCT s.id, s.kind, s.organisation_id, regexp_replace(i.slot, '^ballots[.]', 'scores.') AS slot
FROM inputs i JOIN cycle_subjects s ON s.id = i.subject_id
WHERE i.replaced_at IS NULL AND i.content <> 'null' AND s.exempt IS NULL
"""


async def count_subjects(cycle_id: int, organisation_ids: list[int] | None) -> dict[tuple[str, int], int]:
    """How many subjects are assessed, by kind and organisation; all organisations with None."""
    rows = await connections.get("default").execute_query_dict(
        "SELECT kind, organisation_id, count(*) AS n FROM cycle_subjects WHERE cycle_id = $1 AND exempt IS NULL"
        " AND ($2::int[] IS NULL OR organisation_id = ANY($2)) GROUP BY 1, 2",
        [cycle_id, organisation_ids],
    )
    return {(row["kind"], row["organisation_id"]): row["n"] for row in rows}


async def count_entered(cycle_id: int, organisation_ids: list[int] | None) -> dict[tuple[str, int, str], int]:
    """How many of them have a value, by kind, organisation and slot; counted ballots count as the score."""
    rows = await connections.get("default").execute_query_dict(
        f"SELECT kind, organisation_id, slot, count(*) AS n FROM ({_STANDING} AND s.cycle_id = $1"  # noqa: S608 - our own constant
        " AND ($2::int[] IS NULL OR s.organisation_id = ANY($2))) AS standing GROUP BY 1, 2, 3",
        [cycle_id, organisation_ids],
    )
    return {(row["kind"], row["organisation_id"], row["slot"]): row["n"] for row in rows}


async def list_entered(subject_ids: list[int]) -> set[tuple[int, str]]:
    """The slots of these subjects that have a value; counted ballots count as the score."""
    rows = await connections.get("default").execute_query_dict(f"{_STANDING} AND s.id = ANY($1)", [subject_ids])
    return {(row["id"], row["slot"]) for row in rows}
