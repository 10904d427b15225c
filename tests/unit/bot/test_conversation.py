"""The engine, message by message."""

from dataclasses import replace

import pytest

from bot.conversation import Again, Ask, Choice, Incoming, Media, Outcome, Session, Step, Turn, flow_key
from bot.turns import BELATED_S, advance, begin, go_back_to, match_choice
from bot.widths import room_of
from tests.unit.bot.flows import BALLOT, FORM, GRADES, SHEET


def talk(flow, *texts: str, context=None, known: bool = False) -> Turn:
    turn = begin(flow, context or {"n": 3, "realm": "p1"}, "i1")
    for text in texts:
        turn = advance(flow, turn.session, Incoming(text, known=known))
    return turn


def tapped(turn: Turn, label: str) -> Incoming:
    option = next(o for o in (*turn.options, *turn.hints) if o.label == label)
    return Incoming(option.label, option.menu_id)


@pytest.mark.parametrize("answer", ["2", "\uff12", "②", " 2。", "第2项", "较好", "较好。", "「较好」"])
def test_answers_by_number_and_word(answer: str) -> None:
    turn = talk(BALLOT, answer)
    assert turn.session.answers == {"q0": "better"}
    assert turn.session.at == "q1"


def test_answers_by_link() -> None:
    first = talk(BALLOT)
    assert advance(BALLOT, first.session, tapped(first, "差")).session.answers == {"q0": "poor"}


def test_words_beside_the_label_count() -> None:
    assert talk(BALLOT, "中").session.answers == {"q0": "fair"}


@pytest.mark.parametrize("answer", ["0", "5", "99999", "很好", "", "好好", "-1"])
def test_what_does_not_fit_is_explained_and_asked_again(answer: str) -> None:
    turn = talk(BALLOT, answer)
    assert turn.session.answers == {}
    assert turn.text.endswith("第1位？")
    assert "没有这个选项" in turn.text
    assert turn.options


def test_one_message_may_answer_several_questions() -> None:
    turn = talk(SHEET, "5 4")
    assert turn.session.answers == {"q0": "5", "q1": "4"}
    assert turn.session.at == "q2"


def test_an_answer_may_lead_elsewhere_and_back_to_what_is_still_open() -> None:
    there = talk(SHEET, "第3题")
    assert (there.session.at, there.session.answers) == ("q2", {})
    assert talk(SHEET, "第3题", "上一步").session.at == "q1"


def test_a_choice_may_lead_to_a_step_and_answers_nothing() -> None:
    start = talk(SHEET, "5")
    overview = advance(SHEET, start.session, tapped(start, "总览"))
    assert (overview.session.at, overview.text) == ("confirm", "已填 1 题")
    assert advance(SHEET, overview.session, Incoming("确认")).session.at == "q1"


def test_labels_that_are_numbers_mean_themselves() -> None:
    points = (Choice("a", "5"), Choice("b", "3"), Choice("c", "1"))
    assert match_choice(points, "1").value == "c"
    assert match_choice(points, "2") is None


def test_a_word_that_two_choices_share_chooses_neither() -> None:
    twins = (Choice("1001", "王伟"), Choice("1002", "王伟"))
    assert match_choice(twins, "王伟") is None
    assert match_choice(twins, "2").value == "1002"


@pytest.mark.parametrize("answer", ["2 较好", "2较好", "２．较好", "2、「较好」"])
def test_number_and_label_as_they_are_shown_are_the_choice(answer: str) -> None:
    assert talk(BALLOT, answer).session.answers == {"q0": "better"}


@pytest.mark.parametrize("answer", ["1 较好", "12 较好", "2 好"])
def test_number_and_label_that_do_not_agree_choose_neither(answer: str) -> None:
    assert talk(BALLOT, answer).session.answers == {}


def test_a_step_that_reads_lines_of_its_own_keeps_them() -> None:
    assert talk(SHEET, "1 总览").session.answers == {"q0": "1", "q1": "总览"}


def test_an_older_questions_link_never_answers_the_present_one() -> None:
    first = talk(BALLOT)
    second = advance(BALLOT, first.session, tapped(first, "好"))
    turn = advance(BALLOT, second.session, tapped(first, "差"))
    assert turn.session.answers == {"q0": "good"}
    assert "前面的选项" in turn.text
    assert turn.text.endswith("第2位？")


