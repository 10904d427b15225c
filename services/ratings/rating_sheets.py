"""Everything that a rater sees beside a sheet: what they gave before, what others gave, what was last year, what proves it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction

from tortoise.expressions import Q

from models.cycles import Cycle, CycleSubject
from models.inputs import Input
from models.people import Person
from models.ratings import SUBMITTED, Rating, RatingValue, list_values
from scoring.rounds import SELF, Round, rounds_of
from services.cycles.cycles import scheme_of
from services.cycles.stages import list_running
from services.entitlements import SELF_RATE, find_actor
from services.filings.filing_promises import find_branch_promises
from services.ratings.raters import raters_of_all, require_rater
from services.ratings.rating_comparisons import ComparedRounds, compare_subject
from services.ratings.ratings import limit_of, require_open
from services.ratings.reopenings import find_begun
from services.records.records import list_records
from services.successors import list_places

MOST_PROOFS = 20


@dataclass(frozen=True, slots=True)
class Proof:
    """A record of organisational life, as it is offered for evidence."""

    id: int
    label: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A round of a subject as one rater finds it.

    `mine`: their own sheet, or the one that whoever led the branch before has left open; `kept`: its lines; `own`: the lines of the
    self-rating (for others); `last`: those of the year before;
    `standing`: what the cycle has now, slot → points; `compared`: the rounds beside each other; `limit`: see `ratings.limit_of`.
    `records`: what the branch recorded in the year; `promises`: what was promised in the report of the year before (S4-34c).
    """

    cycle: Cycle
    subject: CycleSubject
    round: Round
    mine: Rating | None
    kept: Sequence[RatingValue] = ()
    own: Mapping[str, RatingValue] = field(default_factory=dict)
    last: Mapping[str, RatingValue] = field(default_factory=dict)
    last_year: str = ""
    standing: Mapping[str, str] = field(default_factory=dict)
    compared: ComparedRounds | None = None
    limit: Fraction | None = None
    records: Sequence[Proof] = ()
    promises: Sequence[str] = ()


async def load_sheet(person: Person, subject_id: int, round_key: str) -> Sheet | None:
    """The sheet; None where there is no such subject or round. Raises `Refusal` where this person does not rate it, or no more."""
    subject = await CycleSubject.filter(id=subject_id).select_related("cycle").first()
    round = rounds_of(scheme_of(subject.cycle), subject.kind).get(round_key) if subject else None
    if subject is None or round is None:
        return None
    await require_open(subject.cycle, subject)
    await require_rater(subject.cycle, subject, round, person.staff_no)
    mine = await Rating.get_or_none(subject_id=subject.id, round=round.key, rater_id=person.id)
    if mine is None or mine.state != SUBMITTED:
        # Another head may have handed it in since, and been given it back.
        mine = await find_begun(subject, round.key) or mine
    year, last = await _last_year(subject)
    return Sheet(
        subject.cycle,
        subject,
        round,
        mine,
        await list_values([mine.id]) if mine else (),
        {} if round.key == SELF else await _self_lines(subject),
        last,
        year,
        await _standing(subject, round),
        None if round.key == SELF else await compare_subject(subject.cycle, subject),
        limit_of(subject.cycle),
        await _proofs(subject),
        await find_branch_promises(subject) if round.key == SELF else (),
    )


async def _proofs(subject: CycleSubject) -> list[Proof]:
    """The newest records of the cycle's year; confidential ones are no evidence for everybody."""
    year = int(subject.cycle.year)
    lines = await list_records(subject.organisation_id, date(year, 1, 1), date(year, 12, 31))
    open_ones = [one for one in lines if not one.is_confidential]
    return [Proof(one.id, f"{one.held_on:%m-%d} {one.title} {one.topic}".strip()) for one in open_ones[-MOST_PROOFS:]]


async def _self_lines(subject: CycleSubject) -> dict[str, RatingValue]:
    newest = await Rating.filter(subject_id=subject.id, round=SELF, state=SUBMITTED).order_by("-submitted_at").first()
    return {one.slot: one for one in await list_values([newest.id])} if newest else {}


async def _last_year(subject: CycleSubject) -> tuple[str, dict[str, RatingValue]]:
    """The newest earlier self-rating of the same subject under the same scheme, with its year."""
    cycle = subject.cycle
    before = Rating.filter(
        round=SELF,
        state=SUBMITTED,
        subject__key=subject.key,
        subject__cycle__scheme=cycle.scheme,
        subject__cycle__year__lt=cycle.year,
    )
    found = await before.order_by("-subject__cycle__year", "-submitted_at").select_related("subject__cycle").first()
    if found is None:
        return "", {}
    return found.subject.cycle.year, {one.slot: one for one in await list_values([found.id])}


async def _standing(subject: CycleSubject, round: Round) -> dict[str, str]:
    slots = [round.total] if round.total else [item.slot for item in round.items if item.has_points]
    rows = await Input.filter(subject_id=subject.id, slot__in=slots, replaced_at=None)
    return {one.slot: one.value for one in rows if isinstance(one.value, str)}


@dataclass(frozen=True, slots=True)
class OwnSheet:
    """A self-rating that is the person's to give. `mine`: what was handed in, by them or by another head of the branch, else their own."""

    cycle: Cycle
    subject: CycleSubject
    round: Round
    mine: Rating | None

    @property
    def is_handed_in(self) -> bool:
        """Whether it is done, until it is reopened."""
        return self.mine is not None and self.mine.state == SUBMITTED


async def list_own_sheets(person: Person, now: datetime) -> list[OwnSheet]:
    """The self-ratings that the person may give in running cycles, the newest first: of their branch, and of themselves."""
    actor, cycles = await find_actor(person.staff_no), await list_running(now, published=False)
    raters = await raters_of_all(cycles)
    by_id = {one.id: one for one in cycles}
    near = Q(organisation_id__in=await list_places(SELF_RATE, [person.id]), person_id=None) | Q(person_id=person.id)
    there = await CycleSubject.filter(near, cycle_id__in=list(by_id), exempt=None).order_by("-cycle_id", "position")
    given = Rating.filter(
        Q(rater_id=person.id) | Q(state=SUBMITTED), round=SELF, subject_id__in=[one.id for one in there]
    )
    mine = {one.subject_id: one for one in sorted(await given, key=lambda one: (one.state == SUBMITTED, one.id))}
    found = []
    for subject in there:
        cycle = by_id[subject.cycle_id]
        round = rounds_of(scheme_of(cycle), subject.kind).get(SELF)
        if round is not None and raters[cycle.id].may(actor, round, subject):
            found.append(OwnSheet(cycle, subject, round, mine.get(subject.id)))
    return found
