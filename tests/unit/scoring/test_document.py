"""Whatever cannot be used is refused with the path of the fault; nothing is guessed, nothing silently left out."""

from typing import Any

import pytest

from scoring.reading import BadInput
from tests.unit.scoring.documents import branch, indicators, member, score

VETO = {"rule": "S2-28.1", "confirmed": True, "on": "2020-05-01"}
VOTES = {"democratic": {"A票": {"总体": {"好": 3}}}}


def without(row: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in keys}


def past(**record: Any) -> dict[str, Any]:
    return branch(history=[record])


def vetoed(**more: Any) -> dict[str, Any]:
    return branch(facts={"veto": [VETO | more]})


def voted(votes: Any) -> dict[str, Any]:
    return branch(scores={"team": "90", "superior": "90"}, ballots=votes)


BAD_SUBJECTS: dict[str, tuple[Any, str, str]] = {
    "not a list": ({}, "subjects", "列表"),
    "not an object": ([1], "subjects[0]", "名称"),
    "no id": ([without(branch(), "id")], "subjects[0].id", "文字"),
    "empty id": ([branch(" ")], "subjects[0].id", "非空"),
    "id a number": ([branch(id=1)], "subjects[0].id", "文字"),
    "duplicate id": ([branch(), branch()], "subjects[1].id", "重复"),
    "unknown field": ([branch(histroy=[])], "subjects[0].histroy", "history"),
    "unknown kind": ([branch(kind="brunch")], "subjects[0].kind", "branch"),
    "kind of another scheme": ([branch(kind="unit")], "subjects[0].kind", "unit"),
    "no kind": ([without(branch(), "kind")], "subjects[0].kind", "文字"),
    "score a float": ([branch(scores={"team": 88.5})], "subjects[0].scores.team", "十进制"),
    "score a whole number": ([branch(scores={"team": 88})], "subjects[0].scores.team", "十进制"),
    "score true": ([branch(scores={"team": True})], "subjects[0].scores.team", "十进制"),
    "score null": ([branch(scores={"team": None})], "subjects[0].scores.team", "十进制"),
    "score above the range": ([branch(scores={"team": "100.01"})], "subjects[0].scores.team", "0—100"),
    "score below the range": ([branch(scores={"team": "-1"})], "subjects[0].scores.team", "0—100"),
    "score of ten thousand digits": ([branch(scores={"team": "9" * 10_000})], "subjects[0].scores.team", "十进制"),
    "unknown component": ([branch(scores={"teem": "90"})], "subjects[0].scores.teem", "team"),
    "component of another kind": ([branch(scores={"committee": "9"})], "subjects[0].scores.committee", "没有"),
    "scores a list": ([branch(scores=["90"])], "subjects[0].scores", "名称"),
    "an indicator where there is none": ([branch(indicators={"common.1": "5"})], "subjects[0].indicators.common.1", "没有"),
    "members a text": ([branch(members="24")], "subjects[0].members", "整数"),
    "members negative": ([branch(members=-1)], "subjects[0].members", "范围"),
    "members true": ([branch(members=True)], "subjects[0].members", "整数"),
    "fewer members than listed": ([branch(members=1), member("m1"), member("m2")], "subjects[0].members", "2 人"),
    "parent not listed": ([member("m1", parent="b9")], "subjects[0].parent", "没有"),
    "parent a member": ([member("m1", parent="m2"), member("m2", parent=None)], "subjects[0].parent", "上级"),
    "parents in a circle": ([branch("b1", parent="b2"), branch("b2", parent="b1")], "subjects[0].parent", "上级"),
    "exempt without a reason": ([branch(exempt=True)], "subjects[0].exempt", "文字"),
    "unknown veto rule": ([vetoed(rule="S2-28.9")], "subjects[0].facts.veto[0].rule", "S2-28"),
    "veto rule of the other kind": ([vetoed(rule="S2-28.4")], "subjects[0].facts.veto[0].rule", "党员"),
    "veto not said to be confirmed": ([branch(facts={"veto": [{"rule": "S2-28.1"}]})], "subjects[0].facts.veto[0].confirmed", "true"),
    "veto confirmed by a word": ([vetoed(confirmed="yes")], "subjects[0].facts.veto[0].confirmed", "true"),
    "veto on no day": ([vetoed(on="2020-02-30")], "subjects[0].facts.veto[0].on", "日期"),
    "veto that ends before it begins": ([vetoed(until="2020-04-30")], "subjects[0].facts.veto[0].until", "早于"),
    "veto not a list": ([branch(facts={"veto": VETO})], "subjects[0].facts.veto", "列表"),
    "unknown fact": ([branch(facts={"bonus": []})], "subjects[0].facts.bonus", "未知"),
    "history of this cycle": ([past(cycle="2020")], "subjects[0].history[0].cycle", "早于"),
    "history twice": ([branch(history=[{"cycle": "2019"}, {"cycle": "2019"}])], "subjects[0].history[1]", "两次"),
    "history without a cycle": ([past(score="90")], "subjects[0].history[0].cycle", "年份"),
    "history with a float": ([past(cycle="2019", score=90.5)], "subjects[0].history[0].score", "十进制"),
    "history with an unknown band": ([past(cycle="2019", band="五星")], "subjects[0].history[0].band", "五星级"),
    "history with an unknown title": ([past(cycle="2019", titles=["样板"])], "subjects[0].history[0].titles[0]", "样板党支部"),
    "ballots for what has a score": ([branch(ballots=VOTES)], "subjects[0].ballots.democratic", "只能给一种"),
    "ballots of no component": ([voted({"x": {}})], "subjects[0].ballots.x", "没有"),
    "ballots negative": ([voted({"democratic": {"A票": {"总体": {"好": -1}}}})], "subjects[0].ballots.democratic.A票.总体.好", "范围"),
    "ballots a text": ([voted({"democratic": {"A票": {"总体": {"好": "1"}}}})], "subjects[0].ballots.democratic.A票.总体.好", "整数"),
    "ballots not by item": ([voted({"democratic": {"A票": {"好": 1}}})], "subjects[0].ballots.democratic.A票.好", "名称"),
    "unknown option": ([voted({"democratic": {"A票": {"总体": {"好好": 1}}}})], "subjects[0].ballots.democratic.A票.总体.好好", "「好」"),
}  # fmt: skip


