"""What the scheme language can say beyond the five shipped files: faults are told, and what is said takes effect."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.duties import owed
from scoring.editor_schema import editor_schema
from scoring.engine import evaluate
from scoring.loading import load_scheme
from scoring.numbers import show
from scoring.printed import read_printed
from scoring.reading import BadInput, read_yaml
from scoring.report import report
from scoring.stages import dates_of
from tests.unit.scoring.documents import SCHEMES, indicators, score, shipped

ROOT = Path(__file__).parents[3]
STARS = shipped("star-rating")[1].decode()
SOE = shipped("soe-assessment")[1].decode()
STANDARD = shipped("meet-standard")[1].decode()
REVIEW = shipped("report-review")[1].decode()
PEER = (ROOT / "tests/schemes/more/peer-360.yaml").read_text(encoding="utf-8")

MANY = ", ".join(f'{{key: k{n}, label: 乙, count: 500, high: "1"}}' for n in range(5))
FAULTS = {
    "a clause that the source does not have": (STARS, "clause: 五(三)", "clause: 五(三三)", "stages[6].clause", "「五(三)」"),
    "a stage after nobody": (STARS, "after: [kick_off]", "after: [kickoff]", "stages[1].after", "「kick_off」"),
    "a stage within nobody": (STARS, "within: assessment", "within: assesment", "stages[5].within", "「assessment」"),
    "a stage before itself": (STARS, "key: kick_off, title", "key: kick_off, after: [assessment], title", "stages[0]", "绕成了圈"),
    "a paper nobody knows": (STARS, "gives: [branch_register,", "gives: [branch_registre,", "stages[2].gives", "「branch_register」"),
    "a stage twice": (STARS, "key: naming", "key: building", "stages[6].key", "写了两次"),
    "a month that is none": (STARS, "starts: {month: 3}", "starts: {month: 13}", "stages[1].starts.month", "docs/schemes.md"),
    "a procedure nobody knows": (STARS, "by: leave_out}", "by: leaveout}", "tracks[0].exemption.by", "「leave_out」"),
    "a paper's procedure nobody knows": (REVIEW, "procedure: report_review", "procedure: report_reviews", "papers[0].procedure",
      "「report_reviews」"),
    "a paper of a kind of subjects that is none": (STARS, "kinds: [branch], clause", "kinds: [branches], clause", "papers[0].kinds",
      "「branches」"),
    "a state nobody knows": (STARS, "then: [批准, 不批准]", "then: [批准, 不批]", "procedures[0].states[0].then", "「不批准」"),
    "days that are no setting": (STARS, "{setting: notice_days}", "{setting: points}", "publication.days.setting", "notice_days"),
    "ended before it began": (STANDARD, "to_day: 2021-12-31", "to_day: 2020-12-31", "effective.to_day", "早于"),
    "beside what is in the sum": (STANDARD, "{key: self_check, label: 自查自评,", "{key: common, form: x, label: 自查自评,",
      "tracks[0].alongside.parts[0].form", "测评票"),
    "indicators neither counted nor grouped": (STANDARD, "count: 15, ", "", "tracks[0].total.groups[0]", "count"),
    "more indicators than anybody reads": (STANDARD, "- {key: common,",
      f"- {{key: a, label: 甲, groups: [{MANY}]}}\n        - {{key: common,",
      "tracks[0].total.groups", "2000"),
    "more names than indicators": (STANDARD, "count: 5, high", "count: 5, items: [甲], high", "tracks[0].total.groups[1].items", "1 项"),
    "options and a scale": (PEER, "    scale: {", "    options: {好: \"95\"}\n    scale: {", "forms.sheet", "一种"),
    "a scale without an end": (PEER, 'step: "1"', 'step: "0"', "forms.sheet.scale", "step"),
    "a scale too fine": (PEER, 'step: "1"', 'step: "0.0001"', "forms.sheet.scale.step", "1000"),
    "weights of raters that do not add up": (PEER, 'weight: "0.2"', 'weight: "0.3"', "forms.sheet.raters", "1.1"),
    "a weight that is left out": (PEER, 'name: 上级, weight: "0.4"', "name: 上级", "forms.sheet.raters", "都写"),
    "a rule about nothing": (PEER, 'answers: {below: "70"}', "answers: {}", "forms.sheet.rules[1].answers", "below"),
    "a rule about an option that is none": (PEER, 'answers: {below: "70"}', "answers: {options: [差]}",
      "forms.sheet.rules[1].answers.options", "选项"),
    "a form nobody declares": (PEER, "form: sheet", "form: sheat", "tracks[0].total.parts[0].form", "「sheet」"),
    "a rule of a form misspelt": (PEER, "op: not_all_equal", "op: not_all_eqaul", "forms.sheet.rules[2].op", "「not_all_equal」"),
    "a band printed in riddles": (PEER, "printed: 不足70分", "printed: 七十以下", "tracks[0].grade.bands[2].printed", "看不懂"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "old", "new", "path", "word"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_told_with_path_and_remedy(text: str, old: str, new: str, path: str, word: str) -> None:
    assert old in text
    with pytest.raises(BadInput) as caught:
        load_scheme(text.replace(old, new, 1), file="某方案.yaml")
    assert caught.value.path == path
    assert word in caught.value.say


def unit(**facts: Any) -> dict[str, Any]:
    return {"id": "u1", "kind": "unit", "scores": {"party_work": "80", "review": "80"}, "facts": facts}


SETTINGS = {
    "weights": {"party_work": "0.7", "review": "0.3"},
    "bands": {"优秀": "85", "良好": "75", "一般": "60", "较差": "0"},
    "excellent_quota": "1",
}


def soe(text: str, row: dict[str, Any]) -> dict[str, Any]:
    document = {"scheme": "soe-assessment", "cycle": "2023", "settings": SETTINGS, "subjects": [row]}
    return report(evaluate(load_scheme(text), document))


@given(st.lists(st.tuples(st.decimals(0, 9, places=2).map(str), st.booleans()), max_size=4), st.integers(0, 9))
@pytest.mark.fact("S3-10")
def test_a_bonus_is_capped_and_the_trace_still_sums_to_the_score(claims: list[tuple[str, bool]], cap: int) -> None:
    text = SOE.replace("{op: add_points, ", f'{{op: add_points, cap: "{cap}", ')
    row = unit(bonus=[{"points": points, "confirmed": confirmed} for points, confirmed in claims])
    one = soe(text, row)["subjects"][0]
    confirmed = sum((Fraction(points) for points, yes in claims if yes), Fraction(0))
    assert Fraction(one["exact"]) == 80 + min(confirmed, cap)
    assert sum(Fraction(step["value"]) for step in one["trace"] if step["part"]) == Fraction(one["exact"])


@pytest.mark.parametrize("name", ["bonus", "downgrade"])
def test_what_happened_outside_the_window_is_told_and_ignored(name: str) -> None:
    op = {"bonus": "add_points", "downgrade": "drop_levels"}[name]
    text = SOE.replace(f"{{op: {op}, ", f"{{op: {op}, window: {{op: in_cycle_year}}, ")
    change = {"bonus": {"points": "10"}, "downgrade": {"levels": 1}}[name]
    answers = [
        soe(text, unit(**{name: [change | {"confirmed": True, "on": day}]})) for day in ("2022-12-31", "2023-01-01")
    ]
    bands = [answer["subjects"][0]["band"] for answer in answers]
    assert bands == (["良好", "优秀"] if name == "bonus" else ["良好", "一般"])
    assert [[one["code"] for one in answer["warnings"]] for answer in answers] == [["out_of_window"], []]


def test_indicators_may_stand_in_a_tree() -> None:
    old = next(line.strip() for line in STANDARD.splitlines() if "{key: common," in line)
    tree = """- key: common
          label: 共性指标
          groups:
            - {key: team, label: 班子, count: 10, high: "5", evidence: [会议记录]}
            - {key: work, label: 机制, count: 5, high: "5", items: [甲, 乙, 丙, 丁, 戊]}"""
    scheme = load_scheme(STANDARD.replace(old, tree))
    names = [f"common.team.{n}" for n in range(1, 11)] + [f"common.work.{n}" for n in range(1, 6)]
    assert [name for name in scheme.tracks[0].indicators if name.startswith("common")] == names
    given = dict.fromkeys(names, "4") | {name: "5" for name in indicators() if name.startswith("individual")}
    row = {"id": "b1", "kind": "branch", "indicators": given}
    document = {"scheme": "meet-standard", "cycle": "2021", "settings": {"pass_mark": "80"}, "subjects": [row]}
    one = report(evaluate(scheme, document))["subjects"][0]
    assert (one["exact"], one["band"]) == ("85", "达标")
    assert "共性指标15项" in one["trace"][0]["say"]


def test_points_and_weights_of_a_form_need_no_settings() -> None:
    text = REVIEW.replace(
        "tracks:\n",
        """forms:
  hall:
    title: 现场测评票
    items: [总体评价]
    options: {好: "95", 较好: "85", 一般: "70", 差: "50"}
    raters: [{name: 领导班子, weight: "0.6"}, {name: 群众代表, weight: "0.4"}]
    clause: 三(五)
    fact: S4-20