@pytest.mark.parametrize("menu_id", ["f.", "f.x", "f.x.y.z", "f.0.0.0.0", "f.x.i1.0.9", "f...."])
def test_a_forged_link_changes_nothing(menu_id: str) -> None:
    turn = advance(BALLOT, talk(BALLOT).session, Incoming("好", menu_id))
    assert (turn.outcome, turn.session.answers) == (Outcome.ASK, {})


def test_a_link_whose_label_is_another_one_now_is_not_taken() -> None:
    first = talk(BALLOT)
    link = tapped(first, "好").menu_id
    assert advance(BALLOT, first.session, Incoming("差", link)).session.answers == {}
    assert advance(BALLOT, first.session, Incoming("好", link[:-1] + "7")).session.answers == {}


def test_an_older_questions_cancel_link_does_not_cancel() -> None:
    first = talk(FORM)
    second = talk(FORM, "张三")
    assert advance(FORM, second.session, tapped(first, "取消")).outcome is Outcome.ASK
    assert advance(FORM, second.session, tapped(second, "取消")).outcome is Outcome.CANCELLED


def test_confirmation_finishes_with_all_answers_and_keeps_all_but_itself() -> None:
    turn = talk(BALLOT, "1", "2", "3", "确认")
    assert turn.outcome is Outcome.FINISH
    assert turn.answers == {"q0": "good", "q1": "better", "q2": "fair", "confirm": "确认"}
    assert turn.session.at == "confirm"
    assert "confirm" not in turn.session.answers


def test_the_confirmations_choices_act_as_the_words() -> None:
    confirming = talk(BALLOT, "1", "1", "1")
    assert advance(BALLOT, confirming.session, tapped(confirming, "取消")).outcome is Outcome.CANCELLED
    assert advance(BALLOT, confirming.session, tapped(confirming, "上一步")).session.at == "q2"


@pytest.mark.parametrize("digit", ["1", "2", "3"])
def test_a_stray_digit_neither_confirms_nor_cancels(digit: str) -> None:
    turn = talk(BALLOT, "1", "1", "1", digit)
    assert (turn.outcome, turn.session.at) == (Outcome.ASK, "confirm")


def test_back_keeps_the_other_answers() -> None:
    turn = talk(BALLOT, "1", "2", "3", "上一步", "上一步", "4")
    assert turn.session.answers == {"q0": "good", "q1": "poor", "q2": "fair"}
    assert turn.session.at == "confirm"


def test_back_at_the_first_question_says_so() -> None:
    assert "第一步" in talk(BALLOT, "上一步").text
    assert "上一步" not in [hint.label for hint in talk(BALLOT).hints]


def test_skipped_steps_are_neither_asked_nor_gone_back_to_nor_stored() -> None:
    turn = talk(FORM, "张三", "差", "不来开会")
    assert turn.session.answers["why"] == "不来开会"
    turn = advance(FORM, advance(FORM, turn.session, Incoming("上一步")).session, Incoming("上一步"))
    turn = advance(FORM, turn.session, Incoming("好"))
    assert "why" not in turn.session.answers
    assert turn.session.at == "points"
    assert advance(FORM, turn.session, Incoming("上一步")).session.at == "grade"


@pytest.mark.parametrize("word", ["投票", "任务", "主题党日", "1"])
def test_known_words_do_not_interrupt_free_text(word: str) -> None:
    turn = advance(FORM, talk(FORM, "张三", "差").session, Incoming(word, known=True))
    assert turn.session.answers["why"] == word


@pytest.mark.parametrize("word", ["取消", "上一步", "帮助", "继续", "确认"])
def test_the_global_words_are_never_free_text(word: str) -> None:
    turn = advance(FORM, talk(FORM, "张三", "差").session, Incoming(word))
    assert turn.session is None or "why" not in turn.session.answers


def test_a_known_word_interrupts_a_choice_and_the_place_stays() -> None:
    before = talk(BALLOT, "1")
    turn = advance(BALLOT, before.session, Incoming("任务", known=True))
    assert (turn.outcome, turn.session) == (Outcome.INTERRUPTED, before.session)


def test_a_paused_choice_waits_for_go_on_and_takes_no_stray_number() -> None:
    paused = replace(talk(BALLOT, "1").session, paused=True)
    stray = advance(BALLOT, paused, Incoming("4"))
    assert stray.session.answers == {"q0": "good"}
    assert "回到「投票」" in stray.text
    assert advance(BALLOT, stray.session, Incoming("4")).session.answers["q1"] == "poor"
    assert advance(BALLOT, paused, Incoming("继续")).session == stray.session


