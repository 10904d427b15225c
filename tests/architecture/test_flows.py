"""Every flow of the chat can be begun by a word, walked to its end, left and asked for help at every question; every word is told."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.conversation import Again, Flow, Incoming, Media, Option, Outcome, Session, Turn, steps_of
from bot.messages import InMessage
from bot.routes import find_route
from bot.turns import advance, begin, go_back_to
from bot.words import BACK, CANCEL, CONFIRM, CONTINUE, HELP, global_word
from handlers.chat import FLOWS, ROUTES
from handlers.chat.menu import menu

ALL = {flow.name: flow for flow in (*FLOWS, *(route.to for route in ROUTES if isinstance(route.to, Flow)))}

# What each flow's `load` may have found. A new flow needs an entry here.
VOTING = {
    "realm": "r",
    "title": "述职评议会",
    "person": 1,
    "class_no": 0,
    "public_key": "",
    "subjects": [{"name": name, "note": "支部，现场述职"} for name in ("甲", "乙")],
    "items": ["总体评价", "抓党建"],
    "options": ["好", "较好", "一般", "差", "弃权"],
    "small": False,
}
EVALUATING = {
    **{key: VOTING[key] for key in ("realm", "title", "person", "class_no", "public_key", "small")},
    "form": {
        "subjects": [
            {"name": name, "note": "", "id": name, "person": n} for n, name in enumerate(("甲", "乙", "丙", "丁"))
        ],
        "items": ["总体评价"],
        "options": [["优秀", "95"], ["称职", "85"], ["较差", "50"]],
        "abstain": False,
        "rules": [{"op": "at_most", "count": 1, "answers": {"options": ["优秀"]}}],
    },
    "own": 1,
    "until": "2022年1月20日 18:00",
}
SLOT = {
    "slot": "scores.team",
    "label": "考核组评价",
    "low": "0",
    "high": "100",
    "words": [],
    "current": "80",
    "round": "",
}
ENTERING = {
    "id": 1,
    "title": "2021年度",
    "missing": 1,
    "subjects": [
        {
            "id": 1,
            "mine": True,
            "lacks_self": True,
            "key": "branch:01",
            "name": "第一党支部",
            "slots": [SLOT, SLOT | {"slot": "scores.superior", "label": "上级党组织评价"}],
        },
        {
            "id": 2,
            "mine": False,
            "lacks_self": False,
            "key": "branch:02",
            "name": "第二党支部",
            "slots": [SLOT | {"low": "", "high": "", "words": ["优秀", "合格"], "current": None}],
        },
    ],
}
PLANNING = {
    "actor": "1001",
    "item": 1,
    "problem": "学习不够",
    "names": {"张三": "1001"},
    "default": "1001",
    "default_name": "张三",
    "support": True,
    "today": "2022-01-18",
}
CHECKING = {"actor": "1001", "item": 1, "text": "学习不够", "is_waiting": True}
DUTY = {
    "cycle": 1,
    "duty": "lecture",
    "organisation": 1,
    "person": 1,
    "areas": ["组织生活"],
    "grades": ["先进", "后进"],
    "about": None,
    "joining": False,
    "whats": ["讲党课"],
    "label": "讲党课（0/1）",
    "missing": True,
}
DUTIES = [
    DUTY,
    DUTY | {"duty": "contact_point", "about": "branch", "label": "联系点（0/1）"},
    DUTY | {"duty": "sieve", "about": "each_branch", "label": "过筛子（0/3）"},
    DUTY | {"duty": "joining_day", "joining": True, "whats": ["谈一次思想"], "label": "张三的入党日（7月1日）"},
]
PLACES = [{"id": n, "name": f"第{n}党支部", "code": f"010{n}", "own": n == 1} for n in range(1, 14)]
WRITING = {
    "actor": "1001",
    "filing": 1,
    "version": 3,
    "heading": "「2021年度」张三 述职报告",
    "parts": [
        {"name": "存在问题", "low": 1, "high": None, "choices": [], "role": "problem", "entries": ["深入不够"]},
        {"name": "来源", "low": 1, "high": 1, "choices": ["自己查摆", "上级点评"], "role": None, "entries": []},
        {"name": "问题整改", "low": 1, "high": 2, "choices": [], "role": "follow_up", "entries": []},
    ],
    "at": "0",
    "anew": False,
    "before": 2,
    "next": 1,
    "returned": "退回意见：写得太短",
    "promises": "【上年度整改承诺】\n1. 多听意见",
    "advice": ["四个防止：……。"],
    "remarks": ["成绩里没有一个数字？"],
    "missing": ["「来源」还缺 1 项"],
    "all": "",
    "material": "今年的记录：主题党日 8 次。",
    "to": "预审",
}
COMMENTING = {
    "person": 1,
    "meeting": 1,
    "title": "述职评议会",
    "reporters": [
        {"id": 1, "name": "张三", "mode": "现场", "problem": "谈心少", "direction": "多谈心"},
        {"id": 2, "name": "李四", "mode": "书面", "problem": "", "direction": ""},
    ],
    "at": 1,
    "left": 1,
}
PAPERS: list[dict[str, Any]] = [
    {
        "cycle": 1,
        "paper": "supervision",
        "label": "督查记录（2021年度）",
        "kind": "archive",
        "about": "subject",
        "subjects": {"secretary:4001": "张三"},
        "stages": {},
    },
    {
        "cycle": 1,
        "paper": "step_summary",
        "label": "步骤总结（2021年度）",
        "kind": "summary",
        "about": "stage",
        "subjects": {},
        "stages": {"self_check": "自查自评"},
    },
    {
        "cycle": 2,
        "paper": "member_register",
        "label": "登记表（2020年度）",
        "kind": "form",
        "about": "subject",
        "subjects": {},
        "stages": {},
    },
]
REVIEWING = {
    "actor": "9001",
    "filing": 1,
    "version": 3,
    "heading": "「2021年度」张三 述职报告",
    "state": "预审",
    "parts": [{"name": "成绩", "size": 100}, {"name": "存在问题", "size": 20}],
    "text": "",
    "ways": [
        {"to": "审阅", "label": "同意，转审阅", "is_return": False},
        {"to": "退回", "label": "退回修改", "is_return": True},
    ],
    "reasons": ["夸大其词", "查找问题不到位"],
    "points": ["亲力亲为抓党建", "下一步思路打算"],
    "notes": ["退回过：夸大其词"],
}
CASE = {"id": 1, "label": "第一党支部", "text": "第一党支部申请不列入考核。"}
DECIDING: list[dict[str, Any]] = [
    {"actor": "9001", "cases": [CASE], "count": 1},
    {"actor": "9001", "cases": [CASE, CASE | {"id": 2, "label": "张三"}], "count": 2},
]
APPLYING = [{"id": f"1 {key}", "label": name, "name": name} for key, name in (("branch:01", "甲"), ("member:1", "乙"))]
BONUS = {"kind": "bonus", "label": "加分", "rule": "", "is_period": False}
CLAIMING = {
    "id": 1,
    "title": "2021年度",
    "subjects": [{"key": "branch:01", "name": "第一党支部", "kind": "branch"}],
    "by_kind": {
        "branch": [
            BONUS,
            BONUS | {"kind": "downgrade", "label": "降档"},
            BONUS | {"kind": "veto", "label": "一票否决：受到处分", "rule": "S2-28.4", "is_period": True},
        ]
    },
}
SECOND = {"key": "branch:02", "name": "第二党支部", "kind": "branch"}
CLAIMING_OF_TWO = CLAIMING | {
    "id": 2,
    "subjects": [{"key": "branch:01", "name": "第一党支部", "kind": "branch"}, SECOND],
}
NOTICES = [{"id": str(n), "title": f"结果公示{n}", "last": "12-25"} for n in (1, 2)]
TO_A_SHEET = ENTERING | {
    "subjects": [
        ENTERING["subjects"][1]
        | {"slots": [SLOT | {"slot": "round.full_review", "label": "全面考评", "round": "full_review", "high": ""}]}
    ]
}
LINE = {
    "slot": "indicators.common.1",
    "label": "共性指标 1",
    "low": "0",
    "high": "2",
    "wants_problem": False,
    "is_problem": False,
    "beside": [],
}
WORDS = LINE | {"slot": "words.1", "label": "信念坚定", "low": None, "high": None, "wants_problem": True}
RATING = {
    "actor": "1001",
    "cycle": 1,
    "title": "2021年达标考评",
    "subject": "branch:01",
    "name": "第一党支部",
    "round": "full_review",
    "label": "全面考评",
    "total": "",
    "items": [LINE],
    "kept": {},
    "vetoes": [],
    "records": [],
    "own": {LINE["slot"]: "2"},
    "limit": "1",
    "standing": {LINE["slot"]: "2"},
    "has_reason": False,
    "is_handed_in": False,
}
SELF_RATING = RATING | {
    "round": "self",
    "items": [WORDS],
    "vetoes": [{"id": "S2-28.4", "title": "违法违纪"}],
    "records": [{"id": 3, "label": "主题党日"}],
    "own": {},
    "limit": None,
    "standing": {},
}
TOTALLED = SELF_RATING | {
    "items": [LINE, WORDS | {"wants_problem": False, "is_problem": True}],
    "total": "scores.self_check",
    "standing": {"scores.self_check": "99"},
}
SHEETS = [{"subject": str(n), "round": "self", "name": f"支部{n}", "rating": n} for n in (1, 2)]
ROSTER = [{"id": n, "name": name, "staff_no": str(n), "expected": True} for n, name in ((1, "张三"), (2, "李四"))]
RECORDING = {
    "actor": "1001",
    "person": 1,
    "kind": "theme_day",
    "today": "2022-01-18",
    "branches": [{"id": 1, "name": "第一党支部", "place": "活动室", "people": ROSTER, "days": [["2022-01-18", 3]]}],
    "muster": {"id": 1, "arrived": [1], "branch": 1},
    "loose": [],
}
BEFORE = {
    **{"held_on": "2022-01-11", "topic": "学习", "place": "活动室", "host": "", "procedure": "", "minutes": "两章"},
    **{"absent": {"2": "请假"}, "concerns": None, "checks": {}, "remark": "", "stage": ""},
}
TALKING = RECORDING | {
    "kind": "reminder_talk",
    "branches": [*RECORDING["branches"], RECORDING["branches"][0] | {"id": 2}],
}
KEEPING = {
    "actor": "9001",
    "today": "2021-11-01",
    "cycles": [
        {"id": n, "title": f"{n}年度", "stages": [{"key": "whole", "title": "全部工作", "due": "没有定时间"}]}
        for n in (2020, 2021)
    ],
}
CONTEXTS: Mapping[str, list[dict[str, Any]]] = {
    "阶段": [KEEPING, KEEPING | {"cycles": KEEPING["cycles"][:1]}],
    "记录": [
        RECORDING,
        TALKING,
        RECORDING | {"kind": "party_lecture", "before": BEFORE, "record": 3, "version": 1, "reason": "被退回：缺内容"},
    ],
    "审核记录": [
        {
            "actor": "9001",
            "count": n,
            "records": [{"id": i, "version": 1, "name": f"记录{i}", "text": "主题"} for i in range(n)],
        }
        for n in (1, 2)
    ],
    "照片说明": [{"person": 1, "question": 1, "text": "请问是什么情况？", "photo": n < 1, "more": n} for n in (0, 1)],
    "整改措施": [PLANNING],
    "履职": [{"actor": "1001", "today": "2022-01-18", "tasks": DUTIES, "branches": {"1": [[7, "第一党支部"]]}}],
    "约谈登记": [{"actor": "1001", "id": 1, "text": "约谈：第一党支部", "today": "2022-01-18"}],
    "整改进展": [CHECKING],
    "整改核实": [CHECKING, CHECKING | {"is_waiting": False}],
    "新增整改": [{"actor": "1001", "places": PLACES[:n]} for n in (1, 3)],
    "绑定": [{}],
    "投票": [VOTING, VOTING | {"small": True, "items": ["总体评价"], "subjects": VOTING["subjects"][:1]}],
    "民主测评": [EVALUATING, EVALUATING | {"own": None, "small": True, "until": ""}],
    "选择测评": [{"polls": [{"id": str(n), "title": f"测评{n}"} for n in (1, 2)]}],
    "主持操作": [{"act": "开始投票", "meeting": 1, "small": False, "question": "现在开始投票？"}],
    "换大屏地址": [{"meeting": 1, "title": "述职评议会"}],
    "打分": [
        {"actor": "1001", "cycles": [TO_A_SHEET]},
        {"actor": "1001", "cycles": [ENTERING]},
        {"actor": "1001", "cycles": [ENTERING, ENTERING | {"id": 2}]},
    ],
    "点评": [COMMENTING, COMMENTING | {"at": 2}],
    "材料": [WRITING | {"at": "parts"}, WRITING],
    "写新材料": [
        {"actor": "9001", "papers": PAPERS},
        {"actor": "9001", "papers": PAPERS[:1]},
    ],
    "审核": [
        REVIEWING,
        REVIEWING | {"text": "【成绩】\n好", "reasons": [], "points": []},
    ],
    "述职": [
        *(WRITING | {"at": at} for at in ("0", "1", "2", "parts", "hand_in")),
        WRITING | {"anew": True},
        WRITING | {"at": "parts", "missing": [], "parts": WRITING["parts"][:1]},
        WRITING | {"at": "all", "all": "全文"},
        WRITING | {"at": "material", "all": "11月5日 主题党日"},
        WRITING | {"parts": [WRITING["parts"][0] | {"role": "achievement"}]},
    ],
    "免评": [
        {"actor": "1001", "standing": [], "subjects": APPLYING[:1]},
        {"actor": "1001", "standing": ["「2021年度」丙：已申请"], "subjects": APPLYING},
    ],
    "审批免评": DECIDING,
    "认定": DECIDING,
    "答复异议": DECIDING,
    "答复投诉": [one | {"actor": "9002"} for one in DECIDING],
    "申报": [{"actor": "1001", "today": "2022-01-18", "cycles": [CLAIMING, CLAIMING_OF_TWO][:n]} for n in (1, 2)],
    "提异议": [{"person": 1, "name": "张三", "notices": NOTICES[:n]} for n in (1, 2)],
    "逐项打分": [RATING],
    "自评": [SELF_RATING, TOTALLED],
    "选择自评": [{"sheets": SHEETS}],
    "重开自评": [{"actor": "1001", "sheets": SHEETS}, {"actor": "1001", "sheets": SHEETS[:1]}],
    "投诉建议": [{"person": None, "name": ""}, {"person": 1, "name": "张三"}],
}
# Asked only where somebody wants to correct what is understood already.
CORRECTIONS = {"topic", "held_on", "place", "absent", "minutes", "checks", "photos"}
SAMPLES = {name: found for name, found in CONTEXTS.items() if name in ALL}
CASES = [
    pytest.param(ALL[name], context, id=f"{name}{n}")
    for name, found in SAMPLES.items()
    for n, context in enumerate(found)
]

# What people may send to a question that reads more than its choices.
SAYINGS = (
    Incoming("张三"),
    Incoming("ACDE-FGHJ"),
    Incoming("85"),
    Incoming("2022-01-18"),
    Incoming(media=Media("image", "m1", {"MediaId": "m1"})),
    Incoming(media=Media("voice", "m2", {"Recognition": "食堂的灯坏了"})),
)


def turns(flow: Flow, turn: Turn) -> Iterator[Turn]:
    """The turns that answers to this turn's question lead to."""
    session = turn.session
    assert session is not None
    for option in turn.options:
        yield advance(flow, session, Incoming(option.label, option.menu_id))
        yield advance(flow, session, Incoming(option.label))
        if option.number:
            yield advance(flow, session, Incoming(str(option.number)))
    for saying in SAYINGS if not turn.options or reads(flow, session) else ():
        yield advance(flow, session, saying)


