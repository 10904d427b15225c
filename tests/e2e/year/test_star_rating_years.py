"""Two years of a college under 样板党支部: 30 branches, 900 people, every figure against a recount that knows nothing of the product."""

import asyncio
import json
from collections import Counter
from datetime import timedelta
from fractions import Fraction

import pytest

from tests.e2e.year import college
from tests.e2e.year.college_marks import Marks, points, recount
from tests.e2e.year.college_records import TO, keep_records
from tests.e2e.year.college_vote import vote, vote_on_branch
from tests.e2e.year.driver import Year
from tests.e2e.year.people import Roster
from tests.e2e.year.recount_pushes import faults_of
from tests.e2e.year.recount_stars import (
    MODEL,
    STARS,
    Before,
    Found,
    percent,
    two_places,
)

# By a branch of their own each: veto of the branch, veto of a member, a claim that was rejected.
VETOED_BRANCH, VETOED_MEMBER, ACQUITTED = "0303", "10411", "0402"
OBJECTORS = {"2020": "10405", "2021": "10605"}
VOTED_BRANCH = "0201"
PILOTS = ("0101", "0401", "0901")


@pytest.mark.fact("A33", "S2-18", "S2-19", "S2-20", "S2-25", "S2-26", "S2-28", "S2-29", "S2-31", "S2-33")
async def test_two_years_of_a_college(year: Year) -> None:
    roster = college.make_college()
    await _begin(year, roster)
    await keep_records(year)
    roster = year.roster
    history = {f"branch:{code}": [Before(Fraction(92), "五星级", (MODEL,))] for code in PILOTS}
    holders = set(history)
    for number in ("2020", "2021"):
        marks = Marks(number, roster)
        cycle = await _make_cycle(year, number)
        if number == "2020":
            await _enter_pilots(year, cycle)
            await _rate_themselves(year, cycle)
            await vote(year, cycle, marks)
            await vote_on_branch(year, cycle, marks, VOTED_BRANCH)
        else:
            await _see_last_year(year)
        await _give_marks(year, cycle, number, marks)
        vetoed = await _claim(year, cycle, number) if number == "2020" else set()
        expected = recount(roster, marks, vetoed, history)
        run = await _compute(year, cycle, number, expected)
        await _publish(year, cycle, run, expected)
        await _follow(year, cycle, expected, holders)
        await _object(year, run, OBJECTORS[number])
        for key, one in expected.items():
            history.setdefault(key, []).append(Before(one.exact, one.band, one.awards))
    assert faults_of(year.pushes()) == []


async def _begin(year: Year, roster: Roster) -> None:
    year.at("2020-03-02 09:00")
    changed = await year.import_roster(roster)
    assert changed["people"]["created"] == 900
    assert changed["organisations"]["created"] == len(roster.organisations) == 41
    await year.bind([one.staff_no for one in roster.people])
    again = await year.import_roster(roster)
    assert again["people"] == {"created": 0, "updated": 0, "unchanged": 900}


async def _make_cycle(year: Year, number: str) -> int:
    year.at(f"{number}-11-02 09:00")
    people = [one for one in year.roster.people if one.org in ("0001", "0002") or one.org.endswith("00")]
    file = {
        "title": f"{number}年度评星定级",
        "scheme": "star-rating",
        "year": number,
        "organisation": college.ROOT,
        "subjects": {"branch": ["党支部"], "member": ["正式党员", "预备党员"]},
        "exempt": [
            {"status": "离退休党员", "reason": "离退休党员不参加评星（六(三)1）"},
            *({"organisation": code, "reason": "离退休党支部除外（六(三)1）"} for code in college.retired_codes()),
            *({"person": one.staff_no, "reason": "由上级党组织考核"} for one in people),
        ],
        "settings": {"notice_days": "7"},
    }
    made = await year.json("cycle", "create", year.file(f"周期{number}.yaml", file), "--by", college.OFFICER)
    assert made["subjects"] == 30 + 573 + 76 + len(people)
    assert made["exempt"] == 3 + 76 + len(people)
    return int(made["id"])


async def _enter_pilots(year: Year, cycle: int) -> None:
    """The three branches that were model branches on trial in 2019."""
    past = {"score": "92", "band": "五星级", "titles": [MODEL]}
    rows = [{"subject": code, "slot": "history.2019", "value": past} for code in PILOTS]
    await year.command("cycle", "enter", cycle, year.file("往年.yaml", rows), "--by", college.OFFICER)


