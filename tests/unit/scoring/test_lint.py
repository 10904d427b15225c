"""The linter finds what is unclear by rule, not by name: a scheme that is changed loses or gains the finding."""

import json
from collections import Counter

import pytest

from app.score_commands import run_lint
from scoring.lint import lint
from scoring.loading import load_scheme
from tests.unit.scoring.documents import SCHEMES, shipped

STARS = shipped("star-rating")[1].decode()


def codes(text: str) -> Counter[str]:
    return Counter(finding.code for finding in lint(load_scheme(text)))


@pytest.mark.fact("S2-20", "S2-27")
def test_star_rating_has_gaps_double_bounds_and_impossible_sizes() -> None:
    assert codes(STARS) == {"band_gap": 6, "bound_counted_twice": 4, "impossible_size": 1}
    findings = {finding.code: finding for finding in reversed(lint(SCHEMES["star-rating"]))}
    assert "89.5" in findings["band_gap"].say
    assert findings["band_gap"].path == "tracks[0].grade.bands[1]"
    assert findings["bound_counted_twice"].say.startswith("90 分")
    assert "参评 1、2、3、6 人的党支部" in findings["impossible_size"].say
    assert findings["impossible_size"].clause == "五(二)、六(三)3"


@pytest.mark.parametrize(
    ("old", "new", "code", "left"),
    [
        (', printed_to: "89"', ', printed_to: "90"', "band_gap", 4),
        (", counted_twice: true", "", "bound_counted_twice", 0),
        ('share: "0.3"', 'share: "1"', "impossible_size", 0),
        ('share: "0.3"', 'share: "0.1"', "impossible_size", 1),
        ("decided: [A17, A31]", "decided: [A17]", "unused_decision", 1),
        ("needed: classes", "needed: always", "unused_setting", 1),
    ],
)
def test_a_finding_goes_and_comes_with_its_cause(old: str, new: str, code: str, left: int) -> None:
    assert codes(STARS.replace(old, new))[code] == left


@pytest.mark.fact("S0-22", "S3-05", "S3-09")
def test_numbers_that_the_document_does_not_give_are_found() -> None:
    assert [finding.code for finding in lint(SCHEMES["meet-standard"])] == ["missing_pass_mark"]
    assert [finding.code for finding in lint(SCHEMES["soe-assessment"])] == [
        "missing_weights",
        "missing_bands",
        "missing_quota",
    ]


def test_exit_codes_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_lint("meet-standard", as_json=True) == 1
    found = json.loads(capsys.readouterr().out)
    assert [list(one) for one in found] == [["code", "path", "say", "clause"]]
    assert run_lint("solid-branch") == 0
    assert run_lint("meet-standards") == 2
    assert "「meet-standard」" in capsys.readouterr().err
