"""Files that a person brings by a page to something of theirs: a record, a filing. The link is signed, theirs alone and short-lived."""

import asyncio
import base64
import hashlib
import json
import zipfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.transactions import in_transaction

from bot.conversation import Page
from config.refusals import Refusal
from config.settings import Settings
from models.media import lock_content
from models.people import Person
from models.records import REVIEWED
from models.uploads import Upload, insert_once
from services.characters import visible
from services.filings.filings import hold_for_writer
from services.filings.office_files import clean_office
from services.people.signing import read_signed, signed
from services.records.photo_files import read_photo
from services.records.records import hold_for_keeper
from services.runtime import Runtime
from services.workbooks.packages import open_package

LINK_LIFE = timedelta(hours=2)
MAX_BYTES = 20 * 1024 * 1024
MOST_FILES = 20
_PURPOSE = "upload"
_MAX_NAME, _MAX_TITLE = 128, 40
_EXPIRED = "这个上传链接已经失效。请回到公众号，从原来办的事里重新打开。"
_KINDS = "只收 PDF、Word（docx）、Excel（xlsx）、JPG、PNG 文件"


@dataclass(frozen=True, slots=True)
class Target:
    """What a file is for: `record` or `filing` with its number, for whom the link is, and the title above the page."""

    kind: str
    id: int
    person_id: int
    title: str


async def _may_fill_record(record_id: int, staff_no: str) -> None:
    record = await hold_for_keeper(record_id, staff_no)
    if record.state == REVIEWED:
        raise Refusal(
            "reviewed", f"这条记录已经审过，不能再加文件。确有需要，请审核的同志回复 审核记录{record_id} 退回。"
        )


TARGETS: Mapping[str, Callable[[int, str], Awaitable[None]]] = {
    "record": _may_fill_record,
    "filing": hold_for_writer,
}
"""By kind, `async (id, staff_no)`: holds it until the caller's transaction ends; raises `Refusal` where the person may not add files to
it now."""


def upload_page(settings: Settings, target: Target, now: datetime) -> Page:
    """The link for that person to bring files to that target, good for `LINK_LIFE`. Whoever hands it out has asked whether they may."""
    facts = [target.kind, target.id, target.person_id, target.title[:_MAX_TITLE]]
    value = base64.urlsafe_b64encode(json.dumps(facts, ensure_ascii=False).encode()).decode().rstrip("=")
    address = f"{settings.site}/upload/{signed(settings, _PURPOSE, value, now + LINK_LIFE)}"
    return Page(address, "传文件（PDF、Word、Excel、图片）")


def read_link(settings: Settings, token: str, now: datetime) -> Target:
    """What a link is for. Raises `Refusal` `link_expired`."""
    value = read_signed(settings, _PURPOSE, token, now)
    if value is None:
        raise Refusal("link_expired", _EXPIRED, 410)
    return Target(*json.loads(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))))


async def require_target(target: Target, person_id: int) -> None:
    """Raises `Refusal` where the link is another person's, or may no longer be used."""
    if target.person_id != person_id:
        raise Refusal("not_yours", "这个上传链接是给另一位同志的。请从您自己的公众号对话里打开。", 403)
    async with in_transaction():
        await _hold(target)


async def _hold(target: Target) -> None:
    person = await Person.get(id=target.person_id)
    await TARGETS[target.kind](target.id, person.staff_no)


