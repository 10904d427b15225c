"""Strict, bounded reading of JSON and YAML that others wrote: text in, str/int/bool/None/list/dict out, or BadInput with a path."""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import yaml

from scoring.faults import BadInput, child, clip

MAX_JSON_BYTES = 64 * 1024 * 1024
MAX_YAML_BYTES = 256 * 1024
MAX_DEPTH = 32
MAX_DIGITS = 15
MAX_PARTS = 4_000_000

_FLOAT = re.compile(
    r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE][-+]?[0-9]))(?:[eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan", re.I
)
_INT = re.compile(r"-?(?:0|[1-9][0-9]*)")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_NO_FLOAT = '数字「{}」有小数点或指数，应写成带引号的文字，如 "88.5"'
_TOO_LONG = "整数「{}」太长，最多 15 位"
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}
_YAML_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _text(data: str | bytes, max_bytes: int) -> str:
    try:
        encoded = data.encode() if isinstance(data, str) else data
        if len(encoded) > max_bytes:
            raise BadInput("", f"文件太大，最多 {max_bytes} 字节")
        return encoded.decode("utf-8-sig")
    except UnicodeError:
        raise BadInput("", "文件不是 UTF-8 编码的文本，请另存为 UTF-8") from None


class _Fault:
    """Stands in the parsed tree where something was wrong, until its path is known."""

    __slots__ = ("say",)

    def __init__(self, say: str) -> None:
        self.say = say


def read_json(data: str | bytes, *, max_bytes: int = MAX_JSON_BYTES) -> Any:
    """JSON without floats, NaN, duplicate keys, huge numbers, lone surrogates or nesting beyond MAX_DEPTH."""
    text = _text(data, max_bytes)
    if sum(map(text.count, "[{,")) > MAX_PARTS:  # small parts take twenty times their text in memory
        raise BadInput("", f"内容太多，最多 {MAX_PARTS} 项")
    faults: list[_Fault] = []
    try:
        value = _decoder(faults).decode(text)
    except json.JSONDecodeError as error:
        raise BadInput(f"第 {error.lineno} 行第 {error.colno} 列", "不是合法的 JSON") from None
    except RecursionError:
        raise BadInput("", f"嵌套太深，最多 {MAX_DEPTH} 层") from None
    if faults or _SURROGATE_ESCAPE.search(text) or _too_deep(value):
        _raise_first(value)
    return value


def _decoder(faults: list[_Fault]) -> json.JSONDecoder:
    def note(say: str) -> _Fault:
        faults.append(_Fault(say))
        return faults[-1]

    def read_int(digits: str) -> Any:
        return int(digits) if len(digits) <= MAX_DIGITS else note(_TOO_LONG.format(clip(digits)))

    def read_object(pairs: list[tuple[str, Any]]) -> Any:
        found = dict(pairs)
        return found if len(found) == len(pairs) else note(f"「{clip(_repeated(pairs))}」写了两次")

    return json.JSONDecoder(
        parse_float=lambda number: note(_NO_FLOAT.format(clip(number))),
        parse_constant=lambda name: note(f"{name} 不是数"),
        parse_int=read_int,
        object_pairs_hook=read_object,
    )


def _repeated(pairs: list[tuple[str, Any]]) -> str:
    keys = sorted(key for key, _ in pairs)
    return next(key for key, following in pairwise(keys) if key == following)


def _too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [part for node in level for part in _parts(node) if isinstance(part, dict | list)]
        if not level:
            return False
    return True


def _parts(node: Any) -> Any:
    if isinstance(node, dict):
        return node.values()
    return node if isinstance(node, list) else ()


