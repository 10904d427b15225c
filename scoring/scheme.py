"""A scheme: one regulation as data. The sections of a track are applied in the order in which they stand here."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from scoring.adjustments import AddPoints, DropLevels
from scoring.awards import MemberShare
from scoring.consequences import ConsequenceRule
from scoring.grades import Bands, Stated
from scoring.overviews import AllAlike, Overview, ShareByBand
from scoring.quotas import CapShare
from scoring.rules import FactId, Key, Piece, Rule, Text
from scoring.settings import SettingRule
from scoring.totals import IndicatorSum, Input, SideBySide, WeightedSum, component_inputs, indicator_inputs
from scoring.vetoes import Veto

Kind = Literal["branch", "member", "secretary", "unit"]
TotalRule = Annotated[WeightedSum | IndicatorSum | SideBySide, Field(discriminator="op")]
GradeRule = Annotated[Bands | Stated, Field(discriminator="op")]


class Source(Piece):
    """The document that a scheme renders: its title, issuer (may be unknown), day of issue and what is uncertain about it."""

    title: Text
    issuer: Text | None = None
    number: Text | None = None
    issued_on: date | None = None
    note: str = ""


class Track(Piece):
    """How subjects of these kinds are assessed: total → bonus → grade → vetoes → quotas → downgrade → awards → consequences (A26)."""

    kinds: tuple[Kind, ...] = Field(min_length=1)
    label: Text
    parents: tuple[Kind, ...] = ()
    exemption: Rule | None = None
    total: TotalRule | None = None
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
        return component_inputs(self.total)

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
    """A scheme file; `decisions` are the ambiguities of the document and how this file settles them."""

    slug: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,60}$")]
    version: Annotated[str, Field(pattern=r"^[0-9A-Za-z.-]{1,20}$")]
    title: Text
    source: Source
    decisions: Mapping[FactId, Text] = Field(default_factory=dict)
    settings: Mapping[Key, SettingRule] = Field(default_factory=dict)
    tracks: tuple[Track, ...] = Field(min_length=1)
    sha256: str = ""

    @cached_property
    def track_of(self) -> Mapping[str, Track]:
        """kind → track."""
        return {kind: track for track in self.tracks for kind in track.kinds}
