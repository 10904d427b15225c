"""Inputs of a cycle on a real PostgreSQL: who may enter what, all rows or none, and what stood before stays on record."""

import asyncio
import re

import asyncpg
import pytest

from config.refusals import BadInput
from models.cycles import Cycle, CycleSubject
from services.cycles.cycles import create_cycle
from services.cycles.inputs import Entered, InputRow
from services.ratings.assignments import Task, assign
from services.ratings.entries import enter_inputs
from tests.integration.computed import figures_of
from tests.integration.cycles import (
    DEPUTY,
    FILE,
    LEADER,
    MEMBER,
    NOW,
    OFFICE,
    OTHER_SECRETARY,
    SECRETARY,
    SUPERIOR,
    TEAM,
    make_cycle,
)
from tests.integration.refusing import faults_of

# slot → who may enter it for the first branch or its member 1003
MAY_ENTER = {
    ("branch:0101", "scores.team"): {TEAM, OFFICE},
    ("branch:0101", "scores.superior"): {SUPERIOR, OFFICE},
    ("branch:0101", "scores.democratic"): {OFFICE, "command"},
    (f"member:{MEMBER}", "scores.committee"): {SECRETARY, DEPUTY, OFFICE},
    (f"member:{MEMBER}", "scores.democratic"): {OFFICE, "command"},
    (f"member:{SECRETARY}", "scores.committee"): {DEPUTY, OFFICE},  # never one's own
}
ACTORS = (OFFICE, TEAM, LEADER, SUPERIOR, SECRETARY, DEPUTY, MEMBER, OTHER_SECRETARY)


@pytest.mark.parametrize("where", MAY_ENTER, ids=" ".join)
async def test_who_may_enter_what(cycle: Cycle, where: tuple[str, str]) -> None:
    allowed = set()
    for number, actor in enumerate(ACTORS):
        row = InputRow(*where, value=str(80 + number), reason="核对")
        try:
            await enter_inputs(cycle.id, [row], actor=actor, now=NOW)
            allowed.add(actor)
        except BadInput:
            pass
    assert allowed == MAY_ENTER[where] - {"command"}


async def test_all_rows_go_in_or_none_and_every_fault_is_told(cycle: Cycle, sql: asyncpg.Connection) -> None:
    rows = [
        InputRow("branch:0101", "scores.team", "91", at="支部!B2"),
        InputRow("branch:0999", "scores.team", "91", at="支部!B3"),
        InputRow("branch:0101", "scores.tema", "91", at="支部!C2"),
        InputRow("0102", "scores.team", "101", at="支部!B4"),
        InputRow("member:1003", "scores.committee", "90", at="党员!B2"),
        InputRow("branch:0101", "scores.team", "92", at="支部!B5"),
        InputRow("branch:0102", "scores.superior", 90, at="支部!D4"),
    ]
    found = await faults_of(enter_inputs(cycle.id, rows, actor=TEAM, now=NOW, source="workbook"))
    assert [re.split("[:：]", fault)[0] for fault in found] == [
        "支部!B3",
        "支部!C2",
        "支部!B4",
        "党员!B2",
        "支部!B5",
        "支部!D4",
    ]
    assert "您是否想写" in found[1]
    assert await sql.fetchval("SELECT count(*) FROM inputs") == 0


async def test_the_same_rows_again_change_nothing_and_a_change_needs_a_reason(
    cycle: Cycle, sql: asyncpg.Connection
) -> None:
    row = InputRow("branch:0101", "scores.team", "91.50")
    assert await enter_inputs(cycle.id, [row], actor=TEAM, now=NOW) == Entered(1, 0, 0)
    again = InputRow("branch:0101", "scores.team", "91.5")
    assert await enter_inputs(cycle.id, [again], actor=TEAM, now=NOW) == Entered(0, 0, 1)
    changed = InputRow("branch:0101", "scores.team", "92")
    (fault,) = await faults_of(enter_inputs(cycle.id, [changed], actor=OFFICE, now=NOW))
    assert "原来是 91.5" in fault
    with_reason = InputRow("branch:0101", "scores.team", "92", "按原始记录更正")
    assert await enter_inputs(cycle.id, [with_reason], actor=OFFICE, now=NOW) == Entered(0, 1, 0)
    taken_away = InputRow("branch:0101", "scores.team", None, "录错对象")
    await enter_inputs(cycle.id, [taken_away], actor=TEAM, now=NOW)
    kept = await sql.fetch("SELECT content, entered_by FROM inputs ORDER BY id")
    assert [tuple(one) for one in kept] == [('"91.5"', TEAM), ('"92"', OFFICE), ("null", TEAM)]
    assert await sql.fetchval("SELECT count(*) FROM inputs WHERE replaced_at IS NULL") == 1


