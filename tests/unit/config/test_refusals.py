"""What people in the chat read of an input that cannot be used: the sentences, never the places in a file."""

import pytest

from config.refusals import BadInput


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        (["reason：请写明理由"], "请写明理由"),
        (["branch:0102 scores.team：超出范围 0—100", "topic：请说明主题"], "超出范围 0—100；请说明主题"),
        (["共性指标 3：与自评相差较大"], "共性指标 3：与自评相差较大"),
        (["classes[2].voters：没有这个工号"], "没有这个工号"),
        (["请用一句话说明怎样修改"], "请用一句话说明怎样修改"),
    ],
)
def test_a_fault_is_said_without_its_place(faults: list[str], said: str) -> None:
    assert BadInput(faults).say == said
