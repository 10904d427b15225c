"""Every command as a real process: what it prints, its exit code, its faults all at once, and what it leaves behind."""

import io
import json
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.e2e.stage import open_stage
from tests.e2e.terminal import ROOT, Ended, plain_environment, processes_of, until, zhiping
from tests.integration.world import make_hall, meeting_of, name_of, roster_of
from tests.ports import free_port

DONE, REFUSED, UNUSABLE = 0, 1, 2


@pytest.fixture
def environment(settings_values: dict[str, str]) -> dict[str, str]:
    """A complete environment on fresh servers."""
    return plain_environment(**settings_values)


def workbook(people: list[tuple[object, ...]]) -> bytes:
    """A roster of one organisation 0001 and these people."""
    book = openpyxl.Workbook()
    book.active.title = "组织"
    for row in [("组织编码", "组织名称", "上级编码", "组织类型"), ("0001", "党委", "", "党委")]:
        book.active.append(row)
    sheet = book.create_sheet("人员")
    for row in [("工号", "姓名", "组织编码", "状态", "职务"), *people]:
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def refuses(ended: Ended, code: int, *words: str) -> None:
    """It ends with this code, says these words on standard error and nothing on standard output."""
    assert (ended.code, ended.out) == (code, ""), ended
    assert "Traceback" not in ended.err, ended.err
    for word in words:
        assert word in ended.err, ended.err


def test_a_roster_is_imported_whole_or_not_at_all_and_its_codes_are_handed_out(
    environment: dict[str, str], tmp_path: Path
) -> None:
    bad, good, junk = tmp_path / "bad.xlsx", tmp_path / "good.xlsx", tmp_path / "junk.xlsx"
    bad.write_bytes(
        workbook(
            [
                ("1", "", "0001", "正式党员", ""),
                ("2", "张三", "0099", "党员同志", ""),
                ("2", "李四", "0001", "群众", ""),
            ]
        )
    )
    good.write_bytes(roster_of(make_hall()))
    junk.write_text("工号，姓名")
    faults = zhiping(environment, "roster", "import", bad)
    refuses(
        faults,
        UNUSABLE,
        "「人员」第 2 行「姓名」",
        "第 3 行「状态」",
        "第 3 行「组织编码」",
        "第 4 行「工号」：2 与第 3 行重复",
    )
    refuses(zhiping(environment, "roster", "import", junk), UNUSABLE, "Excel")
    refuses(
        zhiping(environment, "roster", "import", tmp_path / "none.xlsx"), UNUSABLE, "none.xlsx", "打不开（文件不存在）"
    )
    assert zhiping(environment, "roster", "codes", "--json").json() == [], "nothing was imported of the bad one"

    report = zhiping(environment, "roster", "import", good, "--json").json()
    assert report["people"] == {"created": 40, "updated": 0, "unchanged": 0}
    assert "未变 40" in zhiping(environment, "roster", "import", good).out

    codes = zhiping(environment, "roster", "codes", "--json").json()
    assert {tuple(one)[:2] for one in codes} == {("staff_no", "name")}
    assert len({one["code"] for one in codes}) == 40
    assert all(len(one["code"]) >= 8 for one in codes)
    assert zhiping(environment, "roster", "codes", "--json").json() == codes
    branch = zhiping(environment, "roster", "codes", "--org", "0102", "--renew", "--json").json()
    assert {one["staff_no"] for one in branch} == set(make_hall().classes["党员代表"])
    renewed = {one["staff_no"]: one["code"] for one in zhiping(environment, "roster", "codes", "--json").json()}
    kept = {one["staff_no"] for one in codes if renewed[one["staff_no"]] == one["code"]}
    assert kept == set(renewed) - {one["staff_no"] for one in branch}
    refuses(zhiping(environment, "roster", "codes", "--org", "99"), UNUSABLE, "99")


BAD_MEETING = """
title: 会
scheme: report-reviews
starts_at: 2022-01-18
closes_at: 2022-01-18T11:30:00+08:00
hosts: []
classes: {甲: {weight: "0.5", voters: ["1001"]}, 乙: {weight: "0.4", orgs: ["0102"]}}
reporters: [{staff_no: "4001", mode: 视频}]
form: {items: [总体评价], options: {好: "95"}}
colour: red
"""


