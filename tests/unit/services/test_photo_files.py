"""Prints survive recompression and tell pictures apart; what is stored of a photo never tells where it was taken."""

import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageEnhance

from sandbox.media import TINY_JPEG
from services.records.photo_files import Photo, bands_near, bands_of, read_photo
from tests.unit.services.photographs import PLACE, jpeg, scene, told


def distance(one: int, other: int) -> int:
    return bin((one ^ other) & 0xFFFF_FFFF_FFFF_FFFF).count("1")


def print_of(content: bytes) -> int:
    found = read(content).print
    assert found is not None
    return found


def read(content: bytes, content_type: str = "image/jpeg") -> Photo:
    photo = read_photo(content, content_type)
    assert photo is not None
    return photo


def test_a_photo_sent_again_is_near_whatever_was_done_to_it() -> None:
    image = scene(1)
    again = [
        jpeg(image, 40),
        jpeg(image.resize((320, 240)), 70),
        jpeg(ImageEnhance.Brightness(image).enhance(1.15)),
    ]
    assert max(distance(print_of(jpeg(image)), print_of(one)) for one in again) <= 7


def test_other_pictures_are_not_near() -> None:
    prints = [print_of(jpeg(scene(seed))) for seed in range(12)]
    assert min(distance(one, other) for n, one in enumerate(prints) for other in prints[:n]) > 7


@given(st.integers(-(2**63), 2**63 - 1), st.sets(st.integers(0, 63), max_size=7))
def test_bands_find_every_print_within_seven_bits(number: int, flipped: set[int]) -> None:
    other = number & 0xFFFF_FFFF_FFFF_FFFF
    for bit in flipped:
        other ^= 1 << bit
    assert any(band in near for band, near in zip(bands_of(other), bands_near(number), strict=True))


def test_a_blank_wall_has_no_print() -> None:
    assert read(jpeg(Image.new("RGB", (640, 480), "white"))).print is None
    assert read(TINY_JPEG).print is None


def test_the_day_is_read_and_the_place_is_cut_out_bit_for_bit_with_the_picture_left() -> None:
    image = scene(2)
    photo = read(jpeg(image, exif=told()))
    assert photo.taken_on == date(2021, 3, 2)
    assert PLACE.encode() not in photo.content
    with Image.open(io.BytesIO(photo.content)) as kept, Image.open(io.BytesIO(jpeg(image))) as plain:
        assert dict(kept.getexif()) == {}
        assert kept.tobytes() == plain.tobytes()


def test_a_turned_photo_stays_turned_and_says_nothing_else() -> None:
    photo = read(jpeg(scene(3), exif=told(turned=6)))
    with Image.open(io.BytesIO(photo.content)) as kept:
        assert dict(kept.getexif()) == {ExifTags.Base.Orientation: 6}
        assert not kept.getexif().get_ifd(ExifTags.IFD.GPSInfo)


def test_what_stands_behind_the_picture_or_in_comments_is_cut_off() -> None:
    content = jpeg(scene(4))
    commented = content[:2] + b"\xff\xfe\x00\x08secret" + content[2:] + jpeg(scene(5), exif=told())
    photo = read(commented)
    assert b"secret" not in photo.content
    assert PLACE.encode() not in photo.content
    assert photo.content == content


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_other_formats_lose_their_place_too(form: str) -> None:
    content = io.BytesIO()
    scene(6).save(content, form, exif=told())
    photo = read(content.getvalue(), f"image/{form.lower()}")
    assert photo.taken_on == date(2021, 3, 2)
    assert PLACE.encode() not in photo.content
    with Image.open(io.BytesIO(photo.content)) as kept:
        assert dict(kept.getexif()) == {}


def test_a_photo_without_anything_to_cut_stays_as_it_is() -> None:
    assert read(TINY_JPEG).content == TINY_JPEG


def test_what_cannot_be_read_is_never_kept_as_it_came() -> None:
    """A phone's own format, a picture too large to look at: nothing of them is known, so nothing of them is safe."""
    large = io.BytesIO()
    Image.new("1", (8000, 7000)).save(large, "TIFF", exif=told())
    for content in (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + PLACE.encode(), large.getvalue(), b"", b"GIF89a"):
        assert read_photo(content, "image/heic") is None


@given(st.binary(max_size=400), st.integers(0, 400))
def test_whatever_the_bytes_are_nothing_breaks(noise: bytes, at: int) -> None:
    content = jpeg(scene(7, (40, 30)), exif=told())
    for broken in (noise, b"\xff\xd8" + noise, content[:at] + noise + content[at:], content[: at * 4]):
        photo = read_photo(broken, "image/jpeg")
        assert photo is None or PLACE.encode() not in photo.content
