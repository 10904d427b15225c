"""Binding codes: readable, tolerant, different for everybody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.people.codes import is_code, make_code, read_code

KEY, OTHER = b"k" * 32, b"o" * 32


def test_codes_differ_by_person_generation_and_key() -> None:
    codes = {
        make_code(key, person, generation) for key in (KEY, OTHER) for person in range(50) for generation in (1, 2)
    }
    assert len(codes) == 200


@given(st.integers(1, 10**6), st.integers(1, 9))
def test_codes_are_eight_letters_that_paper_does_not_confuse(person: int, generation: int) -> None:
    code = make_code(KEY, person, generation)
    assert len(read_code(code)) == 8
    assert not set(code) & set("0O1IL2Z5S8B")
    assert is_code(code, [OTHER, KEY], person, generation)
    assert not is_code(code, [KEY], person, generation + 1)


@pytest.mark.parametrize(
    "written", ["acde-fghj", " ACDE FGHJ ", "ＡＣＤＥ－ＦＧＨＪ", "A.C.D.E—F_G H J", "绑定码：acdefghj"]
)
def test_codes_are_read_however_they_are_written(written: str) -> None:
    assert read_code(written) == "ACDEFGHJ"


@pytest.mark.parametrize("written", ["", "绑定码在哪", "????", "\x00"])
def test_what_has_no_letter_is_no_code(written: str) -> None:
    assert read_code(written) == ""
    assert not is_code(written, [KEY], 1, 1)
