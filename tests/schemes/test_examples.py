"""Runs the worked examples in this folder: what is written under `expect` must be found in the result; all else is free."""

from pathlib import Path
from typing import Any

import pytest

from config.scheme_files import list_schemes, read_scheme_file
from scoring.engine import evaluate
from scoring.loading import load_scheme
from scoring.reading import read_yaml
from scoring.report import report

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
    document = {"scheme": slug, **example["input"]}
    answer = report(evaluate(SCHEMES[slug], document))
    for key, wanted in example["expect"].items():
        CHECKS[key](answer, wanted)


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
