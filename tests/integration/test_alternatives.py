"""What-if for a stored run: nothing is stored, and nobody's vote can be worked out by asking twice."""

import json
from argparse import ArgumentParser
from pathlib import Path

import asyncpg
import pytest

from app.commands.alternatives import WHAT_IF
from config.refusals import BadInput, Refusal
from config.scheme_files import SCHEMES
from config.settings import load_settings
from services.cycles.cycles import create_cycle
from services.cycles.inputs import InputRow, enter_inputs
from services.polls.gathering import gather_meeting
from services.runs.alternatives import what_if_run
from services.runs.runs import compute_run
from services.runtime import Runtime
from tests.integration.cycles import NOW, fill, make_cycle
from tests.integration.test_runs import REVIEW, _held
from tests.integration.world import make_hall

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
    parser = ArgumentParser()
    for one in WHAT_IF.arguments:
        parser.add_argument(*one.flags, **one.options)
    options = parser.parse_args([str(run.id), "--scheme", str(tmp_path / "later.yaml"), "--json"])
    assert await WHAT_IF.run(load_settings(settings_values), options) == 0
    assert [one["id"] for one in json.loads(capsys.readouterr().out)["subjects"]] == ["member:1001"]


async def test_no_other_weights_are_tried_on_votes_that_are_hidden(rt: Runtime) -> None:
    hall = make_hall()
    few = [(number, 0) for name in ("党员代表", "群众代表") for number in hall.classes[name]]
    few += [(number, 3) for number in hall.classes["领导班子"][:2]]
    meeting_id = await _held(rt, hall, tuple(few))
    cycle = (await create_cycle(REVIEW.encode(), now=NOW, actor="command")).cycle
    await gather_meeting(cycle.id, meeting_id, "onsite", now=NOW, actor="command")
    rows = [InputRow(number, "scores.routine", "90") for number in hall.reporters]
    await enter_inputs(cycle.id, rows, actor="command", now=NOW)
    run = await compute_run(cycle.id, now=NOW, actor="command")
    weights = {"领导班子": "1", "党员代表": "0", "群众代表": "0"}
    for settings, text in (({"class_weights": weights}, None), ({"points": {"好": "1"}}, None), ({}, LATER)):
        with pytest.raises(Refusal) as caught:
            await what_if_run(run.id, settings, text)
        assert caught.value.code == "hidden_classes"
