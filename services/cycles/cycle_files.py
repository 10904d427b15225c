"""Reading a cycle file: text in, a frozen `CycleFile` out, or every fault at once. No database."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from config.refusals import BadInput
from models.organisations import KINDS
from models.people import STATUSES
from scoring import faults, reading, shapes
from scoring.stages import SetDays

MEMBER = "member"
_KEYS = ("title", "scheme", "year", "organisation", "subjects", "exempt", "settings", "stages")
_YEAR = re.compile(r"[12][0-9]{3}")
# What an exemption may name; each is also the key in the file.
STATUS, ORGANISATION, PERSON = "status", "organisation", "person"


@dataclass(frozen=True, slots=True)
class Exempting:
    """Who is left out from the start, by 状态, 组织编码 or 工号, and why."""

    what: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class CycleFile:
    """A cycle as its file describes it. `subjects`: kind → 组织类型, for members → 状态, of those who are assessed.

    `stages`: key → days in place of the document's, and why.
    """

    title: str
    scheme: str
    year: str
    organisation: str
    subjects: Mapping[str, tuple[str, ...]]
    exempt: tuple[Exempting, ...]
    settings: Mapping[str, Any]
    stages: Mapping[str, tuple[SetDays, str]]


class _Reader:
    """Collects faults, so that all of them are reported at once."""

    def __init__(self) -> None:
        self.found: list[str] = []

    @contextmanager
    def collecting(self) -> Iterator[None]:
        try:
            yield
        except faults.BadInput as error:
            self.found.append(str(error))

    def text(self, top: Mapping[str, Any], key: str, path: str = "") -> str:
        with self.collecting():
            return shapes.read_text(top.get(key), faults.child(path, key)).strip()
        return ""


def read_cycle_file(content: bytes) -> CycleFile:
    """The cycle that a YAML file describes. Raises `BadInput` with every fault and its path."""
    reader = _Reader()
    try:
        top = shapes.read_map(reading.read_yaml(content), "")
    except faults.BadInput as error:
        raise BadInput([str(error)]) from error
    if not top:
        raise BadInput(["文件是空的"])
    with reader.collecting():
        shapes.refuse_unknown(top, _KEYS, "")
    file = CycleFile(
        title=reader.text(top, "title")[:128],
        scheme=reader.text(top, "scheme"),
        year=_year(reader, top),
        organisation=reader.text(top, "organisation"),
        subjects=_subjects(reader, top),
        exempt=tuple(_exempt(reader, top)),
        settings=_settings(reader, top),
        stages=dict(_stages(reader, top)),
    )
    if reader.found:
        raise BadInput(reader.found)
    return file


def _year(reader: _Reader, top: Mapping[str, Any]) -> str:
    year = reader.text(top, "year")
    if year and not _YEAR.fullmatch(year):
        reader.found.append('year：应是带引号的四位年份，如 "2020"')
    return year


def _subjects(reader: _Reader, top: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    with reader.collecting():
        for kind, words in shapes.read_map(top.get("subjects"), "subjects").items():
            path = faults.child("subjects", kind)
            known, what = (STATUSES, "状态") if kind == MEMBER else (KINDS, "组织类型")
            rows = shapes.read_list(words, path)
            found[kind] = tuple(shapes.read_choice(row, known, f"{path}[{n}]", what) for n, row in enumerate(rows))
        if not any(found.values()):
            raise faults.BadInput("subjects", "须写明考核谁，如 {branch: [党支部], member: [正式党员, 预备党员]}")
    return found


def _exempt(reader: _Reader, top: Mapping[str, Any]) -> Iterator[Exempting]:
    rows: list[Any] = []
    with reader.collecting():
        rows = shapes.read_list(top.get("exempt"), "exempt")
    for number, row in enumerate(rows):
        path = f"exempt[{number}]"
        with reader.collecting():
            given = shapes.read_map(row, path)
            shapes.refuse_unknown(given, (STATUS, ORGANISATION, PERSON, "reason"), path)
            named = [what for what in (STATUS, ORGANISATION, PERSON) if what in given]
            if len(named) != 1:
                raise faults.BadInput(path, "须写明 status、organisation、person 中的一项")
            value = shapes.read_text(given[named[0]], faults.child(path, named[0]))
            if named[0] == STATUS:
                shapes.read_choice(value, STATUSES, faults.child(path, STATUS), "状态")
            yield Exempting(named[0], value, reader.text(given, "reason", path))


def _settings(reader: _Reader, top: Mapping[str, Any]) -> Mapping[str, Any]:
    with reader.collecting():
        return shapes.read_map(top.get("settings"), "settings")
    return {}


def _stages(reader: _Reader, top: Mapping[str, Any]) -> Iterator[tuple[str, tuple[SetDays, str]]]:
    rows: Mapping[str, Any] = {}
    with reader.collecting():
        rows = shapes.read_map(top.get("stages"), "stages")
    for key, row in rows.items():
        path = faults.child("stages", key)
        with reader.collecting():
            given = shapes.read_map(row, path)
            shapes.refuse_unknown(given, (*SetDays._fields, "reason"), path)
            days = {
                name: reading.read_date(day, faults.child(path, name))
                for name, day in given.items()
                if name != "reason"
            }
            yield key, (SetDays(**days), reader.text(given, "reason", path))