async def _rate_themselves(year: Year, cycle: int) -> None:
    """November 2020: every branch by its eight aspects, and a member of each by five, achievements and problems beside each other.

    Who has done it is reminded no more, who has not is.
    """
    year.at("2020-11-12 09:00")
    told = "成绩：按计划开展。问题：形式还单一"
    waiting, done = year.roster.of("0903")[3].staff_no, year.roster.of("0903")[4].staff_no

    async def rate(code: str) -> None:
        secretary, member = year.roster.holder(code, "书记").staff_no, year.roster.of(code)[4]
        said = await year.say(secretary, "自评", "1", *[told] * 8, "都没有", "确认")
        assert "已提交" in said, said
        if member.is_party:
            assert "已提交" in await year.say(member.staff_no, "自评", *[told] * 5, "都没有", "确认")

    await asyncio.gather(*map(rate, college.branch_codes()))
    progress = (await year.command("rating", "progress", cycle)).out
    rated = sum(year.roster.of(code)[4].is_party for code in college.branch_codes())
    assert "自查自报（党支部）：27/27" in progress
    assert f"自查自报（党员）：{rated}/573" in progress
    year.at("2020-11-29 15:00")
    assert "自评" in await year.say(waiting, "任务")
    await year.say(done, "帮助")
    year.at("2020-11-30 09:00")
    await year.tick()
    assert sum("自评" in text for text in year.pushed(waiting)) == 1
    assert not any("自评" in text for text in year.pushed(done))


async def _see_last_year(year: Year) -> None:
    """November 2021: what was written last year stands beside each line, for the branch (whoever leads it now) and for its members."""
    year.at("2021-11-12 09:00")
    for code in (TO, "0402", "0903"):
        people = year.roster.of(code)
        for one, *which in ((year.roster.holder(code, "书记").staff_no, "1"), (people[4].staff_no,)):
            asked = await year.say(one, "自评", *which)
            assert "2020 年自评：按计划开展，问题：形式还单一" in asked, asked
            await year.say(one, "取消")


async def _give_marks(year: Year, cycle: int, number: str, marks: Marks) -> None:
    """The team and the committees on their phones, what was counted on paper by the office."""
    year.at(f"{number}-12-07 09:00")
    names = {one.code: one.name for one in year.roster.organisations}
    await _rate(year, college.TEAM[0], {names[code]: given["team"] for code, given in marks.branches.items()})
    heads: dict[str, dict[str, Fraction]] = {}
    for code, given in marks.branches.items():
        heads.setdefault(year.roster.holder(college.above(code), "书记").staff_no, {})[names[code]] = given["superior"]
    for head, given in heads.items():
        await _rate(year, head, given)
    for code in marks.branches:
        await _rate_members(year, code, marks)
    counted = [
        (f"branch:{code}", given["democratic"]) for code, given in marks.branches.items() if code not in marks.counted
    ]
    if not marks.voted:
        counted += [(f"member:{one}", given["democratic"]) for one, given in marks.members.items()]
    rows = [{"subject": key, "slot": "scores.democratic", "value": points(value)} for key, value in counted]
    printed = await year.command("cycle", "enter", cycle, year.file("民主测评.yaml", rows), "--by", college.OFFICER)
    assert printed.out.startswith(f"新录入 {len(rows)} 项")


async def _rate_members(year: Year, code: str, marks: Marks) -> None:
    """The secretary for the branch's members; the deputy for the secretary."""
    members = [one for one in year.roster.of(code) if one.staff_no in marks.members]
    secretary, deputy = year.roster.holder(code, "书记"), year.roster.holder(code, "副书记")
    given = {one.name: marks.members[one.staff_no]["committee"] for one in members}
    own = given.pop(secretary.name)
    await _rate(year, secretary.staff_no, given)
    await _rate(year, deputy.staff_no, {secretary.name: own})


async def _rate(year: Year, staff_no: str, given: dict[str, Fraction]) -> None:
    """打分, several at once in one message."""
    await year.say(staff_no, "打分")
    told = " ".join(f"{name} {points(value)}" for name, value in given.items())
    shown = await year.say(staff_no, told)
    assert "提交吗" in shown, shown
    assert "已记下" in await year.say(staff_no, "确认")


