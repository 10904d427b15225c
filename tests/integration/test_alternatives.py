"""What-if for a stored run: nothing is stored, and nobody's vote can be worked out by asking twice."""

import json
from pathlib import Path

import asyncpg
import pytest

from app.commands.alternatives import WHAT_IF_COMMANDS
from config.refusals import BadInput
from config.scheme_files import SCHEMES
from services.runs.alternatives import what_if_run
from services.runs.runs import compute_run
from services.runtime import Runtime
from tests.integration.commanding import run_line
from tests.integration.cycles import NOW, fill, make_cycle
from tests.integration.refusing import refused
from tests.integration.voted import held_with_a_small_class

LATER = (SCHEMES / "star-rating.yaml").read_bytes().replace(b'share: "0.3"', b'share: "0"', 1)


async def test_a_stored_run_under_another_version(
    db: str,
    sql: asyncpg.Connection,
    settings_values: dict[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cycle = await make_cycle()
    await fill(cycle)
    run = await compute_run(cycle.id, now=NOW, actor="command")
    found = await what_if_run(run.id, {}, LATER)
    assert {one.id: (one.before["band"], one.after["band"]) for one in found.subjects} == {
        "member:1001": ("五星级", "四星级"),
    }
    assert found.subjects[0].because == ("scheme.tracks[1].quotas",)
    assert await sql.fetchval("SELECT count(*) FROM score_runs") == 1
    with pytest.raises(BadInput):
        await what_if_run(run.id, {"pointz": {}}, None)
    (tmp_path / "later.yaml").write_bytes(LATER)
    later = str(tmp_path / "later.yaml")
    assert await run_line(WHAT_IF_COMMANDS[0], settings_values, str(run.id), "--scheme", later, "--json") == 0
    assert [one["id"] for one in json.loads(capsys.readouterr().out)["subjects"]] == ["member:1001"]


async def test_no_other_weights_are_tried_on_votes_that_are_hidden(rt: Runtime) -> None:
    _, cycle = await held_with_a_small_class(rt)
    run = await compute_run(cycle.id, now=NOW, actor="command")
    weights = {"领导班子": "1", "党员代表": "0", "群众代表": "0"}
    for settings, text in (({"class_weights": weights}, None), ({"points": {"好": "1"}}, None), ({}, LATER)):
        await refused("hidden_classes", what_if_run(run.id, settings, text))
