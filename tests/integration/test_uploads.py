"""Files that a person brings to a record by a page: what is taken, from whom, how often; and what is cut out of photos."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image

from app.build import make_web_app
from config.refusals import Refusal
from handlers.pages.screens import NOW as CLOCK
from models.accounts import Account
from models.cycles import Cycle
from models.organisations import Organisation
from models.people import Person
from models.records import REVIEWED, Record
from models.uploads import Upload
from services.logins import make_session
from services.records import RecordContent, keep_record
from services.runtime import Runtime
from services.uploads import MAX_BYTES, MOST_FILES, Target, keep_upload, read_link, upload_page
from tests.integration.cycles import MEMBER, NOW, OTHER_SECRETARY, SECRETARY, make_cycle

PDF = b"%PDF-1.7\nhello"
CHECKS = dict.fromkeys(("theme", "substance", "order", "archive"), True)


@pytest.fixture
async def cycle(rt: Runtime) -> Cycle:
    return await make_cycle()


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
    return {"Cookie": f"zp_session={make_session(rt.settings, person.id, NOW)}"}


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
    assert (await answer.json())["error"]["code"] == code
    assert await Upload.all().count() == 0


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
    assert (await keep_upload(rt, target, "0.pdf", PDF + bytes([0]), NOW)).name == "0.pdf"
