"""Organisations of the party: committees, general branches, branches, departments; a tree."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

KINDS = ("党委", "党总支", "党支部", "部门")


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
