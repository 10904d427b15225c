"""What is to be told to people: the outbox. The database is the schedule (design §7)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise import connections, fields
from tortoise.expressions import F, Q
from tortoise.models import Model
from tortoise.transactions import in_transaction

from models.accounts import Account
from models.people import Person

# LISTED: nothing was pushed, for no window was open; it stands in 任务 only.
PLANNED, SENDING, SENT, REFUSED, UNKNOWN, LISTED = "planned", "sending", "sent", "refused", "unknown", "listed"

# The kind of the planner's notices (services.reminders.planner); their slot begins with their day.
DIGEST = "digest"


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
        indexes = (("state", "due_at"), ("person_id", "due_at"))


async def insert_new(notice: Notice) -> None:
    """Insert it unless one of the same kind, person and slot is there already."""
    await Notice.bulk_create([notice], ignore_conflicts=True)


async def insert_many(notices: list[Notice]) -> None:
    """Insert those of which none of the same kind, person and slot is there already."""
    await Notice.bulk_create(notices, 1000, ignore_conflicts=True)


async def list_receivers(kind: str, slot: str) -> list[Person]:
    """For whom there is a notice of that kind and slot."""
    return await Person.filter(notices__kind=kind, notices__slot=slot).order_by("id")


async def list_told(kind: str, slots: list[str]) -> set[str]:
    """Those of these slots of which somebody has a notice of that kind."""
    return {one.slot for one in await Notice.filter(kind=kind, slot__in=slots).only("id", "slot")}


async def drop_planned(kind: str, slot: str) -> None:
    """Forget those of that kind and slot that nothing has been done about yet."""
    await Notice.filter(kind=kind, slot=slot, state=PLANNED, attempts=0).delete()


async def list_unread(person_id: int, kinds: list[str]) -> list[Notice]:
    """What of these kinds the person has not read."""
    return await Notice.filter(person_id=person_id, kind__in=kinds, read_at__isnull=True).order_by("due_at", "slot")


async def drop_unsent(notices: list[Notice]) -> None:
    """Forget those of these that nothing has been done about yet."""
    await Notice.filter(id__in=[notice.id for notice in notices], state=PLANNED, attempts=0).delete()


async def find_last_slots(kind: str, person_ids: list[int], before: str) -> dict[int, str]:
    """The greatest slot of that kind below `before` that each of these people has a notice for."""
    rows = await connections.get("default").execute_query_dict(
        "SELECT person_id, max(slot) AS slot FROM notices WHERE kind = $1 AND person_id = ANY($2) AND slot < $3 GROUP BY 1",
        [kind, person_ids, before],
    )
    return {row["person_id"]: row["slot"] for row in rows}


async def claim_due(now: datetime, lease_until: datetime, limit: int) -> list[Notice]:
    """Take up to `limit` due notices for this process alone: they are `sending`, committed, until `lease_until`.

    What has just happened goes before the digests of the day, of which there are thousands.
    """
    async with in_transaction():
        due = Notice.filter(state=PLANNED, due_at__lte=now).order_by("due_at").select_for_update(skip_locked=True)
        taken = await due.exclude(kind=DIGEST).limit(limit)
        if len(taken) < limit:
            taken += await due.filter(kind=DIGEST).limit(limit - len(taken))
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
    """What a person's 任务 shows, newest first: due and unread, or read since `read_since`. What digests say it shows anyway."""
    is_due = Q(due_at__lte=now) | Q(attempts__gt=0)
    is_new = Q(read_at__isnull=True) | Q(read_at__gt=read_since)
    shown = Notice.filter(is_due, is_new, person_id=person_id).exclude(kind=DIGEST)
    return await shown.order_by("-due_at", "kind", "slot").limit(limit)


async def mark_digests_read(person_id: int, now: datetime) -> None:
    """The person looks at all that digests could say."""
    is_due = Q(due_at__lte=now) | Q(attempts__gt=0)
    await Notice.filter(is_due, person_id=person_id, kind=DIGEST, read_at__isnull=True).update(read_at=now)


async def list_unreached(since: datetime) -> list[Notice]:
    """Notices settled since then that were not pushed, or not surely, and not read: the newest first, with person and organisation."""
    states = (REFUSED, UNKNOWN, LISTED)
    found = Notice.filter(state__in=states, settled_at__gte=since, read_at__isnull=True).order_by(
        "-due_at", "person_id"
    )
    return await found.select_related("person__organisation")


async def count_unreached(since: datetime) -> int:
    """How many people have such notices."""
    rows = await connections.get("default").execute_query_dict(
        "SELECT count(DISTINCT person_id) AS n FROM notices"
        " WHERE state IN ('refused', 'unknown', 'listed') AND settled_at >= $1 AND read_at IS NULL",
        [since],
    )
    return int(rows[0]["n"])


async def delete_digests(before: datetime) -> int:
    """Forget the digests that were due before that; how many."""
    return await Notice.filter(kind=DIGEST, due_at__lt=before).delete()


async def mark_read(notices: list[Notice], now: datetime) -> None:
    """Mark them read, where they were not."""
    unread = [notice.id for notice in notices if notice.read_at is None]
    await Notice.filter(id__in=unread, read_at__isnull=True).update(read_at=now)
