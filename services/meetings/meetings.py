"""Meetings: importing one, checking in, who may do what, how it stands. Opening and closing its poll: services.polls.polls."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.transactions import in_transaction

from config.clock import SHANGHAI, shown
from config.refusals import Refusal
from models.meetings import CLOSED, DRAFT, CheckIn, Meeting, MeetingClass, MeetingRole, Reporter, insert_check_in
from models.polls import Poll, RollEntry, count_turnout
from services.audit import record
from services.ballots.disclosure import rounded_turnout
from services.cycles import schemes
from services.dues import Due
from services.meetings.electorates import check_people, electorate_of
from services.meetings.meeting_files import MeetingFile, read_meeting_file

HOST, LEADER = "host", "leader"
SCENE_PREFIX = "m."
_OFFERED = 9
# How long before it a host is told of a meeting, and after which time of one that was never opened no more.
_AHEAD, _OLD = timedelta(days=7), timedelta(days=30)


def scene_of(meeting: Meeting) -> str:
    """The whole scene string of a meeting's check-in code: `m.<code>`."""
    return SCENE_PREFIX + meeting.code


async def import_meeting(content: bytes, *, now: datetime, actor: str) -> Meeting:
    """Store the meeting that a file describes. Raises `BadInput` with every fault; a repeat makes another meeting."""
    file = read_meeting_file(content)
    schemes.require(file.scheme, "scheme")
    async with in_transaction():
        people = await check_people(file)
        meeting = await Meeting.create(
            code=secrets.token_urlsafe(12),
            title=file.title,
            scheme=file.scheme,
            starts_at=file.starts_at,
            opens_at=file.opens_at,
            closes_at=file.closes_at,
            publish=file.publish,
            min_class=file.min_class,
            minutes_each=file.minutes_each,
            form=file.form,
            imported_at=now,
        )
        await _create_parts(meeting, file, people)
        await record(now, actor, "import_meeting", f"meeting:{meeting.id}", {"title": file.title})
    return meeting


async def _create_parts(meeting: Meeting, file: MeetingFile, people: dict[str, int]) -> None:
    await MeetingClass.bulk_create(
        MeetingClass(
            meeting=meeting,
            position=position,
            name=one.name,
            weight=one.weight,
            voters=list(one.voters),
            orgs=list(one.orgs),
        )
        for position, one in enumerate(file.classes)
    )
    await Reporter.bulk_create(
        Reporter(meeting=meeting, position=position, mode=mode, person_id=people[staff_no])
        for position, (staff_no, mode) in enumerate(file.reporters)
    )
    await MeetingRole.bulk_create(
        MeetingRole(meeting=meeting, role=role, person_id=people[staff_no])
        for role, staff_nos in ((HOST, file.hosts), (LEADER, file.leaders))
        for staff_no in staff_nos
    )


async def get_meeting(meeting_id: int) -> Meeting:
    """The meeting. Raises `Refusal`."""
    meeting = await Meeting.get_or_none(id=meeting_id)
    if meeting is None:
        raise Refusal("no_such_meeting", f"没有编号为 {meeting_id} 的会议，请核对编号。", 404)
    return meeting


@dataclass(frozen=True, slots=True)
class Presence:
    """The answer to a check-in. `class_name`: what the person votes as, None where they are not a voter of the meeting."""

    meeting: Meeting
    class_name: str | None
    has_voted: bool


async def check_in(code: str, person_id: int, now: datetime) -> Presence:
    """Mark a person as present; a repeat changes nothing. From the import to the close, voters or not. Raises `Refusal`."""
    meeting = await Meeting.get_or_none(code=code)
    if meeting is None:
        raise Refusal("no_such_meeting", "这个签到码无效，请扫描会场大屏或海报上的签到码。", 404)
    if meeting.state == CLOSED:
        raise _over(meeting)
    if not await insert_check_in(meeting.id, person_id):
        # Present already, or closed while we waited.
        await meeting.refresh_from_db(["state"])
        if meeting.state == CLOSED:
            raise _over(meeting)
    entry = await RollEntry.filter(poll__meeting=meeting, person_id=person_id).prefetch_related("poll").first()
    if entry is not None:
        return Presence(meeting, entry.poll.classes[entry.class_no]["name"], entry.has_voted)
    if await Poll.filter(meeting=meeting).exists():
        return Presence(meeting, None, False)
    return Presence(meeting, (await electorate_of(meeting)).class_name(person_id), False)


