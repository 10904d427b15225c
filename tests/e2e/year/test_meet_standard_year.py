"""A year of a steel company under 百分百达标: rated by itself, by the company, by each other, by sample; struck, published, set right."""

import json
import random
import re
from dataclasses import dataclass
from fractions import Fraction

import pytest

from tests.e2e.year import company
from tests.e2e.year.company_after import begin_next_year, secretary, set_right
from tests.e2e.year.company_duties import do_duties
from tests.e2e.year.company_reports import hold_reviews
from tests.e2e.year.driver import Year
from tests.e2e.year.recount_coverage import covered
from tests.e2e.year.recount_pushes import faults_of

PASS_MARK = 85
DECLARED = "unit:20"
SEED = "2021-04-06 开奖号 03 11 17"
LATE = "unit:33"
CYCLE = {
    "title": "2021年达标考评",
    "scheme": "meet-standard",
    "year": "2021",
    "organisation": company.ROOT,
    "subjects": {"unit": ["党总支"], "branch": ["党支部"]},
}


@dataclass(frozen=True)
class Sheet:
    """Twenty points, as somebody types them."""

    points: tuple[str, ...]

    @property
    def total(self) -> Fraction:
        """15 共性 and 5 个性 of 5 each: their plain sum."""
        return sum(map(Fraction, self.points), Fraction(0))

    @property
    def typed(self) -> str:
        """All in one message."""
        return " ".join(self.points)


def sheets(keys: list[str], what: str, low: int) -> dict[str, Sheet]:
    """One each, drawn in half points from `low` tenths on."""
    dice = random.Random(what)
    worst = {key: dice.choice((low, 40, 45)) for key in keys}
    return {key: Sheet(tuple(f"{dice.randint(worst[key] // 5, 10) / 2:g}" for _ in range(20))) for key in keys}


@pytest.mark.fact("S0-04", "S0-05", "S0-12", "S0-15", "S0-22", "S0-41", "S4-16", "S4-19", "S4-25", "S4-34c", "A4")
async def test_a_year_of_a_company(year: Year) -> None:
    roster = company.make_company()
    names = dict(company.subjects(roster))
    cycle = await _begin(year)
    own = await _rate_themselves(year, cycle, names)
    full = sheets(list(names), "full", 30)
    await _review(year, names, full)
    await do_duties(year, cycle)
    cross = await _review_each_other(year, cycle, names)
    spot = await _sample(year, cycle, names)
    await _decide(year, cycle)
    failed = await _compute(year, cycle, full, {"自查自评": own, "交叉互评": cross, "抽查点评": spot})
    await set_right(year, cycle, list(names), failed)
    await hold_reviews(year)
    await begin_next_year(year, CYCLE, own)
    assert faults_of(year.pushes()) == []


async def _begin(year: Year) -> int:
    year.at("2021-02-01 09:00")
    roster = company.make_company()
    await year.import_roster(roster)
    await year.bind([one.staff_no for one in roster.people])
    made = await year.json("cycle", "create", year.file("周期.yaml", CYCLE), "--by", company.OFFICER)
    assert (made["subjects"], made["exempt"]) == (45, 0)
    return int(made["id"])


async def _rate_themselves(year: Year, cycle: int, names: dict[str, str]) -> dict[str, Sheet]:
    """February: all but one on their phones; who is late is reminded and named, then does it, too (S0-05)."""
    own = sheets(list(names), "own", 35)
    year.at("2021-02-08 10:00")
    for key in names:
        if key != LATE:
            await _rate_oneself(year, key, own[key])
    progress = await year.command("rating", "progress", cycle)
    assert f"自查自评（党总支）：32/33，还没有评：{names[LATE]}" in progress.out
    assert "自查自评（党支部）：12/12" in progress.out
    late, done = secretary(year, LATE), secretary(year, DECLARED)
    await _tell_leader(year, names)
    year.at("2021-02-25 10:00")
    assert "自评" in await year.say(late, "任务")
    assert "自评" not in await year.say(done, "任务")
    year.at("2021-02-26 09:00")
    await year.tick()
    assert any("自评" in text for text in year.pushed(late))
    assert not any("自评" in text for text in year.pushed(done))
    await _rate_oneself(year, LATE, own[LATE])
    for key in list(names)[::9]:
        compared = await year.json("rating", "compare", cycle, key)
        assert Fraction(compared["totals"]["self"]) == own[key].total
    return own


async def _tell_leader(year: Year, names: dict[str, str]) -> None:
    """A Monday: 进展 at any time, and the same in the morning's one message, whoever asks the clock how often, also at night."""
    units = [key for key in names if key.startswith("unit")]
    rated = [key for key in units if key != LATE]
    statement = covered("党总支", "自查自评", rated, len(units))
    year.at("2021-02-22 08:30")
    assert statement in await year.say(company.LEADER, "进展")
    await year.say(secretary(year, LATE), "帮助")
    for hour in ("09:00", "09:05", "15:00", "22:30"):
        year.at(f"2021-02-22 {hour}")
        await year.tick()
    (told,) = [one.text for one in year.pushes()[company.LEADER] if one.is_reminder]
    assert statement in told


