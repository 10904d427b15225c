"""WeChat accounts bound to people, and what guards the binding."""

from __future__ import annotations

from datetime import datetime

from tortoise import fields
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
