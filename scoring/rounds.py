"""Rounds of rating: what is rated in each, line by line, and which slot of a document it fills. Pure, from the scheme alone."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from scoring.papers import Paper
from scoring.scheme import Scheme, Track
from scoring.stages import Stage
from scoring.totals import IndicatorGroup, IndicatorSum
from scoring.vetoes import Veto

SELF, FULL_REVIEW = "self", "full_review"
"""Rounds that are no component: rating oneself, and the review that gives the indicators their points."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a sheet. With points within [low, high]; else it is told in words alone.

    `slot`: an indicator or score of a document, or `words.<n>` in the order of the sheet. `aspects`: what it is looked at for.
    `wants_problem`: achievements are not enough, a problem must stand beside them (S0-39c). `is_problem`: it is the part for problems.
    """

    slot: str
    label: str
    low: Fraction | None = None
    high: Fraction | None = None
    aspects: tuple[str, ...] = ()
    wants_problem: bool = False
    is_problem: bool = False

    @property
    def has_points(self) -> bool:
        """Whether points are given."""
        return self.high is not None


@dataclass(frozen=True, slots=True)
class Round:
    """A round for one kind of subject. `total`: the score that the sum of all points becomes, "" where the lines themselves count
    or nothing does; `stage`: in which it happens; `vetoes`: declared one by one with it.
    """

    key: str
    label: str
    items: tuple[Item, ...]
    total: str = ""
    stage: Stage | None = None
    vetoes: tuple[Veto, ...] = ()

    @property
    def is_sheet(self) -> bool:
        """Whether there is more to it than one number."""
        return len(self.items) > 1

    def act(self) -> str:
        """What `services.entitlements` calls giving it, for others than oneself."""
        return self.total or self.items[0].slot


def rounds_of(scheme: Scheme, kind: str) -> Mapping[str, Round]:
    """The rounds in which a kind of subject is rated, in the order of the year; none where only people's words or ballots decide."""
    track = scheme.track_of[kind]
    indicators = tuple(_indicators(track))
    found = [_self_round(scheme, track, kind, indicators)]
    own = found[0].total.removeprefix("scores.") if found[0] else ""
    if indicators:
        found.append(_sheet_round(scheme, FULL_REVIEW, "指标考评", indicators, ""))
    for key, known in track.components.items():
        if key != own and indicators:
            found.append(_sheet_round(scheme, key, known.label, indicators, f"scores.{key}"))
        elif key != own:
            single = Item(f"scores.{key}", known.label, known.low, known.high)
            found.append(Round(key, known.label, (single,), "", _stage(scheme, key)))
    return {one.key: one for one in found if one is not None}


def _stage(scheme: Scheme, round: str) -> Stage | None:
    return next((stage for stage in scheme.stages if round in stage.rounds), None)


def _sheet_round(scheme: Scheme, key: str, label: str, indicators: tuple[Item, ...], total: str) -> Round:
    """All indicators, then the parts of the report that the stage asks for (互评: 经验、问题、建议, S0-39e)."""
    stage = _stage(scheme, key)
    return Round(key, stage.title if stage else label, (*indicators, *_told(_parts(scheme, stage))), total, stage)


def _told(lines: Iterable[tuple[str, bool, bool]]) -> tuple[Item, ...]:
    return tuple(
        Item(f"words.{n}", label, wants_problem=wants, is_problem=problem)
        for n, (label, wants, problem) in enumerate(lines, 1)
    )


def _self_round(scheme: Scheme, track: Track, kind: str, indicators: tuple[Item, ...]) -> Round | None:
    """Where the scheme has a stage for it: the indicators and the parts of the summary; without indicators the aspects, in words."""
    stage = _stage(scheme, SELF)
    if stage is None:
        return None
    words = _told(_parts(scheme, stage) if indicators else _aspects(scheme, kind))
    total = f"scores.{stage.key}" if stage.key in track.components else ""
    return Round(SELF, stage.title, (*indicators, *words), total, stage, track.vetoes) if indicators or words else None


def _aspects(scheme: Scheme, kind: str) -> Iterator[tuple[str, bool, bool]]:
    for listing in scheme.listings:
        if kind in listing.kinds:
            yield from ((item, True, False) for item in listing.items)


def _parts(scheme: Scheme, stage: Stage | None) -> Iterator[tuple[str, bool, bool]]:
    paper = paper_of(scheme, stage) if stage else None
    for part in paper.parts if paper else ():
        yield part.name, False, part.role == "problem"


def paper_of(scheme: Scheme, stage: Stage) -> Paper | None:
    """The report, part by part, that comes out of a stage with its ratings."""
    reports = {paper.key: paper for paper in scheme.papers if paper.kind == "report" and paper.parts}
    return next((reports[key] for key in stage.gives if key in reports), None)


def _indicators(track: Track) -> Iterator[Item]:
    if isinstance(track.total, IndicatorSum):
        for group in track.total.groups:
            for name, leaf in group.leaves():
                yield _indicator(group, name, leaf)


def _indicator(group: IndicatorGroup, name: str, leaf: IndicatorGroup) -> Item:
    """「共性指标 3」, or what the document calls it; the aspects are those of its group, for the document splits them no further."""
    return Item(f"indicators.{name}", leaf.called(name), leaf.low, leaf.high, leaf.aspects or group.aspects)
