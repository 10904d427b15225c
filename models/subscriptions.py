"""How many subscription notices (订阅通知) somebody has allowed us to send: one consent, one notice."""

from __future__ import annotations

from tortoise import connections, fields
from tortoise.models import Model

from models.accounts import Account

_ADD = """
INSERT INTO subscriptions (account_id, template_id, remaining, last_key) SELECT id, $2, 1, $3 FROM accounts WHERE openid = $1
ON CONFLICT (account_id, template_id) DO UPDATE SET remaining = subscriptions.remaining + 1, last_key = excluded.last_key
WHERE subscriptions.last_key <> excluded.last_key
"""
_TAKE = """
UPDATE subscriptions SET remaining = remaining - 1
WHERE template_id = $2 AND remaining > 0 AND account_id = (SELECT id FROM accounts WHERE openid = $1) RETURNING id
"""
_GIVE_BACK = """
UPDATE subscriptions SET remaining = remaining + 1
WHERE template_id = $2 AND account_id = (SELECT id FROM accounts WHERE openid = $1)
"""
_FORGET = """
DELETE FROM subscriptions WHERE template_id = $2 AND account_id = (SELECT id FROM accounts WHERE openid = $1)
"""


class Subscription(Model):
    """Consents of one account for one template that are not used up. Gone with the account.

    `last_key`: the inbox key of the event that brought the newest one, so that its repeat adds nothing.
    """

    id = fields.IntField(primary_key=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="subscriptions")
    account_id: int
    template_id = fields.CharField(64)
    remaining = fields.IntField()
    last_key = fields.CharField(64, default="")

    class Meta:
        table = "subscriptions"
        unique_together = (("account", "template_id"),)


async def add_consent(openid: str, template_id: str, key: str) -> None:
    """One consent more; a repeat with the same key adds none. Of somebody who is not bound nothing is kept."""
    await connections.get("default").execute_query(_ADD, [openid, template_id, key[:64]])


async def take_consent(openid: str, template_id: str) -> bool:
    """Use one up, where one is left; of any number of callers at most as many as there are."""
    return bool(await connections.get("default").execute_query_dict(_TAKE, [openid, template_id]))


async def give_back_consent(openid: str, template_id: str) -> None:
    """What was taken surely served nothing."""
    await connections.get("default").execute_query(_GIVE_BACK, [openid, template_id])


async def forget_consents(openid: str, template_id: str) -> None:
    """They were taken back, or the platform says that there is none."""
    await connections.get("default").execute_query(_FORGET, [openid, template_id])
