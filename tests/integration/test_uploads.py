"""Files that a person brings to a record by a page: what is taken, from whom, how often; and what is cut out of photos."""

import asyncio
import io
import re
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import openpyxl
import pytest
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image

from app.build import make_web_app
from config.refusals import Refusal
from handlers.pages.screens import NOW as CLOCK
from models.accounts import Account
from models.cycles import Cycle
from models.media import STORED, MediaItem
from models.organisations import Organisation
from models.people import Person
from models.records import REVIEWED, Record
from models.uploads import Upload
from services.attachments import names_of
from services.filings.filing_books import import_filings, write_filings
from services.filings.filing_sheets import Move
from services.filings.filings import file_paper, move_filing
from services.filings.uploads import MAX_BYTES, MOST_FILES, Target, keep_upload, read_link, require_target, upload_page
from services.people.logins import make_session
from services.people.signing import signed
from services.records.record_archives import list_views, write_archive
from services.records.record_media import UNCLAIMED, forget_unclaimed
from services.records.records import RecordContent, keep_record
from services.runtime import Runtime
from tests.integration.cycles import MEMBER, NOW, OTHER_SECRETARY, SECRETARY, SUPERIOR, make_cycle, phone_of
from tests.integration.reviewing import LEADER, REPORT, SECRETARIES
from tests.integration.reviewing import OFFICE as REVIEWER
from tests.integration.reviewing import make_cycle as make_review
from tests.integration.world import name_of
from tests.unit.services.photographs import PLACE, jpeg, scene, told

PDF = b"%PDF-1.7\nhello"
CHECKS = dict.fromkeys(("theme", "substance", "order", "archive"), True)


@pytest.fixture
async def record(cycle: Cycle) -> Record:
    branch = await Organisation.get(code="0101")
    content = RecordContent("theme_day", NOW.date(), "学习会", "会议室", checks=CHECKS)
    return await keep_record("k1", branch.id, content, actor=SECRETARY, now=NOW)


@pytest.fixture
async def door(rt: Runtime) -> AsyncIterator[TestClient]:
    app = make_web_app(rt)
    app[CLOCK] = lambda: NOW
    async with TestClient(TestServer(app, shutdown_timeout=1)) as client:
        yield client


async def target_of(record: Record, number: str = SECRETARY) -> Target:
    return Target("record", record.id, (await Person.get(staff_no=number)).id, "学习会")


async def path_of(rt: Runtime, record: Record, number: str = SECRETARY) -> str:
    return upload_page(rt.settings, await target_of(record, number), NOW).address.removeprefix(rt.settings.site)


async def cookie_of(rt: Runtime, number: str) -> dict[str, str]:
    """Somebody is bound and has logged in."""
    person = await Person.get(staff_no=number)
    await Account.get_or_create(openid=f"o-{number}", person=person, bound_at=NOW, consent="test")
    return {"Cookie": f"zp_session={await make_session(rt.settings, person.id, NOW)}"}


def files_in(rt: Runtime) -> list[Path]:
    """All that is in the file store, half-written things included."""
    return [one for one in rt.files.directory.rglob("*") if one.is_file()]


async def test_the_link_is_for_one_person_and_ends(rt: Runtime, record: Record, door: TestClient) -> None:
    path = await path_of(rt, record)
    assert (await door.get(path, allow_redirects=False)).status == 302
    assert (await door.get(path, headers=await cookie_of(rt, SECRETARY))).status == 200
    other = await door.get(path, headers=await cookie_of(rt, OTHER_SECRETARY))
    assert other.status == 403
    assert "给另一位同志的" in await other.text()
    assert (await door.put(f"{path}/file", data=PDF)).status == 401
    refused = await door.put(f"{path}/file", data=PDF, headers=await cookie_of(rt, OTHER_SECRETARY))
    assert refused.status == 403
    forged = await door.get(path[:-1] + ("0" if path[-1] != "0" else "1"))
    assert forged.status == 410
    assert "已经失效" in await forged.text()
    with pytest.raises(Refusal, match="link_expired"):
        read_link(rt.settings, path.removeprefix("/upload/"), NOW + timedelta(hours=2))
    assert await Upload.all().count() == 0


