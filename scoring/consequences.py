"""Consequences: what follows from a band or score, also over consecutive years."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from scoring.rules import Number, Piece, Rule, Text
from scoring.subjects import Past, Subject

Consequence = Literal[
    "rectify",
    "interview",
    "replace_secretary",
    "unqualified_member",
    "revoke_title",
    "no_awards",
    "no_annual_excellent",
]
CONSEQUENCE_WORDS: Mapping[Consequence, str] = {
    "rectify": "限期整改",
    "interview": "约谈",
    "replace_secretary": "书记调整",
    "unqualified_member": "列入不合格党员范围",
    "revoke_title": "取消称号",
    "no_awards": "不得参加评先评优",
    "no_annual_excellent": "年度考核不得确定为优秀",
}


class Now(NamedTuple):
    """What this cycle found."""

    cycle: int
    score: Fraction | None
    band: str | None


class BandIn(Piece):
    """In one of `bands`, this cycle and in each of the `years` - 1 cycles before it.

    printed: the bands as the document literally names them, where it names others (A21); by_exclusion: it names none of
    them, but says that only the others may (「只有…才能」).
    """

    op: Literal["band_in"]
    bands: tuple[Text, ...] = Field(min_length=1)
    printed: tuple[Text, ...] = ()
    by_exclusion: bool = False
    years: int = Field(default=1, ge=1, le=10)


class ScoreBelow(Piece):
    """Below `line` (exclusive), this cycle and in each of the `years` - 1 before; with `title`: only who held it in an earlier cycle.

    printed: the bound as the document prints it (「90分以下」); title_said: the words that limit it to holders, None where it has none.
    """

    op: Literal["score_below"]
    line: Number
    years: int = Field(default=1, ge=1, le=10)
    title: Text | None = None
    printed: Text | None = None
    title_said: Text | None = None


Condition = Annotated[BandIn | ScoreBelow, Field(discriminator="op")]


class ConsequenceRule(Rule):
    """When `when` holds, `gives` follows. `about`: whom a consequence is for, where the document names another than the subject."""

    when: Condition
    gives: tuple[Consequence, ...] = Field(min_length=1)
    about: Mapping[Consequence, Text] = Field(default_factory=dict)


def holds(condition: BandIn | ScoreBelow, now: Now, subject: Subject) -> bool:
    """Whether the condition is met this cycle and over its consecutive years. A cycle that is not known never meets it."""
    return CONDITIONS[type(condition)](condition, now, subject)


def _band_in(condition: BandIn, now: Now, subject: Subject) -> bool:
    if now.band not in condition.bands:
        return False
    earlier = _earlier(subject, now.cycle, condition.years)
    return all(past is not None and past.band in condition.bands for past in earlier)


def _score_below(condition: ScoreBelow, now: Now, subject: Subject) -> bool:
    if condition.title is not None and not any(condition.title in past.titles for past in subject.history):
        return False
    if now.score is None or now.score >= condition.line:
        return False
    earlier = _earlier(subject, now.cycle, condition.years)
    return all(past is not None and past.score is not None and past.score < condition.line for past in earlier)


def _earlier(subject: Subject, cycle: int, years: int) -> list[Past | None]:
    return [subject.past(cycle - back) for back in range(1, years)]


CONDITIONS: Mapping[type[Piece], Callable[[Any, Now, Subject], bool]] = {BandIn: _band_in, ScoreBelow: _score_below}
