"""Results without the figures of classes too small to be shown (design §5): a trace is there to be read. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from scoring.scheme import Track

# Subject key → (component, class) of its counted ballots that no door may show.
Hidden = Mapping[str, Sequence[tuple[str, str]]]


def hide_classes(row: dict[str, Any], track: Track, hidden: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """A reported subject (contract §4) with the trace of these classes' ballots blotted out."""
    if not hidden:
        return row
    beginnings = tuple(f"{track.components[component].label}·{name}" for component, name in hidden)
    return row | {"trace": [_veiled(step, beginnings) for step in row["trace"]]}


def _veiled(step: dict[str, Any], beginnings: tuple[str, ...]) -> dict[str, Any]:
    of = next((one for one in beginnings if step["say"].startswith((f"{one}:", f"{one}："))), None)
    return step if of is None else step | {"say": f"{of}：人数少，不单独公布", "value": None}
