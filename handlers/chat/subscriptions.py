"""Consents to subscription notices arrive as events; nothing is answered."""

from bot.conversation import Caller
from bot.messages import InMessage
from bot.routes import Match, Route
from services.notices.subscriptions import note_consents
from services.runtime import Runtime


async def note(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> None:
    """Keep what the event says."""
    await note_consents(rt.settings, caller.openid, message.detail, caller.key)


ROUTES = (
    Route(to=note, event="subscribe_msg_popup_event"),
    Route(to=note, event="subscribe_msg_change_event"),
)