def _raise_first(value: Any) -> None:
    """Raise for the first fault in reading order. The tree may be deeper than Python recurses, hence the stack."""
    stack: list[tuple[str, int, Any]] = [("", 0, value)]
    while stack:
        path, depth, node = stack.pop()
        if isinstance(node, _Fault):
            raise BadInput(path, node.say)
        if depth > MAX_DEPTH:
            raise BadInput(path[:200], f"嵌套太深，最多 {MAX_DEPTH} 层")
        if isinstance(node, str) and not _is_encodable(node):
            raise BadInput(path, "文字里有不成对的代理字符")
        stack.extend(reversed([(child(path, key), depth + 1, part) for key, part in _keyed(path, node)]))


def _keyed(path: str, node: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(node, dict):
        if not all(map(_is_encodable, node)):
            raise BadInput(path, "名称里有不成对的代理字符")
        yield from node.items()
    elif isinstance(node, list):
        yield from enumerate(node)


def _is_encodable(text: str) -> bool:
    return not any("\ud800" <= c <= "\udfff" for c in text)


def read_yaml(data: str | bytes, *, max_bytes: int = MAX_YAML_BYTES) -> Any:
    """One YAML document without tags, anchors, aliases, floats, duplicate keys or deep nesting; dates and times stay text."""
    text = _text(data, max_bytes)
    try:
        events = iter(yaml.parse(text, Loader=_YAML_LOADER))
        next(events)  # the start of the stream
        first = next(events)
        if isinstance(first, yaml.StreamEndEvent):
            return None
        value = _node(next(events), events, "", 0)
        if any(isinstance(event, yaml.DocumentStartEvent) for event in events):
            raise BadInput("", "一个文件里只能有一份 YAML（不要再写 ---）")
        return value
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"第 {mark.line + 1} 行第 {mark.column + 1} 列" if mark else ""
        raise BadInput(where, "不是合法的 YAML，请检查缩进、引号和冒号后的空格") from None


def _node(event: Any, events: Iterator[Any], path: str, depth: int) -> Any:
    if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
        raise BadInput(path, "不允许使用锚点和引用（& 和 *），请把内容写全")
    if event.tag is not None:
        raise BadInput(path, f"不允许使用标签「{clip(event.tag)}」")
    if depth > MAX_DEPTH:
        raise BadInput(path, f"嵌套太深，最多 {MAX_DEPTH} 层")
    if isinstance(event, yaml.ScalarEvent):
        return _plain(event.value, path) if event.implicit[0] and not event.style else event.value
    return (_mapping if isinstance(event, yaml.MappingStartEvent) else _sequence)(events, path, depth)


def _sequence(events: Iterator[Any], path: str, depth: int) -> list[Any]:
    found: list[Any] = []
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        found.append(_node(event, events, child(path, len(found)), depth + 1))
    return found


def _mapping(events: Iterator[Any], path: str, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        if not isinstance(event, yaml.ScalarEvent) or event.tag is not None or event.anchor is not None:
            raise BadInput(path, "名称应是简单文字")
        key = event.value
        if key in found:
            raise BadInput(child(path, key), "同一名称写了两次")
        found[key] = _node(next(events), events, child(path, key), depth + 1)
    return found


def _plain(text: str, path: str) -> Any:
    """An unquoted scalar: only null, true, false and whole numbers are more than text (0102 stays text; so do yes, no and dates)."""
    if text in _WORDS:
        return _WORDS[text]
    if _FLOAT.fullmatch(text):
        raise BadInput(path, _NO_FLOAT.format(clip(text)))
    if not _INT.fullmatch(text):
        return text
    if len(text) > MAX_DIGITS:
        raise BadInput(path, _TOO_LONG.format(clip(text)))
    return int(text)


def read_instant(value: object, path: str) -> datetime:
    """An ISO 8601 time with its offset, as an aware datetime."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) and len(value) <= 40 else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not 1900 <= found.year <= 2999:
        raise BadInput(path, f"「{clip(value)}」应是带时区的时间，如 2022-01-18T09:00:00+08:00")
    return found


def read_date(value: object, path: str) -> date:
    """A day written YYYY-MM-DD."""
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise BadInput(path, f"「{clip(value)}」应是日期，如 2020-05-01")
