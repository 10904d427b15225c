"""The working sheet of one subject while it is assessed; frozen into a SubjectResult at the end."""

from dataclasses import dataclass, field
from fractions import Fraction

from scoring.result import Boundary, Refusal, Step, SubjectResult
from scoring.scheme import Track
from scoring.subjects import Subject

_OPEN = frozenset({"quota_tie", "veto_unconfirmed", "undecided"})


@dataclass(slots=True)
class Sheet:
    """What is known of a subject so far."""

    subject: Subject
    track: Track
    exact: Fraction | None = None
    band: str | None = None
    boundary: Boundary | None = None
    awards: list[str] = field(default_factory=list)
    consequences: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    refusals: tuple[Refusal, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether a person's decision, or a missing input, could still give it another band."""
        return bool(self.refusals) or (self.band is None and not _OPEN.isdisjoint(self.flags))

    def result(self) -> SubjectResult:
        """The finished figures."""
        return SubjectResult(
            id=self.subject.id,
            exact=self.exact,
            band=self.band,
            awards=tuple(self.awards),
            consequences=tuple(self.consequences),
            boundary=self.boundary,
            trace=tuple(self.steps),
            flags=tuple(self.flags),
        )
