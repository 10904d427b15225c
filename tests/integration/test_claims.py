"""Claims on a real PostgreSQL: a veto, a bonus or a downgrade counts once a second person has confirmed it."""

from dataclasses import replace
from datetime import date

import asyncpg
import pytest

from models.cycles import Cycle
from services.ratings.entries import enter_inputs
from services.requests.claims import ClaimSpec, decide_claim, file_claim
from services.runs.explanations import explain_run
from services.runs.runs import compute_run
from tests.integration.computed import figures_of
from tests.integration.cycles import (
    FILE,
    LEADER,
    MEMBER,
    NOW,
    OFFICE,
    TEAM,
    fill,
    make_cycle,
    scores_of,
)
from tests.integration.refusing import faults_of, refused
from tests.integration.world import name_of

BAD_CLAIMS = {
    "rule": ClaimSpec("0101", "veto", "x", rule="S2-28.9"),
    "rule of members": ClaimSpec("0101", "veto", "x", rule="S2-28.4"),
    "kind": ClaimSpec("0101", "vote", "x"),
    "kind not of this scheme": ClaimSpec("0101", "bonus", "x", amount="1"),
    "reason": ClaimSpec("0101", "veto", " ", rule="S2-28.1"),
    "until": ClaimSpec("1003", "veto", "x", rule="S2-28.4", on=date(2020, 5, 2), until=date(2020, 5, 1)),
    "levels": ClaimSpec("0101", "downgrade", "x", amount="-1"),
}


async def test_a_veto_is_reported_by_one_and_confirmed_by_another(cycle: Cycle, sql: asyncpg.Connection) -> None:
    await fill(cycle)
    spec = ClaimSpec("0102", "veto", "班子长期不开展组织生活", rule="S2-28.1", on=date(2020, 5, 1))
    await refused("not_entitled", file_claim(cycle.id, spec, now=NOW, actor=MEMBER))
    await refused("no_such_subject", file_claim(cycle.id, replace(spec, subject="0109"), now=NOW, actor=OFFICE))
    claim = await file_claim(cycle.id, spec, now=NOW, actor=OFFICE)
    assert (await file_claim(cycle.id, spec, now=NOW, actor=OFFICE)).id == claim.id
    assert await figures_of(cycle, "branch:0102") == ("95.00", None, ["veto_unconfirmed"])
    decision = {"confirm": True, "reason": "查证属实", "now": NOW}
    await refused("same_person", decide_claim(claim.id, actor=OFFICE, **decision))
    await refused("not_entitled", decide_claim(claim.id, actor=TEAM, **decision))
    await refused("name_needed", decide_claim(claim.id, actor="command", **decision))
    for _ in range(2):
        await decide_claim(claim.id, actor=LEADER, **decision)
    assert await figures_of(cycle, "branch:0102") == ("95.00", None, ["veto"])
    (sheet,) = await explain_run(await compute_run(cycle.id, now=NOW, actor="command"), "0102")
    told = (
        f"一票否决「班子不团结、党组织生活不正常开展」，由{name_of(LEADER)}于 2020年12月20日 09:00 认定，理由：查证属实"
    )
    assert told in sheet
    await refused("decided", decide_claim(claim.id, actor=LEADER, confirm=False, reason="误报", now=NOW))
    assert await sql.fetchval("SELECT count(*) FROM audit_entries WHERE action = 'decide_claim'") == 1


@pytest.mark.fact("S3-10", "S3-11")
async def test_bonus_and_downgrade_count_only_when_confirmed(db: str) -> None:
    settings = """
settings:
  weights: {party_work: "0.5", review: "0.5"}
  bands: {优秀: "90", 良好: "80", 一般: "60", 较差: "0"}
  excellent_quota: "0.5"
"""
    file = FILE.replace("star-rating", "soe-assessment").replace(
        "{branch: [党支部], member: [正式党员, 预备党员]}", "{branch: [党支部]}"
    )
    cycle = await make_cycle(file.partition("exempt")[0] + settings)
    for key in ("0101", "0102"):
        await enter_inputs(cycle.id, scores_of(key, party_work="89", review="89"), actor=OFFICE, now=NOW)
    bonus = await file_claim(cycle.id, ClaimSpec("0101", "bonus", "经验在集团推广", amount="2"), now=NOW, actor=TEAM)
    assert await figures_of(cycle, "branch:0101") == ("89.00", "良好", ["bonus_unconfirmed"])
    await decide_claim(bonus.id, confirm=True, reason="核实", now=NOW, actor=LEADER)
    assert await figures_of(cycle, "branch:0101") == ("91.00", "优秀", [])
    drop = await file_claim(
        cycle.id, ClaimSpec("0102", "downgrade", "巡视指出重大问题", amount="1"), now=NOW, actor=TEAM
    )
    await decide_claim(drop.id, confirm=True, reason="集团党组审定", now=NOW, actor=LEADER)
    assert await figures_of(cycle, "branch:0102") == ("89.00", "一般", [])


@pytest.mark.parametrize("name", BAD_CLAIMS)
async def test_what_cannot_be_claimed_is_refused(cycle: Cycle, sql: asyncpg.Connection, name: str) -> None:
    assert await faults_of(file_claim(cycle.id, BAD_CLAIMS[name], now=NOW, actor=OFFICE))
    assert await sql.fetchval("SELECT count(*) FROM claims") == 0
