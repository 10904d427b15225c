"""Quotas: how many of a group may hold the highest band; a tie across the edge is never broken."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Literal

from scoring.rules import Amount, Rule, Text

Outcome = Literal["quota", "quota_tie"]


class CapShare(Rule):
    """At most `share` of the group, rounded down, may hold `band`; the others take the next one.

    of: `siblings` = the assessed subjects with the same parent, `kind` = all assessed subjects of the kind; base_said, tie_said:
    what the document says of the base and of ties, None where it is silent (A17, A31).
    """

    op: Literal["cap_share"]
    band: Text
    share: Amount
    of: Literal["siblings", "kind"]
    rounding: Literal["down"] = "down"
    tie: Literal["person_decides"] = "person_decides"
    base_said: Text | None = None
    tie_said: Text | None = None


def cap_share(candidates: Sequence[tuple[str, Fraction]], places: int) -> Mapping[str, Outcome]:
    """Who of the candidates (id, score) loses the band: `quota` = below the edge, `quota_tie` = tied across it."""
    if len(candidates) <= places:
        return {}
    by_score = sorted((score for _, score in candidates), reverse=True)
    edge = by_score[places]  # the best score that finds no place
    tied = places > 0 and by_score[places - 1] == edge
    outcomes: dict[str, Outcome] = {}
    for id_, score in candidates:
        if tied and score == edge:
            outcomes[id_] = "quota_tie"
        elif score <= edge:
            outcomes[id_] = "quota"
    return outcomes


def places_of(share: Fraction, base: int) -> int:
    """floor(share × base)."""
    return share.numerator * base // share.denominator
