"""Cycles: the snapshot and why somebody is left out, settings, who may enter what, all rows or none, claims and exemptions."""

import asyncio
import re

import asyncpg
import pytest

from config.refusals import Refusal
from models.cycles import Cycle, CycleSubject
from services.cycles.cycles import change_settings, create_cycle, get_cycle, missing_settings, scheme_of
from services.people.roster import import_roster
from tests.integration.cycles import (
    FILE,
    MEMBER,
    NOW,
    OFFICE,
    PEOPLE,
    RETIRED,
    SECRETARY,
    TEAM,
    make_cycle,
    roster,
)
from tests.integration.refusing import faults_of, refused


@pytest.mark.fact("A33")
async def test_the_roster_is_frozen_and_every_exclusion_keeps_its_reason(cycle: Cycle, sql: asyncpg.Connection) -> None:
    rows = {row["key"]: row for row in await sql.fetch("SELECT * FROM cycle_subjects")}
    assert "离退休党员不参加评星" in rows[f"member:{RETIRED}"]["exempt"]
    assert rows["member:1004"]["parent"] == "branch:0101"
    assert rows["branch:0101"]["exempt"] is None
    assert "member:1005" not in rows  # 群众
    moved = [(n, "0102" if n == MEMBER else org, status, posts) for n, org, status, posts in PEOPLE]
    await import_roster(roster(tuple(moved)), now=NOW, actor="test")
    assert await sql.fetchval("SELECT parent FROM cycle_subjects WHERE key = $1", f"member:{MEMBER}") == "branch:0101"


@pytest.mark.fact("S2-34")
async def test_retired_members_must_be_settled_and_retired_branches_are_left_out_with_their_people(db: str) -> None:
    await import_roster(roster(), now=NOW, actor="test")
    silent = FILE.partition("exempt:")[0].replace('"0100"', '"0001"')
    (fault,) = await faults_of(create_cycle(silent.encode(), now=NOW, actor="command"))
    assert "有 2 名「离退休党员」" in fault
    left_out = (
        silent + 'exempt: [{organisation: "0103", reason: 离退休党支部除外}, {status: 离退休党员, reason: 不在职}]\n'
    )
    made = await create_cycle(left_out.encode(), now=NOW, actor="command")
    exempt = {one.key: one.exempt for one in await CycleSubject.filter(cycle=made.cycle).exclude(exempt=None)}
    assert exempt == {"branch:0103": "离退休党支部除外", "member:3001": "不在职", "member:1009": "不在职"}


async def test_a_cycle_freezes_its_scheme_and_is_made_once(cycle: Cycle, sql: asyncpg.Connection) -> None:
    assert scheme_of(cycle).sha256 == cycle.scheme_sha256
    assert str(cycle.id) in await refused("cycle_exists", create_cycle(FILE.encode(), now=NOW, actor="command"))
    for change in ("scheme_text = ''", "year = '2021'"):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await sql.execute(f"UPDATE cycles SET {change}")


async def test_two_makers_at_once_make_one_cycle(db: str, sql: asyncpg.Connection) -> None:
    await import_roster(roster(), now=NOW, actor="test")
    makers = (create_cycle(FILE.encode(), now=NOW, actor="command") for _ in range(3))
    outcomes = await asyncio.gather(*makers, return_exceptions=True)
    assert sum(isinstance(one, Refusal) for one in outcomes) == 2
    assert await sql.fetchval("SELECT count(*) FROM cycles") == 1


async def test_only_the_office_makes_a_cycle(db: str, sql: asyncpg.Connection) -> None:
    await import_roster(roster(), now=NOW, actor="test")
    await refused("not_entitled", create_cycle(FILE.encode(), now=NOW, actor=SECRETARY))
    assert await sql.fetchval("SELECT count(*) FROM cycles") == 0
    await create_cycle(FILE.encode(), now=NOW, actor=OFFICE)
    assert await sql.fetchval("SELECT actor FROM audit_entries WHERE action = 'create_cycle'") == OFFICE


BAD_FILES = {
    "nothing": ("", ["文件是空的"]),
    "hardly anything": ("exempt: []", ["title", "scheme", "year", "organisation", "subjects"]),
    "unknown key": (FILE + "weights: {}\n", ["weights"]),
    "year": (FILE.replace('"2020"', '"20"'), ["year"]),
    "status": (FILE.replace("预备党员", "预备"), ["subjects.member[1]"]),
    "no reason": (FILE.replace(", reason: 离退休党员不参加评星(六(三)1)", ""), ["exempt[0].reason"]),
    "kind": (FILE.replace("branch:", "unit:"), ["subjects.unit"]),
    "organisation": (FILE.replace('"0100"', '"0900"'), ["organisation"]),
    "scheme": (FILE.replace("star-rating", "star-ratin"), ["scheme"]),
    "setting": (FILE + "settings: {point: {}}\n", ["settings.point"]),
    "exempt organisation": (FILE + '  - {organisation: "0103", reason: x}\n', ["exempt"]),
}


@pytest.mark.parametrize("name", BAD_FILES)
async def test_a_bad_file_is_refused_with_the_path_of_each_fault(db: str, name: str) -> None:
    await import_roster(roster(), now=NOW, actor="test")
    content, paths = BAD_FILES[name]
    found = await faults_of(create_cycle(content.encode(), now=NOW, actor="command"))
    assert [re.split("[:：]", fault)[0] for fault in found] == paths


async def test_settings_are_changed_with_a_reason_audited_and_checked(db: str, sql: asyncpg.Connection) -> None:
    cycle = await make_cycle(
        FILE.replace("star-rating", "soe-assessment")
        .replace("{branch: [党支部], member: [正式党员, 预备党员]}", "{branch: [党支部]}")
        .partition("exempt")[0]
    )
    assert len(missing_settings(scheme_of(cycle), cycle.settings)) == 3
    weights = {"weights": {"party_work": "0.7", "review": "0.3"}}
    assert await faults_of(change_settings(cycle.id, weights, now=NOW, actor=OFFICE, reason=" ")) == [
        "reason：请写明改设置的理由"
    ]
    bad = {"weights": {"party_work": "0.7", "review": "0.4"}}
    (fault,) = await faults_of(change_settings(cycle.id, bad, now=NOW, actor=OFFICE, reason="会议决定"))
    assert "settings.weights" in fault
    await refused("not_entitled", change_settings(cycle.id, weights, now=NOW, actor=TEAM, reason="会议决定"))
    for _ in range(2):
        await change_settings(cycle.id, weights, now=NOW, actor=OFFICE, reason="会议决定")
    audited = await sql.fetch(
        "SELECT actor, detail->>'reason' AS reason FROM audit_entries WHERE action = 'change_settings'"
    )
    assert [tuple(row) for row in audited] == [(OFFICE, "会议决定")]
    assert len(missing_settings(scheme_of(cycle), (await get_cycle(cycle.id)).settings)) == 2


async def test_nobody_is_below_what_is_outside_the_cycle(db: str) -> None:
    file = FILE.replace("star-rating", "soe-assessment").replace(
        "{branch: [党支部], member: [正式党员, 预备党员]}", "{unit: [党委, 党总支], branch: [党支部]}"
    )
    inside = await make_cycle(file.partition("exempt")[0])
    branch_alone = file.replace('"0100"', '"0101"').partition("exempt")[0]
    alone = (await create_cycle(branch_alone.encode(), now=NOW, actor="command")).cycle
    parents = {(one.cycle_id, one.key): one.parent for one in await CycleSubject.all()}
    assert parents[inside.id, "branch:0101"] == "unit:0100"
    assert parents[alone.id, "branch:0101"] is None
