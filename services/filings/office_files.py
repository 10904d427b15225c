"""Word and Excel files without what their pictures tell: a docx or xlsx is a zip, and its photos are whole JPEG and PNG files (S1-16).

Pure. Nothing is unpacked to disk; what is declared larger than `MAX_UNPACKED` is not unpacked at all.
"""

import io
import zipfile
import zlib

from config.refusals import Refusal
from services.records.photo_files import PICTURES, clean_picture
from services.workbooks.packages import TooLarge, check_parts, open_package

MAX_UNPACKED = 128 * 1024 * 1024
_MOST_PARTS = 5000
_BEGINNING = max(map(len, PICTURES))
# NotImplementedError: a newer kind of zip.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)


def clean_office(content: bytes) -> bytes:
    """The file with its JPEG and PNG pictures cleaned as photos are; itself, byte for byte, where there is nothing to cut out of them.

    Raises `Refusal` `broken`, `unpacks_too_large`.
    """
    try:
        with open_package(content) as package:
            check_parts(package, most_parts=_MOST_PARTS, most_bytes=MAX_UNPACKED)
            return _rewritten(package, _cleaned(package)) or content
    except TooLarge:
        raise Refusal(
            "unpacks_too_large", "这个文件展开后过大，没有收下。请压缩其中的图片，或拆开再传。", 413
        ) from None
    except _UNREADABLE:
        raise Refusal("broken", "这个文件打不开，可能已损坏或设了密码。请在 Word、WPS 里另存后再传。", 415) from None


def _cleaned(package: zipfile.ZipFile) -> dict[str, bytes]:
    """The pictures from which something was cut out, by the names of their parts."""
    parts = package.infolist()
    if len({part.filename for part in parts}) < len(parts):
        raise zipfile.BadZipFile
    found: dict[str, bytes] = {}
    for part in parts:
        with package.open(part) as file:
            if file.read(_BEGINNING).startswith(PICTURES):
                picture = package.read(part)
                cleaned = clean_picture(picture)
                found |= {part.filename: cleaned} if cleaned != picture else {}
    return found


def _rewritten(package: zipfile.ZipFile, pictures: dict[str, bytes]) -> bytes | None:
    """The package with these pictures instead; the same input gives the same bytes. None where there are none."""
    if not pictures:
        return None
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as copy:
        for part in package.infolist():
            copy.writestr(
                zipfile.ZipInfo(part.filename), pictures.get(part.filename) or package.read(part), part.compress_type
            )
    return made.getvalue()
