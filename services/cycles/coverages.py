"""How much of a cycle is rated: of all that are registered, how many in which round, and who is missing (S0-04, S0-05)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

from models.cycles import Cycle, CycleSubject
from models.inputs import Input
from models.ratings import SUBMITTED, Rating
from scoring.rounds import Round, rounds_of
from scoring.targets import coverage as covered
from services.cycles.cycles import scheme_of


@dataclass(frozen=True, slots=True)
class RoundCoverage:
    """One round for one kind of subject: `found` of `of` are rated; `missing`: the others, in the order of the register.

    `label`: the scheme's word for the kind; that of its organisations where the cycle has two kinds of one word.
    """

    round: Round
    kind: str
    label: str
    found: int
    of: int
    missing: tuple[CycleSubject, ...]


async def coverage(cycle: Cycle) -> list[RoundCoverage]:
    """Every round of every kind in the cycle. Rated is whom a sheet was handed in for, or whose figures were entered otherwise.

    Registered are all subjects of the snapshot but those left out with a reason. A few queries, whatever their number.
    """
    subjects = await CycleSubject.filter(cycle_id=cycle.id, exempt=None).order_by("position")
    sheets = await Rating.filter(subject__cycle_id=cycle.id, state=SUBMITTED).values_list("subject_id", "round")
    rated = {(int(subject), str(key)) for subject, key in sheets}
    entered = await _entered(cycle)
    return list(_rounds(cycle, subjects, rated, entered, await _labels(cycle, {one.kind for one in subjects})))


async def _labels(cycle: Cycle, kinds: set[str]) -> dict[str, str]:
    words = {kind: track.label for kind, track in scheme_of(cycle).track_of.items() if kind in kinds}
    counted = Counter(words.values())
    alike = [kind for kind, word in words.items() if counted[word] > 1]
    rows = CycleSubject.filter(cycle_id=cycle.id, exempt=None, kind__in=alike).distinct()
    own: dict[str, set[str]] = {}
    for kind, of_organisation in await rows.values_list("kind", "organisation__kind") if alike else ():
        own.setdefault(str(kind), set()).add(str(of_organisation))
    return words | {kind: "、".join(sorted(found)) for kind, found in own.items()}


async def _entered(cycle: Cycle) -> set[tuple[int, str]]:
    """(subject id, slot) of every value that stands; counted ballots count for the score whose place they take."""
    rows = Input.filter(subject__cycle_id=cycle.id, replaced_at=None).exclude(content="null")
    return {
        (subject, slot.replace("ballots.", "scores.")) for subject, slot in await rows.values_list("subject_id", "slot")
    }


def _rounds(
    cycle: Cycle,
    subjects: list[CycleSubject],
    rated: set[tuple[int, str]],
    entered: set[tuple[int, str]],
    labels: Mapping[str, str],
) -> Iterator[RoundCoverage]:
    scheme = scheme_of(cycle)
    for kind in scheme.track_of:
        there = {one.key: one for one in subjects if one.kind == kind}
        for round in rounds_of(scheme, kind).values() if there else ():
            done = (key for key, one in there.items() if is_rated(one, round, rated, entered))
            yield _row(round, kind, labels[kind], there, done)


def _row(round: Round, kind: str, label: str, there: dict[str, CycleSubject], done: Iterable[str]) -> RoundCoverage:
    found = covered(there, done)
    return RoundCoverage(round, kind, label, found.found, found.of, tuple(there[key] for key in found.missing))


def is_rated(subject: CycleSubject, round: Round, rated: Set[tuple[int, str]], entered: Set[tuple[int, str]]) -> bool:
    """Whether a sheet was handed in (`rated`: subject id, round) or all its scores stand, as where the office has transcribed them
    (`entered`: subject id, slot).
    """
    if (subject.id, round.key) in rated:
        return True
    slots = [round.total] if round.total else [item.slot for item in round.items if item.has_points]
    return bool(slots) and all((subject.id, slot) in entered for slot in slots)
