"""Uploaded files as they are handed out: beside a record or a filing in an archive, with a line that says what each is."""

import zipfile
from collections.abc import Sequence

from config.clock import shown
from models.uploads import Upload
from services.actors import name_actors
from services.characters import visible
from services.files import Files

_NAMED, _SHOWN = 5, 30


def names_of(uploads: Sequence[Upload]) -> str:
    """Their names in a sentence; what many or long ones would fill is left out."""
    names = "、".join(_clipped(one.name) for one in uploads[:_NAMED])
    return f"{names}等 {len(uploads)} 个" if len(uploads) > _NAMED else names


def _clipped(name: str) -> str:
    return name if len(name) <= _SHOWN else f"{name[: _SHOWN - 6]}…{name[-5:]}"


def put_file(archive: zipfile.ZipFile, name: str, files: Files, sha256: str | None) -> bool:
    """Put stored content into an archive; False where it never came, or is lost."""
    try:
        content = files.read(sha256) if sha256 else None
    except FileNotFoundError:
        content = None
    if content is not None:
        archive.writestr(name, content)
    return content is not None


def attachments(uploads: Sequence[Upload]) -> list[tuple[str, str]]:
    """Name in an archive and content of each, counted from 1: no person's words are in a path (`attachment_lines` tells them)."""
    return [(f"附件{n}.{one.kind}", one.sha256) for n, one in enumerate(uploads, 1)]


async def attachment_lines(uploads: Sequence[Upload]) -> list[str]:
    """「附件1.pdf：会议记录.pdf（王某 于 2021年12月20日 09:00 传）」, a line each; the uploads come with who brought them."""
    names = await name_actors({one.person.staff_no for one in uploads})
    return [
        f"附件{n}.{one.kind}：{visible(one.name)}（{names[one.person.staff_no]} 于 {shown(one.uploaded_at)} 传）"
        for n, one in enumerate(uploads, 1)
    ]
