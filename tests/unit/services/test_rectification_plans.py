"""How a plan is read from one sentence."""

from datetime import date

import pytest

from services.rectifications.rectification_plans import PlanWords, read_plan

TODAY = date(2021, 11, 10)
NAMES = {"李四": "1002"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("每月学习两次，12月20日前", PlanWords("每月学习两次", date(2021, 12, 20))),
        ("补课，责任人李四，支持单位党群工作处，年底前", PlanWords("补课", date(2021, 12, 31), "1002", "党群工作处")),
        ("补课，责任人：李四，支持：党群工作处", PlanWords("补课", None, "1002", "党群工作处")),
        ("请党群工作处支持落实经费，年底前", PlanWords("请党群工作处支持落实经费", date(2021, 12, 31))),
        ("明确责任人，健全制度", PlanWords("明确责任人，健全制度")),
        ("补课，责任人王五", PlanWords("补课", stranger="王五")),
    ],
)
def test_the_parts_of_a_sentence(text: str, words: PlanWords) -> None:
    assert read_plan(text, TODAY, NAMES) == words
