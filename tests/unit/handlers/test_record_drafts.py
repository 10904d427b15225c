"""A draft stands in one reply, choices and all, whatever was said; what was said later counts more."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation import Incoming, Media, Session
from bot.replies import MAX_BYTES, render
from bot.turns import advance, begin
from config.record_kinds import record_kinds
from handlers.chat.record_drafts import draft_of
from handlers.chat.records import RECORD

NAMES = [{"id": n, "name": f"欧阳{n}号测试", "staff_no": str(1000 + n), "expected": True} for n in range(1, 61)]
BRANCH = {"id": 1, "name": "某某职业技术学院机电工程系学生第一党支部", "place": "活动室", "people": NAMES, "days": []}
CONTEXT: dict[str, Any] = {
    **{"actor": "1", "person": 1, "kind": "theme_day", "today": "2022-01-18", "branches": [BRANCH]},
    **{"muster": None, "loose": []},
}


def after(context: dict[str, Any], *messages: Incoming) -> tuple[Session, str]:
    turn = begin(RECORD, context, "12345678")
    for message in messages:
        assert turn.session is not None
        turn = advance(RECORD, turn.session, message)
    assert turn.session is not None
    return turn.session, render(turn.text, turn.options, turn.hints)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 60),
    st.integers(0, 300),
    st.integers(0, 900),
    st.sampled_from(["theme_day", "branch_life", "room_check", "group_meeting"]),
)
def test_a_draft_stands_in_one_reply(absent: int, topic: int, minutes: int, kind: str) -> None:
    said = "学" * (topic + 1) + "，在" + "某" * 30 + "，" + "、".join(one["name"] for one in NAMES[:absent]) + "请假。"
    messages = [Incoming(said[:1000], sent_at=1), Incoming("记" * (minutes + 1), sent_at=2)]
    messages += [Incoming(media=Media("image", f"m{n}")) for n in range(2)]
    session, shown = after(CONTEXT | {"kind": kind}, *messages)
    assert session.at == "confirm"
    assert len(shown.encode()) <= MAX_BYTES


def test_a_draft_with_doubts_stands_in_one_reply() -> None:
    session, shown = after(
        CONTEXT, Incoming(f"明天学习党章，实到40人，{'学' * 900}"), Incoming(media=Media("image", "m"))
    )
    assert (session.at, len(draft_of(session.context, session.answers).doubts)) == ("confirm", 2)
    assert len(shown.encode()) <= MAX_BYTES


def test_later_words_count_more_and_add_to_the_minutes() -> None:
    session, _ = after(
        CONTEXT,
        Incoming("昨天在会议室学习党章", sent_at=1642467600),
        Incoming("前天在广场，大家发了言", sent_at=1642467600),
    )
    draft = draft_of(session.context, session.answers)
    assert (draft.held_on.isoformat(), draft.place, draft.topic) == ("2022-01-16", "广场", "学习党章")
    assert "大家发了言" in draft.minutes


def test_today_is_the_day_on_which_it_was_said() -> None:
    session, _ = after(CONTEXT, Incoming("今天学习党章", sent_at=1642294800))  # 2022-01-16 09:00 in China
    assert draft_of(session.context, session.answers).held_on.isoformat() == "2022-01-16"


def test_every_kind_can_be_said_in_one_sentence() -> None:
    for kind in record_kinds().values():
        options = kind.options.words[0] if kind.options else ""
        session, _ = after(CONTEXT | {"kind": kind.key}, Incoming(f"今天和{NAMES[0]['name']}谈{options}"))
        assert session.at == "confirm", kind.key


def test_a_code_that_was_scanned_says_who_is_missing_until_somebody_does() -> None:
    muster = {"id": 1, "arrived": [one["id"] for one in NAMES[:58]], "branch": 1}
    session, _ = after(CONTEXT | {"muster": muster}, Incoming("学习党章"))
    assert draft_of(session.context, session.answers).absent == {59: "未扫码", 60: "未扫码"}
    session, _ = after(CONTEXT | {"muster": muster}, Incoming(f"学习党章，{NAMES[5]['name']}请假"))
    assert draft_of(session.context, session.answers).absent == {6: "请假"}


def test_a_nod_or_a_digit_is_no_part_of_the_minutes() -> None:
    for said in ("好的", "1", "谢谢。"):
        session, shown = after(CONTEXT, Incoming("学习党章"), Incoming(said))
        assert (session.at, draft_of(session.context, session.answers).minutes) == ("confirm", "")
        assert "没有这个选项" in shown
