"""A flow that gathers takes photos and sentences in any order, whatever question stands, and loses none."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from bot.conversation import (
    CONFIRMATION,
    Answers,
    Ask,
    Caller,
    Choice,
    Context,
    Flow,
    Gather,
    Incoming,
    Invalid,
    Media,
    Outcome,
    Said,
    Session,
    Step,
)
from bot.turns import advance, begin


def add(incoming: Incoming, context: Context, answers: Answers, at: str) -> Answers | None:
    if incoming.media is not None and incoming.media.kind != "image":
        raise Invalid("只收照片。")
    if incoming.media is None and at != "confirm":
        return None
    there = answers.get("say", [])
    sent = incoming.media.media_id if incoming.media else incoming.text
    return {**answers, "say": [*there, sent]}


async def keep(rt: Any, caller: Caller, incoming: Incoming) -> None:
    raise AssertionError("pure tests keep nothing")


async def load(rt: Any, caller: Caller) -> Context:
    return {}


async def done(rt: Any, caller: Caller, context: Context, answers: Answers) -> Said:
    return Said("好")


FLOW = Flow(
    name="活动",
    version="1",
    ttl=timedelta(days=1),
    load=load,
    steps=(
        Step("say", lambda c, a: Ask("做了什么？"), lambda i, c, a: [i.text]),
        Step("topic", lambda c, a: Ask("主题？"), None, lambda c, a: "topic" not in a),
        Step("confirm", lambda c, a: Ask(str(a["say"]), (*CONFIRMATION, Choice("topic", "改主题")))),
    ),
    done=done,
    gather=Gather(add, keep),
)
PHOTO, OTHER = (Incoming(media=Media("image", name)) for name in ("p1", "p2"))
WORDS = Incoming("学习党章")


def after(*messages: Incoming) -> Session:
    session = begin(FLOW, {}, "i1").session
    assert session is not None
    for message in messages:
        turn = advance(FLOW, session, message)
        assert turn.outcome is Outcome.ASK
        assert turn.session is not None
        session = turn.session
    return session


@pytest.mark.parametrize("order", list(permutations((PHOTO, OTHER, WORDS))))
def test_whatever_the_order_nothing_is_lost(order: tuple[Incoming, ...]) -> None:
    session = after(*order)
    assert session.at == "confirm"
    assert sorted(session.answers["say"]) == ["p1", "p2", "学习党章"]


def test_the_turn_says_that_a_message_was_gathered_so_that_it_is_kept() -> None:
    turn = advance(FLOW, after(WORDS), PHOTO)
    assert turn.gathered
    assert not advance(FLOW, after(WORDS), Incoming("确认")).gathered


def test_a_photo_at_another_question_leaves_it_standing() -> None:
    session = replace(after(WORDS), at="topic")
    turn = advance(FLOW, session, PHOTO)
    assert turn.session is not None
    assert (turn.session.at, turn.session.answers["say"]) == ("topic", ["学习党章", "p1"])


def test_what_was_sent_before_the_question_was_seen_is_gathered_but_never_chooses() -> None:
    session = replace(after(WORDS), asked_at=100, since=5)
    early = Incoming("张三请假", sent_at=90, behind=3)
    turn = advance(FLOW, session, early)
    assert turn.session is not None
    assert turn.session.answers["say"] == ["学习党章", "张三请假"]
    assert advance(FLOW, session, Incoming("确认", sent_at=90, behind=3)).outcome is Outcome.ASK


def test_words_that_lead_elsewhere_and_words_while_paused_are_not_gathered() -> None:
    session = after(WORDS)
    assert advance(FLOW, session, Incoming("投票", known=True)).outcome is Outcome.INTERRUPTED
    paused = advance(FLOW, replace(session, paused=True), Incoming("随便说说"))
    assert paused.session is not None
    assert paused.session.answers["say"] == ["学习党章"]


def test_a_photo_while_paused_is_gathered() -> None:
    turn = advance(FLOW, replace(after(WORDS), paused=True), PHOTO)
    assert turn.session is not None
    assert (turn.session.answers["say"], turn.session.paused) == (["学习党章", "p1"], False)


def test_what_the_flow_does_not_take_is_said_and_changes_nothing() -> None:
    session = after(WORDS)
    turn = advance(FLOW, session, Incoming(media=Media("location"), known=True))
    assert turn.session is not None
    assert turn.text.startswith("只收照片。")
    assert turn.session.answers == session.answers
