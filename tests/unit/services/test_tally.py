"""What a leader is told of open and overdue things: each thing once, however many people may do it; no votes."""

from dataclasses import replace
from datetime import date

from services.dues import Due
from services.reminders.overviews import Tally

TODAY = date(2020, 12, 24)
STAGE = Due(1, "stage:1:review", "办结", "阶段", by=date(2020, 12, 20), scheme="star-rating")


def test_what_any_of_three_officers_may_do_is_one_thing() -> None:
    tally = Tally(TODAY)
    tally.add([replace(STAGE, person_id=person) for person in (1, 2)], {1: 10, 2: 10})
    tally.add([replace(STAGE, person_id=3)], {3: 10})
    own = [replace(STAGE, person_id=person, key=f"rating:1:self:{person}", by=TODAY) for person in (1, 2)]
    tally.add(own, {1: 10, 2: 11})
    assert tally.open["star-rating"] == {10: 2, 11: 1}
    assert tally.late["star-rating"] == {10: 1}
    assert tally.soon["star-rating"] == {10: 1, 11: 1}


def test_votes_and_what_has_not_begun_are_not_counted() -> None:
    tally = Tally(TODAY)
    tally.add([replace(STAGE, is_poll=True), replace(STAGE, from_day=date(2021, 1, 1))], {1: 10})
    assert tally.open == {}
