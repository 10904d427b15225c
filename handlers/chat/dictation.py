"""Words that a person typed or spoke, for the free-text questions of flows; and the day on which they did."""

from datetime import UTC, date, datetime

from bot.conversation import Context, Incoming, Invalid
from config.clock import SHANGHAI


def today_of(incoming: Incoming, context: Context) -> date:
    """The day on which the message was sent; where it has no time, the context's `today`, on which the flow was loaded."""
    if incoming.sent_at:
        return datetime.fromtimestamp(incoming.sent_at, UTC).astimezone(SHANGHAI).date()
    return date.fromisoformat(context["today"])


def read_words(incoming: Incoming, most: int, *, also: str = "") -> str:
    """The text of a message, or what the platform made of a voice message. `most`: characters.

    Raises `Invalid` for other media (`also` says what to do with them), for nothing, and for too much.
    """
    text = _spoken(incoming, also) if incoming.media is not None else incoming.text.strip()
    if not text:
        raise Invalid("请用文字说明。")
    if len(text) > most:
        raise Invalid(f"内容有 {len(text)} 字，最多 {most} 字。请先说最要紧的。")
    return text


def _spoken(incoming: Incoming, also: str) -> str:
    assert incoming.media is not None
    if incoming.media.kind != "voice":
        raise Invalid(f"请用文字或语音说明。{also}")
    text = incoming.media.detail.get("Recognition", "").strip()
    if not text:
        raise Invalid("这条语音没能转成文字，请改用打字，或用输入法的语音输入。")
    return text
