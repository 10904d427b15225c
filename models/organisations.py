"""Organisations of the party: committees, general branches, branches, departments; a tree."""

from __future__ import annotations

from tortoise import connections, fields
from tortoise.models import Model

KINDS = ("党委", "党总支", "党支部", "部门")

_BELOW = """
WITH RECURSIVE below(id, code) AS (
    SELECT id, code FROM organisations WHERE code = $1
    UNION SELECT o.id, o.code FROM organisations o JOIN below ON o.parent_id = below.id
) SELECT code FROM below
"""
_SET_PARENTS = """
UPDATE organisations o SET parent_id = p.id
FROM unnest($1::text[], $2::text[]) AS wanted(code, parent) LEFT JOIN organisations p ON p.code = wanted.parent
WHERE o.code = wanted.code AND o.parent_id IS DISTINCT FROM p.id
"""


class Organisation(Model):
    """One node of the tree. `code` is the customer's own number (组织编码)."""

    id = fields.IntField(primary_key=True)
    code = fields.CharField(64, unique=True)
    name = fields.CharField(128)
    kind = fields.CharField(16)
    parent: fields.ForeignKeyNullableRelation[Organisation] = fields.ForeignKeyField(
        "models.Organisation", related_name="children", null=True, on_delete=fields.RESTRICT
    )
    parent_id: int | None

    class Meta:
        table = "organisations"


async def list_below(code: str) -> list[str]:
    """The codes of that organisation and of all below it; empty where it is unknown."""
    rows = await connections.get("default").execute_query_dict(_BELOW, [code])
    return [row["code"] for row in rows]


async def lock_roster() -> None:
    """Wait until no other transaction changes the roster, and keep others waiting until this one ends."""
    await connections.get("default").execute_query("SELECT pg_advisory_xact_lock(hashtextextended('roster', 0))")


async def list_organisations() -> list[Organisation]:
    """All of them, by code."""
    return await Organisation.all().order_by("code")


async def upsert_organisations(organisations: list[Organisation]) -> None:
    """Create those whose code is new, and set name and kind of the others. Parents: `set_parents`."""
    await Organisation.bulk_create(organisations, 1000, on_conflict=["code"], update_fields=["name", "kind"])


async def set_parents(parents: dict[str, str]) -> None:
    """Hang each organisation (by code) below its parent (by code; an empty one: at the top)."""
    await connections.get("default").execute_query(_SET_PARENTS, [list(parents), list(parents.values())])
