"""One subject of a document, checked against its track. A document has many, so what was read once is remembered."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from scoring.ballots import Counts
from scoring.facts import read_facts, read_history
from scoring.faults import BadInput, child, clip, suggest
from scoring.numbers import read_decimal_in
from scoring.scheme import Scheme, Track
from scoring.shapes import read_choice, read_count, read_map, read_optional_text, read_text, refuse_unknown
from scoring.subjects import NO_FACTS, Subject
from scoring.totals import Input

MAX_MEMBERS = 1_000_000
_FIELDS = ("id", "kind", "name", "parent", "members", "exempt", "scores", "ballots", "indicators", "facts", "history")
_KNOWN = frozenset(_FIELDS)
_NO_BALLOTS: Mapping[str, Counts] = {}

_Known = dict[str, tuple[Input, dict[str, Fraction]]]


class SubjectReader:
    """Reads the subjects of one document: `read(row, path)`."""

    def __init__(self, scheme: Scheme, cycle: int) -> None:
        self._tracks = scheme.track_of
        self._cycle = cycle
        self._veto_kinds = {veto.id: track.label for track in scheme.tracks for veto in track.vetoes}
        self._components = {kind: _known(track.components) for kind, track in scheme.track_of.items()}
        self._indicators = {kind: _known(track.indicators) for kind, track in scheme.track_of.items()}

    def read(self, value: object, path: str) -> Subject:
        """The subject. Raises BadInput with the path of the first fault."""
        row = read_map(value, path)
        if not row.keys() <= _KNOWN:
            refuse_unknown(row, _FIELDS, path)
        kind = read_choice(row.get("kind"), self._tracks, f"{path}.kind", "考核对象种类")
        track = self._tracks[kind]
        read_optional_text(row.get("name"), f"{path}.name")
        scores = _read_scores(row.get("scores"), self._components[kind], path, "scores")
        if "indicators" in row:
            scores |= _read_scores(row["indicators"], self._indicators[kind], path, "indicators")
        members = row.get("members")
        return Subject(
            id=read_text(row.get("id"), f"{path}.id"),
            kind=kind,
            path=path,
            parent=read_optional_text(row.get("parent"), f"{path}.parent"),
            members=None if members is None else read_count(members, f"{path}.members", high=MAX_MEMBERS),
            exempt=read_optional_text(row.get("exempt"), f"{path}.exempt"),
            scores=scores,
            ballots=_read_ballots(row["ballots"], track, scores, f"{path}.ballots")
            if "ballots" in row
            else _NO_BALLOTS,
            facts=read_facts(track, row["facts"], f"{path}.facts", self._veto_kinds) if "facts" in row else NO_FACTS,
            history=read_history(track, row["history"], f"{path}.history", self._cycle) if "history" in row else (),
        )


def _known(inputs: Mapping[str, Input]) -> _Known:
    """Every input with the numbers that were read for it."""
    return {key: (one, {}) for key, one in inputs.items()}


def _read_scores(value: object, known: _Known, path: str, section: str) -> dict[str, Fraction]:
    found: dict[str, Fraction] = {}
    for key, number in read_map(value, path if value is None else f"{path}.{section}").items():
        if key not in known:
            raise BadInput(child(f"{path}.{section}", key), f"此方案没有这一项得分{suggest(key, known)}")
        one, before = known[key]
        exact = before.get(number) if isinstance(number, str) else None
        if exact is None:
            exact = read_decimal_in(number, one.low, one.high, child(f"{path}.{section}", key))
            before[number] = exact
        found[key] = exact
    return found


def _read_ballots(value: object, track: Track, scores: Mapping[str, Fraction], path: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, classes in read_map(value, path).items():
        at = child(path, key)
        if key not in track.components:
            raise BadInput(at, f"此方案没有这一项得分{suggest(key, track.components)}")
        if key in scores:
            raise BadInput(at, "既给了得分又给了票数，只能给一种")
        found[key] = {name: _read_items(items, child(at, name)) for name, items in read_map(classes, at).items()}
    return found


def _read_items(value: object, path: str) -> dict[str, dict[str, int]]:
    return {
        item: {
            option: read_count(count, f"{path}.{clip(item)}.{clip(option)}")
            for option, count in read_map(options, child(path, item)).items()
        }
        for item, options in read_map(value, path).items()
    }
