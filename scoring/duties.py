"""Duties that come round: who has to do what how often, and what is still owed."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from pydantic import Field

from scoring.rules import Key, Piece, Rule, Text

Period = Literal["year", "half_year", "quarter", "month", "joining_day", "unstated"]
Post = Literal["书记", "副书记", "委员", "领导", "组织部", "考核组"]
OrganisationKind = Literal["党委", "党总支", "党支部"]


class Evidence(Piece):
    """A kind of record (config/record_kinds.yaml) that counts by itself; with `check`: where that was answered with yes."""

    record: Key
    check: Key | None = None


class Bearer(Piece):
    """Who a duty falls to, in the words of the roster.

    each: `person`: everybody with one of the `posts`; `organisation`: each of these kinds (`at`); `member`: each party member in
    one of them. For organisations and members the holders of the `posts` there report. at: empty for any kind.
    """

    each: Literal["person", "organisation", "member"]
    posts: tuple[Post, ...] = Field(min_length=1)
    at: tuple[OrganisationKind, ...] = ()


class Times(Piece):
    """`what` at least `low` times (and at most `high`) in a period.

    about: `branch`: each time names a branch; `each_branch`: done when it was done for every branch below. evidence: see there.
    """

    what: Text
    low: int = Field(default=1, ge=0, le=1000)
    high: int | None = Field(default=None, ge=1, le=1000)
    about: Literal["branch", "each_branch"] | None = None
    evidence: Evidence | None = None


class Duty(Rule):
    """A duty of `who`, each of `counts` once per period; `joining_day` = a member's own anniversary; `unstated` = no period given.

    looks_at: what is checked; grades: what the check may find, the last of which is to be put right; borne_by: `who`, as data.
    """

    key: Key
    title: Text
    who: Text
    borne_by: tuple[Bearer, ...] = ()
    per: Period
    counts: tuple[Times, ...] = Field(min_length=1)
    looks_at: tuple[Text, ...] = ()
    grades: tuple[Text, ...] = ()


class Owed(NamedTuple):
    """How often `what` was done, and how many times are missing (or, negative, too many)."""

    what: str
    done: int
    missing: int


def owed(duty: Duty, done: Mapping[str, int]) -> tuple[Owed, ...]:
    """What is missing or too much in one period; nothing where the duty is done. `done`: what → times. KeyError for unknown names."""
    known = {count.what for count in duty.counts}
    if unknown := set(done) - known:
        raise KeyError(*sorted(unknown))
    found = []
    for count in duty.counts:
        times = done.get(count.what, 0)
        if times < count.low:
            found.append(Owed(count.what, times, count.low - times))
        elif count.high is not None and times > count.high:
            found.append(Owed(count.what, times, count.high - times))
    return tuple(found)