async def keep_upload(rt: Runtime, target: Target, name: str, content: bytes, now: datetime) -> Upload:
    """Keep a file of the target. The same content again is the one that is there, whatever its name.

    Photos, also those in Word and Excel files, lose what tells where they were taken; a PDF is kept as it is. Bytes travel for minutes:
    whether the person may still add them is asked again, and nothing of what is refused is stored. Raises `Refusal`: `empty`,
    `too_large`, `unpacks_too_large`, `unknown_type`, `heic`, `broken`, `macros`, `too_many`, and those of `TARGETS`.
    """
    kind, content, sha256 = await asyncio.to_thread(_prepare, content)
    facts = {"name": _name(name, kind), "kind": kind, "size": len(content), "sha256": sha256}
    about = {"target_kind": target.kind, "target_id": target.id}
    async with in_transaction():
        # The same photo may have been sent in the chat, and may be forgotten there at this moment.
        await lock_content(sha256)
        await _hold(target)
        if await Upload.filter(**about).exclude(sha256=sha256).count() >= MOST_FILES:
            raise Refusal("too_many", f"一件事最多传 {MOST_FILES} 个文件，已经满了。", 409)
        await asyncio.to_thread(rt.files.put, content)
        return await insert_once(Upload(**about, **facts, person_id=target.person_id, uploaded_at=now))


def _prepare(content: bytes) -> tuple[str, bytes, str]:
    """Its kind, what of it is stored, and the SHA-256 of that."""
    kind = _recognise(content)
    if kind in _IMAGES:
        photo = read_photo(content, _IMAGES[kind])
        assert photo is not None, "what begins like a JPEG or PNG can be cleaned"
        content = photo.content
        if len(content) < _LEAST_PICTURE:
            raise Refusal("broken", "这张图片打不开，没有保存。请重新拍一张，或用看图软件另存后再传。", 415)
    elif kind in _OFFICE.values():
        content = clean_office(content)
    return kind, content, hashlib.sha256(content).hexdigest()


# Bytes; a picture of one point is larger. What is left of one that begins like a picture and is none is a few.
_LEAST_PICTURE = 64
_IMAGES = {"jpg": "image/jpeg", "png": "image/png"}
_MAGIC = {b"%PDF-": "pdf", b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png"}
# The brands under which phones write pictures of their own format (ISO/IEC 23008-12).
_HEIC = {b"ftyp" + brand for brand in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")}
_NOT_HEIC = (
    "HEIC 照片这里打不开，没有保存：iPhone 请在「设置→相机→格式」里选「兼容性最佳」后重拍，"
    "或把照片直接发到公众号对话里，微信会转成 JPG。"
)
_OFFICE = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx"}


def _recognise(content: bytes) -> str:
    """The kind by what is in it, never by its name."""
    if not content:
        raise Refusal("empty", "这个文件是空的，请重新选择。", 422)
    if len(content) > MAX_BYTES:
        raise too_large()
    found = next((kind for magic, kind in _MAGIC.items() if content.startswith(magic)), None) or _office(content)
    if found is None and content[4:12] in _HEIC:
        raise Refusal("heic", _NOT_HEIC, 415)
    if found is None:
        raise Refusal("unknown_type", f"{_KINDS}；加密的和旧格式（doc、xls）的请先另存。", 415)
    return found


def _office(content: bytes) -> str | None:
    """Which office document it is; nothing is unpacked but the list of its parts."""
    try:
        with open_package(content) as parts:
            names = set(parts.namelist())
    except (zipfile.BadZipFile, ValueError, RuntimeError):
        return None
    if any(name.rpartition("/")[2].lower() == "vbaproject.bin" for name in names):
        raise Refusal("macros", "这个文件里有宏，为安全不收。请另存为不含宏的 docx 或 xlsx。", 415)
    return next((kind for part, kind in _OFFICE.items() if part in names), None)


def too_large() -> Refusal:
    """What is said of a file beyond `MAX_BYTES`."""
    return Refusal("too_large", f"文件超过 {MAX_BYTES // 1024 // 1024} MB，请压缩或拆开再传。", 413)


def _name(name: str, kind: str) -> str:
    """The name that the person's file had, harmless, with the ending that fits what it is."""
    stem = visible(name.replace("\\", "/").rpartition("/")[2]).strip()
    stem = stem[: -len(kind) - 1] if stem.lower().endswith(f".{kind}") else stem.removesuffix(".jpeg")
    return f"{stem[: _MAX_NAME - len(kind) - 1].strip() or '文件'}.{kind}"
