"""Polls (测评): the frozen form and roll, sealed ballots while open, counts after the close. Design §5.

No row of a ballot bears a person, a time or an order, and no foreign key leads from a ballot to a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import connections, fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from models.evaluations import Evaluation
from models.meetings import CLOSED, OPEN, Meeting
from models.people import Person


class Poll(Model):
    """A poll of a meeting or of an evaluation, and all that was frozen at its opening. The keys are there only while it is open."""

    id: UUID = fields.UUIDField(primary_key=True)
    meeting: fields.ForeignKeyNullableRelation[Meeting] = fields.ForeignKeyField(
        "models.Meeting", related_name="polls", null=True
    )
    meeting_id: int | None
    evaluation: fields.ForeignKeyNullableRelation[Evaluation] = fields.ForeignKeyField(
        "models.Evaluation", related_name="polls", null=True
    )
    evaluation_id: int | None
    title = fields.CharField(128)
    state = fields.CharField(8)
    opened_at: datetime = fields.DatetimeField()
    # The end that the clock keeps; null where the poll was opened after it and waits for a person to close it (ADR 0004).
    closes_at: datetime | None = fields.DatetimeField(null=True)
    closed_at: datetime | None = fields.DatetimeField(null=True)
    # {"subjects": [{"id", "name", "note"}], "items": [str], "options": [[word, decimal string]], "abstain": bool}; of an evaluation
    # also "rules" (`scoring.forms`) and, in a subject, "person": whose own ballot counts as 弃权 there (ADR 0006).
    form: dict[str, Any] = fields.JSONField()
    # [{"name": str, "weight": decimal string}], in order
    classes: list[dict[str, str]] = fields.JSONField()
    min_class = fields.IntField()
    # Results may show what single people chose, in some class: voters are told before the first question.
    is_small = fields.BooleanField(default=False)
    scheme_sha256 = fields.CharField(64)
    public_key: bytes | None = fields.BinaryField(null=True)
    wrapped_secret: bytes | None = fields.BinaryField(null=True)
    wrapped_desk: bytes | None = fields.BinaryField(null=True)
    # After the close: dead rows vacuumed and desks cleared. Absent where a crash came between; the worker then does it.
    cleaned_at: datetime | None = fields.DatetimeField(null=True)
    roll: fields.ReverseRelation[RollEntry]

    class Meta:
        table = "polls"
        constraints = (
            UniqueConstraint(fields=("meeting_id",), name="one_open_poll", condition="state = 'open'"),
            UniqueConstraint(fields=("evaluation_id",), name="one_poll_of_evaluation"),
        )


class RollEntry(Model):
    """One entitled voter of a poll (选民册), with the class they vote in, and whether they have voted; never when."""

    id: UUID = fields.UUIDField(primary_key=True)
    poll: fields.ForeignKeyRelation[Poll] = fields.ForeignKeyField("models.Poll", related_name="roll")
    poll_id: UUID
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", on_delete=fields.RESTRICT)
    person_id: int
    class_no = fields.SmallIntField()
    has_voted = fields.BooleanField(default=False)
    # HMAC of the message that cast the ballot, so that its repeat gets the same answer; removed at the close.
    cast_key = fields.CharField(64, null=True)

    class Meta:
        table = "roll_entries"
        unique_together = (("poll", "person"),)


class SealedBallot(Model):
    """A ballot while its poll is open: a libsodium sealed box of one fixed length per poll."""

    id: UUID = fields.UUIDField(primary_key=True)
    poll: fields.ForeignKeyRelation[Poll] = fields.ForeignKeyField("models.Poll")
    poll_id: UUID
    box: bytes = fields.BinaryField()

    class Meta:
        table = "sealed_ballots"


class BallotCount(Model):
    """After the close: how many ballots of a class chose an option for an item of a subject. All that remains of the ballots."""

    id: UUID = fields.UUIDField(primary_key=True)
    poll: fields.ForeignKeyRelation[Poll] = fields.ForeignKeyField("models.Poll", related_name="counts")
    poll_id: UUID
    subject_no = fields.SmallIntField()
    class_no = fields.SmallIntField()
    item_no = fields.SmallIntField()
    option = fields.CharField(32)
    count = fields.IntField()

    class Meta:
        table = "ballot_counts"
        unique_together = (("poll", "subject_no", "class_no", "item_no", "option"),)


_TURNOUT = """
SELECT count(*) AS entitled, count(here.id) AS present, count(*) FILTER (WHERE roll.has_voted) AS voted
FROM roll_entries roll JOIN polls ON polls.id = roll.poll_id
LEFT JOIN check_ins here ON here.meeting_id = polls.meeting_id AND here.person_id = roll.person_id
WHERE roll.poll_id = $1
"""


async def wait_for_casts(poll_id: UUID) -> None:
    """The barrier of the close: casts hold this lock shared until they commit. Only then may the state be read, and what they left.

    Within the caller's transaction, which keeps later casts waiting until it ends.
    """
    statement = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
    await connections.get("default").execute_query(statement, [str(poll_id)])


async def count_turnout(poll_id: UUID) -> tuple[int, int, int]:
    """(entitled, present, voted) of a poll, all of them people on its roll."""
    (row,) = await connections.get("default").execute_query_dict(_TURNOUT, [str(poll_id)])
    return row["entitled"], row["present"], row["voted"]


async def list_open_rolls(person_ids: Sequence[int]) -> list[tuple[int, Poll]]:
    """(person id, open poll) of everybody on the roll of one; whether they have voted is not even read."""
    rolls = RollEntry.filter(person_id__in=list(person_ids), poll__state=OPEN).order_by("poll__opened_at", "person_id")
    found = await rolls.values_list("person_id", "poll_id")
    wanted = Poll.filter(id__in=list({poll for _, poll in found})).select_related("meeting", "evaluation__cycle")
    polls = {one.id: one for one in await wanted}
    return [(person, polls[poll]) for person, poll in found if poll in polls]


async def list_receipts(person_id: int, since: datetime) -> list[RollEntry]:
    """The person's roll entries in polls that were closed after `since`, newest first, with their polls."""
    entries = RollEntry.filter(person_id=person_id, poll__state=CLOSED, poll__closed_at__gt=since)
    return await entries.prefetch_related("poll").order_by("-poll__closed_at")