def test_a_meeting_is_held_from_the_command_line(environment: dict[str, str], tmp_path: Path) -> None:
    hall = make_hall()
    roster, bad, unknown, good = (tmp_path / name for name in ("r.xlsx", "bad.yaml", "unknown.yaml", "good.yaml"))
    roster.write_bytes(roster_of(hall))
    bad.write_text(BAD_MEETING)
    unknown.write_text(meeting_of(hall).replace('"1001"', '"7777"').replace('["0102"]', '["0999"]'))
    good.write_text(meeting_of(hall, extra="publish: by_host"))
    assert zhiping(environment, "roster", "import", roster).code == DONE
    paths = ("starts_at", "hosts", "classes", "reporters[0].mode", "form.options", "colour")
    refuses(zhiping(environment, "meeting", "import", bad), UNUSABLE, *paths)
    refuses(zhiping(environment, "meeting", "import", unknown), UNUSABLE, "7777", "0999")
    bad.write_bytes("title: 述职评议会".encode("gb18030"))
    refuses(zhiping(environment, "meeting", "import", bad), UNUSABLE, f"{bad.name}：文件不是 UTF-8")
    assert zhiping(environment, "meeting", "list", "--json").json() == []

    made = zhiping(environment, "meeting", "import", good).json()
    assert set(made) == {"id", "scene"}
    assert made["scene"].startswith("m.")
    number = str(made["id"])
    assert_voting(environment, number)
    assert_results(environment, number, hall.reporters)
    (listed,) = zhiping(environment, "meeting", "list", "--json").json()
    assert (listed["id"], listed["scene"], listed["state"]) == (made["id"], made["scene"], "closed")


def assert_voting(environment: dict[str, str], number: str) -> None:
    """Open and close, each twice, and what is refused in between."""
    refuses(zhiping(environment, "meeting", "close", number), REFUSED, "还没有开始投票")
    refuses(zhiping(environment, "meeting", "publish", number), REFUSED, "投票结束后才能公布")
    before = zhiping(environment, "meeting", "result", number, "--json").json()
    assert before["state"] == "draft"
    for _ in range(2):
        assert zhiping(environment, "meeting", "open", number).code == DONE
    during = zhiping(environment, "meeting", "result", number, "--json").json()
    assert set(during) >= {"title", "state", "turnout", "reporters"}
    assert during["turnout"] == {"entitled": 36, "present": 0, "voted": 0}
    assert {row["onsite"] for row in during["reporters"]} == {None}
    for _ in range(2):
        assert zhiping(environment, "meeting", "close", number).code == DONE
    refuses(zhiping(environment, "meeting", "open", number), REFUSED, "已经结束")


def assert_results(environment: dict[str, str], number: str, reporters: list[str]) -> None:
    """Nobody voted: every class is empty, so nobody has a score."""
    result = zhiping(environment, "meeting", "result", number, "--json").json()
    assert [row["staff_no"] for row in result["reporters"]] == reporters
    for row in result["reporters"]:
        assert (row["onsite"], row["exact"], row["reason"]) == (None, None, "empty_class")
        assert set(row["by_class"]) == {"领导班子", "党员代表", "群众代表"}
    assert name_of(reporters[0]) in zhiping(environment, "meeting", "result", number).out
    assert zhiping(environment, "meeting", "publish", number).code == DONE


def test_an_unknown_meeting_and_one_too_small_are_refused(environment: dict[str, str], tmp_path: Path) -> None:
    for command in ("open", "result"):
        refuses(zhiping(environment, "meeting", command, "4711"), REFUSED, "没有编号为 4711 的会议")
    hall = make_hall(leaders=2)
    roster, file = tmp_path / "r.xlsx", tmp_path / "m.yaml"
    roster.write_bytes(roster_of(hall))
    # One small class and one large: hiding the small one would hide both.
    text = (
        meeting_of(hall)
        .replace('  群众代表: {weight: "0.2", orgs: ["0101"]}\n', "")
        .replace('weight: "0.4", orgs', 'weight: "0.6", orgs')
    )
    file.write_text(text.replace('["0102"]', '["0102", "0101"]').replace("min_class: 5", "min_class: 40"))
    assert zhiping(environment, "roster", "import", roster).code == DONE
    number = str(zhiping(environment, "meeting", "import", file).json()["id"])
    refuses(zhiping(environment, "meeting", "open", number), REFUSED, "small_class", "--accept-small")
    assert zhiping(environment, "meeting", "open", number, "--accept-small").code == DONE
    # Nobody may lose the key that closes an open poll without noticing.
    other = {**environment, "BALLOT_KEY": environment["SESSION_KEY"]}
    for part in ("serve", "work"):
        refuses(zhiping(other, part), REFUSED, "BALLOT_KEY", "述职评议会")
    assert zhiping(environment, "meeting", "close", number).code == DONE


SCORE: dict[str, Any] = {
    "scheme": "star-rating",
    "cycle": "2020",
    "settings": {},
    "subjects": [
        {
            "id": "b1",
            "kind": "branch",
            "name": "一",
            "members": 2,
            "scores": {"democratic": "88", "team": "91", "superior": "90"},
        },
        {"id": "m1", "kind": "member", "parent": "b1", "scores": {"democratic": "85"}},
    ],
}


def test_score_and_lint_need_nothing_but_their_file(directory: Path, tmp_path: Path) -> None:
    nothing = plain_environment(DATA_DIR=str(directory / "never made"))
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(SCORE))
    bad.write_text(json.dumps(SCORE).replace('"88"', "88.0"))
    scored = zhiping(nothing, "score", good)
    assert [one["id"] for one in scored.json()["subjects"]] == ["b1"]
    assert [(one["id"], one["code"]) for one in scored.json()["refusals"]] == [("m1", "missing_score")]
    assert zhiping(nothing, "score", good) == scored, "the same bytes again"
    refuses(zhiping(nothing, "score", bad), UNUSABLE, "subjects[0].scores.democratic")
    refuses(zhiping(nothing, "score", tmp_path), UNUSABLE, "打不开")
    found = zhiping(nothing, "lint", "star-rating", "--json")
    assert found.code == REFUSED
    assert {"code", "path", "say", "clause"} <= set(json.loads(found.out)[0])
    assert not (directory / "never made").exists()


