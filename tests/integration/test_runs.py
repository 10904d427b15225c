"""Runs on a real PostgreSQL: the same inputs give the same run, nothing changes it, publishing happens once, history carries over."""

import asyncio
import hashlib
import json
import subprocess
import sys
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import asyncpg
import pytest

from app.commands.cycles import CYCLE_COMMANDS
from app.commands.runs import EXPLAIN, RUN_COMMANDS
from models.cycles import Cycle
from models.runs import ScoreRun
from scoring.engine import evaluate
from scoring.report import report
from services.cycles.cycles import change_settings, create_cycle, scheme_of
from services.cycles.histories import decimal_below
from services.cycles.inputs import InputRow
from services.people.roster import import_roster
from services.ratings.entries import enter_inputs
from services.runs.comparisons import compare_runs
from services.runs.explanations import explain_run, list_sources
from services.runs.publications import publish_run
from services.runs.runs import compute_run, get_run, read_result
from services.runtime import Runtime
from tests.integration.commanding import run_line
from tests.integration.cycles import (
    FILE,
    LEADER,
    MEMBER,
    NOW,
    OFFICE,
    SECRETARY,
    TEAM,
    fill,
    make_cycle,
    roster,
    scores_of,
)
from tests.integration.refusing import refused
from tests.integration.world import name_of

LATER = NOW + timedelta(hours=1)


@pytest.fixture
async def cycle(db: str) -> Cycle:
    made = await make_cycle()
    await fill(made)
    return made


async def compute(cycle: Cycle) -> ScoreRun:
    return await compute_run(cycle.id, now=LATER, actor="command")


async def publish(run: ScoreRun, reason: str = "", actor: str = LEADER) -> int:
    return (await publish_run(run.id, now=LATER, actor=actor, reason=reason, accept_open=True)).position


async def change_score(cycle: Cycle, value: str, reason: str = "按原始记录更正") -> None:
    await enter_inputs(cycle.id, [InputRow("branch:0101", "scores.team", value, reason)], actor=OFFICE, now=NOW)


async def test_two_computations_at_once_make_one_run(cycle: Cycle, sql: asyncpg.Connection) -> None:
    runs = await asyncio.gather(*(compute(cycle) for _ in range(4)))
    assert len({run.id for run in runs}) == 1
    assert await sql.fetchval("SELECT count(*) FROM score_runs") == 1
    assert await sql.fetchval("SELECT count(*) FROM audit_entries WHERE action = 'compute_run'") == 1


async def test_a_run_is_what_the_engine_says_of_its_document_byte_for_byte(cycle: Cycle) -> None:
    run = await get_run((await compute(cycle)).id)
    assert run.inputs_sha256 == hashlib.sha256(run.document.encode()).hexdigest()
    assert run.scheme_sha256 == cycle.scheme_sha256
    assert await read_result(run) == report(evaluate(scheme_of(cycle), json.loads(run.document)))


async def test_the_same_inputs_are_the_same_run_and_changed_ones_another(cycle: Cycle) -> None:
    first = await compute(cycle)
    await change_score(cycle, "92")
    second = await compute(cycle)
    assert second.id != first.id
    await change_score(cycle, "91")
    assert (await compute(cycle)).id == first.id
    await change_settings(cycle.id, {"points": {"好": "95"}}, now=NOW, actor=OFFICE, reason="会议决定")
    assert (await compute(cycle)).id not in (first.id, second.id)


@pytest.mark.parametrize("table", ["score_runs", "run_subjects", "publications"])
async def test_the_database_refuses_any_change_of_a_run(cycle: Cycle, sql: asyncpg.Connection, table: str) -> None:
    await publish(await compute(cycle))
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await sql.execute(statement)
    assert await sql.fetchval(f"SELECT count(*) FROM {table}") > 0