async def _claim(year: Year, cycle: int, number: str) -> set[str]:
    """A branch and a member struck by a veto that a leader confirmed, and one that was rejected: the keys of the struck."""
    year.at(f"{number}-12-20 09:00")
    for subject, rule, verdict in (
        (f"branch:{VETOED_BRANCH}", "S2-28.1", "confirm"),
        (f"member:{VETOED_MEMBER}", "S2-28.5", "confirm"),
        (f"branch:{ACQUITTED}", "S2-28.3", "reject"),
    ):
        command = ("cycle", "claim", cycle, subject, "veto", "--rule", rule, "--on", f"{number}-05-01")
        filed = await year.command(*command, "--reason", "群众反映", "--by", college.TEAM[1])
        claim = "".join(c for c in filed.out.partition("编号")[2] if c.isdigit())
        await year.command("cycle", "decide-claim", claim, verdict, "--reason", "已核实", "--by", college.LEADER)
    return {f"branch:{VETOED_BRANCH}", f"member:{VETOED_MEMBER}"}


async def _compute(year: Year, cycle: int, number: str, expected: dict[str, Found]) -> int:
    year.at(f"{number}-12-28 09:00")
    run = int((await year.json("run", "compute", cycle, "--by", college.OFFICER))["id"])
    result = json.loads((await year.command("run", "show", run)).out)
    assert result["refusals"] == []
    rated = {one["id"]: one for one in result["subjects"] if "exempt" not in one["flags"]}
    assert rated.keys() == expected.keys()
    for key, one in expected.items():
        shown = rated[key]
        assert (Fraction(shown["exact"]), shown["band"], shown["awards"]) == (one.exact, one.band, one.awards), key
        assert sorted(shown["consequences"]) == sorted(one.follows), key
    assert {(row["kind"], row["label"], row["count"], row["of"], row["percent"]) for row in result["summary"]} == {
        (kind, name, count, len(kept), percent(count, len(kept)))
        for kind in ("branch", "member")
        for kept in [[one.band for key, one in expected.items() if key.startswith(kind)]]
        for _, name in STARS
        for count in [kept.count(name)]
    }
    return run


async def _publish(year: Year, cycle: int, run: int, expected: dict[str, Found]) -> None:
    """Published by a leader; then the secretaries and members see their own on their phones."""
    refused = await year.command("run", "publish", run, "--by", college.LEADER, ends=1)
    assert f"{sum(one.is_open for one in expected.values())} 个有待人决定" in refused.err
    await year.command("run", "publish", run, "--by", college.LEADER, "--accept-open")
    await year.tick()
    for staff_no in [one.staff_no for one in year.roster.people if one.staff_no.endswith("05") and one.is_party]:
        if f"member:{staff_no}" in expected:
            one = expected[f"member:{staff_no}"]
            assert f"{two_places(one.exact)} 分，{one.band or '未定档'}" in await year.say(staff_no, f"结果{cycle}")


async def _follow(year: Year, cycle: int, expected: dict[str, Found], holders: set[str]) -> None:
    """What follows from the results is opened, no more and no less; a title that is gone is not taken away again."""
    items = await year.json("rectification", "list", "--cycle", cycle)
    assert len(items) == sum("rectify" in one.follows for one in expected.values())
    opened = Counter(row["kind"] for row in await year.json("follow-up", "list", "--cycle", cycle))
    wanted = Counter(name for one in expected.values() for name in one.follows if name != "rectify")
    losing = {key for key, one in expected.items() if "revoke_title" in one.follows} & holders
    wanted["revoke_title"] = len(losing)
    assert opened == +wanted
    holders -= losing
    holders |= {key for key, one in expected.items() if MODEL in one.awards}


async def _object(year: Year, run: int, member: str) -> None:
    """Seven days on notice; a member objects, the office answers, on their phones; the clock ends it."""
    await year.command("public-notice", "open", run, "--by", college.OFFICER)
    assert "评星定级" in await year.say(member, "公示")
    shown = await year.say(member, "异议", "我的民主测评得分与会上说的不一样", "确认")
    assert "已收到" in shown, shown
    await year.say(college.OFFICER, "答复异议", "维持", "经核对计票无误")
    assert "已答复" in await year.say(college.OFFICER, "确认")
    await year.tick()
    assert any("已答复：维持" in text for text in year.pushed(member))
    year.at((year.now + timedelta(days=8)).strftime("%Y-%m-%d %H:%M"))
    await year.tick()
    assert [one["state"] for one in await year.json("public-notice", "list") if one["run"] == run] == ["closed"]
