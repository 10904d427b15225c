"""述职 of three branches of the company: written, sent back once, read, heard, commented on, decided, told (S4-04, S4-16 to S4-25)."""

import json
from fractions import Fraction

from tests.e2e.year import company
from tests.e2e.year.driver import Year
from tests.e2e.year.recount_meetings import GRADES, onsite
from tests.e2e.year.recount_stars import two_places
from tests.integration.reviewing import REPORT

BRANCHES = ("0101", "0201", "0301")
VOTERS = ("0401", "0501")
# By voters in turn; who is decided to be what, not by the votes alone.
GIVEN = (("好", "好", "较好", "好"), ("较好", "好", "一般", "较好"), ("一般", "差", "一般", "较好"))
DECIDED = ("好", "较好", "一般")
_OPINION = {"成绩": ["抓党建有办法"], "问题": ["党员教育形式单一"]}
PROMISE = REPORT["整改承诺"][0]


async def hold_reviews(year: Year) -> None:
    """From November 2021 to January 2022."""
    year.at("2021-11-15 09:00")
    cycle = await make_reports(year, "2021")
    await _write(year)
    await _read(year, cycle)
    meeting = await _meet(year)
    await _decide(year, cycle, meeting)
    await _conclude(year, cycle, meeting)


async def make_reports(year: Year, number: str) -> int:
    """The cycle of that year, of these branches alone."""
    others = [one.code for one in year.roster.organisations if one.kind == "党支部" and one.code not in BRANCHES]
    file = {
        "title": f"{number}年度述职评议",
        "scheme": "report-review",
        "year": number,
        "organisation": company.ROOT,
        "subjects": {"secretary": ["党支部"]},
        "exempt": [{"organisation": code, "reason": "今年书面报告另行安排"} for code in others],
    }
    made = await year.json("cycle", "create", year.file(f"述职{number}.yaml", file), "--by", company.OFFICER)
    assert (made["subjects"], made["exempt"]) == (12, 9)
    return int(made["id"])


def writers(year: Year) -> list[str]:
    """The secretaries who report."""
    return [year.roster.holder(code, "书记").staff_no for code in BRANCHES]


async def _write(year: Year) -> None:
    year.at("2021-12-20 10:00")
    for one in writers(year):
        said = await year.say(one, "述职", *(words for (words,) in REPORT.values()), "提交", "确认")
        assert "已提交" in said, said


async def _read(year: Year, cycle: int) -> None:
    """The office sends one back with a reason, passes all on; the leader passes them."""
    year.at("2021-12-22 10:00")
    ids = [row["id"] for row in await year.json("filing", "list", cycle, "--paper", "report")]
    back = ("退回", "查找问题不到位", "存在问题", "请讲自身的问题", "确认")
    assert "会在微信里通知撰写人" in await year.say(company.OFFICER, f"审核{ids[0]}", *back)
    again = await year.say(writers(year)[0], "述职", "重写", "我本人到窗口听意见只有 2 次", "提交", "确认")
    assert "已提交" in again, again
    for number in ids:
        said = await year.say(company.OFFICER, f"审核{number}", "审阅", "都讲清楚了", "确认")
        assert "现在是「审阅」" in said, said
        assert "现在是「通过」" in await year.say(company.LEADER, f"审核{number}", "通过", "确认")
    states = {row["state"] for row in await year.json("filing", "list", cycle, "--paper", "report")}
    assert states == {"通过"}


