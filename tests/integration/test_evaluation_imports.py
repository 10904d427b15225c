"""Files of evaluations: what they may say, what a repeat does, and how the office works with them by command."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from app.commands.evaluations import EVALUATION_COMMANDS
from config.refusals import BadInput, Refusal
from models.evaluations import Evaluation
from models.polls import Poll
from services.cycles.cycles import create_cycle
from services.evaluations.evaluation_imports import import_evaluations
from services.evaluations.evaluations import (
    open_evaluation,
)
from services.people.roster import import_roster
from services.runtime import Runtime
from tests.integration.commanding import run_line
from tests.integration.cycles import FILE, roster
from tests.integration.electing import (
    CLOSES,
    MASSES,
    MEMBERS,
    OFFICE,
    OPENS,
    PEOPLE,
    SMALL,
    file_of,
    make_cycle,
    phone_of,
)


@pytest.mark.fact("A35")
async def test_small_branches_vote_only_where_that_is_accepted_and_voters_are_told(rt: Runtime) -> None:
    cycle = await make_cycle()
    both = file_of(cycle.id, organisations="all").replace('weight: "0.7", ', "")
    own = "\n".join(line for line in both.splitlines() if "群众代表" not in line)
    with pytest.raises(BadInput) as caught:
        await import_evaluations(own.encode(), now=OPENS, actor="command")
    (fault,) = caught.value.faults
    assert "第二党支部" in fault
    assert "投票人太少" in fault
    made = await import_evaluations(f'{own}\nsmall: ["0102"]'.encode(), now=OPENS, actor="command")
    assert len(made) == 2
    for one in made:
        await open_evaluation(rt, one.id, now=OPENS, actor="command")
    assert [one.is_small for one in await Poll.all().order_by("title")] == [False, True]
    assert "推知个别人的选择" in await (await phone_of(rt, SMALL[0])).say("投票")
    assert "推知个别人的选择" not in await (await phone_of(rt, MEMBERS[0])).say("投票")


async def test_all_means_the_branches_that_are_assessed_and_who_belongs_to_none_is_named(
    db: str, settings_values: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await import_roster(roster(PEOPLE), now=OPENS, actor="test")
    wide = FILE.replace('organisation: "0100"', 'organisation: "0001"').encode()
    cycle = (await create_cycle(wide, now=OPENS, actor="command")).cycle
    file = tmp_path / "all.yaml"
    members = file_of(cycle.id, organisations="all", extra="small: accept").replace('weight: "0.7", ', "")
    file.write_text("\n".join(line for line in members.splitlines() if "群众代表" not in line))
    lines = {line.name: line for line in EVALUATION_COMMANDS}
    assert await run_line(lines["import"], settings_values, str(file), "--json") == 0
    told = capsys.readouterr()
    assert [one["organisation"] for one in json.loads(told.out)] == ["0101", "0102"]
    assert "测九零零一" in told.err
    assert "organisations" in told.err


async def test_importing_again_changes_nothing_or_what_has_not_begun(rt: Runtime) -> None:
    cycle = await make_cycle()
    file = file_of(cycle.id, "[branch, members]")
    first = await import_evaluations(file.encode(), now=OPENS, actor="command")
    assert [one.about for one in first] == ["branch", "members"]
    again = await import_evaluations(file.encode(), now=OPENS, actor=OFFICE)
    assert [one.id for one in again] == [one.id for one in first]
    later = file.replace("12-04T18", "12-05T18").encode()
    await import_evaluations(later, now=OPENS, actor="command")
    assert {one.closes_at for one in await Evaluation.all()} == {CLOSES + timedelta(days=1)}
    await open_evaluation(rt, first[0].id, now=OPENS, actor="command")
    await import_evaluations(later, now=OPENS, actor="command")
    with pytest.raises(BadInput, match=r"不能再改：closes_at"):
        await import_evaluations(file.encode(), now=OPENS, actor="command")
    with pytest.raises(Refusal, match="not_entitled"):
        await import_evaluations(file.encode(), now=OPENS, actor="1002")


@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        ("component: democratic", "component: 民主", ["component"]),
        ('["0101"]', '["0999"]', ["0999"]),
        ('"5001"', '"x1", "x2"', ["x1", "x2"]),
        ('"5001"', '"1001"', ["同时在两个投票类别"]),
        ('称职: "85"', '称职: "101"', ["称职"]),
        ("abstain: true", "abstain: true, rules: [{op: most}]", ["form.rules"]),
        (
            "abstain: true",
            "abstain: true, rules: [{op: at_least, count: 12, answers: {options: [优秀]}}]",
            ["无法同时满足"],
        ),
        ("abstain: true", "abstain: true, rules: [{op: at_most, count: 1, answers: {options: [好]}}]", ["好"]),
        ("12-04T18", "11-04T18", ["closes_at"]),
        ('weight: "0.7", ', "", ["权重"]),
        ("about: members", "about: people", ["about"]),
        ('{"0101": ["5001"', '{"0102": ["5001"', ["「0102」不在名册或 organisations 里"]),
    ],
)
async def test_every_fault_of_a_file_is_named(rt: Runtime, old: str, new: str, faults: list[str]) -> None:
    cycle = await make_cycle()
    file = file_of(cycle.id)
    assert old in file
    with pytest.raises(BadInput) as caught:
        await import_evaluations(file.replace(old, new).encode(), now=OPENS, actor="command")
    told = "\n".join(caught.value.faults)
    assert all(one in told for one in faults), told
    assert await Evaluation.all().count() == 0


async def test_voters_named_without_a_branch_vote_where_they_belong(rt: Runtime) -> None:
    cycle = await make_cycle()
    file = file_of(cycle.id).replace('{"0101": [', "[").replace('"5006"]}}', '"5006"]}')
    (made,) = await import_evaluations(file.encode(), now=OPENS, actor="command")
    assert made.classes[1]["voters"] == MASSES
    with pytest.raises(BadInput, match=r"测二零零一（2001） 不属于这些支部"):
        await import_evaluations(file.replace('"5006"', '"5006", "2001"').encode(), now=OPENS, actor="command")


@pytest.mark.fact("A16")
async def test_options_get_their_points_from_the_cycle_and_from_nowhere_else(rt: Runtime) -> None:
    cycle = await make_cycle()
    bare = file_of(cycle.id, form="form: {items: [总体评价], options: [优秀, 称职], abstain: true}")
    with pytest.raises(BadInput) as caught:
        await import_evaluations(bare.encode(), now=OPENS, actor="command")
    assert sum("没有分值" in fault for fault in caught.value.faults) == 2
    cycle.settings = {"points": {"优秀": "96", "称职": "80"}}
    await cycle.save(update_fields=["settings"])
    (one,) = await import_evaluations(bare.encode(), now=OPENS, actor="command")
    assert one.form["options"] == [["优秀", "96"], ["称职", "80"]]
    with pytest.raises(BadInput, match="95"):
        await import_evaluations(file_of(cycle.id).encode(), now=OPENS, actor="command")


async def test_the_office_sets_up_watches_closes_and_reads_by_command(
    settings_values: dict[str, str], db: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = {line.name: line for line in EVALUATION_COMMANDS}
    cycle = await make_cycle()
    file = tmp_path / "evaluation.yaml"
    file.write_text(file_of(cycle.id))
    assert await run_line(lines["import"], settings_values, str(file), "--by", OFFICE) == 0
    said = capsys.readouterr().out
    assert "已导入 1 项测评，2020年12月1日 08:00 自动开始，2020年12月4日 18:00 自动结束。" in said
    assert await run_line(lines["import"], settings_values, str(file), "--json") == 0
    (made,) = json.loads(capsys.readouterr().out)
    assert made == {
        "id": made["id"],
        "organisation": "0101",
        "about": "members",
        "title": "2020年度民主测评·第一党支部（评党员）",
        "state": "draft",
    }
    number = str(made["id"])
    for _ in range(2):
        assert await run_line(lines["open"], settings_values, number) == 0
    assert "正在投票" in capsys.readouterr().out
    assert await run_line(lines["list"], settings_values, "--cycle", str(cycle.id)) == 0
    assert "正在投票，应投 18 人，已投 0 人" in capsys.readouterr().out
    for _ in range(2):
        assert await run_line(lines["close"], settings_values, number, "--by", OFFICE) == 0
    capsys.readouterr()
    assert await run_line(lines["result"], settings_values, number, "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert result["state"] == "closed"
    assert result["turnout"] == {"entitled": 18, "voted": 0}
    assert [row["id"] for row in result["subjects"]] == [f"member:{one}" for one in MEMBERS]
    assert {row["reason"] for row in result["subjects"]} == {"empty_class"}
    assert await run_line(lines["result"], settings_values, number) == 0
    assert "无法计分：有类别没有有效票" in capsys.readouterr().out
    assert await run_line(lines["gather"], settings_values, number) == 0
    assert "未变 12 项" in capsys.readouterr().out
