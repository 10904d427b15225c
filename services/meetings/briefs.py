"""The leaders' summary (小结) of a meeting: who may read it, what is in it, and whom it has reached."""

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from tortoise.expressions import Q

from config.clock import shown
from config.refusals import Refusal
from config.settings import Settings
from models.accounts import Account
from models.cycles import CycleSubject
from models.inputs import Input
from models.meetings import CLOSED, DRAFT, Meeting, MeetingRole, Reporter
from models.notices import PLANNED, SENDING, SENT, Notice
from models.polls import Poll
from models.stages import list_stage_dates
from scoring.numbers import read_decimal
from services.ballots.disclosure import hidden_classes
from services.cycles import schemes
from services.day_words import shown_day
from services.entitlements import GRADE
from services.meetings.arithmetic import explain_score
from services.meetings.meetings import LEADER, get_meeting, nearest, standing_of
from services.meetings.results import Counts, ballots_cast, read_counts, score_subject
from services.meetings.statements import Facts, Reported, Statement, make_notes, make_statements

NOTICE = "brief"
"""The kind of the notice that brings it; its slot is `slot_of(meeting_id)`."""
# Scores are drawn on a scale of a hundred, unless an option is worth more.
_USUAL_TOP = Fraction(100)


@dataclass(frozen=True, slots=True)
class Brief:
    """A summary as it is shown: by text, picture and page alike. `top`: the end of the scale on which scores are drawn."""

    meeting: Meeting
    statements: tuple[Statement, ...]
    notes: tuple[str, ...]
    reporters: tuple[Reported, ...]
    top: Fraction

    @property
    def is_final(self) -> bool:
        """Whether the votes are counted."""
        return self.meeting.state == CLOSED


def slot_of(meeting_id: int) -> str:
    """The slot of the notices that bring a meeting's summary."""
    return f"meeting:{meeting_id}"


def address_of(settings: Settings, meeting_id: int) -> str:
    """The page of a meeting's summary."""
    return f"{settings.site}/brief/{meeting_id}"


async def find_led_meetings(person_id: int, now: datetime) -> list[Meeting]:
    """Meetings whose leader the person is: the nearest in time first, those not voted on yet last."""
    led = await Meeting.filter(roles__role=LEADER, roles__person_id=person_id).order_by("-id")
    return nearest(led, now, (DRAFT,))


async def require_reader(meeting_id: int, person_id: int, *roles: str) -> Meeting:
    """The meeting, where the person has one of the roles in it. Raises `Refusal`; whether it exists is told to nobody else."""
    if not await MeetingRole.filter(meeting_id=meeting_id, role__in=roles, person_id=person_id).exists():
        raise Refusal(
            "not_leader", "您不是这个会议的领导，看不到它的小结。如果应该是，请联系组织部门核对会议文件。", 403
        )
    return await get_meeting(meeting_id)


async def read_brief(meeting: Meeting) -> Brief:
    """The summary as of now; before the close without any score."""
    tally = await _read_tally(meeting)
    reporters = await _read_reporters(meeting, tally)
    facts = await _read_facts(meeting, reporters, tally)
    top = max(_USUAL_TOP, *(read_decimal(points, word) for word, points in meeting.form["options"]))
    return Brief(meeting, make_statements(facts), make_notes(facts), reporters, top)


@dataclass(frozen=True, slots=True)
class _Tally:
    """The counted ballots of a closed poll, by subject number, and the classes that may not be shown."""

    poll: Poll
    counts: Counts
    hidden: frozenset[str]


async def _read_tally(meeting: Meeting) -> _Tally | None:
    poll = await Poll.get_or_none(meeting=meeting)
    if poll is None or meeting.state != CLOSED:
        return None
    counts = await read_counts(poll)
    cast = ballots_cast(poll, counts.get(0, {}))
    hidden = hidden_classes(cast, poll.min_class)
    return _Tally(poll, counts, frozenset(cast) if hidden is None else hidden)


async def _read_reporters(meeting: Meeting, tally: _Tally | None) -> tuple[Reported, ...]:
    grades = await _find_grades(meeting)
    rows = await Reporter.filter(meeting=meeting).order_by("position").prefetch_related("person__organisation")
    return tuple(_reported(one, number, tally, grades.get(one.id)) for number, one in enumerate(rows))


def _reported(one: Reporter, number: int, tally: _Tally | None, grade: str | None) -> Reported:
    name, organisation = one.person.name, one.person.organisation.name
    if tally is None:
        return Reported(name, organisation, one.mode, None, grade, (), ())
    counts = tally.counts.get(number, {})
    found = score_subject(tally.poll, counts)
    why = explain_score(found, counts, tally.poll.form["options"], tally.hidden)
    empty = tuple(each for each in found.empty if each not in tally.hidden)
    return Reported(name, organisation, one.mode, found.score, grade, empty, why)


