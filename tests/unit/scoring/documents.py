"""Builders of small documents for the tests of this folder."""

from typing import Any

from config.scheme_files import list_schemes, read_scheme_file
from scoring.engine import evaluate
from scoring.loading import load_scheme
from scoring.report import report
from scoring.scheme import Scheme


def shipped(slug: str) -> tuple[str, bytes]:
    found = read_scheme_file(slug)
    assert found is not None
    return found


SCHEMES: dict[str, Scheme] = {slug: load_scheme(shipped(slug)[1], file=slug) for slug in list_schemes()}


def score(slug: str, subjects: Any, cycle: Any = "2020", settings: Any = None) -> dict[str, Any]:
    """The report for these subjects."""
    document = {"scheme": slug, "cycle": cycle, "settings": settings or {}, "subjects": subjects}
    return report(evaluate(SCHEMES[slug], document))


def branch(id_: str = "b1", value: str = "85", **more: Any) -> dict[str, Any]:
    """A branch of star-rating with the same score in every component."""
    return {"id": id_, "kind": "branch", "scores": dict.fromkeys(["democratic", "team", "superior"], value), **more}


def member(id_: str, value: str = "85", parent: str | None = "b1", **more: Any) -> dict[str, Any]:
    """A member of star-rating with the same score in every component."""
    row = {"id": id_, "kind": "member", "scores": dict.fromkeys(["democratic", "committee"], value), **more}
    return row if parent is None else row | {"parent": parent}


def indicators(value: str = "5", **more: str) -> dict[str, str]:
    """All twenty indicators of meet-standard at one value, then `more`, with _ for the dot."""
    names = [f"common.{n}" for n in range(1, 16)] + [f"individual.{n}" for n in range(1, 6)]
    return dict.fromkeys(names, value) | {name.replace("_", "."): number for name, number in more.items()}
