"""What an evaluation answers: plain frozen records; their JSON is made in scoring.report."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from scoring.rules import Rule
from scoring.subjects import Subject


class Step(NamedTuple):
    """One line of a trace. `words` is a format whose `args` are rendered only when the trace is read.

    `part` names the component whose contribution to the score `value` is: these values sum to the score.
    """

    rule: Rule
    words: str
    args: tuple[object, ...] = ()
    value: Fraction | str | None = None
    part: str = ""


class Refusal(NamedTuple):
    """Why a subject has no result: a code of contract §4 and one Chinese sentence."""

    code: str
    say: str


class Notice(NamedTuple):
    """A warning over the whole evaluation, or about the subject `id`."""

    code: str
    say: str
    id: str | None = None


class Boundary(NamedTuple):
    """How near the next line is, and (reading, band) for every reading that would give another band."""

    next_band: str | None
    distance: Fraction | None
    alternatives: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the summary: `count` subjects of `of`; `of` is at least 1."""

    label: str
    kind: str
    count: int
    of: int


class Told(NamedTuple):
    """What a subject's own figures are explained by, before it is compared with others."""

    boundary: Boundary | None
    steps: tuple[Step, ...]


Tell = Callable[[Subject], Told]


class SubjectResult(NamedTuple):
    """The figures of one subject; `exact` is None where the scheme computes no number.

    Most traces are never read, so they are worked out when asked for: `tell` does it from the subject, `late` are the steps
    that comparison with others added.
    """

    id: str
    exact: Fraction | None
    band: str | None
    awards: tuple[str, ...]
    consequences: tuple[str, ...]
    flags: tuple[str, ...]
    late: tuple[Step, ...]
    subject: Subject
    tell: Tell

    @property
    def boundary(self) -> Boundary | None:
        """How near the next line is, and what other readings would give."""
        return self.tell(self.subject).boundary

    @property
    def trace(self) -> tuple[Step, ...]:
        """Every step from the inputs to the figures, in order."""
        return (*self.tell(self.subject).steps, *self.late)


@dataclass(frozen=True, slots=True)
class Result:
    """An evaluation: subjects in input order; a refused subject is in `refusals` only, an exempt one is flagged."""

    scheme: str
    version: str
    sha256: str
    cycle: str
    subjects: tuple[SubjectResult, ...]
    summary: tuple[Row, ...]
    refusals: tuple[tuple[str, Refusal], ...]
    warnings: tuple[Notice, ...]