async def _rate_oneself(year: Year, key: str, sheet: Sheet) -> None:
    vetoes = ["5", "2020年6月1日 炉前发生重大责任事故"] if key == DECLARED else ["都没有"]
    texts = ["自评", sheet.typed, "制度齐全", "党员带头", "学习不够深入", *vetoes]
    shown = await year.say(secretary(year, key), *texts)
    assert f"合计 {float(sheet.total):g} 分" in shown, shown
    assert "已提交" in await year.say(secretary(year, key), "确认")


async def _review(year: Year, names: dict[str, str], full: dict[str, Sheet]) -> None:
    """March: the company's own team, sheet by sheet."""
    year.at("2021-03-02 09:00")
    for number, (key, name) in enumerate(names.items()):
        await _rate(year, company.TEAM[number % 2], name, full[key])


async def _rate(year: Year, rater: str, name: str, sheet: Sheet, *words: str) -> None:
    shown = await year.say(rater, "打分", name, sheet.typed, *words)
    assert f"合计 {float(sheet.total):g} 分" in shown, shown
    assert "已提交" in await year.say(rater, "确认")


async def _review_each_other(year: Year, cycle: int, names: dict[str, str]) -> dict[str, Sheet]:
    """April: six groups are drawn from a seed that anybody can draw again; each is reviewed by another (S0-12)."""
    year.at("2021-04-06 09:00")
    drawing = ("assign", "draw", cycle, "cross_review", "--seed", SEED, "--kind", "unit", "--by", company.OFFICER)
    drawn = await year.command(*drawing, "--groups", 6)
    assert [int(size) for size in re.findall(r"（(\d+) 个，评", drawn.out)] == [6, 6, 6, 5, 5, 5]
    await year.command("assign", "verify", cycle)
    listed = await year.json("assign", "list", cycle)
    given = sheets([key for key in names if key.startswith("unit")], "cross", 35)
    for key, sheet in given.items():
        (rater,) = [row["staff_no"] for row in listed if row["subject"] == key]
        assert rater != secretary(year, key)
        await _rate(year, rater, names[key], sheet, "做法扎实", "台账不全", "建议补齐")
    return given


async def _sample(year: Year, cycle: int, names: dict[str, str]) -> dict[str, Sheet]:
    """May: a fifth of the units, drawn, by the team."""
    year.at("2021-05-11 09:00")
    drawing = ("assign", "draw", cycle, "spot_check", "--seed", SEED, "--kind", "unit", "--by", company.OFFICER)
    await year.command(*drawing, "--ratio", "0.2", "--raters", company.TEAM[0])
    listed = [row["subject"] for row in await year.json("assign", "list", cycle, "--round", "spot_check")]
    assert len(listed) == 7
    given = sheets(listed, "spot", 35)
    for key, sheet in given.items():
        await _rate(year, company.TEAM[0], names[key], sheet)
    return given


async def _decide(year: Year, cycle: int) -> None:
    """June: nobody is graded before the company has set a line (A4); the leader confirms what was declared."""
    year.at("2021-06-01 09:00")
    run = (await year.json("run", "compute", cycle, "--by", company.OFFICER))["id"]
    result = json.loads((await year.command("run", "show", run)).out)
    assert {one["code"] for one in result["refusals"]} == {"missing_pass_mark"}
    file = year.file("设置.yaml", {"pass_mark": str(PASS_MARK)})
    await year.command("cycle", "set", cycle, file, "--reason", "公司党委会议决定", "--by", company.OFFICER)
    shown = json.loads((await year.command("cycle", "show", cycle, "--json")).out)
    (claim,) = shown["claims"]
    assert (claim["subject"], claim["rule"], claim["state"]) == (DECLARED, "S0-19.5", "claimed")
    decide = ("cycle", "decide-claim", claim["id"], "confirm", "--reason", "查证属实", "--by", company.LEADER)
    await year.command(*decide)


async def _compute(year: Year, cycle: int, full: dict[str, Sheet], beside: dict[str, dict[str, Sheet]]) -> list[str]:
    """Everybody's sum and grade equal the recount; who failed."""
    run = (await year.json("run", "compute", cycle, "--by", company.OFFICER))["id"]
    result = json.loads((await year.command("run", "show", run)).out)
    rows = {one["id"]: one for one in result["subjects"]}
    assert rows.keys() == full.keys()
    failed = [key for key, sheet in full.items() if sheet.total < PASS_MARK or key == DECLARED]
    for key, sheet in full.items():
        row = rows[key]
        is_failed = key in failed
        assert Fraction(row["exact"]) == sheet.total, key
        assert row["band"] == ("不达标" if is_failed else "达标"), key
        assert sorted(row["consequences"]) == (["no_awards", "rectify"] if is_failed else []), key
        steps = {step["say"].partition("：")[0]: step["value"] for step in row["trace"]}
        for title, given in beside.items():
            assert key not in given or Fraction(steps[title]) == given[key].total, (key, title)
    counts = {(row["kind"], row["label"]): (row["count"], row["of"]) for row in result["summary"]}
    for kind in ("unit", "branch"):
        all_of = [key for key in full if key.startswith(kind)]
        bad = sum(key.startswith(kind) for key in failed)
        assert counts[kind, "不达标"] == (bad, len(all_of))
        assert counts[kind, "达标"] == (len(all_of) - bad, len(all_of))
    await year.command("run", "publish", run, "--by", company.LEADER)
    return failed