async def _find_grades(meeting: Meeting) -> dict[int, str]:
    """By reporter, the grade that a person decided in a cycle which took this meeting's ballots."""
    grades: dict[int, str] = {}
    taken = Input.filter(source=f"meeting:{meeting.id}", slot__startswith="ballots.", replaced_at=None)
    subjects = await CycleSubject.filter(id__in=[one.subject_id for one in await taken])
    decided = Input.filter(subject_id__in=[one.id for one in subjects], slot=GRADE, replaced_at=None)
    by_subject = {one.subject_id: one.value for one in await decided if isinstance(one.value, str)}
    for reporter in await Reporter.filter(meeting=meeting).prefetch_related("person") if by_subject else ():
        for subject in subjects:
            if subject.id in by_subject and _is_of(subject, reporter):
                grades[reporter.id] = by_subject[subject.id]
    return grades


def _is_of(subject: CycleSubject, reporter: Reporter) -> bool:
    """A reporter is the subject, or stands for their branch or unit (`services.polls.gathering`)."""
    if subject.person_id is not None:
        return subject.person_id == reporter.person_id
    return subject.organisation_id == reporter.person.organisation_id


async def _read_facts(meeting: Meeting, reporters: tuple[Reported, ...], tally: _Tally | None) -> Facts:
    standing = await standing_of(meeting)
    empty = {name for one in reporters for name in one.empty}
    classes = [one["name"] for one in tally.poll.classes] if tally else []
    return Facts(
        state=meeting.state,
        entitled=standing.entitled,
        present=standing.present,
        voted=standing.voted,
        step=meeting.min_class,
        ends=f"到 {shown(meeting.closes_at)} 还没结束的，自动结束。",
        reporters=reporters,
        hidden=tuple(name for name in classes if tally and name in tally.hidden),
        empty=tuple(name for name in classes if name in empty),
        due=await _read_due(meeting),
    )


async def _read_due(meeting: Meeting) -> str:
    """By when the whole of the work is to be done: no document names another day for what comes after the meeting.

    The day that the office has set in the reporters' cycle; else the document's.
    """
    stages = schemes.require(meeting.scheme, "scheme").stages
    wholes = {one.within for one in stages}
    for stage in stages:
        if stage.key in wholes and stage.within is None and stage.deadlines:
            if day := await _find_day(meeting, stage.key):
                return f"组织部门要求{stage.title}{shown_day(day)}前完成。"
            return f"方案要求{stage.title}{stage.deadlines[-1].said}完成。"
    return "方案没有给这一步定期限，请党组织确定。"


async def _find_day(meeting: Meeting, stage: str) -> date | None:
    """The last day that the office has set, in the newest cycle of the meeting's scheme that assesses a reporter or their branch."""
    people = [one.person for one in await Reporter.filter(meeting=meeting).prefetch_related("person")]
    theirs = Q(person_id__in=[one.id for one in people]) | Q(
        organisation_id__in=[one.organisation_id for one in people]
    )
    subjects = CycleSubject.filter(theirs, cycle__scheme=meeting.scheme).order_by("-cycle__year", "-cycle_id")
    subject = await subjects.first()
    rows = await list_stage_dates([subject.cycle_id]) if subject else []
    return next((one.due for one in rows if one.stage == stage), None)


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a summary reached: names of leaders, in the order of the meeting file."""

    delivered: tuple[str, ...]
    under_way: tuple[str, ...]
    listed: tuple[str, ...]
    unbound: tuple[str, ...]


async def find_reach(meeting: Meeting) -> Reach:
    """How far the summary of a closed meeting has come. `listed`: it waits in their 任务; `unbound`: they have no 任务 to look into."""
    roles = await MeetingRole.filter(meeting=meeting, role=LEADER).order_by("id").prefetch_related("person")
    notices = await Notice.filter(kind=NOTICE, slot=slot_of(meeting.id))
    states = {one.person_id: SENT if one.read_at else one.state for one in notices}
    bound = {one.person_id for one in await Account.filter(person_id__in=[role.person_id for role in roles])}
    found: dict[str, list[str]] = {"delivered": [], "under_way": [], "listed": [], "unbound": []}
    for role in roles:
        found[_reached(states.get(role.person_id), role.person_id in bound)].append(role.person.name)
    return Reach(**{name: tuple(people) for name, people in found.items()})


def _reached(state: str | None, is_bound: bool) -> str:
    if state == SENT:
        return "delivered"
    if not is_bound:
        return "unbound"
    return "under_way" if state in (PLANNED, SENDING) else "listed"
