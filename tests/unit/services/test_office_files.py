"""Word and Excel files lose what their pictures tell, and nothing else; what cannot be opened safely is refused."""

import io
import struct
import tracemalloc
import zipfile
import zlib

import pytest
from PIL import ExifTags, Image

from config.refusals import BadInput, Refusal
from services.filings.office_files import MAX_UNPACKED, clean_office
from services.workbooks.workbook_limits import check_package
from tests.unit.services.photographs import PLACE, jpeg, scene, told

TEXT = b"<w:document/>" * 50


def packed(**parts: bytes) -> bytes:
    """A zip of these parts; `__` in a name is a slash, `_` before its ending a dot."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(name.replace("__", "/").replace("_", "."), part)
    return content.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


@pytest.mark.parametrize("name", ["word__media__image1_jpeg", "xl__media__image1_jpg", "docProps__thumbnail_jpeg"])
def test_a_photo_inside_no_longer_tells_where_it_was_taken(name: str) -> None:
    brought = packed(
        word__document_xml=TEXT, **{name: jpeg(scene(1), exif=told(turned=6))}, word__media__image2_emf=b"emf"
    )
    cleaned = clean_office(brought)
    before, after = parts_of(brought), parts_of(cleaned)
    assert list(after) == list(before)
    (photo,) = (part for path, part in after.items() if part != before[path])
    assert PLACE.encode() not in photo
    with Image.open(io.BytesIO(photo)) as picture:
        assert not picture.getexif().get_ifd(ExifTags.IFD.GPSInfo)
        assert picture.getexif()[ExifTags.Base.Orientation] == 6
        assert picture.size == (640, 480)
    assert clean_office(brought) == cleaned, "the same file again is the same content"
    assert clean_office(cleaned) == cleaned


def test_what_has_nothing_to_tell_stays_as_it_is_byte_for_byte() -> None:
    for brought in (packed(word__document_xml=TEXT), packed(a_xml=TEXT, word__media__a_jpg=clean(jpeg(scene(2))))):
        assert clean_office(brought) == brought


def clean(photo: bytes) -> bytes:
    """A photo that has been through it once."""
    return next(iter(parts_of(clean_office(packed(a_jpg=photo))).values()))


def test_a_broken_picture_keeps_what_comes_before_the_fault_and_no_place() -> None:
    cut = jpeg(scene(3), exif=told())[:2000]
    (part,) = parts_of(clean_office(packed(word__media__a_jpg=cut))).values()
    assert part.startswith(b"\xff\xd8")
    assert PLACE.encode() not in part


def encrypted() -> bytes:
    """A zip whose one part says that it is encrypted."""
    content = bytearray(packed(word__document_xml=TEXT))
    for header, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(header) + at] |= 1
    return bytes(content)


def damaged() -> bytes:
    """A photo that is not what its checksum says."""
    content = bytearray(packed(word__media__a_jpg=jpeg(scene(1), exif=told())))
    content[300] ^= 0xFF
    return bytes(content)


@pytest.mark.parametrize("content", [b"PK\x03\x04", packed(a_xml=TEXT)[:-30], encrypted(), damaged()])
def test_what_cannot_be_opened_is_refused(content: bytes) -> None:
    with pytest.raises(Refusal, match="broken"):
        clean_office(content)


def test_two_parts_of_one_name_are_refused() -> None:
    content = packed(word__a_xml=TEXT, word__b_xml=TEXT).replace(b"word/b.xml", b"word/a.xml")
    with pytest.raises(Refusal, match="broken"):
        clean_office(content)


def test_a_bomb_is_not_unpacked() -> None:
    content = io.BytesIO()
    with (
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package,
        package.open("a.xml", "w") as part,
    ):
        for _ in range(MAX_UNPACKED // 2**20 + 1):
            part.write(bytes(2**20))
    with pytest.raises(Refusal, match="unpacks_too_large"):
        clean_office(content.getvalue())


def lying(method: int, unpacked: int) -> bytes:
    """A photo that declares a hundred bytes and unpacks to so many."""
    content, picture = io.BytesIO(), b"\xff\xd8\xff\xe0" + bytes(96)
    with zipfile.ZipFile(content, "w", method) as package:
        package.writestr("xl/media/image1.jpeg", picture + bytes(unpacked))
    told = bytearray(content.getvalue())
    for header, at in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        place = told.index(header) + at
        struct.pack_into("<I", told, place, zlib.crc32(picture))
        struct.pack_into("<I", told, place + 8, len(picture))
    return bytes(told)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_part_larger_than_it_declares_is_not_unpacked(method: int) -> None:
    content = lying(method, 32 * 2**20 if method else 2**10)
    tracemalloc.start()
    with pytest.raises(Refusal, match="broken"):
        clean_office(content)
    with pytest.raises(BadInput):
        check_package(content)
    assert tracemalloc.get_traced_memory()[1] < 2 * 2**20
    tracemalloc.stop()


def test_a_list_of_very_many_parts_is_not_read() -> None:
    one = packed(a_xml=b"")
    entry = one[one.index(b"PK\x01\x02") : one.index(b"PK\x05\x06")]
    listed = entry * 100_000
    content = listed + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0, 0, len(listed), 0, 0)
    tracemalloc.start()
    with pytest.raises(Refusal, match="broken"):
        clean_office(content)
    assert tracemalloc.get_traced_memory()[1] < 2 * 2**20
    tracemalloc.stop()