async def test_a_browser_stays_logged_in_no_longer_than_its_phone_is_bound(
    rt: Runtime, record: Record, door: TestClient
) -> None:
    path, cookie = await path_of(rt, record), await cookie_of(rt, SECRETARY)
    assert (await door.get(f"{path}/facts", headers=cookie)).status == 200
    await Account.filter(openid=f"o-{SECRETARY}").update(openid="o-new-phone", bound_at=NOW + timedelta(minutes=5))
    assert (await door.get(f"{path}/facts", headers=cookie)).status == 401
    old = signed(rt.settings, "session", str((await Person.get(staff_no=SECRETARY)).id), NOW + timedelta(minutes=30))
    assert (await door.get(f"{path}/facts", headers={"Cookie": f"zp_session={old}"})).status == 401


async def test_who_may_not_keep_the_record_any_more_brings_nothing(
    rt: Runtime, record: Record, door: TestClient
) -> None:
    member = await door.put(f"{await path_of(rt, record, MEMBER)}/file", data=PDF, headers=await cookie_of(rt, MEMBER))
    assert member.status == 403
    path, cookie = await path_of(rt, record), await cookie_of(rt, SECRETARY)
    await Record.filter(id=record.id).update(state=REVIEWED)
    late = await door.put(f"{path}/file", data=PDF, headers=cookie)
    assert (late.status, (await late.json())["error"]["code"]) == (409, "reviewed")


async def test_the_same_bytes_at_once_and_again_are_kept_once(rt: Runtime, record: Record, door: TestClient) -> None:
    path, headers = await path_of(rt, record), await cookie_of(rt, SECRETARY)

    async def put(name: str) -> int:
        answer = await door.put(f"{path}/file", data=PDF, headers=headers | {"X-File-Name": name})
        return answer.status

    assert await asyncio.gather(*(put("%E8%AE%B0%E5%BD%95.pdf") for _ in range(4))) == [200] * 4
    facts = await (await door.get(f"{path}/facts", headers=headers)).json()
    assert facts["files"] == [{"name": "记录.pdf", "size": len(PDF), "kind": "pdf"}]
    [kept] = await Upload.all()
    assert rt.files.read(kept.sha256) == PDF


def zipped(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as parts:
        for name in names:
            parts.writestr(name, "<x/>")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"MZ\x90\x00", "unknown_type"),
        (b"\xd0\xcf\x11\xe0 old office", "unknown_type"),
        (b"PK\x03\x04 broken", "unknown_type"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heic"),
        (b"\xff\xd8\xffcut off on the way", "broken"),
        (b"\x89PNG\r\n\x1a\n", "broken"),
        (zipped("evil.exe"), "unknown_type"),
        (zipped("word/document.xml", "word/vbaProject.bin"), "macros"),
        (b"%PDF-" + bytes(MAX_BYTES), "too_large"),
    ],
)
async def test_what_is_not_taken_is_told_why(
    rt: Runtime, record: Record, door: TestClient, content: bytes, code: str
) -> None:
    headers = await cookie_of(rt, SECRETARY) | {"X-File-Name": "a.pdf"}
    answer = await door.put(f"{await path_of(rt, record)}/file", data=io.BytesIO(content), headers=headers)
    error = (await answer.json())["error"]
    assert error["code"] == code
    assert ("兼容性最佳" in error["say"]) == (code == "heic")
    assert await Upload.all().count() == 0
    assert files_in(rt) == []


async def test_photos_in_an_office_document_lose_where_they_were_taken(
    rt: Runtime, record: Record, door: TestClient
) -> None:
    document = io.BytesIO(zipped("word/document.xml"))
    with zipfile.ZipFile(document, "a") as parts:
        parts.writestr("word/media/image1.jpeg", jpeg(scene(1), exif=told()))
    headers = await cookie_of(rt, SECRETARY) | {"X-File-Name": "a.docx"}
    for _ in range(2):
        answer = await door.put(f"{await path_of(rt, record)}/file", data=document.getvalue(), headers=headers)
        assert answer.status == 200
    (kept,) = files_in(rt)
    with zipfile.ZipFile(kept) as parts:
        assert PLACE.encode() not in parts.read("word/media/image1.jpeg")
        assert parts.read("word/document.xml") == b"<x/>"


