"""The scores of all rounds beside each other, indicator by indicator: what one says of oneself, and what others found (S0-39d)."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from models.cycles import Cycle, CycleSubject
from models.ratings import SUBMITTED, Rating, list_values
from scoring.rounds import SELF, rounds_of
from services.cycles.cycles import get_cycle, scheme_of
from services.cycles.subjects import find_subject


@dataclass(frozen=True, slots=True)
class ComparedItem:
    """One indicator: `points` by round, and how far each round lies from the self-rating (None where there is none)."""

    slot: str
    label: str
    points: Mapping[str, Fraction]

    def deviation(self, round_key: str) -> Fraction | None:
        """The round's points less those of the self-rating; negative: others see it worse."""
        if SELF not in self.points or round_key not in self.points:
            return None
        return self.points[round_key] - self.points[SELF]


@dataclass(frozen=True, slots=True)
class ComparedRounds:
    """All indicators of a subject. `rounds`: key → what people call it, of the rounds in which a sheet was handed in."""

    subject: CycleSubject
    rounds: Mapping[str, str]
    items: tuple[ComparedItem, ...]

    def total(self, round_key: str) -> Fraction:
        """The sum of a round's points."""
        return sum((item.points.get(round_key, Fraction(0)) for item in self.items), Fraction(0))


async def compare_rounds(cycle_id: int, subject: str) -> ComparedRounds:
    """The rounds of one subject beside each other; of several sheets of one round the newest. Raises `Refusal`."""
    cycle = await get_cycle(cycle_id)
    return await compare_subject(cycle, await find_subject(cycle.id, subject))


async def compare_subject(cycle: Cycle, subject: CycleSubject) -> ComparedRounds:
    """The same for a subject that is at hand."""
    rounds = rounds_of(scheme_of(cycle), subject.kind)
    given = await _points(subject)
    items = {item.slot: item for one in rounds.values() if one.is_sheet for item in one.items if item.has_points}
    compared = tuple(
        ComparedItem(slot, item.label, {key: found[slot] for key, found in given.items() if slot in found})
        for slot, item in items.items()
    )
    return ComparedRounds(subject, {key: one.label for key, one in rounds.items() if key in given}, compared)


async def _points(subject: CycleSubject) -> dict[str, dict[str, Fraction]]:
    """round → slot → points of the newest sheet."""
    sheets = await Rating.filter(subject_id=subject.id, state=SUBMITTED).order_by("submitted_at", "id")
    newest = {one.round: one for one in sheets}
    found: dict[str, dict[str, Fraction]] = {one.round: {} for one in newest.values()}
    rounds = {one.id: one.round for one in newest.values()}
    for value in await list_values(list(rounds)):
        if value.points is not None:
            found[rounds[value.rating_id]][value.slot] = Fraction(value.points)
    return found