async def _meet(year: Year) -> int:
    """The clock opens and closes the vote; the leader comments on everybody; the score equals the recount."""
    year.at("2022-01-13 09:00")
    file = {
        "title": "2021年度述职评议会",
        "scheme": "report-review",
        "starts_at": "2022-01-14T09:00:00+08:00",
        "opens_at": "2022-01-14T09:30:00+08:00",
        "closes_at": "2022-01-14T11:30:00+08:00",
        "hosts": [company.OFFICER],
        "leaders": [company.LEADER],
        "classes": {"党员代表": {"weight": "1", "orgs": list(VOTERS)}},
        "reporters": [{"staff_no": one, "mode": "现场"} for one in writers(year)],
        "form": {"items": ["总体评价"], "options": {word: str(n) for word, n in GRADES.items()}, "abstain": True},
        "min_class": 5,
    }
    made = json.loads((await year.command("meeting", "import", year.file("会议.yaml", file))).out)
    voters = [one.staff_no for code in VOTERS for one in year.roster.of(code)]
    year.at("2022-01-14 09:00")
    for one in voters:
        assert "签到成功" in await year.phone(one).scan(made["scene"])
    year.at("2022-01-14 09:30")
    await year.tick()
    for place, one in enumerate(voters):
        said = await year.say(one, "投票", *(given[place % len(given)] for given in GIVEN), "确认")
        assert "已计入" in said, said
    await year.say(company.LEADER, "点评")
    for _ in BRANCHES:
        said = await year.say(company.LEADER, "问题：党员教育形式单一。方向：把党课讲到窗口", "确认")
    assert "3 位述职人都点评了" in said
    year.at("2022-01-14 11:30")
    await year.tick()
    result = await year.json("meeting", "result", made["id"])
    assert result["turnout"] == {"entitled": 10, "present": 10, "voted": 10}
    scores = [onsite(one, len(voters)) for one in GIVEN]
    assert [Fraction(one["exact"]) for one in result["reporters"]] == scores
    brief = await year.say(company.LEADER, "简报")
    assert "应到 10 人，签到 10 人（10/10，100%）；签到的人里 10 人投了票（10/10，100%）" in brief, brief
    edges = f"最低 {two_places(min(scores))}，最高 {two_places(max(scores))}"
    assert f"3 位述职人中 3 位有现场测评得分（3/3，100%），{edges}" in brief, brief
    said = await year.say(company.OFFICER, "主持", "会议办结", "确认")
    assert "会议已办结" in said, said
    return int(made["id"])


async def _decide(year: Year, cycle: int, meeting: int) -> None:
    """Votes alone decide nothing (S4-22): what is known of the year beside them, and a grade that people decided."""
    year.at("2022-01-17 10:00")
    gather = ("cycle", "gather", cycle, meeting, "--component", "onsite", "--by", company.OFFICER)
    await year.command(*gather)
    run = (await year.json("run", "compute", cycle, "--by", company.OFFICER))["id"]
    refused = json.loads((await year.command("run", "show", run)).out)["refusals"]
    assert {one["code"] for one in refused} == {"onsite_only"}
    keys = [f"secretary:{one}" for one in writers(year)]
    known = [{"subject": key, "slot": "scores.routine", "value": "88"} for key in keys]
    decided = [
        {"subject": key, "slot": "facts.decided_grade", "value": grade, "reason": "党委会议研究"}
        for key, grade in zip(keys, DECIDED, strict=True)
    ]
    await year.command("cycle", "enter", cycle, year.file("平时.yaml", known), "--by", company.OFFICER)
    await year.command("cycle", "enter", cycle, year.file("等次.yaml", decided), "--by", company.LEADER)


async def _conclude(year: Year, cycle: int, meeting: int) -> None:
    """Opinions go through their six states, each person reads theirs; what a grade brings about is opened."""
    keys = [f"secretary:{one}" for one in writers(year)]
    opinions = [{"subject": key, "parts": _OPINION} for key in keys]
    await year.command("filing", "import", cycle, "opinion", year.file("意见.yaml", opinions), "--by", company.OFFICER)
    ids = [row["id"] for row in await year.json("filing", "list", cycle, "--paper", "opinion")]
    for by, state in (
        (company.OFFICER, "中心党组审议"),
        (company.LEADER, "向本人反馈"),
        (company.OFFICER, "通报"),
        (company.OFFICER, "写入年度考核评价意见"),
        (company.OFFICER, "归入本人档案"),
    ):
        for number in ids:
            assert f"现在是「{state}」" in await year.say(by, f"审核{number}", state, "确认")
    for one, grade in zip(writers(year), DECIDED, strict=True):
        assert f"等次：{grade}" in await year.say(one, "任务")
    run = (await year.json("run", "compute", cycle, "--by", company.OFFICER))["id"]
    result = json.loads((await year.command("run", "show", run)).out)
    rated = {one["id"]: one for one in result["subjects"] if one["id"] in keys}
    assert [rated[key]["band"] for key in keys] == list(DECIDED)
    await year.command("run", "publish", run, "--by", company.LEADER)
    opened = await year.json("rectification", "list", "--cycle", cycle)
    of_result = [row["organisation"] for row in opened if row["source"] == "考核反馈"]
    assert of_result == [BRANCHES[DECIDED.index("一般")]]
