"""Ratings that people still owe: of their branch and of themselves, what is assigned to them by name, what came back to them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q

from models.assignments import Assignment
from models.cycles import Cycle, CycleSubject
from models.inputs import list_entered
from models.people import FormerPost
from models.ratings import DRAFT, SUBMITTED, Rating
from scoring.rounds import SELF, Round, rounds_of
from services.cycles.coverages import is_rated
from services.cycles.cycles import scheme_of
from services.cycles.stages import StageDays, list_running, stage_days_of
from services.dues import Due
from services.entitlements import SELF_RATE
from services.ratings.reopenings import list_reopened
from services.ratings.seats import holders_of
from services.successors import list_led

Rated = set[tuple[int, str]]
Days = Mapping[str, StageDays]


async def list_dues(now: datetime, person_ids: Sequence[int]) -> list[Due]:
    """What these people owe in the running cycles, with the last day of the stage in which it is given (S0-07 to S0-10, S2-13)."""
    cycles = await list_running(now, published=False)
    if not cycles or not person_ids:
        return []
    ids = [one.id for one in cycles]
    led = await list_led(SELF_RATE, person_ids)
    subjects = await CycleSubject.filter(cycle_id__in=ids, exempt=None).filter(
        organisation_id__in=list(led), person_id=None
    )
    people = await CycleSubject.filter(cycle_id__in=ids, exempt=None, person_id__in=list(person_ids))
    assigned = await _assignments(ids, person_ids)
    about = {*(one.id for one in (*subjects, *people)), *(one.subject_id for one, _ in assigned)}
    given = _Given(await _rated(about), await list_entered(list(about)), await _returned(about))
    owed = _Owed({one.id: one for one in cycles}, await stage_days_of(cycles), given, led)
    return [
        *(due for subject in (*subjects, *people) for due in owed.own(subject)),
        *owed.assigned(assigned),
        *owed.reopened(await list_reopened(cycles, person_ids)),
    ]


async def _rated(subject_ids: Iterable[int]) -> Rated:
    rows = Rating.filter(subject_id__in=list(subject_ids), state=SUBMITTED)
    return {(int(subject), str(key)) for subject, key in await rows.values_list("subject_id", "round")}


async def _returned(subject_ids: Iterable[int]) -> set[int]:
    rows = Rating.filter(subject_id__in=list(subject_ids), round=SELF, state=DRAFT)
    return {int(str(one)) for one in await rows.values_list("subject_id", flat=True)}


async def _assignments(cycle_ids: Sequence[int], person_ids: Sequence[int]) -> list[tuple[Assignment, int]]:
    """What these people are assigned to now: by name, or in a seat that was drawn for whoever led an organisation before them."""
    former = await FormerPost.all().distinct().values_list("person_id", flat=True)
    passed_on = Q(person_id__in=list(former), draw_id__isnull=False)
    rows = Assignment.filter(Q(person_id__in=list(person_ids)) | passed_on if former else Q(person_id__in=person_ids))
    open_ones = rows.filter(subject__cycle_id__in=list(cycle_ids), subject__exempt=None)
    found = await open_ones.select_related("subject").order_by("id")
    holders, people = await holders_of(found), set(person_ids)
    return [(one, person) for one in found if (person := holders[one.id]) in people and person is not None]


@dataclass(frozen=True, slots=True)
class _Given:
    """What is there: sheets handed in, scores that stand by whichever door, subjects whose self-rating came back."""

    rated: Rated
    entered: Rated
    returned: set[int]

    def has(self, subject: CycleSubject, round: Round) -> bool:
        """Whether nobody has to rate it any more; a self-rating that came back is to be handed in again though its scores stand."""
        if round.key == SELF and subject.id in self.returned:
            return (subject.id, SELF) in self.rated
        return is_rated(subject, round, self.rated, self.entered)


@dataclass(frozen=True, slots=True)
class _Owed:
    """What the dues are worked out from. `led`: organisation id → who leads it."""

    cycles: Mapping[int, Cycle]
    days: Mapping[int, Days]
    given: _Given
    led: Mapping[int, int]

    def own(self, subject: CycleSubject) -> Iterator[Due]:
        """The self-rating of one subject, where the scheme asks for it."""
        round = self._round(subject, SELF)
        if round is not None and not self.given.has(subject, round):
            person = subject.person_id or self.led[subject.organisation_id]
            yield self._due(person, subject, round, f"{subject.key}:{SELF}", f"{subject.name}{round.label}", "自评")

    def assigned(self, rows: Sequence[tuple[Assignment, int]]) -> Iterator[Due]:
        """One due a person and round, with how many of those assigned are not rated by anybody yet."""
        open_ones = [(one, who) for one, who in rows if not self._is_given(one)]
        counted = Counter((who, one.subject.cycle_id, one.round) for one, who in open_ones)
        first = {(who, one.subject.cycle_id, one.round): one.subject for one, who in reversed(open_ones)}
        for (person, cycle_id, key), count in counted.items():
            round = self._round(first[person, cycle_id, key], key)
            if round is not None:
                what = f"{round.label}还有 {count} 个分派给您的没打"
                yield self._due(person, first[person, cycle_id, key], round, f"assigned:{key}:{person}", what, "打分")

    def reopened(self, rows: Sequence[tuple[Rating, tuple[int, ...]]]) -> Iterator[Due]:
        """What was given back, for whoever hands it in again; several have one thing between them."""
        for one, people in rows:
            round = self._round(one.subject, one.round)
            if round is not None:
                what = f"{one.subject.name}{round.label}已退回，请修改后重新提交"
                key = f"reopened:{one.id}:{one.version}"
                yield from (self._due(who, one.subject, round, key, what, "打分") for who in people)

    def _is_given(self, one: Assignment) -> bool:
        round = self._round(one.subject, one.round)
        return round is None or self.given.has(one.subject, round)

    def _round(self, subject: CycleSubject, key: str) -> Round | None:
        return rounds_of(scheme_of(self.cycles[subject.cycle_id]), subject.kind).get(key)

    def _due(self, person: int, subject: CycleSubject, round: Round, key: str, what: str, word: str) -> Due:
        cycle = self.cycles[subject.cycle_id]
        stage = self.days[cycle.id].get(round.stage.key) if round.stage else None
        return Due(
            person,
            f"rating:{cycle.id}:{key}",
            f"「{cycle.title}」{what}",
            word,
            by=stage.due if stage else None,
            soft_by=stage.soft if stage else None,
            from_day=stage.starts if stage else None,
            scheme=cycle.scheme,
            cycle_id=cycle.id,
        )
