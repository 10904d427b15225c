"""What comes after a result of the company: put right until the last item is closed, and the forms of the year after."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from tests.e2e.year import company
from tests.e2e.year.company_reports import BRANCHES, PROMISE, make_reports, writers
from tests.e2e.year.driver import Year


class Typed(Protocol):
    """A sheet as it was typed: points by line."""

    @property
    def points(self) -> tuple[str, ...]: ...


def code_of(key: str) -> str:
    """The code of whoever is assessed."""
    return key.partition(":")[2]


def secretary(year: Year, key: str) -> str:
    """Who leads it."""
    return year.roster.holder(code_of(key), "书记").staff_no


async def set_right(year: Year, cycle: int, keys: Sequence[str], failed: Sequence[str]) -> None:
    """From June on: what a result opened is planned, reported and verified on the phones, the last one late, until all is closed."""
    items = {row["organisation"]: row["id"] for row in await year.json("rectification", "list", "--cycle", cycle)}
    assert sorted(items) == sorted(map(code_of, failed))
    year.at("2021-06-02 09:00")
    for key in failed:
        one, item = secretary(year, key), items[code_of(key)]
        shown = await year.say(one, f"整改{item}", "每月学习两次，补齐台账，6月30日前", "党群工作处")
        assert "时限：2021年6月30日" in shown, shown
        assert "完成" in await year.say(one, "确认")
    year.at("2021-06-21 09:00")
    for key in failed[1:]:
        await _put_right(year, secretary(year, key), items[code_of(key)])
    year.at("2021-07-05 09:00")
    overdue = await year.json("rectification", "list", "--cycle", cycle, "--overdue")
    assert [row["organisation"] for row in overdue] == [code_of(failed[0])]
    for key in keys:
        check = ("follow-up", "check", code_of(key), "--year", "2021")
        await year.command(*check, ends=1 if key in failed else 0)
    year.at("2021-07-20 09:00")
    await _put_right(year, secretary(year, failed[0]), items[code_of(failed[0])])
    rows = await year.json("rectification", "list", "--cycle", cycle)
    assert {row["organisation"]: row["state"] for row in rows} == dict.fromkeys(map(code_of, failed), "closed")
    assert await year.json("rectification", "list", "--cycle", cycle, "--overdue") == []


async def _put_right(year: Year, one: str, item: int) -> None:
    await year.say(one, f"整改{item}", "已改完", "台账已补齐")
    assert "等核实" in await year.say(one, "确认")
    await year.say(company.TEAM[1], f"整改{item}", "通过")
    assert "已销号" in await year.say(company.TEAM[1], "确认")


async def begin_next_year(year: Year, cycle_file: Mapping[str, object], own: Mapping[str, Typed]) -> None:
    """2022: the self-rating shows last year's points and what was promised in between, the next report that promise again (S4-34c)."""
    year.at("2022-02-07 09:00")
    file = dict(cycle_file) | {"title": "2022年达标考评", "year": "2022"}
    await year.command("cycle", "create", year.file("周期2022.yaml", file), "--by", company.OFFICER)
    for key in ("unit:01", "unit:33", *(f"branch:{code}" for code in BRANCHES)):
        one = secretary(year, key)
        for number, points in enumerate(own[key].points[:3], 1):
            asked = await year.say(one, "自评" if number == 1 else f"第 {number} 项")
            assert f"2021 年自评：{points} 分" in asked, asked
        asked = await year.say(one, "第 23 项")
        assert "2021 年自评：学习不够深入" in asked, asked
        assert (f"上年述职时的承诺：{PROMISE}" in asked) == (code_of(key) in BRANCHES), asked
        await year.say(one, "取消")
    year.at("2022-11-15 09:00")
    await make_reports(year, "2022")
    for one in writers(year):
        asked = await year.say(one, "述职", "集中学习 12 次", "与支委逐一谈话", "新发展 1 名党员", "按期完成检修")
        assert f"【上年度整改承诺】\n1. {PROMISE}" in asked, asked
        await year.say(one, "取消")