async def test_a_comparison_names_the_input_behind_each_change(cycle: Cycle) -> None:
    first = await compute(cycle)
    await change_score(cycle, "92")
    # One more in the second branch now shares its five-star place.
    rows = [InputRow(f"member:{MEMBER}", f"scores.{key}", "95", "复核") for key in ("democratic", "committee")]
    await enter_inputs(cycle.id, rows, actor=OFFICE, now=NOW)
    found = await compare_runs(first.id, (await compute(cycle)).id)
    assert {(one.subject, one.slot, one.before, one.after) for one in found.inputs} == {
        ("branch:0101", "scores.team", "91", "92"),
        ("member:1003", "scores.democratic", "85", "95"),
        ("member:1003", "scores.committee", "85", "95"),
    }
    by_key = {one.key: one for one in found.subjects}
    branch = by_key["branch:0101"]
    assert (branch.before or {})["band"] == "四星级"
    assert (branch.after or {})["band"] == "五星级"
    assert [(one.slot, one.by, one.reason) for one in branch.because] == [("scores.team", OFFICE, "按原始记录更正")]
    # 1001 lost the one place (30 % of 4) to 1003 and has no changed input of its own.
    assert (by_key["member:1001"].before or {})["band"] == "五星级"
    assert (by_key["member:1001"].after or {})["band"] == "四星级"
    assert {one.subject for one in by_key["member:1001"].because} == {"branch:0101", "member:1003"}
    assert set(by_key) == {"branch:0101", "member:1001", "member:1003"}


async def test_runs_of_different_cycles_are_not_compared(cycle: Cycle) -> None:
    first = await compute(cycle)
    other = (await create_cycle(FILE.replace('"2020"', '"2021"').encode(), now=NOW, actor="command")).cycle
    await refused("other_cycle", compare_runs(first.id, (await compute(other)).id))
    await refused("no_such_run", compare_runs(first.id, 999))


async def test_publishing_is_an_act_of_an_entitled_person_once(cycle: Cycle, sql: asyncpg.Connection) -> None:
    run = await compute(cycle)
    await refused("open_points", publish_run(run.id, now=LATER, actor=LEADER))
    for actor, code in ((SECRETARY, "not_entitled"), (TEAM, "not_entitled"), ("command", "name_needed")):
        await refused(code, publish_run(run.id, now=LATER, actor=actor, accept_open=True))
    assert [await publish(run), await publish(run)] == [1, 1]
    audited = await sql.fetch("SELECT actor, object FROM audit_entries WHERE action = 'publish_run'")
    assert [tuple(row) for row in audited] == [(LEADER, f"run:{run.id}")]


async def test_a_later_run_is_published_with_a_reason_only_and_the_first_stays_on_record(
    cycle: Cycle, sql: asyncpg.Connection
) -> None:
    first = await compute(cycle)
    await publish(first)
    await change_score(cycle, "92")
    second = await compute(cycle)
    await refused("already_published", publish_run(second.id, now=LATER, actor=LEADER, accept_open=True))
    assert await publish(second, "公示期内查实录入有误") == 2
    kept = await sql.fetch("SELECT run_id, reason FROM publications ORDER BY position")
    assert [tuple(row) for row in kept] == [(first.id, ""), (second.id, "公示期内查实录入有误")]


async def test_of_two_publishers_at_once_one_wins(cycle: Cycle, sql: asyncpg.Connection) -> None:
    run = await compute(cycle)
    positions = await asyncio.gather(*(publish(run, actor=actor) for actor in (LEADER, OFFICE, LEADER)))
    assert positions == [1, 1, 1]
    assert await sql.fetchval("SELECT count(*) FROM publications") == 1


async def test_a_run_made_before_the_last_input_is_not_published(cycle: Cycle) -> None:
    run = await compute(cycle)
    await change_score(cycle, "92")
    assert "重新计算" in await refused("stale_run", publish_run(run.id, now=LATER, actor=LEADER, accept_open=True))


@pytest.mark.fact("S2-32", "S2-33")
async def test_the_years_before_come_from_published_cycles_and_from_imports(cycle: Cycle) -> None:
    for key, value in (("branch:0102", "65"), ("member:2002", "62")):
        track = ("democratic", "team", "superior") if key.startswith("branch") else ("democratic", "committee")
        rows = [InputRow(key, f"scores.{part}", value, "更正") for part in track]
        await enter_inputs(cycle.id, rows, actor=OFFICE, now=NOW)
    next_year = (await create_cycle(FILE.replace('"2020"', '"2021"').encode(), now=NOW, actor="command")).cycle
    await fill(next_year)
    bad = scores_of("branch:0102", democratic="50", team="50", superior="50") + scores_of(
        "member:2002", democratic="50", committee="50"
    )
    await enter_inputs(
        next_year.id, [InputRow(one.subject, one.slot, one.value, "更正") for one in bad], actor=OFFICE, now=NOW
    )
    imported = InputRow("member:1004", "history.2020", {"band": "二星级", "score": "61"})
    await enter_inputs(next_year.id, [imported], actor=OFFICE, now=NOW)
    assert await _consequences(next_year, "branch:0102") == ["rectify"]
    assert await _consequences(next_year, "member:1004") == ["rectify", "unqualified_member"]
    await publish(await compute(cycle))
    assert await _consequences(next_year, "branch:0102") == ["rectify", "interview", "replace_secretary"]
    assert await _consequences(next_year, "member:2002") == ["rectify", "unqualified_member"]


