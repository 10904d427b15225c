"""What if: the same inputs under other settings or another version of the scheme, side by side, and which change moves whom.

A subject's change is put down to every single change that moves it alone; where none does, to all of them together.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scoring.engine import evaluate
from scoring.faults import BadInput
from scoring.loading import load_scheme
from scoring.reading import read_yaml
from scoring.report import report

FIGURES = ("score", "exact", "band", "awards", "consequences", "flags")
_SETTINGS = "settings"
# The sections of a scheme that compute; the others remind, record and print.
_COMPUTING = ("settings", "forms", "tracks")
Path = tuple[str | int, ...]
Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One change: `part` is what was changed as a whole (`settings.bands`, `scheme.tracks[0].grade`), `path` the place in it.

    before, after: None where it was not there; clause: of the rule that it belongs to, empty for a setting.
    """

    part: str
    path: str
    before: Any
    after: Any
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """A subject whose figures differ. before, after: its `FIGURES`, or {"refused": codes}; because: the parts that move it.

    together: no part moves it alone, only all of them do.
    """

    id: str
    name: str
    before: Figures
    after: Figures
    because: tuple[str, ...]
    together: bool


@dataclass(frozen=True, slots=True)
class Alternative:
    """Both evaluations compared. `same`: how many subjects stay as they are; summaries as in contract §4."""

    changes: tuple[Change, ...]
    subjects: tuple[Moved, ...]
    same: int
    summary_before: tuple[dict[str, Any], ...]
    summary_after: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """What is evaluated: what a scheme file says, and a document of contract §4."""

    scheme: Any
    document: Mapping[str, Any]

    def result(self) -> dict[str, Any]:
        """The report. Raises BadInput."""
        # JSON is YAML: a scheme is loaded with all its checks, whichever changes it carries.
        scheme = load_scheme(json.dumps(self.scheme, ensure_ascii=False))
        return report(evaluate(scheme, {**self.document, "scheme": scheme.slug}))


def compare_alternative(
    scheme_text: str | bytes,
    document: Mapping[str, Any],
    *,
    settings: Mapping[str, Any] | None = None,
    other_text: str | bytes | None = None,
) -> Alternative:
    """The document as it is, against it with `settings` set (null takes one away) and, where given, under the other scheme file.

    Deterministic: subjects in the order of the document. Raises BadInput where either cannot be evaluated.
    """
    load_scheme(scheme_text)  # its faults are told with their places before the text is taken apart
    base = Variant(read_yaml(scheme_text), document)
    before = base.result()
    other = Variant(base.scheme, document)
    if other_text is not None:
        load_scheme(other_text)
        other = Variant(read_yaml(other_text), document)
    other = Variant(other.scheme, {**document, _SETTINGS: _set(document.get(_SETTINGS) or {}, settings or {})})
    after = other.result()
    parts = dict(_parts(base, other))
    first, second = _figures(before), _figures(after)
    movers = {name: _movers(first, second, variant) for name, variant in parts.items()}
    subjects = tuple(_moved(document, first, second, movers))
    return Alternative(
        tuple(change for name in parts for change in _changes(name, base, other)),
        subjects,
        len(first) - len(subjects),
        tuple(before["summary"]),
        tuple(after["summary"]),
    )


def _set(settings: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**settings, **changes}.items() if value is not None}


def _moved(
    document: Mapping[str, Any],
    first: Mapping[str, Figures],
    second: Mapping[str, Figures],
    movers: Mapping[str, set[str]],
) -> Iterator[Moved]:
    names = {row["id"]: row.get("name") or row["id"] for row in document["subjects"] or ()}
    for key, name in names.items():
        if first[key] != second[key]:
            because = tuple(part for part, moved in movers.items() if key in moved)
            yield Moved(key, name, first[key], second[key], because or tuple(movers), not because)


def _figures(result: Mapping[str, Any]) -> dict[str, Figures]:
    found: dict[str, Figures] = {one["id"]: {name: one[name] for name in FIGURES} for one in result["subjects"]}
    for one in result["refusals"]:
        found.setdefault(one["id"], {"refused": []})["refused"].append(one["code"])
    return found


def _movers(first: Mapping[str, Figures], second: Mapping[str, Figures], variant: Variant) -> set[str]:
    """The subjects that a change moves alone. A change that cannot stand alone, or refuses whom all of them grade, moves nobody."""
    try:
        alone = _figures(variant.result())
    except BadInput:
        return set()
    is_broken = {key for key, figures in alone.items() if "refused" in figures and "refused" not in second[key]}
    return {key for key, figures in first.items() if figures != alone[key]} - is_broken


def _parts(base: Variant, other: Variant) -> Iterator[tuple[str, Variant]]:
    """Each part that differs, with the base changed in that part alone."""
    first, second = base.document.get(_SETTINGS) or {}, other.document[_SETTINGS]
    for name in {**first, **second}:
        if first.get(name) != second.get(name):
            changed = {**base.document, _SETTINGS: _set(first, {name: second.get(name)})}
            yield f"{_SETTINGS}.{name}", Variant(base.scheme, changed)
    for path in _places(base.scheme, other.scheme):
        yield _spelt(path), Variant(_replaced(base.scheme, path, _at(other.scheme, path)), base.document)


def _places(first: Any, second: Any) -> Iterator[Path]:
    """The parts of two schemes that compute and differ: a setting, a form, a section of a track; all tracks where they do not pair."""
    for section in _COMPUTING:
        one, two = first.get(section) or {}, second.get(section) or {}
        if section != "tracks":
            yield from ((section, name) for name in {**one, **two} if one.get(name) != two.get(name))
        elif len(one) != len(two):
            yield (section,)
        else:
            for n, (track, later) in enumerate(zip(one, two, strict=True)):
                yield from ((section, n, name) for name in {**track, **later} if track.get(name) != later.get(name))


def _spelt(path: Path) -> str:
    return "scheme" + "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in path)


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step] if isinstance(step, int) else (value or {}).get(step)
    return value


def _replaced(value: Any, path: Path, by: Any) -> Any:
    """A copy with one place changed; None takes it away."""
    if not path:
        return by
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return [_replaced(one, rest, by) if n == step else one for n, one in enumerate(value)]
    changed = {**(value or {}), step: _replaced((value or {}).get(step), rest, by)}
    return {key: one for key, one in changed.items() if one is not None}


def _changes(part: str, base: Variant, other: Variant) -> Iterator[Change]:
    """What differs within a part, down to the single values."""
    if part.startswith(f"{_SETTINGS}."):
        name = part.partition(".")[2]
        yield from _leaves(
            part, part, (base.document.get(_SETTINGS) or {}).get(name), other.document[_SETTINGS].get(name)
        )
        return
    path = next(path for path in _places(base.scheme, other.scheme) if _spelt(path) == part)
    yield from _leaves(part, part, _at(base.scheme, path), _at(other.scheme, path))


def _leaves(part: str, path: str, before: Any, after: Any, clause: str = "") -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        cited = after.get("clause") or clause
        for key in {**before, **after}:
            if before.get(key) != after.get(key):
                yield from _leaves(part, f"{path}.{key}", before.get(key), after.get(key), cited)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for n, (one, two) in enumerate(zip(before, after, strict=True)):
            if one != two:
                yield from _leaves(part, f"{path}[{n}]", one, two, clause)
    else:
        yield Change(part, path, before, after, clause)