def test_a_tap_on_the_present_question_answers_it_though_paused() -> None:
    second = talk(BALLOT, "1")
    turn = advance(BALLOT, replace(second.session, paused=True), tapped(second, "差"))
    assert turn.session.answers["q1"] == "poor"
    assert not turn.session.paused


def test_a_photo_is_read_where_one_is_asked_for() -> None:
    turn = talk(FORM, "张三", "好", "3")
    photo = Incoming(media=Media("image", "m1"), known=True)
    assert advance(FORM, turn.session, photo).session.answers["photo"] == "m1"
    assert advance(FORM, talk(FORM).session, photo).outcome is Outcome.INTERRUPTED
    assert "姓名" in advance(FORM, talk(FORM).session, replace(photo, known=False)).text


def test_going_on_says_where_one_is() -> None:
    assert talk(FORM, "帮助").text.endswith("姓名？")
    assert "没有到确认" in talk(FORM, "确认").text


def test_a_changed_version_or_a_vanished_step_is_outdated() -> None:
    session = talk(BALLOT, "1").session
    assert advance(replace(BALLOT, version="2"), session, Incoming("1")).outcome is Outcome.OUTDATED
    assert advance(BALLOT, replace(session, at="gone"), Incoming("1")).outcome is Outcome.OUTDATED


def test_again_asks_that_step_and_keeps_the_others() -> None:
    session = talk(BALLOT, "1", "1", "1", "1").session
    turn = go_back_to(BALLOT, session, Again("q1", "再选一次："))
    assert turn.text == "再选一次：\n\n第2位？"
    assert set(turn.session.answers) == {"q0", "q2"}
    assert advance(BALLOT, turn.session, Incoming("4")).session.at == "confirm"


def test_a_draft_goes_on_at_the_first_open_question() -> None:
    turn = begin(FORM, {}, "i2", answers={"name": "张三", "points": "p5", "gone": 1})
    assert turn.session.at == "grade"
    assert advance(FORM, turn.session, Incoming("好")).session.at == "confirm"


def test_a_flow_without_questions_is_done_at_once() -> None:
    assert begin(replace(FORM, steps=()), {}, "i").outcome is Outcome.FINISH


def test_keys_tell_what_a_flow_is_about() -> None:
    assert flow_key("投票", {}) == "投票"
    assert flow_key("投票", {"poll": "1"}) != flow_key("投票", {"poll": "2"})


def test_sessions_have_no_hidden_state() -> None:
    turn = talk(FORM, "张三", "差")
    assert Session(**{name: getattr(turn.session, name) for name in Session.__slots__}) == turn.session


def test_what_was_sent_before_the_question_is_no_answer_to_it() -> None:
    turn = talk(BALLOT, "1")
    session = replace(turn.session, asked_at=1000)
    belated = advance(BALLOT, session, Incoming("1", sent_at=999))
    assert (belated.outcome, belated.session.at, belated.session.answers) == (Outcome.ASK, session.at, session.answers)
    assert "更早发出" in belated.text
    assert advance(BALLOT, session, Incoming("取消", sent_at=999)).outcome is Outcome.ASK
    for sent_at in (1000, 1001, 1000 - BELATED_S - 1, 0):
        assert advance(BALLOT, session, Incoming("1", sent_at=sent_at)).session.at != session.at


def test_a_choice_may_answer_other_questions_with_its_own() -> None:
    same = Choice("good", "都好", also=(("b", "good"), ("c", "good")))
    steps = tuple(Step(key, lambda c, a: Ask("？", (*GRADES, same))) for key in "abc")
    flow = replace(FORM, steps=steps)
    first = begin(flow, {}, "i")
    assert advance(flow, first.session, Incoming("都好")).answers == dict.fromkeys("abc", "good")
    second = advance(flow, first.session, Incoming("差"))
    assert advance(flow, second.session, Incoming("都好")).answers == {"a": "poor", "b": "good", "c": "good"}


def test_the_room_of_a_session_counts_the_widest_answer_that_a_step_names() -> None:
    steps = tuple(Step(key, lambda c, a: Ask("？", GRADES), widest="好" * 100) for key in "ab")
    flow = replace(FORM, steps=steps, secret=True)
    at_b = advance(flow, begin(flow, {"realm": "r"}, "i").session, Incoming("好")).session
    plain = replace(flow, steps=tuple(replace(step, widest="") for step in steps))
    # In bytes of UTF-8, instead of the longest word that is offered.
    assert room_of(flow, at_b) - room_of(plain, at_b) == 300 - len("better")
