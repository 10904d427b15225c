"""Cycles: the snapshot and why somebody is left out, settings, who may enter what, all rows or none, claims and exemptions."""

import asyncio
import re
from dataclasses import replace
from datetime import date

import asyncpg
import pytest

from config.refusals import BadInput, Refusal
from models.cycles import Cycle, CycleSubject
from services.cycles.cycles import change_settings, create_cycle, get_cycle, missing_settings, scheme_of
from services.cycles.inputs import Entered, InputRow, enter_inputs
from services.people.roster import import_roster
from services.requests.claims import ClaimSpec, decide_claim, file_claim
from services.requests.exemptions import apply_exemption, decide_exemption
from services.runs.decisions import decide_grade
from services.runs.explanations import explain_run
from services.runs.runs import compute_run, read_result
from tests.integration.cycles import (
    DEPUTY,
    FILE,
    LEADER,
    MEMBER,
    NOW,
    OFFICE,
    OTHER_SECRETARY,
    PEOPLE,
    RETIRED,
    SECRETARY,
    SUPERIOR,
    TEAM,
    fill,
    make_cycle,
    roster,
    scores_of,
)
from tests.integration.refusing import faults_of, refused
from tests.integration.world import name_of


@pytest.fixture
async def cycle(db: str) -> Cycle:
    return await make_cycle()


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
    "nothing": ("", ["title", "scheme", "year", "organisation", "subjects"]),
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
        "reason:请写明改设置的理由"
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


@pytest.mark.fact("S4-22")
async def test_a_grade_is_decided_by_an_entitled_person_with_a_reason_and_never_by_the_vote_alone(db: str) -> None:
    cycle = await make_cycle(
        FILE.replace("star-rating", "report-review")
        .replace("{branch: [党支部], member: [正式党员, 预备党员]}", "{secretary: [党支部]}")
        .partition("exempt")[0]
    )
    await enter_inputs(cycle.id, scores_of(SECRETARY, onsite="95"), actor=OFFICE, now=NOW)
    decide = {"now": NOW, "reason": "党组研究决定"}
    assert (
        "等次由人研究确定"
        in (await faults_of(decide_grade(cycle.id, SECRETARY, "好", now=NOW, actor=LEADER, reason="")))[0]
    )
    for actor in ("command", TEAM, SECRETARY):
        assert await faults_of(decide_grade(cycle.id, SECRETARY, "好", actor=actor, **decide))
    await decide_grade(cycle.id, SECRETARY, "好", actor=LEADER, **decide)
    alone = await read_result(await compute_run(cycle.id, now=NOW, actor="command"))
    assert {"id": f"secretary:{SECRETARY}", "code": "onsite_only"}.items() <= alone["refusals"][0].items()
    await enter_inputs(cycle.id, scores_of(SECRETARY, routine="88"), actor=TEAM, now=NOW)
    result = await read_result(await compute_run(cycle.id, now=NOW, actor="command"))
    assert [one["band"] for one in result["subjects"]] == ["好"]