def test_without_servers_one_shot_commands_bring_their_own_and_others_refuse(directory: Path, tmp_path: Path) -> None:
    alone = plain_environment(DATA_DIR=str(directory))
    for part in ("serve", "work"):
        refuses(zhiping(alone, part), REFUSED, "DATABASE_URL", "zhiping demo")
    assert not (directory / "postgres").exists()

    roster = tmp_path / "r.xlsx"
    roster.write_bytes(roster_of(make_hall()))
    # The first command on a directory, and at the same moment a second and a third: they take turns.
    with ThreadPoolExecutor(3) as threads:
        ended = list(threads.map(lambda _: zhiping(alone, "roster", "import", roster, "--json").json(), range(3)))
    assert sorted(one["people"]["created"] for one in ended) == [0, 0, 40]
    assert processes_of(directory) == {}
    assert len(zhiping(alone, "roster", "codes", "--json").json()) == 40
    assert {(directory / name).stat().st_mode & 0o777 for name in ("demo.json",)} == {0o600}

    interrupted = subprocess.Popen(
        [sys.executable, "-m", "app", "roster", "codes"],
        env=alone,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    until((directory / "postgres" / "postmaster.pid").exists)
    interrupted.terminate()
    _, said = interrupted.communicate(timeout=30)
    assert b"Traceback" not in said
    assert processes_of(directory) == {}


def test_what_is_wrong_with_the_settings_is_listed_at_once_and_no_value_is_repeated(
    environment: dict[str, str],
) -> None:
    wrong = {**environment, "WECHAT_TOKN": "hunter2", "SESSION_KEY": "hunter2", "PORT": "hunter2", "BALLOT_KEY": ""}
    for command in (("serve",), ("migrate",)):
        ended = zhiping(wrong, *command)
        refuses(ended, UNUSABLE, "WECHAT_TOKN", "SESSION_KEY", "PORT", "BALLOT_KEY")
        assert "hunter2" not in ended.err
    half = {name: value for name, value in environment.items() if name != "REDIS_URL"}
    refuses(zhiping(half, "work"), UNUSABLE, "REDIS_URL")


def test_a_server_that_is_away_and_a_taken_port_are_named(environment: dict[str, str]) -> None:
    away = {**environment, "DATABASE_URL": "postgresql://zp:hunter2@127.0.0.1:1/zp"}
    for command in (("migrate",), ("serve",), ("meeting", "result", "1")):
        ended = zhiping(away, *command)
        refuses(ended, REFUSED, "数据库连不上", "DATABASE_URL")
        assert "hunter2" not in ended.err
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refuses(zhiping({**environment, "PORT": port}, "serve"), UNUSABLE, f"PORT={port}", "占用")
        refuses(
            zhiping({**environment, "PORT": str(free_port()), "METRICS_PORT": port}, "serve"),
            UNUSABLE,
            f"METRICS_PORT={port}",
        )


@pytest.mark.parametrize(
    "arguments", [(), ("vote",), ("meeting",), ("meeting", "open"), ("meeting", "open", "x"), ("meeting", "open", "-1")]
)
def test_arguments_that_cannot_be_used(arguments: tuple[str, ...]) -> None:
    refuses(zhiping(plain_environment(), *arguments), UNUSABLE, "--help")


async def test_menu_and_check_in_code_go_to_the_platform(settings_values: dict[str, str], tmp_path: Path) -> None:
    roster, file = tmp_path / "r.xlsx", tmp_path / "m.yaml"
    roster.write_bytes(roster_of(make_hall()))
    file.write_text(meeting_of(make_hall()))
    async with open_stage(settings_values, tmp_path) as stage:
        assert "菜单已推送" in await stage.run("menu", "push")
        menu = await stage.sandbox.menu()
        assert menu is not None
        assert "投票" in json.dumps(menu, ensure_ascii=False)
        await stage.run("roster", "import", str(roster))
        number = str((await stage.json("meeting", "import", str(file)))["id"])
        assert "签到码" in await stage.run("meeting", "code", number)
        for suffix, start in (("svg", b"<?xml"), ("png", b"\x89PNG")):
            await stage.run("meeting", "code", number, "--picture", str(tmp_path / f"code.{suffix}"))
            assert (tmp_path / f"code.{suffix}").read_bytes().startswith(start)
        for path in (tmp_path / "no" / "code.svg", tmp_path / "code.doc"):
            assert str(path) in await stage.run("meeting", "code", number, "--picture", str(path), expect=UNUSABLE)
        await stage.sandbox.faults(api={"kind": "errcode", "errcode": 50002, "times": 1})
        assert "没有接受菜单" in await stage.run("menu", "push", expect=REFUSED)
