"""Subjects of 打分 by name."""

from handlers.chat.input_lists import told

ZHANG = {"key": "member:1001", "name": "张三"}
NAMESAKE = {"key": "member:1002", "name": "张三"}
LI = {"key": "member:1003", "name": "李四"}


def test_who_shares_a_name_is_told_with_the_code_and_nobody_else() -> None:
    everybody = [ZHANG, NAMESAKE, LI]
    assert [told(one, everybody) for one in everybody] == ["张三（1001）", "张三（1002）", "李四"]
