"""The days that people type, for deadlines and for what was done."""

from datetime import date

import pytest

from services.day_words import DayFound, find_day

TODAY = date(2021, 11, 10)  # a Wednesday


@pytest.mark.parametrize(
    ("text", "day", "rest"),
    [
        ("每月学习两次，12月20日前", date(2021, 12, 20), "每月学习两次"),
        ("12月20日前完成整改，责任人张三", date(2021, 12, 20), "整改，责任人张三"),
        ("补学一课，1月5日", date(2022, 1, 5), "补学一课"),
        ("年底前补齐记录", date(2021, 12, 31), "补齐记录"),
        ("月底", date(2021, 11, 30), ""),
        ("2月底", date(2022, 2, 28), ""),
        ("下月底前补学", date(2021, 12, 31), "补学"),
        ("两周内补开会议", date(2021, 11, 24), "补开会议"),
        ("一个月内", date(2021, 12, 10), ""),
        ("下周五", date(2021, 11, 19), ""),
        ("2021-12-20", date(2021, 12, 20), ""),
        ("明天", date(2021, 11, 11), ""),
        ("二十天内补学", date(2021, 11, 30), "补学"),
        ("十五日内整改", date(2021, 11, 25), "整改"),
        ("15日内整改", date(2021, 11, 25), "整改"),
        ("100天内", date(2022, 2, 18), ""),
        ("明年12月25日前", date(2022, 12, 25), ""),
        ("2023年3月底前补齐", date(2023, 3, 31), "补齐"),
        ("明年3月底", date(2022, 3, 31), ""),
        ("明年底", date(2022, 12, 31), ""),
        ("2022年年底前", date(2022, 12, 31), ""),
        ("下月15日前", date(2021, 12, 15), ""),
        ("学习7月1日讲话，12月20日前完成", date(2021, 12, 20), "学习7月1日讲话"),
    ],
)
def test_days_ahead(text: str, day: date, rest: str) -> None:
    assert find_day(text, TODAY, ahead=True) == DayFound(day, rest)


@pytest.mark.parametrize(
    ("text", "day", "rest"),
    [
        ("11月5日 到第三党支部 联系点调研", date(2021, 11, 5), "到第三党支部 联系点调研"),
        ("昨天讲党课", date(2021, 11, 9), "讲党课"),
        ("12月3日讲党课", date(2020, 12, 3), "讲党课"),
        ("周五到联系点", date(2021, 11, 5), "到联系点"),
        ("今天", TODAY, ""),
        ("去年11月3日约谈", date(2020, 11, 3), "约谈"),
        ("上个月28日到联系点", date(2021, 10, 28), "到联系点"),
        ("本月3日", date(2021, 11, 3), ""),
        ("上月底讲党课", date(2021, 10, 31), "讲党课"),
    ],
)
def test_days_behind(text: str, day: date, rest: str) -> None:
    assert find_day(text, TODAY, ahead=False) == DayFound(day, rest)


@pytest.mark.parametrize("text", ["加强学习", "2月30日", "13月底", "两周内"])
def test_what_names_no_day(text: str) -> None:
    assert find_day(text, TODAY, ahead=False) is None
