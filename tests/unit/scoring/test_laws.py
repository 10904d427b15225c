"""Laws that hold for every document, and an oracle that computes the same in another way."""

from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine import evaluate
from scoring.reading import BadInput, read_json
from scoring.report import report, report_lines
from tests.unit.scoring.documents import SCHEMES, branch, indicators, member, score

STARS = ["一星级", "二星级", "三星级", "四星级", "五星级"]
points = st.decimals(0, 100, places=2).map(lambda number: format(number, "f"))
near_lines = st.sampled_from(["60", "79.5", "89.5", "89.99", "90", "95"])
scores = st.one_of(points, near_lines)
histories = st.lists(
    st.fixed_dictionaries(
        {"cycle": st.sampled_from(["2017", "2018", "2019"]), "score": scores, "band": st.sampled_from(STARS)},
        optional={"titles": st.just(["样板党支部"])},
    ),
    max_size=3,
    unique_by=lambda past: past["cycle"],
)


@st.composite
def colleges(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Up to three branches with up to seven members each, in any order."""
    rows = []
    for b in range(draw(st.integers(1, 3))):
        rows.append(branch(f"b{b}", draw(scores), history=draw(histories)))
        for m in range(draw(st.integers(0, 7))):
            one = member(f"m{b}{m}", draw(scores), parent=f"b{b}", history=draw(histories))
            if draw(st.booleans()):
                one["facts"] = {"veto": [{"rule": "S2-28.5", "confirmed": draw(st.booleans()), "on": "2020-03-01"}]}
            rows.append(one)
    return draw(st.permutations(rows))


@given(colleges(), st.randoms())
def test_the_order_of_subjects_does_not_matter(rows: list[dict[str, Any]], random: Any) -> None:
    before = score("star-rating", rows)
    random.shuffle(rows)
    after = score("star-rating", rows)
    by_id = [sorted(answer.pop("subjects"), key=lambda one: one["id"]) for answer in (before, after)]
    assert by_id[0] == by_id[1]
    assert before == after


@given(colleges())
@pytest.mark.fact("S2-25", "S2-26")
def test_quotas_hold_and_awards_follow_their_conditions(rows: list[dict[str, Any]]) -> None:
    found = {one["id"]: one for one in score("star-rating", rows)["subjects"]}
    for id_ in {row["id"] for row in rows if row["kind"] == "branch"}:
        members = [found[row["id"]] for row in rows if row.get("parent") == id_]
        stars = sum(one["band"] == "五星级" for one in members)
        assert stars * 10 <= len(members) * 3
        is_model = found[id_]["band"] == "五星级" and bool(members) and stars * 5 >= len(members)
        assert (found[id_]["awards"] == ["样板党支部"]) == is_model


@given(colleges())
def test_equal_members_of_a_branch_fare_equally(rows: list[dict[str, Any]]) -> None:
    found = {one["id"]: one for one in score("star-rating", rows)["subjects"]}
    fates: dict[Any, Any] = {}
    for row in rows:
        if row["kind"] == "member" and "facts" not in row:
            key = (row["parent"], found[row["id"]]["exact"])
            assert fates.setdefault(key, found[row["id"]]["band"]) == found[row["id"]]["band"]


@given(scores, scores, scores)
@pytest.mark.fact("S2-18", "S2-20")
def test_the_branch_score_is_that_of_plain_decimals(democratic: str, team: str, superior: str) -> None:
    row = branch(scores={"democratic": democratic, "team": team, "superior": superior})
    found = score("star-rating", [row])["subjects"][0]
    exact = Decimal(democratic) * 30 / 100 + Decimal(team) * 50 / 100 + Decimal(superior) * 20 / 100
    assert Fraction(found["exact"]) == Fraction(exact)
    assert found["band"] == STARS[sum(exact >= line for line in (60, 70, 80, 90))]


@given(scores, scores)
@pytest.mark.fact("S2-19", "S2-20")
def test_the_member_score_is_that_of_plain_decimals(democratic: str, committee: str) -> None:
    row = member("m1", parent=None, scores={"democratic": democratic, "committee": committee})
    found = score("star-rating", [row])["subjects"][0]
    exact = (Decimal(democratic) * 6 + Decimal(committee) * 4) / 10
    assert Fraction(found["exact"]) == Fraction(exact)
    assert found["band"] == STARS[sum(exact >= line for line in (60, 70, 80, 90))]


@given(scores, scores, scores)
def test_the_trace_sums_to_the_score(democratic: str, team: str, superior: str) -> None:
    row = branch(scores={"democratic": democratic, "team": team, "superior": superior})
    found = score("star-rating", [row])["subjects"][0]
    parts = [Fraction(step["value"]) for step in found["trace"] if step["part"]]
    assert sum(parts) == Fraction(found["exact"])
    assert all(step["clause"] and step["fact"] for step in found["trace"])


@given(st.lists(scores, min_size=3, max_size=3), st.integers(0, 2), scores)
def test_more_points_never_give_a_lower_band(values: list[str], at: int, other: str) -> None:
    keys = ["democratic", "team", "superior"]
    low, high = sorted([values[at], other], key=Decimal)
    bands = []
    for value in (low, high):
        row = branch(scores=dict(zip(keys, values, strict=True)) | {keys[at]: value})
        bands.append(STARS.index(score("star-rating", [row])["subjects"][0]["band"]))
    assert bands[0] <= bands[1]


@given(scores)
@pytest.mark.fact("S2-20")
def test_alternatives_are_exactly_the_readings_that_differ(value: str) -> None:
    found = score("star-rating", [branch(value=value)])["subjects"][0]
    rounded = int(Decimal(value) + Decimal("0.5"))
    half_up = STARS[sum(rounded >= line for line in (60, 70, 80, 90))]
    expected = [{"policy": "half_up_integer", "band": half_up}] if half_up != found["band"] else []
    twice = Decimal(value) in (60, 90)
    if twice:
        expected.append({"policy": "exclusive_bound", "band": STARS[STARS.index(found["band"]) - 1]})
    assert found["boundary"]["alternatives"] == expected
    assert ("boundary" in found["flags"]) == twice


@given(st.lists(st.decimals(0, 5, places=1).map(str), min_size=20, max_size=20), points)
@pytest.mark.fact("S0-15", "S0-16", "S0-17", "S0-22")
def test_indicators_sum_up_and_the_pass_mark_decides(values: list[str], pass_mark: str) -> None:
    row = {"id": "b1", "kind": "branch", "indicators": dict(zip(indicators(), values, strict=True))}
    found = score("meet-standard", [row], settings={"pass_mark": pass_mark})["subjects"][0]
    total = sum(map(Decimal, values))
    assert Fraction(found["exact"]) == Fraction(total)
    assert found["band"] == ("达标" if total >= Decimal(pass_mark) else "不达标")


@pytest.mark.fact("S0-19", "S0-21")
@pytest.mark.parametrize("number", range(1, 8))
@pytest.mark.parametrize(("confirmed", "band", "flag"), [(True, "不达标", "veto"), (False, None, "veto_unconfirmed")])
def test_any_of_the_seven_vetoes_strikes_even_full_marks(
    number: int, confirmed: bool, band: str | None, flag: str
) -> None:
    veto = {"rule": f"S0-19.{number}", "confirmed": confirmed, "on": "2021-01-01"}
    row = {"id": "b1", "kind": "branch", "indicators": indicators(), "facts": {"veto": [veto]}}
    found = score("meet-standard", [row], cycle="2021", settings={"pass_mark": "60"})["subjects"][0]
    assert (found["score"], found["band"], found["flags"]) == ("100.00", band, [flag])


@given(st.lists(st.decimals(0, 100, places=0).map(str), min_size=1, max_size=8), st.decimals(0, 1, places=2).map(str))
@pytest.mark.fact("S3-09")
def test_excellent_units_never_exceed_the_quota(values: list[str], quota: str) -> None:
    rows = [{"id": str(n), "kind": "unit", "scores": {"party_work": v, "review": v}} for n, v in enumerate(values)]
    settings = {
        "weights": {"party_work": "0.5", "review": "0.5"},
        "bands": {"优秀": "50", "良好": "40", "一般": "30", "较差": "0"},
        "excellent_quota": quota,
    }
    found = score("soe-assessment", rows, settings=settings)["subjects"]
    assert sum(one["band"] == "优秀" for one in found) <= Decimal(quota) * len(values)


@given(colleges())
def test_the_same_input_gives_the_same_bytes(rows: list[dict[str, Any]]) -> None:
    document = {"scheme": "star-rating", "cycle": "2020", "subjects": rows}
    texts = ["".join(report_lines(evaluate(SCHEMES["star-rating"], document))) for _ in range(2)]
    assert texts[0] == texts[1]
    assert read_json(texts[0]) == report(evaluate(SCHEMES["star-rating"], document))


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | scores,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.sampled_from(sorted(SCHEMES)),
    st.dictionaries(st.sampled_from(["id", "kind", "scores", "facts", "ballots", "history", "parent"]), junk),
    junk,
)
def test_any_document_is_scored_or_refused(slug: str, row: dict[str, Any], settings: Any) -> None:
    for kind in ("branch", row.get("kind")):
        with suppress(BadInput):
            score(slug, [{"id": "x"} | row | {"kind": kind}], settings=settings)


@given(colleges(), st.data())
def test_more_points_never_give_a_member_a_lower_band_within_the_quota(
    rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    members = [row for row in rows if row["kind"] == "member"]
    if not members:
        return
    one = data.draw(st.sampled_from(members))
    before = one["scores"]["committee"]
    higher = data.draw(scores.filter(lambda value: Decimal(value) >= Decimal(before)))
    bands = []
    for value in (before, higher):
        one["scores"] = one["scores"] | {"committee": value}
        found = {answer["id"]: answer for answer in score("star-rating", rows)["subjects"]}
        bands.append(found[one["id"]]["band"])
    if None not in bands:  # a tie or a veto leaves it to a person
        assert STARS.index(bands[0]) <= STARS.index(bands[1])


@given(st.lists(st.decimals(0, 5, places=2).map(str), min_size=20, max_size=20))
def test_the_trace_of_indicators_sums_to_the_score(values: list[str]) -> None:
    row = {"id": "b1", "kind": "branch", "indicators": dict(zip(indicators(), values, strict=True))}
    found = score("meet-standard", [row], settings={"pass_mark": "60"})["subjects"][0]
    assert sum(Fraction(step["value"]) for step in found["trace"] if step["part"]) == Fraction(found["exact"])
