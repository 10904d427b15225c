"""What-if: the same inputs under other settings or another version, who changes, and which change it is put down to."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.__main__ import main
from scoring.alternatives import Alternative, compare_alternative
from scoring.faults import BadInput
from tests.unit.scoring.documents import branch, member, shipped

STAR = shipped("star-rating")[1].decode()
SOE = shipped("soe-assessment")[1].decode()
SETTINGS = {
    "weights": {"party_work": "0.6", "review": "0.4"},
    "bands": {"优秀": "90", "良好": "80", "一般": "60", "较差": "0"},
    "excellent_quota": "0.5",
}


def document(scheme: str, subjects: list[dict[str, Any]], settings: Any = None) -> dict[str, Any]:
    return {"scheme": scheme, "cycle": "2020", "settings": settings or {}, "subjects": subjects}


def units(*scores: tuple[str, str]) -> dict[str, Any]:
    rows = [
        {"id": f"u{n}", "kind": "unit", "name": f"单位{n}", "scores": {"party_work": work, "review": review}}
        for n, (work, review) in enumerate(scores)
    ]
    return document("soe-assessment", rows, SETTINGS)


def bands(found: Alternative) -> dict[str, tuple[Any, Any]]:
    return {one.id: (one.before.get("band"), one.after.get("band")) for one in found.subjects}


def test_a_changed_line_moves_those_between_the_lines_and_nobody_else() -> None:
    lines = SETTINGS["bands"] | {"良好": "84"}  # type: ignore[operator]  # a table of settings, by the test
    found = compare_alternative(SOE, units(("95", "95"), ("82", "82"), ("70", "70")), settings={"bands": lines})
    assert bands(found) == {"u1": ("良好", "一般")}
    assert found.same == 2
    assert [(one.path, one.before, one.after) for one in found.changes] == [("settings.bands.良好", "80", "84")]
    assert (found.subjects[0].because, found.subjects[0].together) == (("settings.bands",), False)
    counts = [{row["label"]: row["count"] for row in rows} for rows in (found.summary_before, found.summary_after)]
    assert [one["良好"] for one in counts] == [1, 0]


def test_of_two_changes_each_subject_names_the_one_that_moves_it() -> None:
    changed = {"excellent_quota": "0.25", "weights": {"party_work": "0.5", "review": "0.5"}}
    scores = (("96", "96"), ("93", "93"), ("50", "50"), ("80", "79"))
    found = compare_alternative(SOE, units(*scores), settings=changed)
    because = {one.id: one.because for one in found.subjects}
    assert because == {"u1": ("settings.excellent_quota",), "u3": ("settings.weights",)}
    assert bands(found)["u1"] == ("优秀", "良好")
    assert bands(found)["u3"] == ("一般", "一般")


FIVE = """settings:
  five:
    {form: score, refusal: missing_five, say: 五星级的分数线，须由组织部设定, clause: 六(一)1, fact: S2-20}
"""


def test_what_only_all_changes_do_is_put_down_to_them_together() -> None:
    later = STAR.replace("settings:\n", FIVE, 1).replace('line: "90"', "line: {setting: five}", 1)
    asked = document("star-rating", [branch("b1", "86"), branch("b2", "84")])
    found = compare_alternative(STAR, asked, settings={"five": "85"}, other_text=later)
    assert bands(found) == {"b1": ("四星级", "五星级")}
    assert found.subjects[0].together
    assert set(found.subjects[0].because) == {"settings.five", "scheme.settings.five", "scheme.tracks[0].grade"}


def test_a_setting_taken_away_refuses() -> None:
    found = compare_alternative(SOE, units(("93", "93")), settings={"bands": None, "weights": None})
    assert found.subjects[0].after == {"refused": ["missing_weights", "missing_bands"]}


def test_another_version_names_the_rule_and_its_clause() -> None:
    later = STAR.replace('version: "1"', 'version: "2"').replace('share: "0.3"', 'share: "0.5"', 1)
    subjects = [branch("b1", "95"), *(member(f"m{n}", str(99 - n)) for n in range(4)), branch("b2", "70")]
    found = compare_alternative(STAR, document("star-rating", subjects), other_text=later)
    assert bands(found) == {"m1": ("四星级", "五星级")}
    (change,) = found.changes
    assert (change.path, change.before, change.after) == ("scheme.tracks[1].quotas[0].share", "0.3", "0.5")
    assert change.clause == "六(一)2"
    assert found.subjects[0].because == ("scheme.tracks[1].quotas",)


def test_changes_that_do_not_compute_are_no_changes() -> None:
    later = STAR.replace("title: 动员部署", "title: 动员", 1)
    found = compare_alternative(STAR, document("star-rating", [branch()]), other_text=later)
    assert (found.changes, found.subjects, found.same) == ((), (), 1)


def test_the_same_question_gets_the_same_answer() -> None:
    asked = units(("95", "95"), ("82", "82"))
    settings = {"excellent_quota": "0"}
    assert compare_alternative(SOE, asked, settings=settings) == compare_alternative(SOE, asked, settings=settings)


@pytest.mark.parametrize("settings", [{"band": {}}, {"excellent_quota": "2"}, {"weights": {"party_work": "1"}}])
def test_settings_that_cannot_be_used_are_named(settings: dict[str, Any]) -> None:
    with pytest.raises(BadInput) as caught:
        compare_alternative(SOE, units(("95", "95")), settings=settings)
    assert caught.value.path.startswith("settings.")


def test_nobody_is_nobody_under_any_settings() -> None:
    found = compare_alternative(SOE, units() | {"subjects": None}, settings={"excellent_quota": "0"})
    assert (found.subjects, found.same) == ((), 0)


@pytest.mark.parametrize("bad", [{"settings": []}, {"subjects": {}}, {"cycle": 2020}])
def test_a_document_that_cannot_be_used_is_named(bad: dict[str, Any]) -> None:
    with pytest.raises(BadInput) as caught:
        compare_alternative(SOE, units(("95", "95")) | bad, settings={"excellent_quota": "0"})
    assert caught.value.path.startswith(next(iter(bad)))


def test_a_scheme_that_cannot_be_used_is_named() -> None:
    with pytest.raises(BadInput):
        compare_alternative(STAR, document("star-rating", [branch()]), other_text="slug: [")


def told(tmp_path: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    path = tmp_path / "评分.json"
    path.write_text(json.dumps(units(("95", "95"), ("82", "82"))))
    code = main(["score", str(path), *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_command_tells_it_in_words_and_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = tmp_path / "设置.yaml"
    settings.write_text('excellent_quota: "0.1"\n')
    code, out, _ = told(tmp_path, capsys, "--settings", str(settings))
    assert code == 0
    assert "settings.excellent_quota：0.5 → 0.1" in out
    assert "「单位0」（u0）95.00 分，优秀 → 95.00 分，良好" in out
    assert "因为：settings.excellent_quota" in out
    code, out, _ = told(tmp_path, capsys, "--settings", str(settings), "--json")
    assert [one["id"] for one in json.loads(out)["subjects"]] == ["u0"]
    assert told(tmp_path, capsys, "--scheme", "soe-assessment")[1].startswith("改动 0 处，0 个对象的结果不同，2 个不变")


@pytest.mark.parametrize(
    "arguments", [("--settings", "/nowhere.json"), ("--scheme", "soe"), ("--scheme", "soe-assessment", "--sealed")]
)
def test_what_the_command_cannot_use_gets_one_sentence(
    arguments: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = told(tmp_path, capsys, *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