def reads(flow: Flow, session: Session) -> bool:
    """Whether the present question takes more than its choices."""
    return any(step.key == session.at and step.read is not None for step in steps_of(flow, session.context))


def walk(flow: Flow, context: Mapping[str, Any]) -> list[Turn]:
    """Every turn that can be reached; questions with the same answers given count as one."""
    todo, seen, found = [begin(flow, context, "i1")], set[str](), list[Turn]()
    while todo:
        turn = todo.pop()
        found.append(turn)
        place = state(turn)
        if turn.outcome is Outcome.ASK and place not in seen:
            seen.add(place)
            todo += turns(flow, turn)
        todo += corrections(flow, turn)
    return found


def corrections(flow: Flow, turn: Turn) -> list[Turn]:
    """A confirmation that names a question leads back to it: `done` answers `Again`. One correction is followed, not all of them."""
    if turn.outcome is not Outcome.FINISH or turn.session is None:
        return []
    wanted = turn.answers.get(turn.session.at)
    keys = {step.key for step in steps_of(flow, turn.session.context)}
    if not isinstance(wanted, str) or wanted not in keys or CORRECTIONS & set(turn.answers):
        return []
    return [go_back_to(flow, turn.session, Again(wanted, ""))]


def state(turn: Turn) -> str:
    """Which question is asked, and which others have been answered, or passed over with an empty answer."""
    session = turn.session
    return f"{session.at} {sorted((key, bool(value)) for key, value in session.answers.items())}" if session else ""


def questions(flow: Flow, context: Mapping[str, Any]) -> dict[str, Turn]:
    """One turn for each state that asks."""
    return {state(turn): turn for turn in walk(flow, context) if turn.outcome is Outcome.ASK}


def session_of(turn: Turn) -> Session:
    assert turn.session is not None
    return turn.session


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