async def _consequences(cycle: Cycle, key: str) -> list[str]:
    result = await read_result(await compute(cycle))
    (found,) = (one["consequences"] for one in result["subjects"] if one["id"] == key)
    return list(found)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Fraction(250, 3), "83.333333333333"),
        (Fraction(90) - Fraction(1, 10**15), "89.999999999999"),
        (Fraction(90), "90"),
    ],
)
def test_a_past_score_stays_on_its_side_of_every_line(number: Fraction, text: str) -> None:
    assert decimal_below(number) == text


async def test_explanations_name_clause_arithmetic_and_the_next_line(cycle: Cycle) -> None:
    run = await compute(cycle)
    (sheet,) = await explain_run(run, "0101")
    assert sheet.startswith("「第一党支部」89.90 分，四星级")
    for part in ("91 × 0.5 = 45.5", "六(二)3", "距「五星级」的分数线还差 0.1 分", "先四舍五入到整数"):
        assert part in sheet
    assert "没有评定结果" in (await explain_run(run, "9101"))[0]
    assert len(await explain_run(run)) == 10
    assert any(
        one.startswith("考核组量化打分：91（") and "9001" not in one for one in await list_sources(run, "branch:0101")
    )
    await refused("no_such_subject", explain_run(run, "0999"))


async def test_a_year_from_the_command_line(
    rt: Runtime, settings_values: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await import_roster(roster(), now=NOW, actor="test")
    lines = {line.name: line for line in CYCLE_COMMANDS} | {f"run {line.name}": line for line in RUN_COMMANDS}
    (tmp_path / "cycle.yaml").write_text(FILE)
    branch = [
        {"subject": "0101", "slot": f"scores.{key}", "value": value}
        for key, value in (("democratic", "88"), ("team", "91"), ("superior", "90"))
    ]
    (tmp_path / "rows.json").write_text(json.dumps(branch))
    assert await run_line(lines["create"], settings_values, str(tmp_path / "cycle.yaml"), "--json") == 0
    cycle = json.loads(capsys.readouterr().out)["id"]
    assert await run_line(lines["enter"], settings_values, str(cycle), str(tmp_path / "rows.json"), "--by", OFFICE) == 0
    assert "新录入 3 项" in capsys.readouterr().out
    assert await run_line(lines["run compute"], settings_values, str(cycle), "--json") == 0
    run = json.loads(capsys.readouterr().out)["id"]
    assert await run_line(EXPLAIN, settings_values, str(run), "--subject", "0101") == 0
    told = capsys.readouterr().out
    assert "89.90 分，四星级" in told
    assert f"考核组量化打分：91（{name_of(OFFICE)} 于" in told
    assert not any(code in told for code in ("scores.", "branch:", "A14", "star-rating"))
    assert await run_line(lines["run show"], settings_values, str(run), "--sealed") == 0
    (tmp_path / "sealed.json").write_text(capsys.readouterr().out)
    subprocess.run([sys.executable, "tools/verify_score.py", tmp_path / "sealed.json"], check=True)
    assert await run_line(lines["run publish"], settings_values, str(run), "--by", LEADER, "--accept-open") == 0
    for name, arguments in (
        ("list", ()),
        ("show", (str(cycle),)),
        ("run list", (str(cycle),)),
        ("run show", (str(run),)),
    ):
        assert await run_line(lines[name], settings_values, *arguments) == 0
    assert await run_line(lines["run compare"], settings_values, str(run), str(run)) == 0
    assert "0 个对象的结果不同" in capsys.readouterr().out