async def test_two_at_once_leave_one_value_standing(cycle: Cycle, sql: asyncpg.Connection) -> None:
    rows = [[InputRow("branch:0101", "scores.team", value, "核对")] for value in ("91", "92", "93", "94")]
    await asyncio.gather(*(enter_inputs(cycle.id, row, actor=TEAM, now=NOW) for row in rows))
    assert await sql.fetchval("SELECT count(*) FROM inputs") == 4
    assert await sql.fetchval("SELECT count(*) FROM inputs WHERE replaced_at IS NULL") == 1


async def test_bare_codes_are_enough_where_they_are_clear(db: str) -> None:
    cycle = await make_cycle(
        FILE.replace("star-rating", "report-review")
        .replace("{branch: [党支部], member: [正式党员, 预备党员]}", "{branch: [党支部], secretary: [党支部]}")
        .partition("exempt")[0]
    )
    await enter_inputs(cycle.id, [InputRow(SECRETARY, "scores.routine", "90")], actor=TEAM, now=NOW)
    keys = {one.key: one.parent for one in await CycleSubject.filter(cycle=cycle)}
    assert keys["secretary:1001"] == "branch:0101"
    (fault,) = await faults_of(enter_inputs(cycle.id, [InputRow("9", "scores.routine", "90")], actor=TEAM, now=NOW))
    assert "考核名单里没有「9」" in fault


async def test_indicators_and_stated_facts_are_entered_like_scores(db: str) -> None:
    file = FILE.replace("{branch: [党支部], member: [正式党员, 预备党员]}", "{branch: [党支部]}").partition("exempt")[0]
    standard = await make_cycle(file.replace("star-rating", "meet-standard") + 'settings: {pass_mark: "60"}\n')
    rows = [InputRow("0101", f"indicators.common.{n}", "4.5") for n in range(1, 16)]
    rows += [InputRow("0101", f"indicators.individual.{n}", "5") for n in range(1, 6)]
    await enter_inputs(standard.id, rows, actor=TEAM, now=NOW)
    assert (await figures_of(standard, "branch:0101"))[:2] == ("92.50", "达标")
    (fault,) = await faults_of(
        enter_inputs(standard.id, [InputRow("0101", "indicators.common.1", "6", "更正")], actor=TEAM, now=NOW)
    )
    assert "超出范围" in fault
    solid = (await create_cycle(file.replace("star-rating", "solid-branch").encode(), now=NOW, actor=OFFICE)).cycle
    stated = [InputRow("0101", "facts.accredited", "学院党委"), InputRow("0101", "facts.grade", "优秀")]
    await enter_inputs(solid.id, stated, actor=OFFICE, now=NOW)
    assert (await figures_of(solid, "branch:0101"))[:2] == (None, "优秀")


async def test_where_a_round_is_assigned_a_post_does_not_suffice_by_any_door(cycle: Cycle) -> None:
    """The office transcribes what came on paper; other rounds go by posts as before."""
    await assign(cycle.id, [Task("team", "branch:0101", LEADER)], now=NOW, actor=OFFICE)

    async def enter(actor: str, subject: str, slot: str = "scores.team") -> Entered:
        row = InputRow(subject, slot, "90", "按纸质表录入")
        return await enter_inputs(cycle.id, [row], actor=actor, now=NOW)

    for subject in ("branch:0101", "branch:0102"):
        with pytest.raises(BadInput) as refused:
            await enter(TEAM, subject)
        (fault,) = refused.value.faults
        assert fault.endswith("已经分派了打分人，这一项没有分派给您")
    assert (await enter(LEADER, "branch:0101")).new == 1
    assert (await enter(OFFICE, "branch:0102")).new == 1
    assert (await enter(SUPERIOR, "branch:0101", "scores.superior")).new == 1
    with pytest.raises(BadInput):
        await enter(LEADER, "branch:0101", "scores.superior")
