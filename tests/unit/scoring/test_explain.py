"""The one-page sheet says everything that the figure rests on, and the same for a fresh and a stored result."""

import json
from typing import Any

import pytest

from scoring.engine import evaluate
from scoring.explain import FLAG_WORDS, explain
from scoring.grades import READING_WORDS
from scoring.report import report
from tests.unit.scoring.documents import SCHEMES, branch, indicators, member

SCORES = {"democratic": "88", "team": "91", "superior": "90"}


def sheet(slug: str, subjects: list[dict[str, Any]], id_: str, **more: Any) -> str:
    document = {"scheme": slug, "cycle": "2020", "subjects": subjects, **more}
    result = evaluate(SCHEMES[slug], document)
    fresh = explain(SCHEMES[slug], result, id_, name="第一党支部")
    stored = json.loads(json.dumps(report(result)))
    assert explain(SCHEMES[slug], stored, id_, name="第一党支部") == fresh
    return "\n".join(fresh)


@pytest.mark.fact("S2-18", "S2-20")
def test_a_score_between_two_bands_is_explained_with_its_other_reading() -> None:
    text = sheet("star-rating", [branch(scores=SCORES)], "b1")
    for words in (
        "对象：第一党支部",
        "得分：89.90（精确值 899/10）",
        "评定：四星级",
        "民主测评打分：88 × 0.3 = 26.4",
        "〔六(二)3 考核评议和计分办法〕",
        "89.9 ≥ 80，按精确得分，分数到「四星级」",
        "距「五星级」的分数线还差 0.1 分",
        "另一种读法（先四舍五入到整数）：「五星级」",
        "· 89.5 这样的分数",
    ):
        assert words in text
    assert len(text.splitlines()) < 40


def test_who_decided_and_why_is_told() -> None:
    veto = {"rule": "S2-28.1", "confirmed": True, "on": "2020-05-01", "by": "学院党委", "reason": "连续三个月未开会"}
    text = sheet("star-rating", [branch(scores=SCORES, facts={"veto": [veto]})], "b1")
    assert "已确认，评定结果为「无档次」（决定人：学院党委，理由：连续三个月未开会）" in text
    assert "评定：没有档次" in text
    assert "另一种读法" not in text
    units = [{"id": "u1", "kind": "unit", "scores": {"party_work": "90", "review": "90"}}]
    units[0]["facts"] = {"bonus": [{"points": "2", "confirmed": True, "by": "集团党组"}]}
    settings = {
        "weights": {"party_work": "0.7", "review": "0.3"},
        "bands": {"优秀": "85", "良好": "75", "一般": "60", "较差": "0"},
        "excellent_quota": "1",
    }
    assert "决定人：集团党组" in sheet("soe-assessment", units, "u1", settings=settings)


def test_awards_consequences_and_quotas_are_told() -> None:
    rows = [branch(value="95"), *(member(f"m{n}", str(90 + n)) for n in range(5))]
    assert "称号：样板党支部" in sheet("star-rating", rows, "b1")
    outside = sheet("star-rating", rows, "m3")
    assert "分数已到「五星级」；名额不超过 0.3 × 5 人，即 1 个名额已满，按名次评为「四星级」" in outside
    assert "那一档的名额已满，按名次评为「四星级」" in outside
    assert "已是最高一档" not in outside
    assert "评为「五星级」" not in outside
    low = sheet("star-rating", [branch(value="65")], "b1")
    assert "后果：限期整改" in low


def test_a_refused_subject_is_told_why() -> None:
    text = sheet("meet-standard", [{"id": "b1", "kind": "branch", "indicators": indicators()}], "b1")
    assert "没有评定：" in text
    assert "还没有设定：文件没有写明达标分数线" in text


def test_an_exempt_subject_is_told_why() -> None:
    text = sheet("star-rating", [branch(exempt="离退休党支部", scores={})], "b1")
    assert "不列入考核范围：离退休党支部" in text
    assert "评定：" not in text


def test_nobody_else_is_explained() -> None:
    with pytest.raises(KeyError):
        sheet("star-rating", [branch()], "b9")


def test_every_flag_and_reading_has_its_words() -> None:
    flags = {"boundary", "veto", "veto_unconfirmed", "quota", "quota_tie", "undecided", "exempt"}
    assert flags | {"bonus_unconfirmed", "downgrade_unconfirmed"} == set(FLAG_WORDS)
    assert set(READING_WORDS) == {"half_open", "half_up_integer", "truncate_integer", "exclusive_bound"}