def _over(meeting: Meeting) -> Refusal:
    return Refusal("closed", f"「{meeting.title}」已经结束，不能再签到。")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a meeting stands. Before the close `voted` is rounded down to a multiple of `min_class`.

    `missing`: how many are present and have not voted, exactly; for the host's closing question alone.
    """

    meeting: Meeting
    entitled: int
    present: int
    voted: int
    missing: int


async def standing_of(meeting: Meeting) -> Standing:
    """Turnout of a meeting: entitled (on the roll; before the opening, who would be), present of them, voted of them."""
    poll = await Poll.get_or_none(meeting=meeting)
    if poll is None:
        people = (await electorate_of(meeting)).people
        present = await CheckIn.filter(meeting=meeting, person_id__in=list(people)).count()
        return Standing(meeting, len(people), present, 0, 0)
    entitled, present, voted = await count_turnout(poll.id)
    shown = voted if meeting.state == CLOSED else rounded_turnout(voted, meeting.min_class)
    return Standing(meeting, entitled, present, shown, present - voted)


def nearest(meetings: Iterable[Meeting], now: datetime, last: Sequence[str] = ()) -> list[Meeting]:
    """As many as one may choose from, those nearest in time first: a year's meetings may all be imported on one day.

    `last`: the states of those that come after all others, in this order.
    """

    def rank(meeting: Meeting) -> tuple[int, timedelta]:
        return last.index(meeting.state) + 1 if meeting.state in last else 0, abs(meeting.starts_at - now)

    return sorted(meetings, key=rank)[:_OFFERED]


async def find_hosted_meetings(person_id: int, now: datetime) -> list[Meeting]:
    """Meetings that the person hosts: those that are being voted in, then those to come, then those closed."""
    hosted = Meeting.filter(roles__role=HOST, roles__person_id=person_id).order_by("-id")
    return nearest(await hosted, now, (DRAFT, CLOSED))


async def require_host(meeting_id: int, person_id: int) -> Meeting:
    """The meeting, where the person hosts it. Raises `Refusal`."""
    meeting = await get_meeting(meeting_id)
    if not await MeetingRole.filter(meeting=meeting, role=HOST, person_id=person_id).exists():
        raise Refusal("not_host", "您不是这个会议的主持人，请联系组织部门。", 403)
    return meeting


async def publish_result(meeting_id: int, *, now: datetime, actor: str) -> Meeting:
    """Publish the result of a closed meeting (公布结果). A repeat changes nothing. Raises `Refusal` before the close."""
    async with in_transaction():
        meeting = await Meeting.filter(id=meeting_id).select_for_update().first()
        if meeting is None:
            raise Refusal("no_such_meeting", f"没有编号为 {meeting_id} 的会议，请核对编号。", 404)
        if meeting.state != CLOSED:
            raise Refusal("not_closed", "投票结束后才能公布结果。请先回复 主持，选择 结束投票。")
        if meeting.published_at is None:
            meeting.published_at = now
            await meeting.save(update_fields=["published_at"])
            await record(now, actor, "publish_result", f"meeting:{meeting.id}", {})
    return meeting


async def list_dues(now: datetime, person_ids: Sequence[int]) -> list[Due]:
    """The meetings that these people host, from a week before until they are closed and, where the host does that, published."""
    hosted = MeetingRole.filter(role=HOST, person_id__in=list(person_ids), meeting__closes_at__gt=now - _OLD)
    roles = await hosted.select_related("meeting")
    return [_due(role.person_id, role.meeting) for role in roles if not _is_done(role.meeting)]


def _is_done(meeting: Meeting) -> bool:
    return meeting.state == CLOSED and (meeting.publish == "at_close" or meeting.published_at is not None)


def _due(person_id: int, meeting: Meeting) -> Due:
    starts, closes = (at.astimezone(SHANGHAI).date() for at in (meeting.starts_at, meeting.closes_at))
    what = "结果还没公布" if meeting.state == CLOSED else f"{shown(meeting.starts_at)} 开始"
    return Due(
        person_id,
        f"meeting:{meeting.id}:host",
        f"主持「{meeting.title}」（{what}）",
        "主持",
        by=closes,
        from_day=starts - _AHEAD,
        scheme=meeting.scheme,
    )
