"""Winding a meeting up (办结): once every reporter has been commented on, and the comments become items to be worked off."""

from datetime import datetime

from tortoise.transactions import in_transaction

from config.refusals import Refusal
from models.comments import Comment
from models.meetings import CLOSED, Meeting
from models.rectifications import COMMENT, RectificationItem, insert_items
from services.audit import record
from services.meetings.comments import find_uncommented
from services.meetings.meetings import get_meeting


async def conclude_meeting(meeting_id: int, *, now: datetime, actor: str) -> Meeting:
    """Wind a meeting up; what was found wanting goes to each branch's list as 上级点评 (S4-29). A repeat changes nothing.

    Raises `Refusal`: `not_closed`; `uncommented` with the names of those whom nobody has commented on (S4-19).
    """
    await get_meeting(meeting_id)
    async with in_transaction():
        meeting = await Meeting.filter(id=meeting_id).select_for_update().get()
        if meeting.concluded_at is not None:
            return meeting
        if meeting.state != CLOSED:
            raise Refusal("not_closed", "投票结束后才能办结会议。请先回复 主持，选择 结束投票。")
        if missing := await find_uncommented(meeting.id):
            say = f"还有 {len(missing)} 位没有点评，不能办结：{'、'.join(missing)}。请领导回复 点评。"
            raise Refusal("uncommented", say)
        meeting.concluded_at = now
        await meeting.save(update_fields=["concluded_at"])
        await _open_items(meeting, now)
        await record(now, actor, "conclude_meeting", f"meeting:{meeting.id}", {})
    return meeting


async def _open_items(meeting: Meeting, now: datetime) -> None:
    comments = await Comment.filter(reporter__meeting_id=meeting.id).select_related("reporter__person", "person")
    await insert_items(
        [
            RectificationItem(
                source_key=f"comment:{one.id}",
                organisation_id=one.reporter.person.organisation_id,
                source=COMMENT,
                problem=one.problem,
                opened_by=one.person.staff_no,
                opened_at=now,
            )
            for one in comments
        ]
    )
