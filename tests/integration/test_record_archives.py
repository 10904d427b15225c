"""`zhiping record`: the office lists, reads and hands out records; each activity is archived on its own (S1-16)."""

import io
import json
import zipfile
from argparse import Namespace
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest

from app.commands import records
from config.settings import load_settings
from models.people import Person
from services.people.roster import import_roster
from services.records import media
from services.records.record_archives import list_codes, list_views, text_of, write_archive
from services.records.record_media import keep_media
from services.records.records import RecordContent, keep_record, list_records
from services.runtime import Runtime
from tests.faults.platform import Platform
from tests.integration.cycles import MEMBER, NOW, OFFICE, SECRETARY, roster
from tests.unit.services.photographs import jpeg, scene

pytestmark = pytest.mark.usefixtures("platform")

CHECKS = dict.fromkeys(("theme", "substance", "order", "archive"), True)
TODAY = NOW.date()


@pytest.fixture
async def branch(rt: Runtime, platform: Platform) -> int:
    """A branch with a theme day with two photos (one never came), a lecture whose words look like a formula, and a reminder talk."""
    await import_roster(roster(), now=NOW, actor="test")
    person = await Person.get(staff_no=SECRETARY)
    there = platform.world.media.add("image", "image/jpeg", jpeg(scene(1))).id
    keys = [await keep_media(rt.settings, "image", one, person.id, NOW) for one in (there, "never-there")]
    theme = RecordContent("theme_day", date(2020, 12, 5), "学习党章", "会议室", checks=CHECKS, media=tuple(keys))
    lecture = RecordContent("party_lecture", date(2020, 12, 12), '=HYPERLINK("x")\x1b[2J')
    talk = RecordContent("reminder_talk", date(2020, 12, 13), "谈迟到", concerns=person.id, stage="遵纪守法")
    for key, content in (("a", theme), ("b", lecture), ("c", talk)):
        await keep_record(key, person.organisation_id, content, actor=SECRETARY, now=NOW)
    while await media.fetch_due(rt, NOW):
        pass
    return person.organisation_id


@pytest.mark.fact("S1-16")
async def test_each_activity_has_its_own_folder_with_its_text_and_photos(
    rt: Runtime, branch: int, tmp_path: Path
) -> None:
    views = await list_views([branch], date(2020, 1, 1), TODAY, actor=OFFICE, now=NOW)
    archived = await write_archive(rt.files, views, tmp_path / "a.zip")
    assert (archived.records, archived.files, archived.missing) == (2, 1, 1)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        folders = {name.partition("/")[0] for name in archive.namelist() if "/" in name}
        assert folders == {"2020-12-05 主题党日 1", "2020-12-12 党课 2"}
        text = archive.read("2020-12-05 主题党日 1/记录.txt").decode("utf-8-sig")
        for part in (
            "主题：学习党章",
            "地点：会议室",
            "应到 5，实到 5",
            "✓ 主题不偏",
            "1 个没有取到",
            "测一零零一 记录",
        ):
            assert part in text
        assert archive.read("2020-12-05 主题党日 1/照片1.jpg").startswith(b"\xff\xd8")
        sheet = openpyxl.load_workbook(io.BytesIO(archive.read("目录.xlsx")))["目录"]
    assert [row[2].value for row in sheet.iter_rows(min_row=2)] == ["主题党日", "党课"]
    assert (sheet["E3"].value, sheet["E3"].data_type) == ('=HYPERLINK("x")[2J', "s")


async def test_a_reminder_talk_is_in_no_list_of_the_office(rt: Runtime, branch: int) -> None:
    for actor in (OFFICE, "command"):
        views = await list_views(None, date(2020, 1, 1), TODAY, actor=actor, now=NOW)
        assert [view.kind.key for view in views] == ["theme_day", "party_lecture"]
    own = await list_views([branch], date(2020, 1, 1), TODAY, kinds=["reminder_talk"], actor=SECRETARY, now=NOW)
    assert "谈迟到" in await text_of(own[0])


async def test_evidence_is_listed_by_day_with_its_photos(rt: Runtime, branch: int) -> None:
    lines = await list_records(branch, date(2020, 12, 1), TODAY)
    assert [(line.title, line.topic, line.photos, line.present) for line in lines] == [
        ("主题党日", "学习党章", 2, 5),
        ("党课", '=HYPERLINK("x")\x1b[2J', 0, 5),
        ("谈话提醒", "", 0, 0),
    ]
    assert [line.id for line in await list_records(branch, date(2020, 12, 6), TODAY, ["theme_day"])] == []
    assert await list_records(branch, TODAY + timedelta(days=1), TODAY) == []


async def test_two_of_one_name_in_a_branch_are_told_apart_by_their_staff_numbers(
    rt: Runtime, branch: int, settings_values: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    await Person.filter(staff_no=MEMBER).update(name=(await Person.get(staff_no=SECRETARY)).name)
    await records.show(load_settings(settings_values), Namespace(id=1, by="command", as_json=False))
    assert "测一零零一（1001） 记录" in capsys.readouterr().out


async def test_the_organisations_below_are_meant_too(rt: Runtime, branch: int) -> None:
    assert branch in await list_codes("0100")
    assert branch not in await list_codes("0102")


async def test_the_commands_print_what_may_be_seen(
    rt: Runtime, branch: int, settings_values: dict[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    settings = load_settings(settings_values)
    chosen = {"org": "0101", "kind": None, "since": date(2020, 12, 1), "until": TODAY, "by": "command"}
    assert await records.show_all(settings, Namespace(**chosen, as_json=False)) == 0
    printed = capsys.readouterr().out
    assert "1  2020-12-05  主题党日  第一党支部  学习党章  实到 5/5  照片 2  待审" in printed
    assert "\x1b" not in printed
    await records.show_all(settings, Namespace(**chosen | {"kind": "主题党日"}, as_json=True))
    assert [row["topic"] for row in json.loads(capsys.readouterr().out)] == ["学习党章"]
    await records.show(settings, Namespace(id=1, by="command", as_json=False))
    shown = capsys.readouterr().out
    assert "依据：二(四)（S1-16）" in shown
    assert shown.endswith("2020年12月20日 09:00 测一零零一 记录\n")
    await records.export(settings, Namespace(**chosen, file=tmp_path / "b.zip"))
    assert "2 条记录，1 个文件，还有 1 个没有取到" in capsys.readouterr().out
