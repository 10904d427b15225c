"""Checks of shape on parsed input: each returns the value typed, or raises BadInput with its path."""

from collections.abc import Collection, Mapping
from typing import Any

from scoring.faults import BadInput, child, clip, suggest

MAX_TEXT = 2000


def read_map(value: object, path: str) -> Mapping[str, Any]:
    """An object; absent (None) is an empty one."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadInput(path, f"应是一组「名称: 值」，这里是 {clip(value)}")
    return value


def read_list(value: object, path: str) -> list[Any]:
    """A list; absent (None) is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadInput(path, f"应是列表，这里是 {clip(value)}")
    return value


def read_text(value: object, path: str) -> str:
    """A text of 1 to 2000 characters."""
    if not isinstance(value, str) or not value.strip():
        raise BadInput(path, f"应是非空的文字，这里是 {clip(value)}")
    if len(value) > MAX_TEXT:
        raise BadInput(path, f"文字太长，最多 {MAX_TEXT} 字")
    return value


def read_optional_text(value: object, path: str) -> str | None:
    """A text, or None where it is absent."""
    return None if value is None else read_text(value, path)


def read_bool(value: object, path: str) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise BadInput(path, f"应是 true 或 false，这里是 {clip(value)}")
    return value


def read_count(value: object, path: str, low: int = 0, high: int = 1_000_000_000) -> int:
    """A whole number within [low, high]; true and false are not numbers."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadInput(path, f"应是整数，这里是 {clip(value)}")
    if not low <= value <= high:
        raise BadInput(path, f"{value} 超出范围 {low}—{high}")
    return value


def read_choice(value: object, known: Collection[str], path: str, what: str) -> str:
    """One of the known words."""
    text = read_text(value, path)
    if text not in known:
        raise BadInput(path, f"没有名为「{clip(text)}」的{what}{suggest(text, known)}")
    return text


def refuse_unknown(given: Mapping[str, Any], known: Collection[str], path: str, what: str = "项目") -> None:
    """Raise BadInput for the first key that is not known."""
    for key in given:
        if key not in known:
            raise BadInput(child(path, key), f"未知的{what}{suggest(key, known)}")
