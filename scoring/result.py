"""What an evaluation answers: plain frozen records; their JSON is made in scoring.report."""

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from scoring.rules import Rule


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


class SubjectResult(NamedTuple):
    """The figures of one subject; `exact` is None where the scheme computes no number."""

    id: str
    exact: Fraction | None
    band: str | None
    awards: tuple[str, ...]
    consequences: tuple[str, ...]
    boundary: Boundary | None
    trace: tuple[Step, ...]
    flags: tuple[str, ...]


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
