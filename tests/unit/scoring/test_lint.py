"""The linter finds what is unclear by rule, not by name: a scheme that is changed loses or gains the finding."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from app.commands.scores import run_lint
from scoring.lint import Finding, lint
from scoring.loading import load_scheme
from tests.unit.scoring.documents import SCHEMES, shipped

ROOT = Path(__file__).parents[3]
TEXTS = {slug: shipped(slug)[1].decode() for slug in SCHEMES}
STARS = TEXTS["star-rating"]

# Which ambiguity of docs/seed-facts.md is found on which scheme, by which rule and where.
AMBIGUITIES = [
    ("A1", "meet-standard", "count_differs", "listings[0]"),
    ("A1", "meet-standard", "listed_twice", "listings[0]"),
    ("A2", "meet-standard", "vague_day", "tracks[0].vetoes[4].window"),
    ("A3", "meet-standard", "nobody_confirms", "tracks[0].vetoes"),
    ("A4", "meet-standard", "missing_pass_mark", "settings.pass_mark"),
    ("A5", "meet-standard", "two_deadlines", "stages[1]"),
    ("A5", "meet-standard", "vague_day", "stages[1].deadlines[0]"),
    ("A6", "meet-standard", "audience_differs", "measures[1]"),
    ("A7", "meet-standard", "weights_not_given", "tracks[0].alongside"),
    ("A8", "solid-branch", "count_differs", "listings[0]"),
    ("A9", "solid-branch", "denominator_changes", "tracks[0].summary"),
    ("A10", "star-rating", "count_differs", "listings[0]"),
    ("A10", "star-rating", "count_differs", "listings[1]"),
    ("A11", "star-rating", "two_names", "stages[4]"),
    ("A12", "star-rating", "unexplained_term", "listings[6]"),
    ("A12", "star-rating", "unexplained_term", "listings[7]"),
    ("A13", "star-rating", "base_not_said", "targets[0]"),
    ("A14", "star-rating", "band_gap", "tracks[0].grade.bands[1]"),
    ("A14", "star-rating", "band_gap", "tracks[1].grade.bands[3]"),
    ("A15", "star-rating", "bound_counted_twice", "tracks[0].grade.bands[0]"),
    ("A15", "star-rating", "bound_counted_twice", "tracks[1].grade.bands[3]"),
    ("A16", "star-rating", "missing_points", "settings.points"),
    ("A16", "report-review", "missing_points", "settings.points"),
    ("A17", "star-rating", "base_not_said", "tracks[1].quotas[0]"),
    ("A18", "star-rating", "impossible_size", "tracks[0].awards[0]"),
    ("A19", "star-rating", "veto_scope", "tracks[1].vetoes"),
    ("A20", "star-rating", "scope_not_said", "tracks[0].consequences[2]"),
    ("A21", "star-rating", "worse_band_spared", "tracks[0].consequences[3]"),
    ("A22", "star-rating", "issue_day_inferred", "source.issued_on"),
    ("A23", "soe-assessment", "missing_weights", "settings.weights"),
    ("A24", "soe-assessment", "count_differs", "listings[1]"),
    ("A25", "soe-assessment", "missing_quota", "settings.excellent_quota"),
    ("A25", "soe-assessment", "base_not_said", "tracks[0].quotas[0]"),
    ("A26", "soe-assessment", "order_not_said", "tracks[0]"),
    ("A27", "report-review", "deadlines_clash", "stages[6]"),
    ("A28", "report-review", "weights_not_given", "tracks[0].total"),
    ("A29", "report-review", "band_without_consequence", "tracks[0].consequences"),
    ("A31", "star-rating", "tie_not_said", "tracks[1].quotas[0]"),
    ("A32", "star-rating", "rounding_not_said", "tracks[0].total"),
    ("A33", "star-rating", "roster_day_not_said", "tracks[1]"),
]


def at(slug: str, code: str, path: str) -> Finding:
    found = [one for one in lint(SCHEMES[slug]) if (one.code, one.path) == (code, path)]
    assert len(found) == 1, (code, path, [one[:2] for one in lint(SCHEMES[slug])])
    return found[0]


def codes(text: str) -> Counter[str]:
    return Counter(finding.code for finding in lint(load_scheme(text)))


@pytest.mark.parametrize(("ambiguity", "slug", "code", "path"), AMBIGUITIES)
def test_an_ambiguity_of_the_documents_is_found(ambiguity: str, slug: str, code: str, path: str) -> None:
    finding = at(slug, code, path)
    assert finding.say
    assert ambiguity not in finding.say


@pytest.mark.fact("S2-20", "S2-27")
def test_star_rating_has_gaps_double_bounds_and_impossible_sizes() -> None:
    found = codes(STARS)
    assert (found["band_gap"], found["bound_counted_twice"], found["impossible_size"]) == (6, 4, 1)
    assert "89.5" in at("star-rating", "band_gap", "tracks[0].grade.bands[1]").say
    assert at("star-rating", "bound_counted_twice", "tracks[0].grade.bands[0]").say.startswith("90 分")
    sizes = at("star-rating", "impossible_size", "tracks[0].awards[0]")
    assert "参评 1、2、3、6 人的党支部" in sizes.say
    assert sizes.clause == "五(二)、六(三)3"


@pytest.mark.fact("S2-11")
def test_both_readings_of_the_plan_are_counted() -> None:
    assert "23 个则须 12 个；不扣除 26 个则须 13 个" in at("star-rating", "base_not_said", "targets[0]").say
    assert "23 个则须 17 个；不扣除 26 个则须 19 个" in at("star-rating", "base_not_said", "targets[1]").say


@pytest.mark.fact("S4-05", "S4-06")
def test_the_meeting_may_be_later_than_the_end_of_all_work() -> None:
    assert "1月20日前）晚于它所在的" in at("report-review", "deadlines_clash", "stages[6]").say


CHANGES = [
    ("star-rating", "printed: 80—89", "printed: 80分以上不足90分", "band_gap", 5),
    ("star-rating", "printed: 80—89", "printed: 80—91", "band_overlap", 1),
    ("star-rating", ", printed: 60分以下", ", printed: 不足60分", "bound_counted_twice", 2),
    ("star-rating", ", printed: 60分以下", ", printed: 不足60分", "bound_not_flagged", 2),
    ("star-rating", ", printed: 90分以下", "", "bound_counted_twice", 4),
    ("star-rating", ', printed: 90分以下, title_said: 往年已命名为“样板党支部”的}', "}", "scope_not_said", 2),
    ("star-rating", "printed: 90分以上, counted_twice: true", "printed: 90分以上", "bound_not_flagged", 1),
    ("star-rating", ", printed: [二星级]", "", "worse_band_spared", 0),
    ("star-rating", 'share: "0.3"', 'share: "1"', "impossible_size", 0),
    ("star-rating", 'share: "0.3"', 'share: "1"', "quota_without_effect", 1),
    ("star-rating", 'share: "0.3"', 'share: "0.1"', "dead_rule", 1),
    ("star-rating", "        of: siblings", "        of: siblings\n        base_said: 本支部党员", "base_not_said", 3),
    ("star-rating", "        of: siblings", "        of: siblings\n        tie_said: 并列", "tie_not_said", 0),
    ("star-rating", "decided: [A17, A31, A33]", "decided: [A17, A33]", "unused_decision", 1),
    ("star-rating", "needed: classes", "needed: always", "unused_setting", 1),
    ("star-rating", "  days: {setting: notice_days}\n", "", "unused_setting", 1),
    ("star-rating", "    also_called: [申报认定]\n", "", "two_names", 0),
    ("star-rating", "said: 6, items: [政治建设", "said: 5, items: [政治建设", "count_differs", 1),
    ("star-rating", "said: 10, decided", "said: 1, items: [甲], decided", "unexplained_term", 1),
    ("star-rating", "{month: 1, next_year: true}, said", "{month: 11}, said", "deadlines_clash", 1),
    ("star-rating", "  issued_inferred: true\n", "", "issue_day_inferred", 0),
    ("star-rating", 'line: "90", title: 样板党支部, years: 2, printed: 90分以下', 'line: "0", title: 样板党支部, years: 2', "dead_rule", 1),
    ("meet-standard", "said: 3月初", "said: 3月10日前", "vague_day", 2),
    ("meet-standard", "said: 2019 年以来}", "said: 2019 年 1 月 1 日以来}", "vague_day", 2),
    ("meet-standard", "told_to: [全公司范围内通报]", "told_to: [报集团公司党委备案]", "audience_differs", 0),
    ("meet-standard", "day: 2019-01-01", "day: 2022-01-01", "dead_rule", 1),
    ("meet-standard", "line: {setting: pass_mark}", 'line: "101"', "unreachable_band", 1),
    ("meet-standard", "line: {setting: pass_mark}", 'line: "60"', "unused_setting", 1),
    ("solid-branch", "among: accredited, ", "", "denominator_changes", 0),
    ("soe-assessment", "    parents: [unit]\n", "    parents: [unit]\n    order_said: 先后有序\n", "order_not_said", 0),
    ("soe-assessment", "{op: add_points, ", '{op: add_points, cap: "5", ', "bonus_without_cap", 0),
    ("soe-assessment", "confirmed_by: 集团党组, ", "", "nobody_confirms", 1),
    ("report-review", "by: {month: 1, day: 20, next_year: true}", "by: {month: 1, day: 17, next_year: true}", "deadlines_clash", 0),
    ("report-review", "bands: [一般, 差]}", "bands: [较好, 一般, 差]}", "band_without_consequence", 0),
]  # fmt: skip


@pytest.mark.parametrize(("slug", "old", "new", "code", "left"), CHANGES)
def test_a_finding_goes_and_comes_with_its_cause(slug: str, old: str, new: str, code: str, left: int) -> None:
    text = TEXTS[slug]
    assert old in text
    everywhere = "60分以下" in old  # both tracks print it
    assert codes(text.replace(old, new) if everywhere else text.replace(old, new, 1))[code] == left


@pytest.mark.fact("S0-22", "S3-05", "S3-09", "S3-10")
def test_numbers_that_the_document_does_not_give_are_found() -> None:
    assert "设定之前不评定" in at("meet-standard", "missing_pass_mark", "settings.pass_mark").say
    found = codes(TEXTS["soe-assessment"])
    assert {"missing_weights", "missing_bands", "missing_quota", "bonus_without_cap"} <= set(found)
    assert at("report-review", "weights_not_given", "tracks[0].total")


def test_a_form_that_nobody_can_fill_validly_is_found() -> None:
    text = TEXTS["star-rating"].replace(
        "tracks:\n",
        """forms:
  sheet:
    title: 测评票
    items: [总体]
    options: {好: "95", 差: "50"}
    abstain: false
    rules:
      - {op: at_most, count: 0, answers: {options: [好]}}
      - {op: at_most, count: 0, answers: {below: "60"}}
    clause: 六(二)3
    fact: S2-24
