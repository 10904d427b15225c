"""What everybody in the college is given in a year, and what it comes to by hand."""

import random
from fractions import Fraction

from tests.e2e.year import college
from tests.e2e.year.people import Roster
from tests.e2e.year.recount_stars import Before, Found, branch_score, member_score, rate_branch, rate_members


class Marks:
    """What everybody gives everybody in one year. `voted`: the members have been voted on by phone; `counted`: these branches, too."""

    def __init__(self, year: str, roster: Roster) -> None:
        self._dice = random.Random(f"marks {year}")
        self.voted = False
        self.counted: set[str] = set()
        self.branches: dict[str, dict[str, Fraction]] = {}
        self.members: dict[str, dict[str, Fraction]] = {}
        for code in college.branch_codes():
            middle = self._dice.choice((58, 66, 74, 84, 91, 93, 94))
            self.branches[code] = {part: self._near(middle) for part in ("democratic", "team", "superior")}
            for one in roster.of(code):
                if one.is_party:
                    mine = self._dice.choice((55, 68, 78, 86, 88, 91, 95))
                    self.members[one.staff_no] = {part: self._near(mine) for part in ("democratic", "committee")}

    def _near(self, middle: int) -> Fraction:
        return min(Fraction(100), middle + Fraction(self._dice.randint(-12, 12), 4))


def recount(roster: Roster, marks: Marks, vetoed: set[str], history: dict[str, list[Before]]) -> dict[str, Found]:
    """Every branch and member of the year by hand."""
    found: dict[str, Found] = {}
    for code in college.branch_codes():
        scores = {
            f"member:{one.staff_no}": member_score(**marks.members[one.staff_no])
            for one in roster.of(code)
            if one.staff_no in marks.members
        }
        members = rate_members(scores, vetoed, history)
        key = f"branch:{code}"
        branch = rate_branch(branch_score(**marks.branches[code]), members, key in vetoed, history.get(key, []))
        found |= members | {key: branch}
    return found


def points(value: Fraction) -> str:
    """As a person types it: at most two places."""
    return f"{value.numerator * 100 // value.denominator / 100:g}"
