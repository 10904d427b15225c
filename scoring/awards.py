"""Awards: titles with conditions over a subject and its members."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from scoring.rules import Number, Rule, Text

Verdict = Literal["given", "not_given", "undecided"]


class MemberShare(Rule):
    """`award` for a subject in `band` of whose assessed members at least `share` (exact, no rounding) are in `member_band`.

    base_said: what the document says the share is taken of, None where it is silent.
    """

    op: Literal["member_share"]
    award: Text
    band: Text
    member_band: Text
    share: Number
    base_said: Text | None = None


def judge_member_share(rule: MemberShare, held: int, open_: int, base: int) -> Verdict:
    """`held` members hold the band and of `open_` it is not known yet (tie, unconfirmed veto, refusal); base: assessed members."""
    if base == 0:
        return "not_given"
    if Fraction(held, base) >= rule.share:
        return "given"
    return "undecided" if Fraction(held + open_, base) >= rule.share else "not_given"


def count_members(bands: Sequence[str | None], member_band: str) -> int:
    """How many hold the band."""
    return sum(band == member_band for band in bands)
