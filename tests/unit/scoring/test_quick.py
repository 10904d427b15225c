"""The way in whole numbers gives what the way with a trace gives, for every reading of the lines."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.assessment import assess
from scoring.document import read_document
from scoring.loading import load_scheme
from scoring.quick import assess_quickly, compile_track
from scoring.sheets import Sheet
from tests.unit.scoring.documents import SCHEMES, branch, shipped

STARS = shipped("star-rating")[1].decode()
READINGS = {
    name: load_scheme(STARS.replace("reading: half_open", f"reading: {name}"))
    for name in ("half_open", "half_up_integer", "truncate_integer")
}
numbers = st.one_of(
    st.decimals(0, 100, places=2).map(lambda number: format(number, "f")),
    st.decimals(0, 100, places=12).map(lambda number: format(number, "f")),
    st.sampled_from(["0", "59.5", "60", "79.5", "89.5", "89.999999999999", "90", "100"]),
)
three = st.fixed_dictionaries({"democratic": numbers, "team": numbers, "superior": numbers})


def both(scheme: Any, document: dict[str, Any]) -> None:
    page = read_document(scheme, {"scheme": scheme.slug, "cycle": "2020", **document})
    for subject in page.subjects:
        track = scheme.track_of[subject.kind]
        quickly, slowly = Sheet(subject, track), Sheet(subject, track)
        compiled = compile_track(track, page.settings)
        assert compiled is not None
        assert assess_quickly(compiled, quickly)
        assess(slowly, page.settings, page.cycle)
        assert (quickly.exact, quickly.band, quickly.flags) == (slowly.exact, slowly.band, slowly.flags)


@given(three, st.sampled_from(sorted(READINGS)))
def test_star_rating_both_ways(scores: dict[str, str], reading: str) -> None:
    both(READINGS[reading], {"subjects": [branch(scores=scores)]})


@given(numbers, numbers, st.integers(0, 1000))
def test_weights_and_lines_that_are_set(party_work: str, review: str, mill: int) -> None:
    weights = {"party_work": f"{mill / 1000:.3f}", "review": f"{1 - mill / 1000:.3f}"}
    settings = {
        "weights": weights,
        "bands": {"优秀": "85.000000000001", "良好": "75", "一般": "60", "较差": "0"},
        "excellent_quota": "0.5",
    }
    row = {"id": "u1", "kind": "unit", "scores": {"party_work": party_work, "review": review}}
    both(SCHEMES["soe-assessment"], {"settings": settings, "subjects": [row]})


@pytest.mark.parametrize("slug", ["meet-standard", "solid-branch", "report-review"])
def test_other_schemes_take_the_way_with_a_trace(slug: str) -> None:
    scheme = SCHEMES[slug]
    page = read_document(scheme, {"scheme": slug, "cycle": "2020", "subjects": []})
    assert {compile_track(track, page.settings) for track in scheme.tracks} == {None}
