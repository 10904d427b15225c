"""Polls: opening (roll and rules frozen), casting, closing (a barrier), and cleaning up after the close. Design §5."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from redis.exceptions import RedisError
from tortoise import connections
from tortoise.exceptions import OperationalError
from tortoise.transactions import in_transaction

from bot.sessions import forget_realm
from config.clock import SHANGHAI
from config.refusals import Refusal
from models import meetings as tables
from models.meetings import CheckIn, Meeting, MeetingRole, Reporter
from models.polls import Poll, RollEntry, list_open_rolls, wait_for_casts
from services.audit import record
from services.ballots import counting
from services.ballots.ballot_forms import Form, ballot_faults, own_place
from services.ballots.seals import seal_ballot
from services.cycles import schemes
from services.dues import Due
from services.meetings import briefs
from services.meetings.electorates import electorate_of
from services.meetings.meetings import LEADER
from services.notices.notices import plan_notice
from services.polls.openings import Terms, check_electorate, create_poll
from services.runtime import Runtime

_log = logging.getLogger(__name__)

_STRAGGLERS = timedelta(minutes=5)
"""By far longer than any process remembers a desk key."""


async def open_poll(rt: Runtime, meeting_id: int, *, now: datetime, actor: str, accept_small: bool = False) -> Poll:
    """Open a meeting's voting: freeze roll, form, rules and scheme, make the keys. Open already: nothing happens.

    Raises `Refusal`: `closed`, `double_voter`, `empty_class`, `small_class` (unless `accept_small`).
    """
    async with in_transaction():
        meeting = await Meeting.filter(id=meeting_id).select_for_update().first()
        if meeting is None:
            raise Refusal("no_such_meeting", f"没有编号为 {meeting_id} 的会议，请核对编号。", 404)
        if meeting.state == tables.OPEN:
            return await Poll.get(meeting=meeting)
        if meeting.state == tables.CLOSED:
            raise Refusal("closed", f"「{meeting.title}」的投票已经结束，不能再次开始。")
        terms = await _terms(meeting)
        accept = "" if accept_small else _ACCEPT
        check_electorate(terms.electorate, meeting.min_class, file="会议文件", accept=accept)
        poll = await create_poll(rt, terms, now, meeting=meeting)
        meeting.state = tables.OPEN
        await meeting.save(update_fields=["state"])
        await record(
            now,
            actor,
            "open_poll",
            f"meeting:{meeting.id}",
            {"entitled": len(terms.electorate.people), "small": accept_small},
        )
    return poll


_ACCEPT = "确需投票的，由主持人明确接受（命令行加 --accept-small），投票人会事先看到提示。"


async def _terms(meeting: Meeting) -> Terms:
    return Terms(
        meeting.title,
        {"subjects": await _subjects(meeting), **meeting.form},
        await electorate_of(meeting),
        meeting.min_class,
        schemes.require(meeting.scheme, "scheme").sha256,
        meeting.closes_at,
    )


async def _subjects(meeting: Meeting) -> list[dict[str, str]]:
    reporters = await Reporter.filter(meeting=meeting).order_by("position").prefetch_related("person__organisation")
    return [
        {"id": one.person.staff_no, "name": one.person.name, "note": f"{one.person.organisation.name}，{one.mode}述职"}
        for one in reporters
    ]


@dataclass(frozen=True, slots=True)
class Ballot:
    """What a voter needs to fill a ballot: the frozen form, their class, the key to seal to."""

    poll: Poll
    person_id: int
    class_no: int
    state: str  # "may_vote" | "has_voted" | "absent"


async def find_ballots(person_id: int) -> list[Ballot]:
    """The open polls on whose roll the person stands, oldest first."""
    roll = RollEntry.filter(person_id=person_id, poll__state=tables.OPEN)
    entries = await roll.prefetch_related("poll").order_by("poll__opened_at")
    here = {one.meeting_id for one in await CheckIn.filter(person_id=person_id)} if entries else set()
    return [Ballot(one.poll, person_id, one.class_no, _state(one, here)) for one in entries]


def _state(entry: RollEntry, here: set[int]) -> str:
    if entry.has_voted:
        return "has_voted"
    meeting_id = entry.poll.meeting_id
    return "may_vote" if meeting_id is None or meeting_id in here else "absent"


_CAST_REFUSALS = {
    "closed": "投票已经结束，这张票没有计入。",
    "not_entitled": "您不在这次测评的投票人名单中，不能投票。如有疑问请联系主持人。",
    "absent": "您还没有签到：请先扫描会场的签到码，再回复 投票。",
    "already_voted": "您已投过票，以第一次提交的为准，这一次没有计入。",
    "not_yours": "您的微信绑定在投票中途变了，这张票没有计入。请回复 投票，重新开始。",
}


async def cast_ballot(
    poll_id: UUID,
    person_id: int,
    class_no: int,
    public_key: bytes,
    choices: list[int],
    key: str,
    *,
    openid: str | None = None,
    now: datetime | None = None,
    form: Form | None = None,
) -> None:
    """Cast one ballot: durable when this returns. `choices`: option numbers, subjects in order, items within.

    The same `key` (of the message that casts) again returns as the first time did; any other second ballot raises
    `Refusal("already_voted")`; after the close `closed`. With `openid` the phone must still be bound to the person
    (`not_yours`); with `now` the end that the clock keeps has not passed, whether or not a worker has closed already; with the
    poll's frozen `form` its rules are kept (`invalid_ballot`), and nobody votes on themselves.
    """
    if form is not None and (faults := ballot_faults(form, choices, own_place(form, person_id))):
        raise Refusal("invalid_ballot", f"这张票不符合填写规则，没有提交：{'；'.join(faults[:3])}。")
    box = seal_ballot(public_key, class_no, choices)
    rows = await connections.get("default").execute_query_dict(
        "SELECT cast_ballot($1, $2, $3, $4, $5, $6, $7) AS outcome",
        [str(poll_id), person_id, key, str(uuid4()), box, openid, now],
    )
    outcome = rows[0]["outcome"]
    if outcome == "closed" and await RollEntry.filter(poll_id=poll_id, person_id=person_id, has_voted=True).exists():
        # Its acknowledgement was lost, and the close came before its repeat.
        raise Refusal(outcome, "投票已经结束。您在结束前提交的票已计入。")
    if outcome != "counted":
        raise Refusal(outcome, _CAST_REFUSALS[outcome])


async def close_poll(rt: Runtime, meeting_id: int, *, now: datetime, actor: str) -> Meeting:
    """Close a meeting's voting: wait for casts under way, open and count the ballots, destroy keys and ballots.

    Closed already: nothing happens. Raises `Refusal` where voting has not been opened. Killed midway, all of it is as before.
    """
    poll = await Poll.get_or_none(meeting_id=meeting_id)
    if poll is None:
        meeting = await Meeting.get_or_none(id=meeting_id)
        if meeting is None:
            raise Refusal("no_such_meeting", f"没有编号为 {meeting_id} 的会议，请核对编号。", 404)
        raise Refusal("not_open", f"「{meeting.title}」还没有开始投票。")
    async with in_transaction():
        await wait_for_casts(poll.id)
        meeting = await Meeting.filter(id=meeting_id).select_for_update().get()
        if meeting.state == tables.OPEN:
            await counting.count_and_destroy(rt.settings.ballot_key, poll.id, now)
            meeting.state = tables.CLOSED
            meeting.published_at = now if meeting.publish == "at_close" else None
            await meeting.save(update_fields=["state", "published_at"])
            await record(now, actor, "close_poll", f"meeting:{meeting.id}", {})
            if actor == "clock":
                text = f"「{meeting.title}」已到结束时间，投票已自动结束。回复 主持 查看结果。"
                await _tell_of_clock("closed_by_clock", meeting, text, now)
            await _tell_leaders(meeting, now)
    await clean_up_or_put_off(rt, now)
    return meeting


async def _tell_of_clock(kind: str, meeting: Meeting, text: str, now: datetime) -> None:
    for role in await MeetingRole.filter(meeting=meeting, role="host"):
        await plan_notice(kind, role.person_id, f"meeting:{meeting.id}", text, now)


async def _tell_leaders(meeting: Meeting, now: datetime) -> None:
    """What stands in 任务; the summary itself is written when it is sent (`services.reminders.letters`)."""
    text = f"「{meeting.title}」投票已结束，测评小结已出。回复 简报 查看。"
    for role in await MeetingRole.filter(meeting=meeting, role=LEADER):
        await plan_notice(briefs.NOTICE, role.person_id, briefs.slot_of(meeting.id), text, now)


async def clean_up_or_put_off(rt: Runtime, now: datetime) -> None:
    """`clean_up` right after a close. The close stands whatever fails here; the worker finishes it when it can."""
    try:
        await clean_up(rt, now)
    except (RedisError, OperationalError) as error:
        _log.warning("clean-up put off", extra={"action": "clean_up_put_off", "error": type(error).__name__})


async def clean_up(rt: Runtime, now: datetime) -> None:
    """After a close: drop what voters had typed so far, and vacuum the dead rows. A repeat, or a crash before, does no harm."""
    for poll in await Poll.filter(state=tables.CLOSED, cleaned_at=None):
        await forget_realm(rt.redis, str(poll.id))
        for table in ("sealed_ballots", "roll_entries"):
            await connections.get("default").execute_script(f"VACUUM {table}")
        await Poll.filter(id=poll.id).update(cleaned_at=now)
        await connections.get("default").execute_script("VACUUM polls")


async def forget_desks(rt: Runtime, now: datetime) -> None:
    """Once more for polls closed a while ago: a step that was under way at the close, in a process that still knew the key, came after."""
    for poll in await Poll.filter(state=tables.CLOSED, closed_at__gt=now - _STRAGGLERS):
        await forget_realm(rt.redis, str(poll.id))


async def list_dues(now: datetime, person_ids: Sequence[int]) -> list[Due]:
    """A vote for everybody on the roll of an open poll, voted or not (design §5); three queries whatever the number of people."""
    return [_due(person_id, poll) for person_id, poll in await list_open_rolls(person_ids)]


def _due(person_id: int, poll: Poll) -> Due:
    # A vote that ends at midnight ends with the day before.
    last = (poll.closes_at - timedelta(seconds=1)).astimezone(SHANGHAI).date() if poll.closes_at else None
    scheme = poll.meeting.scheme if poll.meeting else poll.evaluation.cycle.scheme if poll.evaluation else ""
    first = poll.opened_at.astimezone(SHANGHAI).date()
    return Due(
        person_id,
        f"poll:{poll.id}",
        f"给「{poll.title}」投票",
        "投票",
        by=last,
        from_day=first,
        is_poll=True,
        scheme=scheme,
    )


async def open_due(rt: Runtime, now: datetime) -> None:
    """Open what the clock opens: imported before its time, its time has come, its end has not. A refusal goes to the hosts."""
    for meeting in await Meeting.filter(state=tables.DRAFT, opens_at__lte=now, closes_at__gt=now):
        if meeting.opens_at is None or meeting.imported_at > meeting.opens_at:
            continue
        with one_of_many("open_due", f"meeting:{meeting.id}"):
            await _open_by_clock(rt, meeting, now)


async def _open_by_clock(rt: Runtime, meeting: Meeting, now: datetime) -> None:
    try:
        await open_poll(rt, meeting.id, now=now, actor="clock")
    except Refusal as refusal:
        text = f"「{meeting.title}」没有按时开始投票：{refusal.say}更正后会自动开始。"
        await _tell_of_clock("not_opened_by_clock", meeting, text, now)
        return
    text = f"「{meeting.title}」投票已按时自动开始。回复 主持 查看进度。"
    await _tell_of_clock("opened_by_clock", meeting, text, now)


async def close_due(rt: Runtime, now: datetime) -> None:
    """Close what the clock closes: open, and its end has come while it was open. Then finish what a crash left undone."""
    for poll in await Poll.filter(state=tables.OPEN, closes_at__lte=now).prefetch_related("meeting"):
        if poll.meeting is not None:
            with one_of_many("close_due", f"meeting:{poll.meeting.id}"):
                await _close_by_clock(rt, poll.meeting, now)
    await clean_up(rt, now)


async def _close_by_clock(rt: Runtime, meeting: Meeting, now: datetime) -> None:
    try:
        await close_poll(rt, meeting.id, now=now, actor="clock")
    except Refusal as refusal:
        await _tell_of_clock("not_closed_by_clock", meeting, f"「{meeting.title}」没有按时结束投票：{refusal.say}", now)


@contextmanager
def one_of_many(action: str, what: str) -> Iterator[None]:
    """What goes wrong with one of them (`meeting:3`) must not keep the clock from the others."""
    try:
        yield
    except Exception as error:
        _log.exception("one of many failed", extra={"action": action, "object": what, "error": type(error).__name__})
