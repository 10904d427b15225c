"""What people say of an activity becomes day, place, who was missing, topic; nothing is made up."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.records.record_reading import Named, read_missing, read_record

TODAY = date(2022, 1, 18)  # a Tuesday
PEOPLE = (
    Named(1, "张三", "1001"),
    Named(2, "李四", "1002"),
    Named(3, "张三丰", "1003"),
    Named(4, "王五", "1004"),
    Named(5, "王五", "1005"),
)

DAYS = {
    "今天": "2022-01-18",
    "昨天下午3点": "2022-01-17",
    "前天": "2022-01-16",
    "11月5日": "2021-11-05",
    "1月18号": "2022-01-18",
    "2021年3月2日": "2021-03-02",
    "2021-03-02": "2021-03-02",
    "2021.3.2": "2021-03-02",
    "17号": "2022-01-17",
    "28日": "2021-12-28",
    "周一": "2022-01-17",
    "周五": "2022-01-14",
    "上周五": "2022-01-14",
    "上周二": "2022-01-11",
    "星期天": "2022-01-16",
}


@pytest.mark.parametrize("said", DAYS)
def test_days_as_people_say_them(said: str) -> None:
    read = read_record(f"{said}前往烈士陵园学习", TODAY, PEOPLE)
    assert read.held_on is not None
    assert (read.held_on.isoformat(), read.topic) == (DAYS[said], "前往烈士陵园学习")


@pytest.mark.parametrize("text", ["学习", "2月30日学习", "学习1号文件精神", "学习第3章", "明天学习"])
def test_what_names_no_day_that_has_come(text: str) -> None:
    read = read_record(text, TODAY, PEOPLE)
    assert (read.held_on, read.topic) == (None, text)


SAID = {
    "今天在活动室学习党的二十大精神，张三、李四请假": ("学习党的二十大精神", "活动室", {1: "请假", 2: "请假"}),
    "昨天下午开展学习党章主题党日，全到": ("学习党章", "", {}),
    "11月5日在烈士陵园开展“缅怀先烈”主题党日活动，张三丰出差": ("缅怀先烈", "烈士陵园", {3: "出差"}),
    "学习党章张三请假": ("学习党章", "", {1: "请假"}),
    "张三，李四请假，学习党章": ("学习党章", "", {1: "请假", 2: "请假"}),
    "除张三、李四外全部参加，学习条例": ("学习条例", "", {1: "缺席", 2: "缺席"}),
    "学习党史，缺席：张三、1002": ("学习党史", "", {1: "缺席", 2: "缺席"}),
    "1004请假，学习党史": ("学习党史", "", {4: "请假"}),
    "地点：会议室，主题：学党史": ("学党史", "会议室", {}),
    "在党委领导下学习讲话精神": ("在党委领导下学习讲话精神", "", {}),
    "没有缺席，学习条例": ("学习条例", "", {}),
    "上周五在会议室李四主持召开支部党员大会讨论转正": ("支部党员大会讨论转正", "会议室", {}),
    "": ("", "", {}),
}


@pytest.mark.parametrize("text", SAID)
def test_topic_place_and_who_was_missing(text: str) -> None:
    read = read_record(text, TODAY, PEOPLE)
    assert (read.topic, read.place, dict(read.absent)) == SAID[text]


WENT = {
    "到烈士陵园祭扫": "烈士陵园",
    "全体党员赴红色教育基地参观学习": "红色教育基地",
    "我们前往敬老院慰问老人": "敬老院",
    "组织党员去社区广场开展志愿服务": "社区广场",
    "到会议室学习": "会议室",
    "到会党员学习条例": "",
    "去学习党章": "",
    "学习到很多知识": "",
    "把要求做到实处，学习条例": "",
    "去年学习的内容": "",
}


@pytest.mark.parametrize("text", WENT)
def test_where_somebody_went_is_the_place_and_stays_in_the_topic(text: str) -> None:
    read = read_record(text, TODAY, PEOPLE)
    assert read.place == WENT[text]
    assert not read.place or read.place in read.topic


def test_a_day_to_come_is_told_where_no_other_is_named() -> None:
    assert read_record("明天学习党章", TODAY, PEOPLE).ahead == date(2022, 1, 19)
    assert read_record("今天学习党章，明天交心得", TODAY, PEOPLE).ahead is None


def test_the_minutes_keep_the_marks_that_were_typed() -> None:
    said = "在会议室学习党章，张三请假。大家发了言，我们谈了体会；书记在台上讲话。"
    read = read_record(said, TODAY, PEOPLE)
    assert (read.topic, read.minutes) == ("学习党章", "大家发了言，我们谈了体会；书记在台上讲话。")
    assert read_record("大家发了言，书记总结", TODAY, PEOPLE).words == "大家发了言，书记总结"


@pytest.mark.parametrize("rest", ["其余都到了", "其他人都到了", "其他党员全部参加", "其余的同志均到会"])
def test_that_the_others_came_is_no_line_of_the_minutes(rest: str) -> None:
    read = read_record(f"学习条例，张三请假，{rest}", TODAY, PEOPLE)
    assert (read.topic, read.minutes, dict(read.absent)) == ("学习条例", "", {1: "请假"})


def test_names_that_fit_nobody_or_several_are_asked_about_and_mark_nobody() -> None:
    several = read_record("王五请假", TODAY, PEOPLE)
    nobody = read_record("王小明请假，学党史", TODAY, PEOPLE)
    assert (dict(several.absent), several.unclear) == ({}, ("名册里有 2 位「王五」，请写工号",))
    assert (dict(nobody.absent), nobody.unclear) == ({}, ("名册里没有找到「王小明」",))


def test_the_rest_goes_to_minutes_and_numbers_are_compared() -> None:
    read = read_record("学习党章，应到20人实到18人。大家重温入党誓词；书记讲话", TODAY, PEOPLE)
    assert (read.topic, read.minutes, read.said_present) == ("学习党章", "大家重温入党誓词；书记讲话", 18)


def test_a_procedure_and_a_host_are_known_by_their_words() -> None:
    read = read_record("李四主持，学习条例，程序：唱国歌、学习、讨论", TODAY, PEOPLE)
    assert (read.host, read.topic, read.procedure) == ("李四", "学习条例", "唱国歌、学习、讨论")


def test_missing_checks_are_named_where_something_is_missing() -> None:
    checks = {"flag": ("党旗",), "board": ("宣传栏",)}
    assert read_missing("有党旗，缺宣传栏", checks) == ("board",)
    assert read_missing("都齐", checks) == ()
    assert read_missing("党旗坏了、没有宣传栏", checks) == ("flag", "board")


@given(
    st.text(alphabet="今昨天在、，。张三李四王五丰请假缺席学习党章1月5日号/.-2021年室 \n:：没有全到除外", max_size=40)
)
def test_whatever_is_said_nobody_is_missing_who_is_not_named_and_no_day_is_to_come(text: str) -> None:
    read = read_record(text, TODAY, PEOPLE)
    names = {one.id: (one.name, one.staff_no) for one in PEOPLE}
    assert all(any(word in text for word in names[person]) for person in read.absent)
    assert not (read.all_there and read.absent)
    assert read.held_on is None or date(2000, 1, 1) <= read.held_on <= TODAY + timedelta(days=3650)


def test_a_list_of_hundreds_of_names_is_read_and_only_who_was_missing_is() -> None:
    many = [Named(n, f"党{chr(0x4E00 + n)}", f"{8000 + n}") for n in range(300)]
    said = read_record(
        f"学习党章，到会的有{'、'.join(one.name for one in many[:250])}，{many[270].name}出差", TODAY, many
    )
    assert said.topic == "学习党章"
    assert dict(said.absent) == {270: "出差"}
    assert said.unclear == ()