tracks:
""",
        1,
    )
    assert (codes(text)["dead_form"], codes(text)["unused_form"]) == (1, 1)
    assert codes(text.replace("count: 0, answers: {below", "count: 9, answers: {below"))["dead_form"] == 0


def test_exit_codes_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_lint("meet-standard", as_json=True) == 1
    found = json.loads(capsys.readouterr().out)
    assert {tuple(one) for one in found} == {("code", "path", "say", "clause")}
    assert run_lint("meet-standards") == 2
    assert "「meet-standard」" in capsys.readouterr().err


def test_a_scheme_that_leaves_nothing_open_has_no_findings(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "clear.yaml"
    path.write_text(
        """slug: clear
version: "1"
title: 清楚的办法
source: {title: 清楚的办法, issued_on: 2024-03-01}
tracks:
  - kinds: [member]
    label: 青年
    total:
      op: weighted_sum
      rounding_said: 不取舍
      clause: 第三条
      fact: S2-19
      parts: [{key: democratic, label: 测评, weight: "1"}]
    grade:
      op: bands
      clause: 第五条
      fact: S0-22
      bands:
        - {name: 合格, line: "60", printed: 60分以上}
        - {name: 不合格, line: "0", printed: 不足60分}
    consequences:
      - when: {op: band_in, bands: [不合格]}
        gives: [rectify]
        clause: 第六条
        fact: S2-31
""",
        encoding="utf-8",
    )
    assert run_lint(str(path)) == 0
    assert capsys.readouterr().out == ""


def test_every_finding_is_told_of_in_the_handbook() -> None:
    page = (ROOT / "docs/schemes.md").read_text(encoding="utf-8")
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "scoring").glob("lint_*.py")]
    written = {code for text in sources for code in re.findall(r'Finding\(\s*"([a-z_]+)"', text)}
    assert len(written) > 30
    assert [code for code in sorted(written) if f"`{code}`" not in page] == []
