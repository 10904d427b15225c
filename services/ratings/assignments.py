"""Who rates whom in a round: named by the office, or drawn so that anybody can repeat it (S0-12, S0-13)."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from tortoise.transactions import in_transaction

from config.refusals import BadInput, Refusal
from models.assignments import Assignment, list_assignments
from models.cycles import Cycle, CycleSubject
from models.people import Person, Post
from models.ratings import Rating
from scoring import faults
from scoring.rounds import SELF, rounds_of
from services.audit import record
from services.cycles.cycles import lock_cycle, scheme_of
from services.cycles.subjects import Subjects, load_subjects
from services.entitlements import ASSIGN, COMMITTEE, require

Homes = Set[tuple[int, int]]
"""(person id, organisation id): where people belong, and what they help to lead."""


@dataclass(frozen=True, slots=True)
class Task:
    """One line of an assignment file: who rates whom in which round. `at`: where it stands, told with a fault."""

    round: str
    subject: str
    staff_no: str
    at: str = ""


@dataclass(frozen=True, slots=True)
class Assigned:
    """How many assignments were new, were there already, and were taken away."""

    new: int
    same: int
    dropped: int


async def assign(
    cycle_id: int, tasks: Sequence[Task], *, now: datetime, actor: str, replace: bool = False, reason: str = ""
) -> Assigned:
    """Give these people these subjects, all of them or none. The same lines again change nothing.

    `replace`: the rounds named have just these lines then, with a reason where some are taken away. From the first line on only
    the assigned rate in a round. Raises `BadInput` with every fault, `Refusal`.
    """
    async with in_transaction():
        cycle = await lock_cycle(cycle_id)
        await require(actor, cycle, ASSIGN)
        wanted = await _checked(cycle, tasks)
        done = await put_assignments(cycle, wanted, replace=replace)
        if done.dropped and not reason.strip():
            raise BadInput([f"reason：会撤下 {done.dropped} 条原来的分派，请写明理由"])
        if done.new or done.dropped:
            detail = {"new": done.new, "dropped": done.dropped, "reason": reason.strip()}
            await record(now, actor, "assign", f"cycle:{cycle.id}", detail)
    return done


Wanted = Mapping[str, frozenset[tuple[int, int]]]
"""round → (subject id, person id)."""


async def put_assignments(cycle: Cycle, wanted: Wanted, *, replace: bool, draw_id: int | None = None) -> Assigned:
    """Within the caller's transaction, which holds the cycle. What a draw finds again of what was there is of that draw then."""
    there = await list_assignments([cycle.id])
    by_key = {(one.round, one.subject_id, one.person_id): one for one in there if one.round in wanted}
    keys = [(round, *pair) for round, pairs in wanted.items() for pair in sorted(pairs)]
    fresh = [one for one in keys if one not in by_key]
    gone = [one.id for key, one in by_key.items() if replace and key not in set(keys)]
    await Assignment.filter(id__in=gone).delete()
    if draw_id is not None:
        again = [one.id for key, one in by_key.items() if key in set(keys)]
        await Assignment.filter(id__in=again).update(draw_id=draw_id)
    rows = [
        Assignment(round=round, subject_id=subject, person_id=person, draw_id=draw_id)
        for round, subject, person in fresh
    ]
    await Assignment.bulk_create(rows, 1000)
    return Assigned(len(fresh), len(keys) - len(fresh), len(gone))


async def _checked(cycle: Cycle, tasks: Sequence[Task]) -> Wanted:
    subjects = await load_subjects(cycle.id, {one.subject for one in tasks})
    people = {one.staff_no: one for one in await Person.filter(staff_no__in={one.staff_no for one in tasks})}
    homes = await homes_of(people.values())
    found: dict[str, set[tuple[int, int]]] = {}
    wrong: list[str] = []
    for task in tasks:
        says = list(_faults(cycle, task, subjects, people, homes))
        wrong += [f"{task.at}：{say}" if task.at else say for say in says]
        subject, person = subjects.find(task.subject), people.get(task.staff_no)
        if not says and isinstance(subject, CycleSubject) and person is not None:
            found.setdefault(task.round, set()).add((subject.id, person.id))
    if wrong or not tasks:
        raise BadInput(wrong or ["没有一条分派"])
    return {round: frozenset(pairs) for round, pairs in found.items()}


def _faults(cycle: Cycle, task: Task, subjects: Subjects, people: Mapping[str, Person], homes: Homes) -> Iterable[str]:
    subject, person = subjects.find(task.subject), people.get(task.staff_no)
    if person is None:
        yield f"名册中没有工号为「{faults.clip(task.staff_no)}」的人"
    if isinstance(subject, str):
        yield subject
        return
    if subject.exempt is not None:
        yield f"「{subject.name}」不列入本次考核"
    known = [key for key in rounds_of(scheme_of(cycle), subject.kind) if key != SELF]
    if task.round not in known:
        yield f"没有「{faults.clip(task.round)}」这一轮{faults.suggest(task.round, known)}"
    if person is not None and concerns(subject, person.id, homes):
        yield f"「{person.name}」不能给自己或自己所在的「{subject.name}」打分"


async def homes_of(people: Iterable[Person]) -> Homes:
    """The organisations that each of these people belongs to, or sits in the committee of: one query."""
    found = {(one.id, one.organisation_id) for one in people}
    posts = Post.filter(person_id__in=[person for person, _ in found], title__in=COMMITTEE)
    return found | {(post.person_id, post.organisation_id) for post in await posts}


def concerns(subject: CycleSubject, person_id: int, homes: Homes) -> bool:
    """Whether the person would rate themselves: the subject is they, or an organisation that is theirs."""
    if subject.person_id is not None:
        return subject.person_id == person_id
    return (person_id, subject.organisation_id) in homes


async def require_no_ratings(cycle: Cycle, round: str) -> None:
    """Raise `Refusal` `rated` where somebody rated already in the round: its assignments cannot be drawn anew."""
    if await Rating.filter(subject__cycle_id=cycle.id, round=round).exists():
        raise Refusal("rated", "这一轮已经有人打分，不能再抽；个别调整请用 assign import。")
