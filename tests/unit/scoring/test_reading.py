"""What others wrote is refused with its path when it is not plain, exact and small."""

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.reading import MAX_DEPTH, BadInput, read_date, read_instant, read_json, read_yaml

BAD_JSON = {
    "float": ('{"a": [1, {"b": 1.5}]}', "a[1].b"),
    "exponent": ("[1e5]", "[0]"),
    "nan": ('{"a": NaN}', "a"),
    "infinity": ("[-Infinity]", "[0]"),
    "ten thousand digits": ('{"a": ' + "9" * 10_000 + "}", "a"),
    "same key twice": ('{"a": {"b": 1, "c": 2, "b": 3}}', "a"),
    "lone surrogate": ('{"a": "\\ud800"}', "a"),
    "lone surrogate in a key": ('{"a": {"\\ud800": 1}}', "a"),
    "not JSON": ('{"a": 1,}', "第 1 行第 9 列"),
    "two values": ("{} {}", "第 1 行第 4 列"),
    "empty": ("", "第 1 行第 1 列"),
    "not UTF-8": (b"\xff\xfe{}", ""),
    "too many parts": ("[" + "[]," * 2_000_001 + "0]", ""),
    "too deep for Python": ("[" * 200_000, ""),
    "too deep": ("[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2), "[0]" * (MAX_DEPTH + 1)),
}


@pytest.mark.parametrize(("text", "path"), BAD_JSON.values(), ids=BAD_JSON)
def test_json_is_refused(text: str | bytes, path: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_json(text)
    assert caught.value.path == path
    assert len(str(caught.value)) < 400


BAD_YAML = {
    "float": ("a: [1, {b: 1.5}]", "a[1].b"),
    "exponent": ("a: 1e5", "a"),
    "nan": ("a: .nan", "a"),
    "infinity": ("a: -.inf", "a"),
    "ten thousand digits": ("a: " + "9" * 10_000, "a"),
    "same key twice": ("a: {b: 1, b: 2}", "a.b"),
    "anchor": ("a: &x [1]", "a"),
    "alias": ("a: *x", "a"),
    "bomb": ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]", "a"),
    "tag": ("a: !!python/object/apply:os.system [x]", "a"),
    "tag of its own": ("a: !x 1", "a"),
    "tag on a key": ("a: {!x b: 1}", "a"),
    "key that is a list": ("a: {[1]: 2}", "a"),
    "two documents": ("a: 1\n---\nb: 2", ""),
    "too deep": ("[" * 200_000, "[0]" * (MAX_DEPTH + 1)),
    "not YAML": ('a: "x', "第 1 行第 6 列"),
    "control character": ("a: \x00", ""),
    "tab": ("\ta: 1", "第 1 行第 1 列"),
    "too large": ("a" * 300_000, ""),
}


@pytest.mark.parametrize(("text", "path"), BAD_YAML.values(), ids=BAD_YAML)
def test_yaml_is_refused(text: str, path: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_yaml(text)
    assert caught.value.path == path
    assert len(str(caught.value)) < 400


def test_yaml_keeps_words_dates_and_leading_zeros_as_text() -> None:
    text = "a: yes\nb: 2022-01-18T09:00:00+08:00\nc: 0102\nd: '1'\ne: 12\nf:\ng: true\nh: [~, 12:30]\n2020: x"
    assert read_yaml(text) == {
        "a": "yes",
        "b": "2022-01-18T09:00:00+08:00",
        "c": "0102",
        "d": "1",
        "e": 12,
        "f": None,
        "g": True,
        "h": [None, "12:30"],
        "2020": "x",
    }


def test_a_byte_order_mark_is_no_fault() -> None:
    assert read_json(b"\xef\xbb\xbf[1]") == [1]
    assert read_yaml(b"\xef\xbb\xbfa: 1") == {"a": 1}


def test_nothing_at_all_is_null_in_yaml() -> None:
    assert read_yaml("# only a remark\n") is None


def test_size_is_checked_in_bytes() -> None:
    assert read_json('"一"', max_bytes=5) == "一"
    with pytest.raises(BadInput):
        read_json('"一"', max_bytes=4)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (read_json, read_yaml):
        with suppress(BadInput):
            assert not isinstance(read(text), float)


@pytest.mark.parametrize("value", ["2022-01-18T09:00:00", "2022-01-18", "now", 5, None, "2" * 99])
def test_a_time_needs_its_offset(value: Any) -> None:
    with pytest.raises(BadInput, match="starts_at"):
        read_instant(value, "starts_at")


def test_a_time_is_aware() -> None:
    assert read_instant("2022-01-18T09:00:00+08:00", "x").utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize("value", ["2020-02-30", "20200501", "2020-W01-1", "2020-5-1", 20200501, None])
def test_a_day_is_year_month_day(value: Any) -> None:
    with pytest.raises(BadInput, match="on"):
        read_date(value, "on")


def test_a_day_is_read() -> None:
    assert read_date("2020-05-01", "on") == date(2020, 5, 1)