async def test_a_veto_is_reported_by_one_and_confirmed_by_another(cycle: Cycle, sql: asyncpg.Connection) -> None:
    await fill(cycle)
    spec = ClaimSpec("0102", "veto", "班子长期不开展组织生活", rule="S2-28.1", on=date(2020, 5, 1))
    await refused("not_entitled", file_claim(cycle.id, spec, now=NOW, actor=MEMBER))
    await refused("no_such_subject", file_claim(cycle.id, replace(spec, subject="0109"), now=NOW, actor=OFFICE))
    claim = await file_claim(cycle.id, spec, now=NOW, actor=OFFICE)
    assert (await file_claim(cycle.id, spec, now=NOW, actor=OFFICE)).id == claim.id
    assert await _figures(cycle, "branch:0102") == ("95.00", None, ["veto_unconfirmed"])
    decision = {"confirm": True, "reason": "查证属实", "now": NOW}
    await refused("same_person", decide_claim(claim.id, actor=OFFICE, **decision))
    await refused("not_entitled", decide_claim(claim.id, actor=TEAM, **decision))
    await refused("name_needed", decide_claim(claim.id, actor="command", **decision))
    for _ in range(2):
        await decide_claim(claim.id, actor=LEADER, **decision)
    assert await _figures(cycle, "branch:0102") == ("95.00", None, ["veto"])
    (sheet,) = await explain_run(await compute_run(cycle.id, now=NOW, actor="command"), "0102")
    told = (
        f"一票否决「班子不团结、党组织生活不正常开展」，由{name_of(LEADER)}于 2020年12月20日 09:00 确认，理由：查证属实"
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
    assert await _figures(cycle, "branch:0101") == ("89.00", "良好", ["bonus_unconfirmed"])
    await decide_claim(bonus.id, confirm=True, reason="核实", now=NOW, actor=LEADER)
    assert await _figures(cycle, "branch:0101") == ("91.00", "优秀", [])
    drop = await file_claim(
        cycle.id, ClaimSpec("0102", "downgrade", "巡视指出重大问题", amount="1"), now=NOW, actor=TEAM
    )
    await decide_claim(drop.id, confirm=True, reason="集团党组审定", now=NOW, actor=LEADER)
    assert await _figures(cycle, "branch:0102") == ("89.00", "一般", [])


BAD_CLAIMS = {
    "rule": ClaimSpec("0101", "veto", "x", rule="S2-28.9"),
    "rule of members": ClaimSpec("0101", "veto", "x", rule="S2-28.4"),
    "kind": ClaimSpec("0101", "vote", "x"),
    "kind not of this scheme": ClaimSpec("0101", "bonus", "x", amount="1"),
    "reason": ClaimSpec("0101", "veto", " ", rule="S2-28.1"),
    "until": ClaimSpec("1003", "veto", "x", rule="S2-28.4", on=date(2020, 5, 2), until=date(2020, 5, 1)),
    "levels": ClaimSpec("0101", "downgrade", "x", amount="-1"),
}


@pytest.mark.parametrize("name", BAD_CLAIMS)
async def test_what_cannot_be_claimed_is_refused(cycle: Cycle, sql: asyncpg.Connection, name: str) -> None:
    assert await faults_of(file_claim(cycle.id, BAD_CLAIMS[name], now=NOW, actor=OFFICE))
    assert await sql.fetchval("SELECT count(*) FROM claims") == 0


@pytest.mark.fact("S2-34")
async def test_an_exemption_is_applied_for_and_approved_by_the_office_and_leaves_every_denominator(
    cycle: Cycle, sql: asyncpg.Connection
) -> None:
    await fill(cycle)
    ask = {"reason": "长期病假", "now": NOW}
    applied = await apply_exemption(cycle.id, MEMBER, actor=MEMBER, **ask)
    assert (await apply_exemption(cycle.id, MEMBER, actor=SECRETARY, **ask)).id == applied.id
    assert "exempt" not in (await _figures(cycle, f"member:{MEMBER}"))[2]
    decide = {"approve": True, "reason": "同意", "now": NOW}
    await refused("not_entitled", decide_exemption(applied.id, actor=SECRETARY, **decide))
    await refused("name_needed", decide_exemption(applied.id, actor="command", **decide))
    await decide_exemption(applied.id, actor=OFFICE, **decide)
    assert await _figures(cycle, f"member:{MEMBER}") == (None, None, ["exempt"])
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


async def test_indicators_and_stated_facts_are_entered_like_scores(db: str) -> None:
    file = FILE.replace("{branch: [党支部], member: [正式党员, 预备党员]}", "{branch: [党支部]}").partition("exempt")[0]
    standard = await make_cycle(file.replace("star-rating", "meet-standard") + 'settings: {pass_mark: "60"}\n')
    rows = [InputRow("0101", f"indicators.common.{n}", "4.5") for n in range(1, 16)]
    rows += [InputRow("0101", f"indicators.individual.{n}", "5") for n in range(1, 6)]
    await enter_inputs(standard.id, rows, actor=TEAM, now=NOW)
    assert (await _figures(standard, "branch:0101"))[:2] == ("92.50", "达标")
    (fault,) = await faults_of(
        enter_inputs(standard.id, [InputRow("0101", "indicators.common.1", "6", "更正")], actor=TEAM, now=NOW)
    )
    assert "超出范围" in fault
    solid = (await create_cycle(file.replace("star-rating", "solid-branch").encode(), now=NOW, actor=OFFICE)).cycle
    stated = [InputRow("0101", "facts.accredited", "学院党委"), InputRow("0101", "facts.grade", "优秀")]
    await enter_inputs(solid.id, stated, actor=OFFICE, now=NOW)
    assert (await _figures(solid, "branch:0101"))[:2] == (None, "优秀")


async def _figures(cycle: Cycle, key: str) -> tuple[str | None, str | None, list[str]]:
    result = await read_result(await compute_run(cycle.id, now=NOW, actor="command"))
    (one,) = (one for one in result["subjects"] if one["id"] == key)
    return one["score"], one["band"], one["flags"]
