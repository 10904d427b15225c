"""WeChat accounts bound to people, and what guards the binding."""

from __future__ import annotations

from datetime import datetime

from tortoise import connections, fields
from tortoise.expressions import F
from tortoise.models import Model

from models.people import Person


class Account(Model):
    """The link between an openid and a person. Deleted when the person unfollows; what they did stays with the person."""

    id = fields.IntField(primary_key=True)
    openid = fields.CharField(64, unique=True)
    person: fields.OneToOneRelation[Person] = fields.OneToOneField("models.Person", related_name="account")
    person_id: int
    bound_at: datetime = fields.DatetimeField()
    # The version of the privacy notice that was shown with the first question and agreed to by binding.
    consent = fields.CharField(16)

    class Meta:
        table = "accounts"


class BindingCode(Model):
    """State of a person's one-time binding code. The code itself is derived (services.accounts), never stored."""

    id = fields.IntField(primary_key=True)
    person: fields.OneToOneRelation[Person] = fields.OneToOneField("models.Person", related_name="binding_code")
    person_id: int
    generation = fields.IntField(default=1)
    used_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "binding_codes"


class BindingFailure(Model):
    """One wrong binding code. Counted for the lock-outs, purged after a day.

    Both keys are HMACs. By name, not by person: a name that nobody bears must lock exactly like one that somebody does.
    """

    id = fields.IntField(primary_key=True)
    openid_hash = fields.CharField(64)
    name_hash = fields.CharField(64)
    at: datetime = fields.DatetimeField()

    class Meta:
        table = "binding_failures"
        indexes = (("openid_hash", "at"), ("name_hash", "at"))


async def find_account(openid: str) -> Account | None:
    """The account of that openid, with its person and their organisation."""
    return await Account.get_or_none(openid=openid).select_related("person__organisation")


async def lock_binding(*keys: str) -> None:
    """Wait until no other transaction holds any of these keys, and hold them until this one ends."""
    for key in keys:
        await connections.get("default").execute_query(
            "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [f"binding:{key}"]
        )


async def list_codes(person_ids: list[int]) -> list[BindingCode]:
    """The codes of these people, held until the transaction ends."""
    return await BindingCode.filter(person_id__in=person_ids).order_by("person_id").select_for_update()


async def create_codes(person_ids: list[int]) -> None:
    """A first code for those of them who never had one."""
    codes = [BindingCode(person_id=person_id) for person_id in person_ids]
    await BindingCode.bulk_create(codes, ignore_conflicts=True)


async def renew_codes(person_ids: list[int]) -> None:
    """The next generation for each of them; the codes before are worth nothing."""
    await BindingCode.filter(person_id__in=person_ids).update(generation=F("generation") + 1, used_at=None)


async def list_open_codes(person_ids: list[int]) -> list[BindingCode]:
    """Their codes that have not been used."""
    return await BindingCode.filter(person_id__in=person_ids, used_at__isnull=True)


async def list_used_up(person_ids: list[int]) -> list[int]:
    """Those of them whose code is used and who have no account all the same: they left, and may want to come back."""
    used = BindingCode.filter(person_id__in=person_ids, used_at__isnull=False, person__account__id__isnull=True)
    return [code.person_id for code in await used]


async def list_failures(openid_hash: str, since: datetime) -> list[datetime]:
    """When wrong codes came from that openid after `since`, in order of time."""
    failures = BindingFailure.filter(openid_hash=openid_hash, at__gt=since).order_by("at")
    return [failure.at for failure in await failures]


async def count_failures(name_hash: str, since: datetime) -> int:
    """How many wrong codes came for that name since then."""
    return await BindingFailure.filter(name_hash=name_hash, at__gte=since).count()


async def list_bound(person_ids: list[int]) -> set[int]:
    """Those of these people who have an account bound now."""
    rows = await Account.filter(person_id__in=person_ids).only("id", "person_id")
    return {row.person_id for row in rows}
