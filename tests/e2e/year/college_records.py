"""Five months of 主题党日 in the college, with a secretary replaced and a member moved in between, and what it takes of people."""

import asyncio
from dataclasses import replace

from tests.e2e.year import college
from tests.e2e.year.driver import Year

MOST_ANSWERS = 3
REPLACED, SUCCESSOR = "10501", "10506"
MOVED, TO = "10820", "0103"


async def keep_records(year: Year) -> None:
    """2020: each secretary says one sentence and confirms; one member is away each time; every figure equals what was said."""
    told: dict[tuple[str, str], tuple[str, int]] = {}
    for month in (3, 5, 7, 9, 10):
        year.at(f"2020-{month:02d}-20 15:00")
        before = await _burden(year, month)
        found = await asyncio.gather(*(_keep(year, month, code) for code in college.branch_codes()))
        told |= {(code, f"2020-{month:02d}-20"): one for code, one in zip(college.branch_codes(), found, strict=True)}
        if month == 5:
            await _check_burden(year, month, before)
            await change_people(year)
    kept = await year.json("record", "list", "--since", "2020-01-01", "--until", "2020-12-31", "--by", college.OFFICER)
    assert {(row["organisation"], row["held_on"]): [one["name"] for one in row["absent"]] for row in kept} == {
        where: [name] for where, (name, _) in told.items()
    }
    for row in kept:
        expected = told[row["organisation"], row["held_on"]][1]
        assert (row["expected"], row["present"], row["topic"]) == (expected, expected - 1, "学习党章"), row


async def _keep(year: Year, month: int, code: str) -> tuple[str, int]:
    """One branch's record: who was away, of how many."""
    people = year.roster.of(code)
    party = [one for one in people if one.is_party]
    missing = party[month % (len(party) - 1) + 1]
    words = ("主题党日", f"今天在党员活动室学习党章，{missing.name}请假", "确认")
    assert "已" in await year.say(year.roster.holder(code, "书记").staff_no, *words)
    return missing.name, sum(one.status != "群众" for one in people)


async def _burden(year: Year, month: int) -> dict[str, tuple[int, int]]:
    """Organisation → messages that came from it, questions it was asked, by the meter (issue 5: 3 answers a record)."""
    await year.write_meters([year.roster.holder(code, "书记").staff_no for code in college.branch_codes()])
    rows = await year.json("burden", "list", "--month", f"2020-{month:02d}")
    return {row["code"]: (row["pulled"], row["asked"]) for row in rows}


async def _check_burden(year: Year, month: int, before: dict[str, tuple[int, int]]) -> None:
    after = await _burden(year, month)
    for code in college.branch_codes():
        (pulled, asked), (had_pulled, had_asked) = after[code], before.get(code, (0, 0))
        assert 0 < pulled - had_pulled <= MOST_ANSWERS, (code, pulled, had_pulled)
        assert 0 < asked - had_asked <= MOST_ANSWERS, (code, asked, had_asked)


async def change_people(year: Year) -> None:
    """June: a workbook with a new secretary of one branch, and a member who is in another branch now (A33)."""
    year.at("2020-06-10 09:00")
    posts = {REPLACED: "", SUCCESSOR: "书记"}
    changed = await year.import_roster(
        year.roster.changed(
            *(replace(year.roster[one], posts=title) for one, title in posts.items()),
            replace(year.roster[MOVED], org=TO),
        )
    )
    assert changed["people"] == {"created": 0, "updated": 3, "unchanged": len(year.roster.people) - 3}, changed
    assert "由党支部的书记、副书记、委员来记" in await year.say(REPLACED, "主题党日")
