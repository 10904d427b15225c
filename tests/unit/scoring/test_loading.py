"""A fault in a scheme file is told with file, path and remedy."""

import re
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.assessment import GRADES, TOTALS
from scoring.comparison import OVERVIEWS
from scoring.consequences import CONDITIONS, Condition
from scoring.engine import evaluate
from scoring.loading import load_scheme
from scoring.overviews import Overview
from scoring.reading import BadInput
from scoring.scheme import GradeRule, TotalRule
from scoring.vetoes import WINDOWS, Window
from tests.unit.scoring.documents import SCHEMES, shipped

ROOT = Path(__file__).parents[3]
STARS = shipped("star-rating")[1].decode()
SOE = shipped("soe-assessment")[1].decode()
STANDARD = shipped("meet-standard")[1].decode()
REVIEW = shipped("report-review")[1].decode()

FAULTS = {
    "an operator misspelt": (STARS, "weighted_sum", "weigted_sum", "tracks[0].total.op", "「weighted_sum」"),
    "no operator": (STARS, "op: in_cycle_year", "", "tracks[0].vetoes[0].window.op", "缺少 op"),
    "a name misspelt": (STARS, 'weight: "0.3"', 'wieght: "0.3"', "tracks[0].total.parts[0].wieght", "「weight」"),
    "a part left out": (STARS, "        of: siblings\n", "", "tracks[1].quotas[0].of", "缺少"),
    "a weight not in quotes": (STARS, 'weight: "0.3"', "weight: 0.3", "tracks[0].total.parts[0].weight", "引号"),
    "a weight that is a word": (STARS, 'weight: "0.3"', "weight: 三成", "tracks[0].total.parts[0].weight", "十进制"),
    "weights that do not add up": (STARS, 'weight: "0.3"', 'weight: "0.4"', "tracks[0].total.parts", "1.1"),
    "lines that rise": (STARS, 'line: "90", p', 'line: "75", p', "tracks[0].grade.bands", "从高到低"),
    "a band printed to less than its line": (STARS, "printed: 80—89", "printed: 70—79", "tracks[0].grade.bands[1].printed", "不符"),
    "a range nobody understands": (STARS, "printed: 80—89", "printed: 八十多", "tracks[0].grade.bands[1].printed", "看不懂"),
    "no lowest line": (STARS, 'line: "0"', 'line: "1"', "tracks[0].grade.bands", "最低"),
    "a band nobody knows": (STARS, "bands: [二星级, 一星级]", "bands: [二星]", "tracks[0].consequences[0].when.bands", "「二星级」"),
    "a title nobody gives": (STARS, "title: 样板党支部, p", "title: 样板, p", "tracks[0].consequences[1].when.title", "「样板党支部」"),
    "a consequence nobody knows": (STARS, "gives: [rectify]", "gives: [rectfy]", "tracks[0].consequences[0].gives[0]", "「rectify」"),
    "a number in quotes": (STARS, "years: 2", 'years: "2"', "tracks[0].consequences[2].when.years", "整数"),
    "one for a list": (STARS, "decided: [A16]", "decided: A16", "settings.points.decided", "列表"),
    "a reading nobody took": (STARS, "decided: [A16]", "decided: [A61]", "settings.points.decided", "「A61」"),
    "no day": (STARS, "issued_on: 2020-04-16", "issued_on: 四月", "source.issued_on", "日期"),
    "a rule without its fact": (STARS, "fact: S2-25", "fact:", "tracks[1].quotas[0].fact", "文字"),
    "a fact that is no ID": (STARS, "fact: S2-25", "fact: 见文件", "tracks[1].quotas[0].fact", "写法"),
    "two tracks of a kind": (STARS, "kinds: [member]", "kinds: [branch]", "tracks", "写了两次"),
    "a veto twice": (STARS, "id: S2-28.2", "id: S2-28.1", "tracks[0].vetoes", "写了两次"),
    "no members to count": (STARS, "parents: [branch]", "parents: [unit]", "tracks[0].awards[0]", "parents"),
    "a quota of the lowest band": (STARS, "        band: 五星级\n        share", "        band: 一星级\n        share",
      "tracks[1].quotas[0].band", "限额"),
    "a setting nobody declares": (SOE, "setting: excellent_quota", "setting: quota",
      "tracks[0].quotas[0].share.setting", "「excellent_quota」"),
    "a part of a setting nobody declares": (SOE, "key: party_work}}", "key: party}}",
      "tracks[0].total.parts[0].weight.key", "「party_work」"),
    "a setting written in another way": (SOE, "{setting: excellent_quota}", "{set: excellent_quota}",
      "tracks[0].quotas[0].share", "setting"),
    "points that do not add up": (STANDARD, "count: 15", "count: 16", "tracks[0].total.full", "105"),
    "no component of that name": (REVIEW, "not_alone: onsite", "not_alone: on_site", "tracks[0].total", "「onsite」"),
    "its own checksum": (STARS, "slug: star-rating", "slug: star-rating\nsha256: ab", "", "sha256"),
    "nothing": (STARS, STARS, "", "", "名称"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "old", "new", "path", "word"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_told_with_file_path_and_remedy(text: str, old: str, new: str, path: str, word: str) -> None:
    assert old in text
    with pytest.raises(BadInput) as caught:
        load_scheme(text.replace(old, new, 1), file="某方案.yaml")
    assert (caught.value.file, caught.value.path) == ("某方案.yaml", path)
    assert word in caught.value.say
    assert str(caught.value).startswith("某方案.yaml：")


@pytest.mark.fact("S0-15", "S0-16", "S0-17")
def test_the_indicator_points_must_add_up_to_what_the_document_says() -> None:
    total = SCHEMES["meet-standard"].tracks[0].total
    assert [(group.count, group.high, group.count * group.high) for group in total.groups] == [(15, 5, 75), (5, 5, 25)]
    assert sum(group.count * group.high for group in total.groups) == total.full == 100


def test_the_checksum_is_that_of_the_file() -> None:
    content = shipped("star-rating")[1]
    assert SCHEMES["star-rating"].sha256 == sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("union", "registry"),
    [(TotalRule, TOTALS), (GradeRule, GRADES), (Window, WINDOWS), (Condition, CONDITIONS), (Overview, OVERVIEWS)],
    ids=["totals", "grades", "windows", "conditions", "overviews"],
)
def test_every_operator_has_its_function(union: object, registry: dict[type, object]) -> None:
    assert set(get_args(get_args(union)[0])) == set(registry)


@given(st.sampled_from([STARS, SOE, STANDARD, REVIEW]), st.data())
def test_any_file_is_loaded_or_refused(text: str, data: st.DataObject) -> None:
    lines = text.splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    name = lines[at].partition(":")[0]
    value = data.draw(
        st.sampled_from(["", "x", "[]", "{}", '"1"', "-1", "null", "true", "[a, {b: 1}]", "{setting: x}", "2020-01-01"])
    )
    lines[at : at + 1] = data.draw(st.sampled_from([[], [lines[at]] * 2, [f"{name}: {value}"], [f"  {lines[at]}"]]))
    with suppress(BadInput):
        load_scheme("\n".join(lines))


def test_what_the_schemes_cite_can_be_followed() -> None:
    page = (ROOT / "docs/seed-facts.md").read_text(encoding="utf-8")
    for slug in SCHEMES:
        text = shipped(slug)[1].decode()
        cited = set(re.findall(r"\b(?:S[0-4]-[0-9]+[a-z]?|A[0-9]+)\b", text))
        assert not [id_ for id_ in cited if f"| {id_} |" not in page], slug


def test_the_example_for_an_office_works() -> None:
    page = (ROOT / "docs/schemes.md").read_text(encoding="utf-8")
    scheme = load_scheme(page.split("```yaml\n")[1].split("```")[0])
    row = {"id": "m1", "kind": "member", "scores": {"democratic": "50", "committee": "60"}}
    document = {"scheme": scheme.slug, "cycle": "2024", "settings": {"pass_mark": "60"}, "subjects": [row]}
    found = evaluate(scheme, document).subjects[0]
    assert (found.exact, found.band, found.consequences) == (54, "不合格", ("rectify",))


def test_a_slug_is_the_name_of_its_file() -> None:
    assert all(scheme.slug == name for name, scheme in SCHEMES.items())
    assert set(SCHEMES) == {"meet-standard", "solid-branch", "star-rating", "soe-assessment", "report-review"}
