"""The kinds of records of organisational life as data: the only reader of record_kinds.yaml, strict."""

from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

_FILE = Path(__file__).with_name("record_kinds.yaml")
Attend = Literal["nobody", "members", "activists", "committee"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Source(_Strict):
    """Which document asks for such a record: fact id and clause; `besides`: what is taken from elsewhere."""

    fact: str
    clause: str
    besides: str = ""


class Check(_Strict):
    """Something that was done or is there. `words` name it in a sentence that says it is missing."""

    key: str
    label: str
    words: list[str] = []

    @property
    def names(self) -> tuple[str, ...]:
        """All words by which it may be named."""
        return tuple(self.words) or (self.label,)


class Options(_Strict):
    """One of several words to be chosen."""

    label: str
    words: list[str]


class RecordKind(_Strict):
    """One kind; what the fields mean stands in the file. `group`: a word that lists several kinds."""

    key: str
    title: str
    words: list[str]
    hint: str
    attend: Attend
    source: Source
    group: str = ""
    confidential: bool = False
    concerns: str = ""
    options: Options | None = None
    checks: list[Check] = []
    asked: str = ""


class Questions(_Strict):
    """When photos and late records are asked about."""

    near_bits: int
    days_apart: int
    late_days: int
    bulk_records: int
    unanswered_days: int


class _File(_Strict):
    kinds: list[RecordKind]
    questions: Questions


@cache
def _read() -> _File:
    return _File.model_validate(yaml.safe_load(_FILE.read_text("utf-8")))


@cache
def record_kinds() -> dict[str, RecordKind]:
    """All kinds by key, in the order of the file. Raises `pydantic.ValidationError` for a file that is not right."""
    return {kind.key: kind for kind in _read().kinds}


def photo_questions() -> Questions:
    """When photos and late records are asked about."""
    return _read().questions
