"""What a photo's bytes tell: a print that survives recompression, the day it was taken; and the bytes without what they tell beyond.

Pure. Where a photo was taken is never read and never stored: whatever could hold it (EXIF, XMP, IPTC, texts) is cut out first.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from PIL import Image

_MOST_PIXELS = 50_000_000
_EXIF, _TAKEN, _ORIENTATION = 0x8769, (0x9003, 0x9004), 0x0112
_JPEG, _PNG = b"\xff\xd8", b"\x89PNG\r\n\x1a\n"
PICTURES = (_JPEG, _PNG)
"""What the files begin with that are cleaned bit for bit."""
# What applications add may hold anything (APP1 EXIF and XMP, APP13 IPTC); these say how colours are to be read, and stay.
_STAYING = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_ADDED = {*range(0xE0, 0xF0), 0xFE}
_EXIF_BEGINS = b"Exif\0\0"
_MARKERS = {*range(0xC0, 0xD0), *range(0xD9, 0x100)}
_TEXTS = {b"eXIf", b"tEXt", b"zTXt", b"iTXt"}
_CONTRAST = 6
"""Grey levels between the darkest and the lightest of the 72 fields; a blank wall below it is like every other."""


@dataclass(frozen=True, slots=True)
class Photo:
    """`content`: what may be stored. `print`: 64 bits as a signed number, None where there is too little to tell one from another."""

    content: bytes
    content_type: str
    print: int | None = None
    taken_on: date | None = None


def read_photo(content: bytes, content_type: str) -> Photo | None:
    """Read and clean a photo; a broken JPEG or PNG comes back without a print, as far as its parts can be told.

    None where nothing is known of its parts (HEIC, what is no picture): it might tell where it was taken and must not be stored.
    """
    try:
        with Image.open(io.BytesIO(content)) as image:
            if image.width * image.height > _MOST_PIXELS:
                return _unreadable(content, content_type)
            exif = image.getexif()
            turned = exif.get(_ORIENTATION, 1)
            taken_on = _day(exif.get_ifd(_EXIF))
            cleaned, kind = _cleaned(image, content, content_type, turned)
            return Photo(cleaned, kind, _print(image), taken_on)
    except Exception:  # Pillow's readers let through whatever they stumble over, and warnings where those are errors
        return _unreadable(content, content_type)


def clean_picture(content: bytes) -> bytes:
    """A JPEG or PNG without what it tells beyond its picture; a broken one as far as its parts can be told."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            if image.width * image.height <= _MOST_PIXELS:
                return _cleaned(image, content, "", image.getexif().get(_ORIENTATION, 1))[0]
    except Exception:  # noqa: S110 - as above: it is cleaned without being read
        pass
    return _clean(content, b"")[0]


def _unreadable(content: bytes, content_type: str) -> Photo | None:
    return Photo(_clean(content, b"")[0], content_type) if content.startswith(PICTURES) else None


def bands_of(number: int) -> tuple[int, int, int, int]:
    """The four bands of a print, 16 bits each."""
    bits = number & 0xFFFF_FFFF_FFFF_FFFF
    return bits & 0xFFFF, bits >> 16 & 0xFFFF, bits >> 32 & 0xFFFF, bits >> 48


def bands_near(number: int) -> list[list[int]]:
    """For each band itself and what differs from it in one bit: a print within seven bits has one of them in one of the bands."""
    return [[band, *(band ^ 1 << bit for bit in range(16))] for band in bands_of(number)]


def _print(image: Image.Image) -> int | None:
    """A difference hash: is each of 8 × 8 fields lighter than its neighbour on the right? Signed, as the database holds it."""
    image.draft("L", (144, 128))
    grey = list(image.convert("L").resize((9, 8), Image.Resampling.BOX).tobytes())
    if max(grey) - min(grey) < _CONTRAST:
        return None
    bits = "".join(str(int(grey[9 * y + x] > grey[9 * y + x + 1])) for y in range(8) for x in range(8))
    return int.from_bytes(int(bits, 2).to_bytes(8, "big"), "big", signed=True) if 4 < bits.count("1") < 60 else None


def _day(exif: dict[int, object]) -> date | None:
    for tag in _TAKEN:
        try:
            return datetime.strptime(str(exif.get(tag, ""))[:10], "%Y:%m:%d").date()  # noqa: DTZ007 - a camera's own day
        except ValueError:
            continue
    return None


def _cleaned(image: Image.Image, content: bytes, content_type: str, turned: int) -> tuple[bytes, str]:
    """JPEG and PNG keep their picture bit for bit; other formats, and what is built otherwise than it should be, become JPEG."""
    if content.startswith(PICTURES):
        cleaned, is_sound = _clean(content, _upright(turned))
        if is_sound:
            return cleaned, content_type
    kept = io.BytesIO()
    image.convert("RGB").save(kept, "JPEG", quality=90)
    return kept.getvalue(), "image/jpeg"


def _upright(turned: int) -> bytes:
    """An APP1 that says nothing but how the picture is turned; empty where it is not."""
    if turned not in range(2, 9):
        return b""
    exif = Image.Exif()
    exif[_ORIENTATION] = turned
    body = exif.tobytes()
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


class _Unsound(Exception):
    """A part is not what may stand there: readers forgive that, but what follows might tell anything."""


def _clean(content: bytes, insert: bytes) -> tuple[bytes, bool]:
    """What may stay of a JPEG or PNG, and whether all of it is built as it should be; where not, what stands before the fault stays."""
    begins, parts = (_PNG, _png_chunks) if content.startswith(_PNG) else (_JPEG + insert, _jpeg_parts)
    kept: list[bytes] = []
    is_sound = True
    try:
        kept.extend(parts(content))
    except _Unsound:
        is_sound = False
    silent, hidden, _ = b"".join(kept).partition(_EXIF_BEGINS)
    return begins + silent, is_sound and not hidden


def _png_chunks(content: bytes) -> Iterator[bytes]:
    at = len(_PNG)
    while at + 12 <= len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        chunk = content[at : at + 12 + length]
        if not chunk[4:8].isalpha():
            raise _Unsound
        if chunk[4:8] not in _TEXTS:
            yield chunk
        at += len(chunk)
        if chunk[4:8] == b"IEND":
            return


def _jpeg_parts(content: bytes) -> Iterator[bytes]:
    """Segments that stay, and after the first scan the picture data between them, up to the end of the first picture."""
    at, is_scanned = len(_JPEG), False
    while at + 4 <= len(content):
        if is_scanned and content[at] != 0xFF:
            end = _next_marker(content, at)
            yield content[at:end]
            at = end
            continue
        marker = content[at + 1]
        if content[at] != 0xFF or marker not in _MARKERS:
            raise _Unsound
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == 0xD9:
            break
        is_scanned = is_scanned or marker == 0xDA
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if marker not in _ADDED or content.startswith(_STAYING.get(marker, _JPEG), at + 4):
            yield content[at:end]
        at = end
    yield b"\xff\xd9"


def _next_marker(content: bytes, at: int) -> int:
    """Where the picture data ends: at the next marker that is neither a stuffed byte nor a restart."""
    while (at := content.find(b"\xff", at)) >= 0 and at + 1 < len(content):
        if content[at + 1] != 0 and not 0xD0 <= content[at + 1] <= 0xD7:
            return at
        at += 2
    return len(content)
