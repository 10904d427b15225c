"""The form of an evaluation as its scheme words it: what a poll can hold, and nothing else."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.refusals import BadInput
from models.cycles import Cycle
from services.evaluations.evaluation_files import EvaluationFile
from services.evaluations.evaluation_forms import resolve_form

STAR_RATING = (Path(__file__).parents[3] / "config/schemes/star-rating.yaml").read_text()
NOW = datetime(2020, 12, 1, tzinfo=UTC)
FILE = EvaluationFile(1, "democratic", "测评", ("members",), None, (), NOW, NOW, "sheet", 5, None)


def cycle_with(form: str, **settings: object) -> Cycle:
    """A cycle whose scheme has a form called `sheet`."""
    text = f"{STAR_RATING}\nforms:\n  sheet: {{title: 测评表, clause: 一, fact: A16, {form}}}\n"
    return Cycle(scheme="star-rating", scheme_text=text, settings=settings)


def test_options_without_points_are_those_of_the_setting() -> None:
    form = "items: [总体评价]"
    with pytest.raises(BadInput, match="请先设置 points"):
        resolve_form(FILE, cycle_with(form))
    found = resolve_form(FILE, cycle_with(form, points={"不称职": "50", "优秀": "95", "称职": "85"}))
    assert found["options"] == [["优秀", "95"], ["称职", "85"], ["不称职", "50"]]


def test_the_scheme_s_own_words_and_points() -> None:
    found = resolve_form(FILE, cycle_with('items: [德, 能], options: {好: "95", 差: "50"}, abstain: false'))
    assert found == {"items": ["德", "能"], "options": [["好", "95"], ["差", "50"]], "abstain": False, "rules": []}


@pytest.mark.parametrize(
    ("form", "fault"),
    [
        ('items: [德], options: {这个选项的名称长得计票时数据库里放不下: "95", 差: "50"}', "1—16 个字"),
        ('items: [德], options: {取消: "95", 差: "50"}', "取消"),
        ('items: [德], options: {好: "95"}', "须有 2—10 个"),
        (f'items: [{"德" * 40}], options: {{好: "95", 差: "50"}}', "不超过 32 个字"),
    ],
)
def test_what_no_poll_can_hold_is_refused_before_anybody_votes(form: str, fault: str) -> None:
    with pytest.raises(BadInput, match=fault):
        resolve_form(FILE, cycle_with(form))
