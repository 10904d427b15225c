"""The score of a meeting's vote by hand: the mean of what was given, in plain fractions (S3-08, S4-20)."""

from collections.abc import Sequence
from fractions import Fraction

GRADES = {"好": 95, "较好": 85, "一般": 70, "差": 50}


def onsite(given: Sequence[str], voters: int) -> Fraction:
    """What one who reports is given by so many voters, who choose these in turn."""
    return Fraction(sum(GRADES[given[place % len(given)]] for place in range(voters)), voters)
