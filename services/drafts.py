"""Answers typed so far in a long flow, kept in PostgreSQL so that they outlive Redis. Never of a secret flow (design §5)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from models.drafts import Draft

_MOST = 5


async def load_draft(openid_hash: str, flow: str) -> dict[str, Any] | None:
    """The draft of that flow (`bot.conversation.flow_key`), None where there is none."""
    draft = await Draft.get_or_none(openid_hash=openid_hash, flow=flow)
    return draft.session if draft else None


async def list_drafts(openid_hash: str) -> list[dict[str, Any]]:
    """The drafts of whatever flows, those that were touched last first; a few at most."""
    drafts = await Draft.filter(openid_hash=openid_hash).order_by("-updated_at", "-id").limit(_MOST)
    return [draft.session for draft in drafts]


async def save_draft(openid_hash: str, flow: str, session: Mapping[str, Any], now: datetime) -> None:
    """Keep the draft in place of the one before. A repeat changes nothing."""
    draft = Draft(openid_hash=openid_hash, flow=flow, session=dict(session), updated_at=now)
    await Draft.bulk_create([draft], on_conflict=["openid_hash", "flow"], update_fields=["session", "updated_at"])


async def drop_draft(openid_hash: str, flow: str) -> None:
    """Forget the draft; nothing happens where there is none."""
    await Draft.filter(openid_hash=openid_hash, flow=flow).delete()