@pytest.mark.parametrize(("subjects", "path", "word"), BAD_SUBJECTS.values(), ids=BAD_SUBJECTS)
def test_bad_subjects(subjects: Any, path: str, word: str) -> None:
    with pytest.raises(BadInput) as caught:
        score("star-rating", subjects, settings={"points": {"好": "95"}})
    assert caught.value.path == path
    assert word in caught.value.say
    assert len(str(caught.value)) < 300


WEIGHTS = {"party_work": "0.7", "review": "0.3"}
BANDS = {"优秀": "85", "良好": "75", "一般": "60", "较差": "0"}
BAD_SETTINGS: dict[str, tuple[Any, str]] = {
    "unknown": ({"quota": "0.5"}, "settings.quota"),
    "weights that do not add up": ({"weights": WEIGHTS | {"review": "0.4"}}, "settings.weights"),
    "a weight is missing": ({"weights": {"party_work": "1"}}, "settings.weights"),
    "an unknown weight": ({"weights": WEIGHTS | {"other": "0"}}, "settings.weights.other"),
    "a weight above 1": ({"weights": {"party_work": "1.1", "review": "0"}}, "settings.weights.party_work"),
    "a weight that is a float": ({"weights": WEIGHTS | {"review": 0.3}}, "settings.weights.review"),
    "weights that are a list": ({"weights": ["0.7", "0.3"]}, "settings.weights"),
    "bands that rise": ({"bands": BANDS | {"良好": "90"}}, "settings.bands"),
    "a band is missing": ({"bands": {"优秀": "85"}}, "settings.bands"),
    "a quota that is a percentage": ({"excellent_quota": "50"}, "settings.excellent_quota"),
    "class weights that do not add up": ({"class_weights": {"A票": "0.5"}}, "settings.class_weights"),
    "no points at all": ({"points": {}}, "settings.points"),
    "points for an abstention": ({"points": {"好": "95", "弃权": "0"}}, "settings.points.弃权"),
    "not an object": ([], "settings"),
}


@pytest.mark.parametrize(("settings", "path"), BAD_SETTINGS.values(), ids=BAD_SETTINGS)
def test_bad_settings(settings: Any, path: str) -> None:
    with pytest.raises(BadInput) as caught:
        score("soe-assessment", [], settings=settings or [1])
    assert caught.value.path == path


@pytest.mark.parametrize("cycle", [2020, "20", "2020年", None, "２０２０", "9999"])
def test_a_cycle_is_a_year_in_quotes(cycle: Any) -> None:
    with pytest.raises(BadInput) as caught:
        score("star-rating", [], cycle=cycle)
    assert caught.value.path == "cycle"


@pytest.mark.fact("S0-16", "S0-18")
@pytest.mark.parametrize(
    ("name", "value"), [("common.16", "5"), ("individual.6", "5"), ("common.1", "6"), ("common.1", "-1")]
)
def test_a_twenty_first_indicator_and_a_sixth_point_are_refused(name: str, value: str) -> None:
    row = {"id": "b1", "kind": "branch", "indicators": indicators() | {name: value}}
    with pytest.raises(BadInput) as caught:
        score("meet-standard", [row], settings={"pass_mark": "60"})
    assert caught.value.path == f"subjects[0].indicators.{name}"


def test_an_unknown_grade_is_refused() -> None:
    row = {"id": "s1", "kind": "secretary", "scores": {"onsite": "90"}, "facts": {"decided_grade": "优秀"}}
    with pytest.raises(BadInput) as caught:
        score("report-review", [row])
    assert caught.value.path == "subjects[0].facts.decided_grade"


def test_units_over_units_must_not_form_a_circle() -> None:
    rows = [{"id": a, "kind": "unit", "parent": b} for a, b in [("u1", "u2"), ("u2", "u3"), ("u3", "u1")]]
    with pytest.raises(BadInput) as caught:
        score("soe-assessment", rows)
    assert caught.value.path.endswith(".parent")


def test_a_long_chain_of_parents_is_read_in_linear_time() -> None:
    rows: list[dict[str, Any]] = [{"id": f"u{n}", "kind": "unit", "parent": f"u{n + 1}"} for n in range(3_000)]
    rows.append({"id": "u3000", "kind": "unit"})
    assert len(score("soe-assessment", rows)["subjects"]) == 0
