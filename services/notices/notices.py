"""What people are told: planned in the database, and always there under 任务 (design §7). Pushing it: services.reminders.deliveries."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import uuid4

from models import notices
from models.accounts import list_bound
from models.notices import Notice

# So that the repeat of a message, or a second look, shows again what its first answer showed.
SHOWN_AGAIN = timedelta(minutes=5)
SHOWN_AT_ONCE = 20


async def plan_notice(kind: str, person_id: int, slot: str, text: str, due_at: datetime) -> None:
    """Plan to tell a person `text` at `due_at`, inside the caller's transaction. A repeat of (kind, person, slot) does nothing."""
    notice = Notice(id=uuid4(), kind=kind, person_id=person_id, slot=slot, text=text, due_at=due_at)
    await notices.insert_new(notice)


async def plan_notices(kind: str, person_ids: Iterable[int], slot: str, text: str, due_at: datetime) -> None:
    """The same for many people at once, in the order of their ids: two transactions that tell the same people wait, never deadlock."""
    people = sorted(person_ids)
    made = [Notice(id=uuid4(), kind=kind, person_id=one, slot=slot, text=text, due_at=due_at) for one in people]
    await notices.insert_many(made)


async def say_told(kind: str, slot: str, who: str) -> str:
    """The sentence for whoever made it known: 「会在微信里通知申请人。」, or whom they have to tell themselves, for want of a bound phone.

    `kind` and `slot`: as the notice was planned; `who`: for whom it is, in the words of the sentence.
    """
    receivers = await notices.list_receivers(kind, slot)
    bound = await list_bound([one.id for one in receivers])
    if not bound:
        return f"{who}还没有绑定手机，请您另行告知。" if receivers else f"没有找到可以通知的{who}，请您另行告知。"
    unbound = "、".join(one.name for one in receivers if one.id not in bound)
    return f"会在微信里通知{who}{f'；其中{unbound}还没有绑定手机，请您另行告知' if unbound else ''}。"


async def read_notices(person_id: int, now: datetime) -> list[str]:
    """What a person's 任务 shows, newest first; unread ones become read. What was read just now is shown again."""
    shown = await notices.list_shown(person_id, now, now - SHOWN_AGAIN, SHOWN_AT_ONCE)
    await notices.mark_digests_read(person_id, now)
    await notices.mark_read(shown, now)
    return [notice.text for notice in shown]