async def test_kinds_are_told_by_their_content_and_names_are_made_harmless(rt: Runtime, record: Record) -> None:
    target = await target_of(record)
    for name, content, expected in (
        ("会议.docx", zipped("word/document.xml"), "会议.docx"),
        ("表.pdf", zipped("xl/workbook.xml"), "表.pdf.xlsx"),
        ("C:\\桌面\\..\u202ex\x00.pdf", PDF, "..x.pdf"),
        ("", PDF + b"2", "文件.pdf"),
        ("长" * 300 + ".pdf", PDF + b"3", "长" * 124 + ".pdf"),
    ):
        assert (await keep_upload(rt, target, name, content, NOW)).name == expected


async def test_a_photo_loses_where_it_was_taken(rt: Runtime, record: Record) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8825)[2] = (39.0, 54.0, 20.0)
    content = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(content, "JPEG", exif=exif)
    assert Image.open(io.BytesIO(content.getvalue())).getexif().get_ifd(0x8825)
    target = await target_of(record)
    kept = await keep_upload(rt, target, "现场.jpeg", content.getvalue(), NOW)
    assert (kept.name, kept.kind) == ("现场.jpg", "jpg")
    assert not Image.open(io.BytesIO(rt.files.read(kept.sha256))).getexif().get_ifd(0x8825)
    assert (await keep_upload(rt, target, "再来.jpg", content.getvalue(), NOW)).id == kept.id


async def test_a_record_holds_so_many_files_and_no_more(rt: Runtime, record: Record) -> None:
    target = await target_of(record)
    for number in range(MOST_FILES):
        await keep_upload(rt, target, f"{number}.pdf", PDF + bytes([number]), NOW)
    with pytest.raises(Refusal, match="too_many"):
        await keep_upload(rt, target, "x.pdf", PDF + b"new", NOW)
    assert len(files_in(rt)) == MOST_FILES
    assert (await keep_upload(rt, target, "0.pdf", PDF + bytes([0]), NOW)).name == "0.pdf"


