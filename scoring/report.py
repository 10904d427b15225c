"""A Result as the JSON of contract §4: the same result gives the same bytes."""

import json
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from scoring.numbers import exact_text, percent, show, two_places
from scoring.result import Boundary, Notice, Result, Row, Step, SubjectResult


def report(result: Result) -> dict[str, Any]:
    """The result as plain JSON values, keys in the order of the contract."""
    return _head(result) | {"subjects": [report_subject(subject) for subject in result.subjects]} | _tail(result)


def report_lines(result: Result) -> Iterator[str]:
    """The report as JSON text, a subject a line, so that a large one need not be in memory as a whole."""
    yield _json(_head(result))[:-1] + ', "subjects": [\n'
    for n, subject in enumerate(result.subjects):
        yield (",\n" if n else "") + _json(report_subject(subject))
    yield "\n], " + _json(_tail(result))[1:] + "\n"


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _head(result: Result) -> dict[str, Any]:
    return {"scheme": result.scheme, "version": result.version, "sha256": result.sha256, "cycle": result.cycle}


def _tail(result: Result) -> dict[str, Any]:
    return {
        "summary": [_row(row) for row in result.summary],
        "refusals": [{"id": id_, "code": refusal.code, "say": refusal.say} for id_, refusal in result.refusals],
        "warnings": [_notice(notice) for notice in result.warnings],
    }


def report_subject(subject: SubjectResult) -> dict[str, Any]:
    """One subject with its trace rendered."""
    told = subject.tell(subject.subject)
    return {
        "id": subject.id,
        "score": None if subject.exact is None else two_places(subject.exact),
        "exact": None if subject.exact is None else exact_text(subject.exact),
        "band": subject.band,
        "awards": list(subject.awards),
        "consequences": list(subject.consequences),
        "boundary": _boundary(told.boundary),
        "trace": [report_step(step) for step in (*told.steps, *subject.late)],
        "flags": list(subject.flags),
    }


def report_step(step: Step) -> dict[str, Any]:
    """One line of a trace; `part` names the component whose contribution it is, null elsewhere."""
    return {
        "clause": step.rule.clause,
        "fact": step.rule.fact,
        "say": step.words.format(*map(_word, step.args)),
        "value": None if step.value is None else _word(step.value),
        "part": step.part or None,
    }


def _word(arg: object) -> str:
    if isinstance(arg, Fraction):
        return show(arg)
    if isinstance(arg, list):
        return " + ".join(map(_word, arg))
    return str(arg)


def _boundary(boundary: Boundary | None) -> dict[str, Any] | None:
    if boundary is None:
        return None
    return {
        "next_band": boundary.next_band,
        "distance": None if boundary.distance is None else show(boundary.distance),
        "alternatives": [{"policy": policy, "band": band} for policy, band in boundary.alternatives],
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "label": row.label,
        "kind": row.kind,
        "count": row.count,
        "of": row.of,
        "percent": percent(row.count, row.of),
    }


def _notice(notice: Notice) -> dict[str, Any]:
    about = {} if notice.id is None else {"id": notice.id}
    return {"code": notice.code, "say": notice.say, **about}
