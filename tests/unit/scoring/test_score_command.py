"""`zhiping score`: exit codes, one sentence on standard error, the same bytes each time."""

import json
from pathlib import Path

import pytest

from app.__main__ import main
from app.commands.scores import run_score
from tests.unit.scoring.documents import branch, member

GOOD = {"scheme": "star-rating", "cycle": "2020", "subjects": [branch(value="90"), member("m1", scores={})]}


def written(folder: Path, content: str | bytes) -> str:
    path = folder / "input.json"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def test_a_usable_document_is_scored_also_when_subjects_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, json.dumps(GOOD))
    outputs = []
    for _ in range(2):
        assert run_score(path) == 0
        outputs.append(capsys.readouterr())
    assert outputs[0] == outputs[1]
    answer = json.loads(outputs[0].out)
    assert list(answer) == ["scheme", "version", "sha256", "cycle", "subjects", "summary", "refusals", "warnings"]
    assert [one["id"] for one in answer["subjects"]] == ["b1"]
    assert [(one["id"], one["code"]) for one in answer["refusals"]] == [("m1", "missing_score")]
    assert outputs[0].err == ""


UNUSABLE = {
    "not JSON": ("{", "第 1 行"),
    "not UTF-8": (b"\xff", "UTF-8"),
    "a list": ("[]", "JSON"),
    "no scheme": ("{}", "scheme："),
    "an unknown scheme": (json.dumps(GOOD | {"scheme": "star-ratin"}), "「star-rating」"),
    "a scheme that is a path": (json.dumps(GOOD | {"scheme": "../schemes/star-rating"}), "scheme："),
    "no subjects": (json.dumps({"scheme": "star-rating", "cycle": "2020"}), "subjects："),
    "an unknown field": (json.dumps(GOOD | {"seed": 1}), "seed："),
    "a float": (
        '{"scheme": "star-rating", "cycle": "2020", "subjects": [{"scores": {"team": 9.5}}]}',
        "subjects[0].scores.team：",
    ),
}


@pytest.mark.parametrize(("content", "words"), UNUSABLE.values(), ids=UNUSABLE)
def test_an_unusable_document_gets_one_sentence(
    content: str | bytes, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_score(written(tmp_path, content)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert words in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize("path", ["/nowhere.json", "", "a\x00b", "/"])
def test_a_file_that_cannot_be_opened(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", path]) == 2
    assert "打不开（" in capsys.readouterr().err


def test_a_sealed_result_holds_all_that_it_was_worked_out_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_score(written(tmp_path, json.dumps(GOOD)), sealed=True) == 0
    page = json.loads(capsys.readouterr().out)
    assert list(page) == ["format", "scheme", "scheme_text", "document", "result", "hashes"]
    assert page["document"] == GOOD
    assert page["scheme"]["slug"] == page["result"]["scheme"] == "star-rating"
    assert set(page["hashes"]) == {"scheme", "scheme_text", "document", "result", "seal"}