tracks:
""",
        1,
    ).replace("label: 现场测评, ", "label: 现场测评, form: hall, ")
    votes = {"领导班子": {"总体评价": {"好": 1, "差": 1}}, "群众代表": {"总体评价": {"较好": 2}}}
    row = {"id": "s1", "kind": "secretary", "scores": {"routine": "90"}, "ballots": {"onsite": votes}}
    document = {"scheme": "report-review", "cycle": "2021", "subjects": [row]}
    one = report(evaluate(load_scheme(text), document))["subjects"][0]
    assert any(step["value"] == show(Fraction("0.6") * Fraction("72.5") + 34) for step in one["trace"])


@pytest.mark.parametrize(
    ("value", "good"), [("5", True), ("0", True), ("5.5", False), ("-1", False), ("367", False), (5, False)]
)
def test_days_are_whole(value: Any, good: bool) -> None:
    if good:
        assert score("star-rating", [], settings={"notice_days": value})["subjects"] == []
    else:
        with pytest.raises(BadInput) as caught:
            score("star-rating", [], settings={"notice_days": value})
        assert caught.value.path == "settings.notice_days"


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("90分以上", ["90", "100"], ["89.99"]),
        ("90及以上", ["90"], ["89"]),
        ("80—89", ["80", "89"], ["89.5", "79.9"]),
        ("60-69分", ["60"], ["69.1"]),
        ("60分以下", ["60", "0"], ["60.01"]),
        ("不足60分", ["59.99"], ["60"]),
        ("80分以上不足90分", ["80", "89.99"], ["90"]),
        ("超过90分", ["90.01"], ["90"]),
    ],
)
def test_printed_ranges_hold_their_ends(text: str, inside: list[str], outside: list[str]) -> None:
    interval = read_printed(text)
    assert interval is not None
    assert all(interval.holds(Fraction(number)) for number in inside)
    assert not any(interval.holds(Fraction(number)) for number in outside)


@given(st.integers(1900, 2998))
def test_every_cycle_has_its_days(cycle: int) -> None:
    for scheme in SCHEMES.values():
        for one in dates_of(scheme.stages, cycle):
            assert one.starts is None or one.due is None or one.starts <= one.due
            assert one.soft is None or one.due is None or one.soft <= one.due


def test_the_example_of_a_form_in_the_handbook_works() -> None:
    blocks = [
        block.split("```")[0] for block in (ROOT / "docs/schemes.md").read_text(encoding="utf-8").split("```yaml\n")
    ]
    scheme = load_scheme(blocks[1] + blocks[2])
    assert scheme.forms["sheet"].points("称职") == 80


def test_an_unknown_count_of_a_duty_is_a_fault_of_the_caller() -> None:
    with pytest.raises(KeyError):
        owed(SCHEMES["meet-standard"].duties[0], {"讲课": 1})


def test_the_schema_for_editors_is_that_of_the_language() -> None:
    path = ROOT / "config/schemes/scheme.schema.json"
    assert path.read_text(encoding="utf-8") == editor_schema(), "run: python -m tools.write_scheme_schema"
    schema = json.loads(editor_schema())
    assert "sha256" not in schema["properties"]
    for slug in SCHEMES:
        assert set(read_yaml(shipped(slug)[1])) <= set(schema["properties"])
        assert shipped(slug)[1].startswith(b"# yaml-language-server: $schema=scheme.schema.json\n")


@pytest.mark.fact("S0-01")
def test_a_scheme_carries_the_identity_of_its_document() -> None:
    source = SCHEMES["meet-standard"].source
    assert source.number == "西钢集团党字[2021]12号"
    assert sum(clause.startswith("附件1") for clause in source.clauses) == 3
    assert {clause for clause in source.clauses if clause.startswith("附件2")} >= {"附件2第1条", "附件2第6条"}


@pytest.mark.fact("S0-23")
def test_only_branches_and_general_branches_meet_the_standard() -> None:
    rows = [{"id": kind, "kind": kind, "indicators": indicators()} for kind in ("branch", "unit")]
    assert len(score("meet-standard", rows, settings={"pass_mark": "60"})["subjects"]) == 2
    for kind in ("member", "secretary"):
        with pytest.raises(BadInput, match="kind"):
            score("meet-standard", [{"id": "x", "kind": kind}])
