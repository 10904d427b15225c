"""The input of an evaluation (contract §4), checked against its scheme: nothing unknown, nothing guessed."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scoring.faults import BadInput, child, clip
from scoring.scheme import Scheme
from scoring.settings import Settings, read_settings
from scoring.shapes import read_list, read_map, refuse_unknown
from scoring.subject_rows import SubjectReader
from scoring.subjects import Subject

_YEAR = re.compile(r"[12][0-9]{3}")
_TOP = ("scheme", "cycle", "settings", "subjects")


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
    reader = SubjectReader(scheme, cycle)
    subjects = tuple(reader.read(row, f"subjects[{n}]") for n, row in enumerate(rows))
    _check_together(scheme, subjects)
    return Document(cycle, settings, subjects)


def _read_cycle(value: object) -> int:
    if not isinstance(value, str) or not _YEAR.fullmatch(value):
        raise BadInput("cycle", f'应是带引号的四位年份，如 "2020"，这里是 {clip(value)}')
    return int(value)


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
    parent, parents = by_id.get(subject.parent or ""), scheme.track_of[subject.kind].parents
    if parent is not None and parent.kind in parents:
        return
    path = child(subject.path, "parent")
    if parent is None:
        raise BadInput(path, f"名单里没有编号为「{clip(subject.parent)}」的对象")
    raise BadInput(path, f"「{clip(parent.id)}」的种类是 {parent.kind}，不能作为它的上级")


def _refuse_cycles(subjects: Sequence[Subject], by_id: Mapping[str, Subject]) -> None:
    settled: set[str | None] = {None}
    for subject in subjects:
        if subject.parent in settled:
            settled.add(subject.id)
            continue
        walked: set[str] = set()
        current: Subject | None = subject
        while current is not None and current.id not in settled:
            if current.id in walked:
                raise BadInput(child(current.path, "parent"), "上级关系绕成了圈")
            walked.add(current.id)
            current = by_id[current.parent] if current.parent is not None else None
        settled |= walked


def _check_member_counts(subjects: Sequence[Subject]) -> None:
    counted = [subject for subject in subjects if subject.members is not None]
    listed = Counter(subject.parent for subject in subjects if subject.exempt is None) if counted else Counter()
    for subject in counted:
        if subject.members is not None and listed[subject.id] > subject.members:
            say = f"写明参评 {subject.members} 人，名单里却有 {listed[subject.id]} 人"
            raise BadInput(child(subject.path, "members"), say)
