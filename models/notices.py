"""What is to be told to people: the outbox. The database is the schedule (design §7)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.expressions import F, Q
from tortoise.models import Model
from tortoise.transactions import in_transaction

from models.accounts import Account
from models.people import Person

# LISTED: nothing was pushed, for no window was open; it stands in 任务 only.
PLANNED, SENDING, SENT, REFUSED, UNKNOWN, LISTED = "planned", "sending", "sent", "refused", "unknown", "listed"


class Notice(Model):
    """One message to one person, unique by (kind, person, slot). Until it is read it stands in their 任务 as well."""

    id: UUID = fields.UUIDField(primary_key=True)
    kind = fields.CharField(32)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", related_name="notices")
    person_id: int
    slot = fields.CharField(64)
    text = fields.TextField()
    state = fields.CharField(8, default=PLANNED)
    # When the next step is due: the (next) sending; while `sending`, the end of the lease.
    due_at: datetime = fields.DatetimeField()
    attempts = fields.IntField(default=0)
    errcode: int | None = fields.IntField(null=True)
    settled_at: datetime | None = fields.DatetimeField(null=True)
    read_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "notices"
        unique_together = (("kind", "person", "slot"),)
        indexes = (("state", "due_at"),)


async def insert_new(notice: Notice) -> None:
    """Insert it unless one of the same kind, person and slot is there already."""
    await Notice.bulk_create([notice], ignore_conflicts=True)


async def claim_due(now: datetime, lease_until: datetime, limit: int) -> list[Notice]:
    """Take up to `limit` due notices for this process alone: they are `sending`, committed, until `lease_until`."""
    async with in_transaction():
        due = Notice.filter(state=PLANNED, due_at__lte=now).order_by("due_at").limit(limit)
        taken = await due.select_for_update(skip_locked=True)
        await Notice.filter(id__in=[notice.id for notice in taken]).update(
            state=SENDING, due_at=lease_until, attempts=F("attempts") + 1
        )
    for notice in taken:
        notice.attempts += 1
    return taken


async def find_openids(notices: list[Notice]) -> dict[int, str]:
    """Openids by person id, of the receivers who have an account bound now."""
    bound = Account.filter(person_id__in=[notice.person_id for notice in notices])
    return {account.person_id: account.openid for account in await bound}


async def abandon_expired(now: datetime) -> int:
    """Notices whose sender did not come back within its lease become `unknown`; how many."""
    return await Notice.filter(state=SENDING, due_at__lte=now).update(state=UNKNOWN, settled_at=now)


async def settle(notice: Notice, now: datetime, state: str, errcode: int | None) -> None:
    """Record how this attempt ended. `attempts` fences off a sender whose notice has been claimed anew."""
    await Notice.filter(id=notice.id, attempts=notice.attempts).update(state=state, errcode=errcode, settled_at=now)


async def postpone(notice: Notice, retry_at: datetime, errcode: int | None) -> None:
    """This attempt did not reach the person: it is due again at `retry_at`."""
    await Notice.filter(id=notice.id, attempts=notice.attempts).update(state=PLANNED, due_at=retry_at, errcode=errcode)


async def list_shown(person_id: int, now: datetime, read_since: datetime, limit: int) -> list[Notice]:
    """What a person's 任务 shows, newest first: due and unread, or read since `read_since`."""
    is_due = Q(due_at__lte=now) | Q(attempts__gt=0)
    is_new = Q(read_at__isnull=True) | Q(read_at__gt=read_since)
    return await Notice.filter(is_due, is_new, person_id=person_id).order_by("-due_at").limit(limit)


async def mark_read(notices: list[Notice], now: datetime) -> None:
    """Mark them read, where they were not."""
    unread = [notice.id for notice in notices if notice.read_at is None]
    await Notice.filter(id__in=unread, read_at__isnull=True).update(read_at=now)
