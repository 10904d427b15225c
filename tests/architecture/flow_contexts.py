"""What the `load` of each flow of the chat may have found: what the walk through all flows begins with."""

from collections.abc import Mapping
from typing import Any

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
    "year": "2022",
    "past": False,
}
LAST_YEAR = {"cycle": 2, "year": "2021", "past": True}
DUTIES = [
    DUTY,
    DUTY | LAST_YEAR | {"label": "2021年度 · 讲党课（0/1）"},
    DUTY | LAST_YEAR | {"duty": "sieve", "about": "each_branch", "label": "2021年度 · 过筛子（0/3）"},
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
    "missing": "还没有写：来源",
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
            "records": [
                {"id": i, "version": 1, "name": f"记录{i}", "text": "主题", "accepted": n > 1} for i in range(n)
            ],
        }
        for n in (1, 2)
    ],
    "照片说明": [{"person": 1, "question": 1, "text": "请问是什么情况？", "photo": n < 1, "more": n} for n in (0, 1)],
    "整改措施": [PLANNING],
    "履职": [
        {
            **{"actor": "1001", "today": "2022-01-18", "tasks": DUTIES, "offered": len(DUTIES)},
            "branches": {"1": [[7, "第一党支部"]], "2": [[7, "第一党支部"]]},
        }
    ],
    "约谈登记": [{"actor": "1001", "id": 1, "text": "约谈：第一党支部", "today": "2022-01-18", "opened": "2022-01-10"}],
    "整改进展": [CHECKING],
    "整改核实": [CHECKING, CHECKING | {"is_waiting": False}],
    "新增整改": [{"actor": "1001", "places": PLACES[:n]} for n in (1, 3)],
    "绑定": [{"scene": True, "at_once": False}, {"scene": False, "at_once": True}],
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
