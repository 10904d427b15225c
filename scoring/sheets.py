"""The working sheet of one subject while it is assessed; frozen into a SubjectResult at the end."""

from dataclasses import dataclass
from fractions import Fraction

from scoring.result import Boundary, Refusal, Step, SubjectResult, Tell
from scoring.scheme import Track
from scoring.subjects import Subject

_OPEN = frozenset({"quota_tie", "veto_unconfirmed", "undecided"})


@dataclass(slots=True)
class Sheet:
    """What is known of a subject so far. Tuples, as most stay empty and need no list of their own."""

    subject: Subject
    track: Track
    exact: Fraction | None = None
    band: str | None = None
    boundary: Boundary | None = None
    awards: tuple[str, ...] = ()
    consequences: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    flags: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether a person's decision, or a missing input, could still give it another band."""
        return bool(self.refusals) or (self.band is None and not _OPEN.isdisjoint(self.flags))

    def result(self, tell: Tell) -> SubjectResult:
        """The finished figures; `steps` are those that only the comparison with others could tell."""
        return SubjectResult(
            self.subject.id,
            self.exact,
            self.band,
            self.awards,
            self.consequences,
            self.flags,
            self.steps,
            self.subject,
            tell,
        )
