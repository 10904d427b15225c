"""People of the roster and the posts they hold."""

from __future__ import annotations

from datetime import date

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from models.organisations import Organisation

STATUSES = ("正式党员", "预备党员", "入党积极分子", "群众", "离退休党员")
MASSES = "群众"
SECRETARY = "书记"


class Person(Model):
    """One person. `staff_no` is the customer's own number (工号). Never deleted: who leaves the roster is only reported."""

    id = fields.IntField(primary_key=True)
    staff_no = fields.CharField(64, unique=True)
    name = fields.CharField(64)
    status = fields.CharField(16)
    joined_on: date | None = fields.DateField(null=True)
    organisation: fields.ForeignKeyRelation[Organisation] = fields.ForeignKeyField(
        "models.Organisation", related_name="people", on_delete=fields.RESTRICT
    )
    organisation_id: int
    posts: fields.ReverseRelation[Post]

    class Meta:
        table = "people"


class Post(Model):
    """A post (职务) of a person in their organisation. One 书记 an organisation."""

    id = fields.IntField(primary_key=True)
    title = fields.CharField(32)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", related_name="posts")
    person_id: int
    organisation: fields.ForeignKeyRelation[Organisation] = fields.ForeignKeyField(
        "models.Organisation", related_name="posts"
    )
    organisation_id: int

    class Meta:
        table = "posts"
        unique_together = (("person", "title"),)
        constraints = (
            UniqueConstraint(fields=("organisation_id",), name="one_secretary", condition=f"title = '{SECRETARY}'"),
        )
