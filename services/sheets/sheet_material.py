"""What the pages of a run are made of: its scheme, its document as the engine reads it, and what the engine found. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any

from scoring.components import ComponentValue, read_component
from scoring.document import Document, read_document
from scoring.scheme import Scheme, Track
from scoring.subjects import Subject
from scoring.totals import IndicatorSum, form_of

KIND_WORDS = {"branch": "党支部", "member": "党员", "secretary": "书记", "unit": "单位"}
# Scores this near to a line or to each other cannot be told apart safely in binary arithmetic.
_NEAR = Fraction(1, 10**9)
_PLACES = 10**10


@dataclass(frozen=True)
class Material:
    """A run. `results`: the rows of contract §4 by id, without those refused; `names` as in the document."""

    scheme: Scheme
    document: Document
    names: Mapping[str, str]
    results: Mapping[str, Mapping[str, Any]]

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of subjects that there are, in the order of the scheme."""
        present = {subject.kind for subject in self.document.subjects}
        return tuple(kind for kind in self.scheme.track_of if kind in present)

    def subjects(self, kind: str) -> list[Subject]:
        """Those of a kind, by parent, else in the order of the document."""
        found = [subject for subject in self.document.subjects if subject.kind == kind]
        place = {parent: n for n, parent in enumerate(dict.fromkeys(one.parent for one in found))}
        return sorted(found, key=lambda one: place[one.parent])

    def label(self, kind: str) -> str:
        """What a kind is called: by the scheme, where it has a word for that kind alone."""
        track = self.scheme.track_of[kind]
        return track.label if len(track.kinds) == 1 else KIND_WORDS[kind]

    def title(self, kind: str, ending: str) -> str:
        """The official form of that kind whose title ends so (登记表, 汇总表), else a plain one."""
        label = self.label(kind)
        official = (paper.title for paper in self.scheme.papers if paper.kind == "form")
        return next((one for one in official if one.startswith(label) and one.endswith(ending)), f"{label}{ending}")

    def component(self, track: Track, subject: Subject, key: str) -> ComponentValue:
        """The value that a component has from counted ballots."""
        rule, part = next(
            (rule, part)
            for rule in (track.total, track.alongside)
            if rule is not None and not isinstance(rule, IndicatorSum)
            for part in rule.parts
            if part.key == key
        )
        form = form_of(part, self.document.settings)
        return read_component(rule, key, part.label, subject, self.document.settings, form)

    @cached_property
    def exacts(self) -> Mapping[str, Fraction]:
        """The exact scores that the engine found, by id."""
        return {key: Fraction(one["exact"]) for key, one in self.results.items() if one["exact"] is not None}

    @cached_property
    def members(self) -> Mapping[str, int]:
        """How many members a document says that a subject has, where it does, by id."""
        return {one.id: one.members for one in self.document.subjects if one.members is not None}


def make_material(scheme: Scheme, document: Mapping[str, Any], results: Iterable[Mapping[str, Any]]) -> Material:
    """The material of a document of contract §4 and the subjects of its result."""
    names = {row["id"]: row.get("name", row["id"]) for row in document["subjects"]}
    return Material(scheme, read_document(scheme, document), names, {one["id"]: one for one in results})


def is_safe(score: Fraction, lines: Iterable[Fraction]) -> bool:
    """Whether binary arithmetic, rounded to ten places, puts a score on the same side of every line and shows the same cents."""
    if (score * _PLACES).denominator == 1:
        return True
    cent = abs(score * 100) % 1
    return abs(cent - Fraction(1, 2)) > 100 * _NEAR and all(abs(score - line) > _NEAR for line in lines)


def is_told_apart(scores: Sequence[Fraction]) -> bool:
    """Whether different scores of a group stay different, and equal ones equal."""
    ordered = sorted(set(scores))
    return all(
        (b * _PLACES).denominator == (a * _PLACES).denominator == 1 or b - a > _NEAR for a, b in pairwise(ordered)
    )
