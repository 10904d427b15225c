"""The input of an evaluation (contract §4), checked against its scheme: nothing unknown, nothing guessed."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from scoring.facts import read_facts, read_history
from scoring.faults import BadInput, child, clip, suggest
from scoring.numbers import read_decimal_in
from scoring.scheme import Scheme, Track
from scoring.settings import Settings, read_settings
from scoring.shapes import read_choice, read_count, read_list, read_map, read_optional_text, read_text, refuse_unknown
from scoring.subjects import Subject
from scoring.totals import Input

_YEAR = re.compile(r"[12][0-9]{3}")
_TOP = ("scheme", "cycle", "settings", "subjects")
_SUBJECT = ("id", "kind", "name", "parent", "members", "exempt", "scores", "ballots", "indicators", "facts", "history")
MAX_MEMBERS = 1_000_000


@dataclass(frozen=True, slots=True)
class Document:
    """A checked document: the cycle's year, the settings, the subjects in their order."""

    cycle: int
    settings: Settings
    subjects: tuple[Subject, ...]


def read_document(scheme: Scheme, value: object) -> Document:
    """Check what read_json gave. Raises BadInput with the path of the first fault."""
    top = read_map(value, "")
    refuse_unknown(top, _TOP, "")
    if top.get("scheme") != scheme.slug:
        raise BadInput("scheme", f"应是「{scheme.slug}」，这里是 {clip(top.get('scheme'))}")
    cycle = _read_cycle(top.get("cycle"))
    settings = read_settings(scheme.settings, top.get("settings"), "settings", scheme.forms)
    if "subjects" not in top:
        raise BadInput("subjects", "缺少考核对象名单")
    rows = read_list(top["subjects"], "subjects")
    subjects = tuple(_read_subject(scheme, row, f"subjects[{n}]", cycle) for n, row in enumerate(rows))
    _check_together(scheme, subjects)
    return Document(cycle, settings, subjects)


def _read_cycle(value: object) -> int:
    if not isinstance(value, str) or not _YEAR.fullmatch(value):
        raise BadInput("cycle", f'应是带引号的四位年份，如 "2020"，这里是 {clip(value)}')
    return int(value)


def _read_subject(scheme: Scheme, value: object, path: str, cycle: int) -> Subject:
    row = read_map(value, path)
    refuse_unknown(row, _SUBJECT, path)
    track = scheme.track_of[read_choice(row.get("kind"), scheme.track_of, f"{path}.kind", "考核对象种类")]
    read_optional_text(row.get("name"), f"{path}.name")
    scores = _read_scores(row.get("scores"), track.components, f"{path}.scores")
    scores |= _read_scores(row.get("indicators"), track.indicators, f"{path}.indicators")
    members = row.get("members")
    return Subject(
        id=read_text(row.get("id"), f"{path}.id"),
        kind=row["kind"],
        path=path,
        parent=read_optional_text(row.get("parent"), f"{path}.parent"),
        members=None if members is None else read_count(members, f"{path}.members", high=MAX_MEMBERS),
        exempt=read_optional_text(row.get("exempt"), f"{path}.exempt"),
        scores=scores,
        ballots=_read_ballots(row.get("ballots"), track, scores, f"{path}.ballots"),
        facts=read_facts(track, row.get("facts"), f"{path}.facts", _veto_kinds(scheme)),
        history=read_history(track, row.get("history"), f"{path}.history", cycle),
    )


def _veto_kinds(scheme: Scheme) -> Mapping[str, str]:
    """Veto rule → whom it is about, to say so when it is used on another kind of subject."""
    return {veto.id: track.label for track in scheme.tracks for veto in track.vetoes}


def _read_scores(value: object, inputs: Mapping[str, Input], path: str) -> dict[str, Fraction]:
    found: dict[str, Fraction] = {}
    for key, number in read_map(value, path).items():
        known = inputs.get(key)
        if known is None:
            raise BadInput(child(path, key), f"此方案没有这一项得分{suggest(key, inputs)}")
        found[key] = read_decimal_in(number, known.low, known.high, child(path, key))
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


def _check_together(scheme: Scheme, subjects: Sequence[Subject]) -> None:
    by_id: dict[str, Subject] = {}
    for subject in subjects:
        if by_id.setdefault(subject.id, subject) is not subject:
            raise BadInput(child(subject.path, "id"), f"编号「{clip(subject.id)}」重复")
    for subject in subjects:
        if subject.parent is not None:
            _check_parent(scheme, subject, by_id)
    _refuse_cycles(subjects, by_id)
    _check_member_counts(subjects)


def _check_parent(scheme: Scheme, subject: Subject, by_id: Mapping[str, Subject]) -> None:
    path, parents = child(subject.path, "parent"), scheme.track_of[subject.kind].parents
    parent = by_id.get(subject.parent or "")
    if parent is None:
        raise BadInput(path, f"名单里没有编号为「{clip(subject.parent)}」的对象")
    if parent.kind not in parents:
        raise BadInput(path, f"「{clip(parent.id)}」的种类是 {parent.kind}，不能作为它的上级")


def _refuse_cycles(subjects: Sequence[Subject], by_id: Mapping[str, Subject]) -> None:
    settled: set[str] = set()
    for subject in subjects:
        walked: set[str] = set()
        current: Subject | None = subject
        while current is not None and current.id not in settled:
            if current.id in walked:
                raise BadInput(child(current.path, "parent"), "上级关系绕成了圈")
            walked.add(current.id)
            current = by_id[current.parent] if current.parent is not None else None
        settled |= walked


def _check_member_counts(subjects: Sequence[Subject]) -> None:
    listed = Counter(subject.parent for subject in subjects if subject.exempt is None)
    for subject in subjects:
        if subject.members is not None and listed[subject.id] > subject.members:
            say = f"写明参评 {subject.members} 人，名单里却有 {listed[subject.id]} 人"
            raise BadInput(child(subject.path, "members"), say)
