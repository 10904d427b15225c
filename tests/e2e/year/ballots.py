"""民主测评 of a branch's members: what each voter thinks of whom, how it is typed, and what it comes to by hand (S2-19, A16)."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

POINTS = {"优秀": 95, "称职": 85, "基本称职": 70, "不称职": 50}
ABSTAINED = "弃权"
WEIGHTS = {"党员": Fraction(7, 10), "群众代表": Fraction(3, 10)}
_REST = "称职"


@dataclass(frozen=True)
class Ballot:
    """One voter's, in the order of the subjects, who are never themselves."""

    voter: str
    of_class: str
    choices: Mapping[str, str]

    @property
    def typed(self) -> str:
        """The few who stand out by number, all others together."""
        parts = [
            f"{'、'.join(str(n) for n, chosen in enumerate(self.choices.values(), 1) if chosen == word)} {word}"
            for word in (*POINTS, ABSTAINED)
            if word != _REST and word in self.choices.values()
        ]
        return "；".join([*parts, f"其余都{_REST}"])


def fill_ballots(voters: Mapping[str, str], subjects: Sequence[str], dice: random.Random) -> Iterator[Ballot]:
    """A ballot for each voter (→ class): some are thought much of by all, few of nobody; at least one of each ballot is plain."""
    liked = {one: dice.choice((5, 20, 45, 80)) for one in subjects}
    for voter, of_class in voters.items():
        choices = {one: _choice(liked[one], dice) for one in subjects if one != voter}
        choices[dice.choice(list(choices))] = _REST
        yield Ballot(voter, of_class, choices)


def score_of(subject: str, ballots: Sequence[Ballot]) -> Fraction:
    """The mean of each class over those who did not abstain, weighted."""
    total = Fraction(0)
    for name, weight in WEIGHTS.items():
        given = [one.choices[subject] for one in ballots if one.of_class == name and subject in one.choices]
        points = [POINTS[word] for word in given if word != ABSTAINED]
        total += weight * Fraction(sum(points), len(points))
    return total


def _choice(liked: int, dice: random.Random) -> str:
    drawn = dice.randrange(100)
    if drawn < liked:
        return "优秀"
    return dice.choice(("称职", "称职", "称职", "基本称职", "不称职" if liked < 20 else "称职", ABSTAINED))
