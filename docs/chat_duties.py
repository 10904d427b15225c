"""What is done in the chat manual about rectification, interviews and periodic duties."""

from datetime import timedelta

from docs.transcripts import Transcript
from models.follow_ups import FollowUp
from models.organisations import Organisation
from models.rectifications import RectificationItem
from services.cycles.cycles import create_cycle
from services.rectifications.follow_ups import open_follow_up
from services.rectifications.rectifications import Act

_OFFICE = "9001"
_CYCLE = """
title: 2022年度述职评议
scheme: report-review
year: "2022"
organisation: "0001"
subjects: {secretary: [党支部]}
"""


async def tell_duties(talk: Transcript, secretary: str, office: str) -> None:
    """From a problem to its close, an interview, a duty; `secretary`: of 机电党支部, `office`: holds the post 组织部. Both are bound."""
    await _rectify(talk, secretary, office)
    await _interview(talk, office)
    await _do_duty(talk, office)


async def _rectify(talk: Transcript, secretary: str, office: str) -> None:
    talk.title(
        "整改",
        "公布结果以后，限期整改的事项自动进入清单；支部自己查摆的、上级点评的，回复 新增整改 列入。一个支部一张清单，最近到期的在前。",
    )
    await talk.say(office, "新增整改", "机电党支部", "上级点评", "党课计划没有落实", "确认")
    item = await RectificationItem.filter(organisation__code="0103").order_by("-id").first()
    assert item is not None
    word = f"整改{item.id}"
    await talk.say(secretary, "整改", word, "补讲两次党课，以后每季度一次，3月底前", "确认")
    await talk.say(secretary, word, "第一次党课已经讲过，26 人参加")
    await talk.quietly(secretary, word)
    await talk.show(secretary)
    talk.note("改完以后报告完成，由另一个人核实：上级组织、考核组或组织部门；责任人和报告的人不能自己销号。")
    await talk.quietly(secretary, word)
    await talk.say(secretary, "已改完", "两次党课都已补上，有记录", "确认")
    await talk.say(office, "整改", word, "退回", "第二次缺签到", "确认")
    talk.note("责任人收到理由，补好再报；核实的人同意，就销号：")
    await talk.quietly(secretary, word, "已改完", "没有补充", "确认")
    await talk.quietly(office, word)
    await talk.say(office, "通过", "确认")


async def _interview(talk: Transcript, office: str) -> None:
    talk.title("约谈", "约谈、书记调整、取消称号、问责等，办完一项登记一项：哪天、结果怎样，一句话。")
    branch = await Organisation.get(code="0104")
    act = Act(_OFFICE, talk.now - timedelta(days=7), "docs-interview")
    await open_follow_up(act, kind="interview", organisation_id=branch.id, reason="整改进度慢")
    number = (await FollowUp.get(source_key=act.source_key)).id
    await talk.say(office, "约谈", f"约谈{number}", "1月17日已约谈，要求二月底前完成", "确认")


async def _do_duty(talk: Transcript, office: str) -> None:
    talk.title(
        "履职",
        "考核文件规定每年、每季、每月要做的事，用一句话报告；日期写在话里，不写就是当天。党课、入党日谈话等已经有记录的，自动算数，不用再报。",
    )
    await create_cycle(_CYCLE.encode(), now=talk.now, actor="command")
    await talk.say(office, "履职", "一年一循环 · 年初安排部署（0/1）", "昨天开会部署了全年工作", "确认")
