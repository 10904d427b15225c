"""The college votes on its members: set up by a file, opened and closed by the clock, filled on the phones."""

import asyncio
import random

from tests.e2e.year import college
from tests.e2e.year.ballots import POINTS, Ballot, fill_ballots, score_of
from tests.e2e.year.college_marks import Marks
from tests.e2e.year.driver import Year


async def vote(year: Year, cycle: int, marks: Marks) -> None:
    """December 2020: 700 people vote on their branch's members, on their phones, within four days of a window that the clock keeps."""
    year.at("2020-11-27 09:00")
    masses = [one for one in year.roster.people if one.status == "群众" and one.org in marks.branches]
    small = [code for code in marks.branches if sum(one.is_party for one in year.roster.of(code)) < 5]
    file = {
        "cycle": cycle,
        "component": "democratic",
        "title": "2020年度民主测评",
        "about": "members",
        "organisations": list(marks.branches),
        "classes": {
            "党员": {"weight": "0.7", "statuses": ["正式党员", "预备党员"]},
            "群众代表": {"weight": "0.3", "voters": [one.staff_no for one in masses]},
        },
        "opens_at": "2020-12-01T08:00:00+08:00",
        "closes_at": "2020-12-04T18:00:00+08:00",
        "form": {"items": ["总体评价"], "options": {word: str(n) for word, n in POINTS.items()}, "abstain": True},
        "min_class": 5,
        "small": small,
    }
    await year.command("evaluation", "import", year.file("民主测评.yaml", file), "--by", college.OFFICER)
    year.at("2020-12-01 08:00")
    await year.tick()
    ballots = {code: _ballots_of(year, code) for code in marks.branches}
    await asyncio.gather(*(_cast(year, cast) for cast in ballots.values()))
    year.at("2020-12-04 18:00")
    await year.tick()
    listed = await year.json("evaluation", "list", "--cycle", cycle)
    assert {one["state"] for one in listed} == {"closed"}
    for code, cast in ballots.items():
        for one in year.roster.of(code):
            if one.is_party:
                marks.members[one.staff_no]["democratic"] = score_of(one.staff_no, cast)
    marks.voted = True


async def vote_on_branch(year: Year, cycle: int, marks: Marks, code: str) -> None:
    """The members of one branch on the branch itself (S2-18), over two days; the others' figures come from paper."""
    year.at("2020-12-04 19:00")
    people = year.roster.of(code)
    masses = [one.staff_no for one in people if one.status == "群众"]
    file = {
        "cycle": cycle,
        "component": "democratic",
        "title": "2020年度党支部民主测评",
        "about": "branch",
        "organisations": [code],
        "classes": {
            "党员": {"weight": "0.7", "statuses": ["正式党员", "预备党员"]},
            "群众代表": {"weight": "0.3", "voters": masses},
        },
        "opens_at": "2020-12-05T08:00:00+08:00",
        "closes_at": "2020-12-06T18:00:00+08:00",
        "form": {"items": ["总体评价"], "options": {word: str(n) for word, n in POINTS.items()}, "abstain": True},
        "min_class": 5,
    }
    await year.command("evaluation", "import", year.file("支部测评.yaml", file), "--by", college.OFFICER)
    year.at("2020-12-05 08:00")
    await year.tick()
    dice, cast = random.Random(f"branch {code}"), []
    for one in people:
        if one.is_party or one.status == "群众":
            choice = dice.choice(("优秀", "优秀", "称职", "称职", "基本称职", "弃权"))
            cast.append(Ballot(one.staff_no, "党员" if one.is_party else "群众代表", {code: choice}))
    for ballot in cast:
        assert "已计入" in await year.say(ballot.voter, "投票", ballot.choices[code], "确认")
    year.at("2020-12-06 18:00")
    await year.tick()
    marks.branches[code]["democratic"] = score_of(code, cast)
    marks.counted.add(code)


def _ballots_of(year: Year, code: str) -> list[Ballot]:
    """Nearly everybody votes."""
    people, dice = year.roster.of(code), random.Random(f"ballots {code}")
    subjects = [one.staff_no for one in people if one.is_party]
    voters = {one.staff_no: "党员" if one.is_party else "群众代表" for one in people if one.status != "离退休党员"}
    staying_away = dice.sample(list(voters), len(voters) // 12)
    return list(fill_ballots({one: name for one, name in voters.items() if one not in staying_away}, subjects, dice))


async def _cast(year: Year, ballots: list[Ballot]) -> None:
    for one in ballots:
        shown = await year.say(one.voter, "投票", one.typed)
        assert "回复 确认 提交" in shown, (one.typed, shown)
        assert "已计入" in await year.say(one.voter, "确认")
