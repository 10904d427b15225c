"""Binding codes: readable, tolerant, different for everybody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.people.codes import ends_in_code, is_code, make_code, read_code, split_code

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


@pytest.mark.parametrize(
    "text",
    [
        "{name} ACDE-FGHJ",
        "绑定 {name} ACDE-FGHJ",
        "绑定：{name}，ACDE-FGHJ",
        "{name}，绑定码：ACDE-FGHJ",
        "{name} 绑定码ACDE-FGHJ",
        "{name}，我的绑定码是 ACDE-FGHJ",
    ],
)
@pytest.mark.parametrize("name", ["张三", "阿卜杜拉·买买提", "Anna", "李明A", "王五(2)"])
def test_a_name_and_its_code_are_told_apart(text: str, name: str) -> None:
    assert split_code(text.format(name=name)) == (name, "ACDE-FGHJ")


def test_a_code_follows_a_chinese_name_at_once() -> None:
    assert split_code("张三ACDEFGHJ") == split_code("绑定张三 ACDEFGHJ") == ("张三", "ACDEFGHJ")


@pytest.mark.parametrize(
    "text",
    [
        "张三",
        "Anna Karenina",
        "ACDE-FGHJ",
        "绑定 ACDE-FGHJ",
        "我的绑定码是ACDE-FGHJ",
        "zhang san12345678",
        "张三 ACDE",
        "A" * 10_000,
    ],
)
def test_what_is_no_name_with_a_code_stays_as_it_is(text: str) -> None:
    assert split_code(text) is None


def test_a_code_alone_is_no_name() -> None:
    assert all(map(ends_in_code, ("ACDE-FGHJ", "我的绑定码 ａｃｄｅ－ｆｇｈｊ")))
    assert not any(map(ends_in_code, ("张三", "Annalisa", "Anna-Maria", "A" * 10_000)))
