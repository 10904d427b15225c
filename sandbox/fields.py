"""Typed values of template and subscription messages (contract page, 3.3)."""

import re
from collections.abc import Callable
from typing import Any

from sandbox.errors import ApiError

_CLOCK = r"\d{1,2}:\d{2}(:\d{2})?"
_DAY = r"\d{4}(年\d{1,2}月\d{1,2}日|-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2})"
_MOMENT = rf"({_DAY} ?{_CLOCK}|{_DAY}|{_CLOCK})"
_HAN = "\u4e00-\u9fff"


def _pattern(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None


RULES: dict[str, Callable[[str], bool]] = {
    "thing": lambda value: len(value) <= 20,
    "const": lambda value: len(value) <= 20,
    "enum": lambda value: len(value) <= 20,
    "character_string": _pattern(r"[\x20-\x7e]{1,32}"),
    "number": lambda value: re.fullmatch(r"-?\d+(\.\d+)?", value) is not None and len(value) <= 32,
    "letter": _pattern(r"[A-Za-z]{1,32}"),
    "symbol": _pattern(rf"[^\w\s{_HAN}]{{1,5}}"),
    "time": _pattern(rf"{_MOMENT}( ?~ ?{_MOMENT})?"),
    "date": _pattern(rf"{_DAY}( {_CLOCK})?( ?~ ?{_DAY}( {_CLOCK})?)?"),
    "amount": _pattern(r"[¥￥$€£]?\d{1,10}(\.\d{1,2})?元?"),
    "phone_number": _pattern(r"[0-9+\-() ]{1,17}"),
    "car_number": lambda value: len(value) <= 8,
    "name": _pattern(rf"[{_HAN}·]{{1,10}}|[A-Za-z .·]{{1,20}}"),
    "phrase": _pattern(rf"[{_HAN}]{{1,5}}"),
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
FILTERED = frozenset({"first", "remark"})
SHOWN_LENGTH = 20


def read_values(keys: tuple[str, ...], data: Any) -> dict[str, str]:
    """What is shown for each of a template's keys; ApiError 47003 names the first bad one.

    Untyped keys of old templates are only cut; `first` and `remark` vanish; keys the template lacks are ignored.
    """
    if not isinstance(data, dict):
        raise ApiError(47003, "data invalid")
    return {key: _read(key, data.get(key)) for key in keys if key not in FILTERED}


def _read(key: str, item: Any) -> str:
    value = item.get("value") if isinstance(item, dict) else None
    rule = RULES.get(re.sub(r"\d+$", "", key))
    if rule is None:
        return str(value or "").split("\n", 1)[0][:SHOWN_LENGTH]
    if not isinstance(value, str) or not value.strip():
        raise ApiError(47003, f"data.{key}.value is empty")
    if _CONTROL.search(value) or not rule(value):
        raise ApiError(47003, f"data.{key}.value invalid")
    return value
