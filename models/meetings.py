"""Report-and-review meetings (述职评议会): reporters, classes of voters, hosts, check-ins."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from tortoise import connections, fields
from tortoise.models import Model

from models.people import Person

DRAFT, OPEN, CLOSED = "draft", "open", "closed"


class Meeting(Model):
    """One meeting. `code` is the unguessable part of its check-in scene `m.<code>`; `form` is the ballot form of the file."""

    id = fields.IntField(primary_key=True)
    code = fields.CharField(32, unique=True)
    title = fields.CharField(128)
    scheme = fields.CharField(64)
    starts_at: datetime = fields.DatetimeField()
    opens_at: datetime | None = fields.DatetimeField(null=True)
    closes_at: datetime = fields.DatetimeField()
    publish = fields.CharField(16)
    min_class = fields.IntField()
    # {"items": [str], "options": [[word, decimal string]], "abstain": bool}
    form: dict[str, Any] = fields.JSONField()
    state = fields.CharField(8, default=DRAFT)
    imported_at: datetime = fields.DatetimeField()
    published_at: datetime | None = fields.DatetimeField(null=True)
    # Minutes for each reporter on the agenda, where the file gives them.
    minutes_each: int | None = fields.IntField(null=True)
    # When it was wound up (办结): every reporter has been commented on.
    concluded_at: datetime | None = fields.DatetimeField(null=True)
    classes: fields.ReverseRelation[MeetingClass]
    reporters: fields.ReverseRelation[Reporter]
    roles: fields.ReverseRelation[MeetingRole]

    class Meta:
        table = "meetings"


class MeetingClass(Model):
    """A class of voters: its weight, and who belongs to it (staff numbers, and organisations whose own people all belong)."""

    id = fields.IntField(primary_key=True)
    meeting: fields.ForeignKeyRelation[Meeting] = fields.ForeignKeyField("models.Meeting", related_name="classes")
    meeting_id: int
    position = fields.IntField()
    name = fields.CharField(64)
    # A decimal string, exact: all of a meeting's add up to 1.
    weight = fields.CharField(32)
    voters: list[str] = fields.JSONField()
    orgs: list[str] = fields.JSONField()

    class Meta:
        table = "meeting_classes"
        unique_together = (("meeting", "name"), ("meeting", "position"))


class Reporter(Model):
    """A person who reports, on site or in writing, and is voted on; in file order."""

    id = fields.IntField(primary_key=True)
    meeting: fields.ForeignKeyRelation[Meeting] = fields.ForeignKeyField("models.Meeting", related_name="reporters")
    meeting_id: int
    position = fields.IntField()
    mode = fields.CharField(8)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", on_delete=fields.RESTRICT)
    person_id: int

    class Meta:
        table = "reporters"
        unique_together = (("meeting", "person"), ("meeting", "position"))


class MeetingRole(Model):
    """A host (主持) or leader (领导) of a meeting."""

    id = fields.IntField(primary_key=True)
    meeting: fields.ForeignKeyRelation[Meeting] = fields.ForeignKeyField("models.Meeting", related_name="roles")
    meeting_id: int
    role = fields.CharField(8)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", on_delete=fields.RESTRICT)
    person_id: int

    class Meta:
        table = "meeting_roles"
        unique_together = (("meeting", "role", "person"),)


class CheckIn(Model):
    """A person is there. Bears no time: presence is all that is needed."""

    id = fields.UUIDField(primary_key=True)
    meeting: fields.ForeignKeyRelation[Meeting] = fields.ForeignKeyField("models.Meeting", related_name="check_ins")
    meeting_id: int
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", on_delete=fields.RESTRICT)
    person_id: int

    class Meta:
        table = "check_ins"
        indexes = (("person_id",),)
        unique_together = (("meeting", "person"),)


# Locked as the row's own reference would lock it: whatever the close has counted, nobody comes in behind it.
_CHECK_IN = """
WITH still AS (SELECT id FROM meetings WHERE id = $2 AND state <> 'closed' FOR KEY SHARE)
INSERT INTO check_ins (id, meeting_id, person_id) SELECT $1::uuid, id, $3 FROM still ON CONFLICT DO NOTHING RETURNING 1 AS made
"""


async def insert_check_in(meeting_id: int, person_id: int) -> bool:
    """Mark a person as present, unless the meeting is closed; a close under way is waited for. Whether they were marked now."""
    rows = await connections.get("default").execute_query_dict(_CHECK_IN, [str(uuid4()), meeting_id, person_id])
    return bool(rows)
