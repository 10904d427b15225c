"""What is said over all subjects together: summary rows, each with its own denominator (A9), and warnings."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Literal, Protocol

from pydantic import Field

from scoring.result import Notice, Row
from scoring.rules import Key, Rule, Text
from scoring.subjects import Subject


class Graded(Protocol):
    """A subject that has a result, for the overview: a Sheet, or a stored row of an earlier cycle."""

    @property
    def subject(self) -> Subject: ...
    @property
    def band(self) -> str | None: ...


class ShareByBand(Rule):
    """One row for each band, over all subjects or only those that have the fact `among`."""

    op: Literal["share_by_band"]
    among: Key | None = None


class ShareByFact(Rule):
    """One row for each value of the fact `input`, over all subjects."""

    op: Literal["share_by_fact"]
    input: Key


Overview = Annotated[ShareByBand | ShareByFact, Field(discriminator="op")]


class AllAlike(Rule):
    """Warning `code` when at least two subjects all got the same band."""

    op: Literal["all_alike"]
    code: Key
    say: Text


def rows_by_band(rule: ShareByBand, kind: str, bands: Sequence[str], graded: Sequence[Graded]) -> list[Row]:
    """Rows in the order of the bands; none where the denominator is 0."""
    among = [one for one in graded if rule.among is None or one.subject.facts.text(rule.among) is not None]
    counted = Counter(one.band for one in among)
    return [Row(band, kind, counted[band], len(among)) for band in bands] if among else []


def rows_by_fact(rule: ShareByFact, kind: str, bands: Sequence[str], graded: Sequence[Graded]) -> list[Row]:
    """Rows in the order of their labels, so that the order of subjects does not matter."""
    texts = [text for one in graded if (text := one.subject.facts.text(rule.input)) is not None]
    return [Row(label, kind, count, len(graded)) for label, count in sorted(Counter(texts).items())]


def warn_all_alike(rule: AllAlike, graded: Sequence[Graded]) -> Notice | None:
    """The warning, or None."""
    bands = {one.band for one in graded}
    if len(graded) < 2 or len(bands) > 1 or None in bands:
        return None
    return Notice(rule.code, rule.say)
