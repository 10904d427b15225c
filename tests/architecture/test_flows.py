"""Every flow of the chat can be begun by a word, walked to its end, left and asked for help at every question; every word is told."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.conversation import Flow, Incoming, Option, Outcome, Turn, about_of, steps_of
from bot.messages import InMessage
from bot.routes import find_route
from bot.turns import advance, begin
from bot.words import BACK, CANCEL, CONFIRM, CONTINUE, HELP, global_word
from handlers.chat import ROUTES
from handlers.chat.menu import menu
from tests.architecture.flow_contexts import CONTEXTS
from tests.architecture.flow_walk import ALL, CASES, SAMPLES, SAYINGS, questions, session_of, state, turns, walk


def test_every_flow_is_walked_here() -> None:
    assert sorted(set(ALL) - set(CONTEXTS)) == [], "say in CONTEXTS what its load may find"


@pytest.mark.parametrize("name", SAMPLES)
def test_every_step_is_reached(name: str) -> None:
    found = [(context, turn) for context in SAMPLES[name] for turn in walk(ALL[name], context)]
    asked = {session_of(turn).at for _, turn in found if turn.outcome is Outcome.ASK}
    assert asked == {step.key for context in SAMPLES[name] for step in steps_of(ALL[name], context)}


@pytest.mark.parametrize(("flow", "context"), CASES)
def test_every_state_leads_to_the_end(flow: Flow, context: Mapping[str, Any]) -> None:
    assert {turn.outcome for turn in walk(flow, context)} <= {Outcome.ASK, Outcome.FINISH, Outcome.CANCELLED}
    nexts = {place: list(turns(flow, turn)) for place, turn in questions(flow, context).items()}
    ending = {place for place, found in nexts.items() if any(one.outcome is Outcome.FINISH for one in found)}
    while more := {place for place in set(nexts) - ending if any(state(one) in ending for one in nexts[place])}:
        ending |= more
    assert set(nexts) - ending == set()


@pytest.mark.parametrize(("flow", "context"), CASES)
def test_every_state_can_be_left_and_explains_itself(flow: Flow, context: Mapping[str, Any]) -> None:
    for turn in questions(flow, context).values():
        session = session_of(turn)
        for paused in (session, replace(session, paused=True)):
            for word in (CANCEL, f" {CANCEL}。"):
                left = advance(flow, paused, Incoming(word))
                assert (left.outcome, left.session) == (Outcome.CANCELLED, None)
                assert flow.name in left.text
            for word in (HELP, BACK, CONTINUE):
                assert advance(flow, paused, Incoming(word)).outcome is Outcome.ASK, (turn.text, word)
        assert advance(flow, session, tap(turn, CANCEL)).outcome is Outcome.CANCELLED
        assert turn.text.strip()


@pytest.mark.parametrize(("flow", "context"), CASES)
def test_a_draft_is_gone_on_with_while_nothing_has_changed(flow: Flow, context: Mapping[str, Any]) -> None:
    for turn in questions(flow, context).values():
        session = session_of(turn)
        about = about_of(flow, context, session.answers)
        assert "" not in about.values()
        kept = {**session.answers, **about}
        assert about_of(flow, context, kept) == about
        resumed = begin(flow, context, "i", {}, kept)
        assert resumed.outcome is Outcome.FINISH or session_of(resumed).answers.items() >= session.answers.items()


def tap(turn: Turn, word: str) -> Incoming:
    """A tap on one of the links below a question."""
    shown: tuple[Option, ...] = (*turn.options, *turn.hints)
    (link,) = [option for option in shown if option.label == word]
    return Incoming(link.label, link.menu_id)


@pytest.mark.parametrize(("flow", "context"), CASES)
def test_a_photo_or_nonsense_never_breaks_a_flow(flow: Flow, context: Mapping[str, Any]) -> None:
    for turn in questions(flow, context).values():
        for incoming in (*SAYINGS, Incoming(""), Incoming("]]>" * 50), Incoming("99"), Incoming(menu_id="f.x.y.9.9")):
            after = advance(flow, session_of(turn), incoming)
            assert after.outcome in (Outcome.ASK, Outcome.FINISH)
            assert after.text or after.outcome is Outcome.FINISH


def leads(word: str) -> bool:
    """Whether a typed word reaches a line of the table."""
    return find_route(ROUTES, InMessage("o", "gh", 1, kind="text", text=word), word) is not None


# Begun by another flow or a handler only; when one of them expires, its person is told to reply with a word that leads to help.
def test_every_flow_begins_with_a_word_that_the_chat_knows() -> None:
    assert [flow.name for flow in ALL.values() if not leads(flow.start_word)] == []


# 确认 outside a flow repeats what was said after casting, and 帮助 is the list itself: no errands of their own.
NOT_LISTED = {CONFIRM, HELP}


def test_every_word_stands_under_help_or_is_left_out_on_purpose() -> None:
    unlisted = {route.words[0] for route in ROUTES if route.words and not route.help}
    assert unlisted == NOT_LISTED


def test_no_word_leads_two_ways_and_none_hides_a_global_word() -> None:
    words = [word for route in ROUTES for word in route.words]
    assert len(words) == len(set(words))
    assert {word for word in words if global_word(word)} <= {HELP, CONFIRM}


def test_the_menu_holds_words_that_the_chat_knows() -> None:
    keys = [entry["key"] for button in menu()["button"] for entry in button["sub_button"]]
    assert [key for key in keys if not leads(key) and key != HELP] == []


# Contract §6: those that are there, and those that a later part of the product brings. Until then they lead to help.
NOW = {
    "整改",
    "履职",
    "绑定",
    "签到",
    "任务",
    "投票",
    "主持",
    "投诉建议",
    "打分",
    "结果",
    "免评",
    "公示",
    "异议",
    "述职",
    "审核",
    "点评",
    "主题党日",
}
LATER = {"自评", "述职", "审核", "点评", "简报"}


def test_the_words_that_others_rely_on() -> None:
    assert {word for word in NOW if not leads(word)} == set()
    assert not any(global_word(word) for word in NOW | LATER), "else they would never reach help"
