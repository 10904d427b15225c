"""What people are told: planned in the database, and always there under 任务 (design §7). Pushing it: services.reminders.deliveries."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import uuid4

from models import notices
from models.notices import Notice

# So that the repeat of a message, or a second look, shows again what its first answer showed.
SHOWN_AGAIN = timedelta(minutes=5)
SHOWN_AT_ONCE = 20


async def plan_notice(kind: str, person_id: int, slot: str, text: str, due_at: datetime) -> None:
    """Plan to tell a person `text` at `due_at`, inside the caller's transaction. A repeat of (kind, person, slot) does nothing."""
    notice = Notice(id=uuid4(), kind=kind, person_id=person_id, slot=slot, text=text, due_at=due_at)
    await notices.insert_new(notice)


async def plan_notices(kind: str, person_ids: Iterable[int], slot: str, text: str, due_at: datetime) -> None:
    """The same for many people at once."""
    made = [Notice(id=uuid4(), kind=kind, person_id=one, slot=slot, text=text, due_at=due_at) for one in person_ids]
    await notices.insert_many(made)


async def read_notices(person_id: int, now: datetime) -> list[str]:
    """What a person's 任务 shows, newest first; unread ones become read. What was read just now is shown again."""
    shown = await notices.list_shown(person_id, now, now - SHOWN_AGAIN, SHOWN_AT_ONCE)
    await notices.mark_digests_read(person_id, now)
    await notices.mark_read(shown, now)
    return [notice.text for notice in shown]
