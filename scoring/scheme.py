"""A scheme: one regulation as data. The sections of a track are applied in the order in which they stand here."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from scoring.adjustments import AddPoints, DropLevels
from scoring.awards import MemberShare
from scoring.consequences import ConsequenceRule
from scoring.duties import Duty
from scoring.forms import BallotForm
from scoring.grades import Bands, Stated
from scoring.listings import Listing
from scoring.overviews import AllAlike, Overview, ShareByBand
from scoring.papers import Paper
from scoring.procedures import Procedure
from scoring.publication import Measure, Publication
from scoring.quotas import CapShare
from scoring.rules import FactId, Key, Piece, Rule, Text
from scoring.settings import SettingRule
from scoring.stages import Day, Stage
from scoring.targets import Target
from scoring.totals import IndicatorSum, Input, SideBySide, WeightedSum, component_inputs, indicator_inputs
from scoring.vetoes import Veto

Kind = Literal["branch", "member", "secretary", "unit"]
TotalRule = Annotated[WeightedSum | IndicatorSum | SideBySide, Field(discriminator="op")]
GradeRule = Annotated[Bands | Stated, Field(discriminator="op")]


class Source(Piece):
    """The document that a scheme renders: its title, issuer (may be unknown), days, what is uncertain about it, and its clauses.

    issued_inferred: the day of issue is a guess (A22); clauses: clause → what it says, in our words; with them, rules cite no other.
    """

    title: Text
    issuer: Text | None = None
    number: Text | None = None
    issued_on: date | None = None
    issued_inferred: bool = False
    published_on: date | None = None
    note: str = ""
    clauses: Mapping[Text, Text] = Field(default_factory=dict)


class Effective(Piece):
    """The days from which and to which a scheme holds; None: open."""

    from_day: date | None = None
    to_day: date | None = None


class Exemption(Rule):
    """Who is left out of every denominator: kinds of subjects at once, others by a procedure (its key)."""

    excluded: tuple[Text, ...] = ()
    by: Key | None = None


class Track(Piece):
    """How subjects of these kinds are assessed: total → bonus → grade → vetoes → quotas → downgrade → awards → consequences (A26).

    alongside: results shown beside the total and never added to it; order_said: what the document says of the order of bonus,
    quota and downgrade; roster_on: the day whose roster counts. The last two are None where the document is silent.
    """

    kinds: tuple[Kind, ...] = Field(min_length=1)
    label: Text
    parents: tuple[Kind, ...] = ()
    exemption: Exemption | None = None
    roster_on: Day | None = None
    order_said: Text | None = None
    total: TotalRule | None = None
    alongside: SideBySide | None = None
    bonus: AddPoints | None = None
    grade: GradeRule
    vetoes: tuple[Veto, ...] = ()
    quotas: tuple[CapShare, ...] = ()
    downgrade: DropLevels | None = None
    awards: tuple[MemberShare, ...] = ()
    consequences: tuple[ConsequenceRule, ...] = ()
    summary: tuple[Overview, ...] = ()
    warnings: tuple[AllAlike, ...] = ()

    @cached_property
    def components(self) -> Mapping[str, Input]:
        """What `scores` and `ballots` may hold."""
        return {**component_inputs(self.total), **component_inputs(self.alongside)}

    @cached_property
    def indicators(self) -> Mapping[str, Input]:
        """What `indicators` may hold."""
        return indicator_inputs(self.total)

    @cached_property
    def bands(self) -> tuple[str, ...]:
        """The names of the bands, highest first."""
        return self.grade.names()

    @cached_property
    def vetoes_by_id(self) -> Mapping[str, Veto]:
        """The veto rules by the ID that a document names."""
        return {veto.id: veto for veto in self.vetoes}

    @cached_property
    def choices(self) -> Mapping[str, tuple[str, ...]]:
        """Facts that are one text: name → the closed list, or () where any text will do."""
        found: dict[str, tuple[str, ...]] = {}
        for rule in self.summary:
            name = rule.among if isinstance(rule, ShareByBand) else rule.input
            if name is not None:
                found[name] = ()
        if isinstance(self.grade, Stated):
            found[self.grade.input] = self.grade.grades
        return found

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """The titles that a history may name."""
        return tuple(rule.award for rule in self.awards)


class Scheme(Piece):
    """A scheme file; `decisions` are the ambiguities of the document and how this file settles them.

    What computes stands in `settings`, `forms` and `tracks`; what an office reminds, records and prints in the other sections.
    """

    slug: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,60}$")]
    version: Annotated[str, Field(pattern=r"^[0-9A-Za-z.-]{1,20}$")]
    title: Text
    source: Source
    effective: Effective = Effective()
    decisions: Mapping[FactId, Text] = Field(default_factory=dict)
    settings: Mapping[Key, SettingRule] = Field(default_factory=dict)
    forms: Mapping[Key, BallotForm] = Field(default_factory=dict, max_length=20)
    tracks: tuple[Track, ...] = Field(min_length=1)
    stages: tuple[Stage, ...] = ()
    duties: tuple[Duty, ...] = ()
    papers: tuple[Paper, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    targets: tuple[Target, ...] = ()
    publication: Publication | None = None
    measures: tuple[Measure, ...] = ()
    listings: tuple[Listing, ...] = ()
    sha256: str = ""

    @cached_property
    def track_of(self) -> Mapping[str, Track]:
        """kind → track."""
        return {kind: track for track in self.tracks for kind in track.kinds}
