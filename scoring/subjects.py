"""Who is assessed and what is known of them: plain records, read once from a document (scoring.document)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from scoring.ballots import Counts


@dataclass(frozen=True, slots=True)
class VetoEvent:
    """An event that a veto rule names; `on` None: undated; `who`: who confirmed it and why, in words, or empty."""

    rule: str
    confirmed: bool
    on: date | None
    until: date | None
    who: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A bonus (points) or a downgrade (levels) that was claimed; `on` None: undated; `who` as for a veto."""

    amount: Fraction
    confirmed: bool
    on: date | None = None
    until: date | None = None
    who: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """`stated` holds facts that are one text each: a decided grade, an accrediting body; `decided`: who decided it and why."""

    veto: tuple[VetoEvent, ...] = ()
    bonus: tuple[Change, ...] = ()
    downgrade: tuple[Change, ...] = ()
    stated: tuple[tuple[str, str], ...] = ()
    decided: str = ""

    def text(self, name: str) -> str | None:
        """The stated fact of that name, None where it is absent or null."""
        return next((value for key, value in self.stated if key == name), None)


@dataclass(frozen=True, slots=True)
class Past:
    """What an earlier cycle found."""

    cycle: int
    score: Fraction | None
    band: str | None
    titles: tuple[str, ...]


NO_FACTS = Facts()


class Subject(NamedTuple):
    """One assessed branch, member, secretary or unit; `scores` hold indicators under their full keys; `path` = place in the document."""

    id: str
    kind: str
    path: str
    parent: str | None
    members: int | None
    exempt: str | None
    scores: Mapping[str, Fraction]
    ballots: Mapping[str, Counts]
    facts: Facts
    history: tuple[Past, ...]

    def past(self, cycle: int) -> Past | None:
        """What the given cycle found, None where nothing is known of it."""
        return next((past for past in self.history if past.cycle == cycle), None)