async def test_where_the_last_place_is_wanted_by_several_at_once_one_gets_it(rt: Runtime, record: Record) -> None:
    target = await target_of(record)
    for number in range(MOST_FILES - 1):
        await keep_upload(rt, target, f"{number}.pdf", PDF + bytes([number]), NOW)
    several = (keep_upload(rt, target, "x.pdf", PDF + b"new%d" % number, NOW) for number in range(4))
    done = await asyncio.gather(*several, return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["Refusal", "Refusal", "Refusal", "Upload"]
    assert await Upload.all().count() == MOST_FILES


async def test_what_arrives_after_the_review_is_no_part_of_what_was_reviewed(rt: Runtime, record: Record) -> None:
    target = await target_of(record)
    await require_target(target, target.person_id)
    await Record.filter(id=record.id).update(state=REVIEWED)
    with pytest.raises(Refusal, match="reviewed"):
        await keep_upload(rt, target, "x.pdf", PDF, NOW)
    assert files_in(rt) == []


async def test_a_photo_that_is_forgotten_in_the_chat_stays_where_it_was_uploaded(rt: Runtime, record: Record) -> None:
    content = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(content, "JPEG")
    kept = await keep_upload(rt, await target_of(record), "现场.jpg", content.getvalue(), NOW)
    keeper = await Person.get(staff_no=SECRETARY)
    await MediaItem.create(
        **{"id": uuid4(), "kind": "image", "media_id": "m", "source_key": "k", "keeper": keeper},
        **{"state": STORED, "sha256": kept.sha256, "due_at": NOW, "received_at": NOW},
    )
    assert await forget_unclaimed(rt, NOW + UNCLAIMED + timedelta(days=1)) == 1
    assert rt.files.read(kept.sha256)


async def test_who_only_reads_a_filing_brings_nothing_to_it_and_nobody_does_once_it_is_settled(rt: Runtime) -> None:
    cycle = await make_review()
    writer = SECRETARIES[0]
    made = await file_paper(cycle.id, "report", f"secretary:{writer}", REPORT, now=NOW, actor=writer)

    async def bring(number: str) -> None:
        target = Target("filing", made.filing.id, (await Person.get(staff_no=number)).id, "述职报告")
        await require_target(target, target.person_id)
        await keep_upload(rt, target, "照片.pdf", PDF, NOW)

    await bring(writer)
    for reader in (REVIEWER, LEADER):
        with pytest.raises(Refusal, match="not_entitled"):
            await bring(reader)
    await move_filing(made.filing.id, Move("审阅"), now=NOW, actor=REVIEWER)
    await bring(writer)
    await move_filing(made.filing.id, Move("通过"), now=NOW, actor=LEADER)
    with pytest.raises(Refusal, match="settled"):
        await bring(writer)


async def test_what_was_attached_goes_out_with_the_filings(rt: Runtime, tmp_path: Path) -> None:
    cycle = await make_review()
    writer = SECRETARIES[0]
    made = await file_paper(cycle.id, "report", f"secretary:{writer}", REPORT, now=NOW, actor=writer)
    target = Target("filing", made.filing.id, (await Person.get(staff_no=writer)).id, "述职报告")
    await keep_upload(rt, target, "=1+1.pdf", PDF, NOW)
    lost = await keep_upload(rt, target, "b.pdf", PDF + b"2", NOW)
    rt.files.remove(lost.sha256)
    assert await write_filings(rt.files, cycle.id, "report", tmp_path / "a.zip") == 1
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.read(f"{made.filing.id}/附件1.pdf") == PDF
        book = archive.read("材料.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(book))["材料"]
    [told] = [str(cell.value) for row in sheet.iter_rows() for cell in row if "附件1" in str(cell.value)]
    assert told.splitlines()[0].startswith(f"{made.filing.id}/附件1.pdf：=1+1.pdf（{name_of(writer)} 于 ")
    assert len(await import_filings(cycle.id, "report", book, ".xlsx", now=NOW, actor=writer)) == 1


async def test_the_minutes_are_offered_a_page_and_go_into_the_archive(rt: Runtime, tmp_path: Path) -> None:
    await make_cycle()
    phone = await phone_of(rt, SECRETARY)
    await phone.say("主题党日")
    await phone.say("学习党章")
    done = await phone.say("确认")
    found = re.search(r'href="http[^"]*/upload/([^"]+)"', done)
    assert found, done
    target = read_link(rt.settings, found[1], NOW)
    kept = await keep_upload(rt, target, "会议记录.pdf", PDF, NOW)
    assert "文件：1 个" in await phone.say(f"改记录{target.id}")
    assert "/upload/" in await phone.say("确认")
    views = await list_views(None, NOW.date(), NOW.date(), actor=SUPERIOR, now=NOW)
    assert (await write_archive(rt.files, views, tmp_path / "a.zip")).files == 1
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.read("2020-12-20 主题党日 1/附件1.pdf") == PDF
        assert "附件1.pdf：会议记录.pdf（测一零零一 于 " in archive.read("2020-12-20 主题党日 1/记录.txt").decode(
            "utf-8-sig"
        )
    rt.files.remove(kept.sha256)
    assert (await write_archive(rt.files, views, tmp_path / "b.zip")).missing == 1
    assert "文件：会议记录.pdf" in await (await phone_of(rt, SUPERIOR)).say("审核记录")


def test_twenty_long_names_leave_room_for_the_question() -> None:
    uploads = [Upload(name="长" * 120 + ".pdf") for _ in range(20)]
    assert names_of(uploads).endswith(".pdf等 20 个")
    assert len(names_of(uploads).encode()) < 500
    assert names_of([Upload(name="会议.pdf")]) == "会议.pdf"
