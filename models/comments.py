"""Comments (点评) of leaders on those who reported at a meeting."""

from __future__ import annotations

from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from models.meetings import Reporter
from models.people import Person


class Comment(Model):
    """What one leader said to one reporter: the problem that stands out, and the direction (S4-18). Said again it is replaced."""

    id = fields.IntField(primary_key=True)
    reporter: fields.ForeignKeyRelation[Reporter] = fields.ForeignKeyField("models.Reporter", related_name="comments")
    reporter_id: int
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", on_delete=fields.RESTRICT)
    person_id: int
    problem = fields.TextField()
    direction = fields.TextField()
    said_at: datetime = fields.DatetimeField()

    class Meta:
        table = "comments"
        unique_together = (("reporter", "person"),)
