"""What the product asks of people: counted by organisation and month, never by person."""

from __future__ import annotations

from collections.abc import Mapping

from tortoise import connections, fields
from tortoise.models import Model

from models.organisations import Organisation

_ADD_BY_OPENID = """
INSERT INTO burdens (organisation_id, month, pulled, pushed, asked, seconds)
SELECT p.organisation_id, $1, sum(g.pulled), 0, sum(g.asked), sum(g.seconds)
FROM unnest($2::text[], $3::int[], $4::int[], $5::int[]) AS g(openid, pulled, asked, seconds)
JOIN accounts a ON a.openid = g.openid JOIN people p ON p.id = a.person_id GROUP BY 1
ON CONFLICT (organisation_id, month) DO UPDATE SET pulled = burdens.pulled + excluded.pulled,
  asked = burdens.asked + excluded.asked, seconds = burdens.seconds + excluded.seconds
"""
_ADD_PUSHED = """
INSERT INTO burdens (organisation_id, month, pulled, pushed, asked, seconds)
SELECT p.organisation_id, $1, 0, count(*), 0, 0 FROM unnest($2::int[]) AS told(id) JOIN people p USING (id) GROUP BY 1
ON CONFLICT (organisation_id, month) DO UPDATE SET pushed = burdens.pushed + excluded.pushed
"""


class Burden(Model):
    """One organisation in one month (`2020-11`, Shanghai): messages pulled and pushed, questions asked, seconds spent answering."""

    id = fields.IntField(primary_key=True)
    organisation: fields.ForeignKeyRelation[Organisation] = fields.ForeignKeyField(
        "models.Organisation", related_name="burdens"
    )
    organisation_id: int
    month = fields.CharField(7)
    pulled = fields.IntField()
    pushed = fields.IntField()
    asked = fields.IntField()
    seconds = fields.IntField()

    class Meta:
        table = "burdens"
        unique_together = (("organisation", "month"),)


async def add_talks(month: str, talks: Mapping[str, tuple[int, int, int]]) -> None:
    """Add what accounts did, openid -> (messages, questions, seconds), to their organisations; strangers count nowhere."""
    columns = [list(column) for column in zip(*talks.values(), strict=True)]
    await connections.get("default").execute_query(_ADD_BY_OPENID, [month, list(talks), *columns])


async def add_pushed(month: str, person_ids: list[int]) -> None:
    """Add one pushed message for each of these people (named as often as they got one) to their organisations."""
    await connections.get("default").execute_query(_ADD_PUSHED, [month, person_ids])
