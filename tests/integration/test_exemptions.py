"""Exemptions on a real PostgreSQL: applied for by one, approved by another, and then in no denominator."""

import asyncpg
import pytest

from models.cycles import Cycle
from services.requests.exemptions import apply_exemption, decide_exemption
from services.runs.runs import compute_run, read_result
from tests.integration.computed import figures_of
from tests.integration.cycles import (
    MEMBER,
    NOW,
    OFFICE,
    SECRETARY,
    fill,
)
from tests.integration.refusing import refused


@pytest.mark.fact("S2-34")
async def test_an_exemption_is_applied_for_and_approved_by_the_office_and_leaves_every_denominator(
    cycle: Cycle, sql: asyncpg.Connection
) -> None:
    await fill(cycle)
    ask = {"reason": "长期病假", "now": NOW}
    applied = await apply_exemption(cycle.id, MEMBER, actor=MEMBER, **ask)
    assert (await apply_exemption(cycle.id, MEMBER, actor=SECRETARY, **ask)).id == applied.id
    await refused("applied", apply_exemption(cycle.id, MEMBER, reason="脱产学习", now=NOW, actor=SECRETARY))
    assert "exempt" not in (await figures_of(cycle, f"member:{MEMBER}"))[2]
    decide = {"approve": True, "reason": "同意", "now": NOW}
    await refused("not_entitled", decide_exemption(applied.id, actor=SECRETARY, **decide))
    await refused("name_needed", decide_exemption(applied.id, actor="command", **decide))
    await decide_exemption(applied.id, actor=OFFICE, **decide)
    assert await figures_of(cycle, f"member:{MEMBER}") == (None, None, ["exempt"])
    result = await read_result(await compute_run(cycle.id, now=NOW, actor="command"))
    assert {row["of"] for row in result["summary"] if row["kind"] == "member"} == {5}
    await refused("exempt", apply_exemption(cycle.id, MEMBER, actor=SECRETARY, **ask))
    row = await sql.fetchrow("SELECT applied_by, decided_by, decision FROM exemptions")
    assert tuple(row) == (MEMBER, OFFICE, "同意")


async def test_who_applies_does_not_approve_and_a_rejected_one_may_ask_again(cycle: Cycle) -> None:
    ask = {"reason": "新成立不足半年", "now": NOW}
    applied = await apply_exemption(cycle.id, "0102", actor=OFFICE, **ask)
    await refused("same_person", decide_exemption(applied.id, approve=True, reason="同意", now=NOW, actor=OFFICE))
    await refused("not_entitled", apply_exemption(cycle.id, "0102", actor=SECRETARY, **ask))
