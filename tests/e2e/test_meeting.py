"""The main job: a whole meeting through phones with encrypted traffic, on a platform that repeats and overlaps deliveries."""

import asyncio
import random
from pathlib import Path

import pytest

from tests.e2e.hall import enter, set_up
from tests.e2e.stage import open_stage
from tests.integration.world import make_hall


@pytest.mark.fact("S4-08", "S3-08")
async def test_sixty_voters_eight_reporters_three_classes(settings_values: dict[str, str], tmp_path: Path) -> None:
    hall = make_hall(leaders=8, delegates=36, masses=16, reporters=8)
    async with open_stage(settings_values, tmp_path) as stage:
        meeting = await set_up(stage, hall, tmp_path)
        await stage.sandbox.faults(deliveries={"repeat_every": 3, "overlap_every": 4})
        await asyncio.gather(*(enter(meeting, number) for number in meeting.phones))
        early = await meeting.phones["1001"].text("投票")
        assert "现在没有需要您投票的测评" in early.text
        board = await meeting.say_as_host("主持")
        assert "应到 60 人，已签到 60 人" in board.text
        assert "还没有开始投票" in board.text
        question = await meeting.say_as_host("开始投票")
        assert "现在开始投票？" in question.text
        assert "投票已开始" in (await meeting.say_as_host("确认")).text

        voters = list(meeting.phones)[:-2]
        await asyncio.gather(*(meeting.vote(number, random.Random(number)) for number in voters))
        again = await meeting.phones["1001"].text("确认")
        assert "您的票已计入" in again.text
        assert "您已投过票" in (await meeting.phones["1001"].text("投票")).text
        during = await meeting.result()
        assert during["turnout"] == {"entitled": 60, "present": 60, "voted": 55}
        assert {row["onsite"] for row in during["reporters"]} == {None}
        closing = await meeting.say_as_host("结束投票")
        assert "还有 2 人没有投票" in closing.text
        closed = await meeting.say_as_host("确认")
        assert "投票已结束" in closed.text
        assert "等次须结合" in closed.text
        late = await meeting.phones[list(meeting.phones)[-1]].text("投票")
        assert "现在没有需要您投票的测评" in late.text
        await meeting.assert_recount()
