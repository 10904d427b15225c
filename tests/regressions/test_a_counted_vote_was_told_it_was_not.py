"""A process was killed between committing a vote and answering; voting closed before the repeat, which heard 这张票没有计入."""

import pytest

from config.refusals import Refusal
from services.polls import polls
from services.runtime import Runtime
from tests.integration.world import NOW, hold, make_hall, people_by_number, seat


async def test_the_repeat_after_the_close_is_told_that_it_counts(rt: Runtime) -> None:
    hall = make_hall()
    meeting = await hold(hall)
    people = await people_by_number()
    voter, late = (people[number] for number in hall.classes["党员代表"][:2])
    await seat(meeting, voter, late)
    await polls.open_poll(rt, meeting.id, now=NOW, actor="test")
    (ballot,) = await polls.find_ballots(voter)
    form = (ballot.poll.id, ballot.class_no, bytes(ballot.poll.public_key or b""))

    async def cast(person: int) -> None:
        poll_id, class_no, key = form
        await polls.cast_ballot(poll_id, person, class_no, key, [0, 0, 0], f"message of {person}")

    await cast(voter)
    await polls.close_poll(rt, meeting.id, now=NOW, actor="test")
    with pytest.raises(Refusal) as caught:
        await cast(voter)
    assert (caught.value.code, caught.value.say) == ("closed", "投票已经结束。您在结束前提交的票已计入。")
    with pytest.raises(Refusal) as caught:
        await cast(late)
    assert "没有计入" in caught.value.say
