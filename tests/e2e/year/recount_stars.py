"""样板党支部 by hand: the document's rules in plain fractions, written from its text and from nothing of the product.

S2-18 to S2-20 (formulas, bands), S2-25 to S2-33 (places, vetoes, what follows), with the readings A14, A15, A17 to A21, A31.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

# Printed both as 「以上」 and as 「以下」: exactly on them somebody must look (A15).
COUNTED_TWICE = (90, 60)
STARS = ((90, "五星级"), (80, "四星级"), (70, "三星级"), (60, "二星级"), (0, "一星级"))
LOW = ("二星级", "一星级")
MODEL = "样板党支部"


@dataclass
class Found:
    """What comes of a branch or a member. `is_open`: somebody has to decide before it is settled."""

    exact: Fraction
    band: str | None
    is_open: bool = False
    awards: list[str] = field(default_factory=list)
    follows: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Before:
    """What came of the same subject in an earlier year."""

    exact: Fraction
    band: str | None
    titles: Sequence[str] = ()


History = Mapping[str, Sequence[Before]]
"""Subject → its earlier years, the last one last, without gaps."""


def star(exact: Fraction) -> str:
    """The band of a score: 「以上」 holds the line itself, between two lines the exact score counts."""
    return next(name for line, name in STARS if exact >= line)


def branch_score(democratic: Fraction, team: Fraction, superior: Fraction) -> Fraction:
    """民主测评 30 %, 考核组 50 %, 上级党组织 20 %."""
    return (3 * democratic + 5 * team + 2 * superior) / 10


def member_score(democratic: Fraction, committee: Fraction) -> Fraction:
    """民主测评 60 %, 支委会 40 %."""
    return (6 * democratic + 4 * committee) / 10


def rate_members(scores: Mapping[str, Fraction], vetoed: set[str], history: History) -> dict[str, Found]:
    """The members of one branch: at most 30 % of them have five stars, who tie across the edge wait for a person."""
    found = {one: Found(exact, None if one in vetoed else star(exact)) for one, exact in scores.items()}
    best = sorted((one.exact for one in found.values() if one.band == "五星级"), reverse=True)
    places = len(scores) * 3 // 10
    if len(best) > places:
        first_out = best[places]
        is_tied = places > 0 and best[places - 1] == first_out
        for one in found.values():
            if one.band == "五星级" and one.exact <= first_out:
                one.is_open = is_tied and one.exact == first_out
                one.band = None if one.is_open else "四星级"
    for name, one in found.items():
        one.is_open = one.is_open or one.exact in COUNTED_TWICE
        if one.band in LOW:
            one.follows.append("rectify")
            if _was_low(history.get(name, ())):
                one.follows.append("unqualified_member")
    return found


def rate_branch(exact: Fraction, members: Mapping[str, Found], is_vetoed: bool, before: Sequence[Before]) -> Found:
    """A branch, once its members are rated."""
    found = Found(exact, None if is_vetoed else star(exact), exact in COUNTED_TWICE)
    best = sum(one.band == "五星级" for one in members.values())
    tied = sum(one.band is None and one.is_open for one in members.values())
    if found.band == "五星级" and 5 * best >= len(members):
        found.awards.append(MODEL)
    elif found.band == "五星级":
        found.is_open = found.is_open or 5 * (best + tied) >= len(members)
    if found.band in LOW:
        found.follows.append("rectify")
    was_model, is_below = any(MODEL in one.titles for one in before), exact < 90
    again_below = bool(before) and before[-1].exact < 90
    if was_model and is_below:
        found.follows.append("revoke_title")
    if (was_model and is_below and again_below) or (found.band in LOW and _was_low(before)):
        found.follows += ["interview", "replace_secretary"]
    return found


def two_places(exact: Fraction) -> str:
    """As a score is shown: a half rounded up."""
    hundredths = (200 * exact.numerator + exact.denominator) // (2 * exact.denominator)
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def percent(count: int, of: int) -> str:
    """A whole number, a half rounded up."""
    return f"{(200 * count + of) // (2 * of)}%"


def _was_low(before: Sequence[Before]) -> bool:
    return bool(before) and before[-1].band in LOW
