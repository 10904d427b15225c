"""Runs the worked examples in this folder: what is written under `expect` must be found in the result; all else is free.

An example has an `input` (contract §4), or one of `calendar`, `paper`, `duty`, `procedure`, `listing`, `target`, `publication`,
`measures`: what the scheme says of these, or what its functions make of what is given.
"""

from pathlib import Path
from typing import Any

import pytest

from config.scheme_files import list_schemes, read_scheme_file
from scoring.duties import owed
from scoring.engine import evaluate
from scoring.loading import load_scheme
from scoring.papers import faults_of
from scoring.procedures import may_follow
from scoring.reading import read_yaml
from scoring.report import report
from scoring.scheme import Scheme
from scoring.stages import dates_of
from scoring.targets import coverage, needed

HERE = Path(__file__).parent
SCHEMES = {slug: load_scheme(read_scheme_file(slug)[1], file=slug) for slug in list_schemes()}
SCHEMES |= {path.stem: load_scheme(path.read_bytes(), file=path.name) for path in HERE.glob("more/*.yaml")}


def examples() -> list[Any]:
    found = []
    for path in sorted(HERE.glob("*.yaml")):
        page = read_yaml(path.read_text(encoding="utf-8"))
        found += [pytest.param(page["scheme"], one, id=f"{path.stem}: {one['name']}") for one in page["examples"]]
    return found


@pytest.mark.parametrize(("slug", "example"), examples())
def test_example(slug: str, example: dict[str, Any]) -> None:
    sort = next(name for name in SORTS if name in example)
    SORTS[sort](SCHEMES[slug], example[sort], example["expect"])


def run_input(scheme: Scheme, given: dict[str, Any], expect: dict[str, Any]) -> None:
    answer = report(evaluate(scheme, {"scheme": scheme.slug, **given}))
    for key, wanted in expect.items():
        CHECKS[key](answer, wanted)


def run_calendar(scheme: Scheme, cycle: str, expect: dict[str, Any]) -> None:
    found = {one.stage.key: one for one in dates_of(scheme.stages, int(cycle))}
    for key, wanted in expect.items():
        days = {name: day and str(day) for name, day in found[key]._asdict().items() if name != "stage"}
        about = found[key].stage.model_dump()
        assert {name: days.get(name, about.get(name)) for name in wanted} == {
            name: tuple(value) if isinstance(value, list) else value for name, value in wanted.items()
        }


def keyed(pieces: Any, key: str) -> Any:
    return next(piece for piece in pieces if piece.key == key)


def run_paper(scheme: Scheme, given: dict[str, Any], expect: dict[str, Any]) -> None:
    paper = keyed(scheme.papers, given["key"])
    if "faults" in expect:
        assert list(faults_of(paper, given.get("filled", {}))) == expect["faults"]
    for name in expect.keys() - {"faults", "parts"}:
        assert getattr(paper, name) == expect[name]
    if "parts" in expect:
        assert [part.name for part in paper.parts] == expect["parts"]


def run_duty(scheme: Scheme, given: dict[str, Any], expect: dict[str, Any]) -> None:
    duty = keyed(scheme.duties, given["key"])
    assert {one.what: one.missing for one in owed(duty, given.get("done", {}))} == expect["missing"]
    for name in expect.keys() - {"missing"}:
        value = getattr(duty, name)
        assert (list(value) if isinstance(value, tuple) else value) == expect[name]


def run_procedure(scheme: Scheme, given: dict[str, Any], expect: dict[str, Any]) -> None:
    procedure = keyed(scheme.procedures, given["key"])
    assert {state.name: list(may_follow(procedure, state.name)) for state in procedure.states} == expect["then"]
    assert list(procedure.reasons) == expect.get("reasons", [])


def run_listing(scheme: Scheme, title: str, expect: dict[str, Any]) -> None:
    found = next(listing for listing in scheme.listings if listing.title == title)
    assert {"said": found.said, "items": list(found.items)} == {"said": None, "items": [], **expect}


def run_target(scheme: Scheme, given: dict[str, Any], expect: dict[str, Any]) -> None:
    target = next(one for one in scheme.targets if (one.what, one.year) == (given["what"], given.get("year")))
    if "of" in given:
        assert [needed(target.share, base) for base in given["of"]] == expect["needed"]
    if "registered" in given:
        found = coverage(given["registered"], given["done"])
        assert (found.found, found.of, list(found.missing)) == (expect["count"], expect["of"], expect["missing"])
        assert (found.found >= needed(target.share, found.of)) == expect["met"]


def run_publication(scheme: Scheme, given: Any, expect: dict[str, Any]) -> None:
    found = scheme.publication
    assert found is not None
    assert list(found.channels) == expect["channels"]
    assert found.objection == expect["objection"]


def run_measures(scheme: Scheme, given: Any, expect: list[dict[str, Any]]) -> None:
    found = [{"trigger": one.trigger, "does": list(one.does), "told_to": list(one.told_to)} for one in scheme.measures]
    assert found == expect


SORTS = {
    "input": run_input,
    "calendar": run_calendar,
    "paper": run_paper,
    "duty": run_duty,
    "procedure": run_procedure,
    "listing": run_listing,
    "target": run_target,
    "publication": run_publication,
    "measures": run_measures,
}


def check_subjects(answer: dict[str, Any], wanted: list[dict[str, Any]]) -> None:
    by_id = {subject["id"]: subject for subject in answer["subjects"]}
    for one in wanted:
        found = by_id[one["id"]]
        for key, value in one.items():
            if key == "trace":
                for step in value:
                    assert any(is_like(line, step) for line in found["trace"]), (step, found["trace"])
            else:
                assert found[key] == value, (key, found)


def is_like(line: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return all(value in line[key] if key == "say" else line[key] == value for key, value in wanted.items())


def check_rows(section: str):
    def check(answer: dict[str, Any], wanted: list[dict[str, Any]]) -> None:
        found = answer[section]
        cut = [{key: row.get(key) for key in want} for row, want in zip(found, wanted, strict=False)]
        assert len(found) == len(wanted), found
        assert cut == wanted

    return check


def check_summary(answer: dict[str, Any], wanted: list[dict[str, Any]]) -> None:
    for row in wanted:
        assert any(row.items() <= found.items() for found in answer["summary"]), (row, answer["summary"])


CHECKS = {
    "subjects": check_subjects,
    "summary": check_summary,
    "refusals": check_rows("refusals"),
    "warnings": check_rows("warnings"),
}


def test_every_scheme_has_examples() -> None:
    assert {path.stem for path in HERE.glob("*.yaml")} == set(SCHEMES)
