"""What is done in the chat manual's sections on reports: 述职, 审核, 材料, an opinion on its way; and 点评."""

from docs.transcripts import Transcript
from models.organisations import Organisation
from models.people import Person, Post
from services.cycles.cycles import create_cycle

_TITLE = "2021年度述职评议"
_CYCLE = f"""
title: {_TITLE}
scheme: report-review
year: "2021"
organisation: "0001"
subjects: {{secretary: [党支部]}}
"""
_REST = (
    "主题党日 12 次，发展党员 1 名",
    "窗口办件 3 万件，无一投诉",
    "去年的 3 个问题都已改完",
    "党员教育形式单一，我本人到窗口听意见只有 2 次",
    "每季度到窗口听意见 1 次",
    "把党课讲到窗口",
    "代办员老周一年上门 40 次",
)


async def report(talk: Transcript, secretary: str, office: str, leader: str) -> None:
    """A report from the first sentence to 通过, with one return. All are bound."""
    await create_cycle(_CYCLE.encode(), now=talk.now, actor="command")
    chief, top = await Person.get(name=leader), await Organisation.get(code="0001")
    await Post.create(title="领导", person=chief, organisation=top)
    talk.title(
        "述职",
        "一部分一部分写，打字或发语音；写一部分存一部分，停几天回复 述职 接着写。去年的整改承诺、今年的记录都摆在旁边。",
    )
    await talk.say(secretary, "述职", "集中学习 12 次，人人写了心得", "目录", "2", "与 8 名支委逐一谈话，讲党课 2 次")
    await talk.quietly(secretary, *_REST)
    await talk.say(secretary, "一名党员迟到被投诉", "提交", "确认")
    talk.title(
        "审核",
        "组织部门预审，领导审阅。退回要用文件写的理由，再用一句话说明怎样改；撰写人从那一部分接着写，历次都留底。",
    )
    await talk.say(
        office, "审核", "1", "存在问题", "退回", "查找问题不到位", "存在问题", "请讲清自身的问题和原因", "确认"
    )
    await talk.say(secretary, "述职", "重写")
    await talk.quietly(secretary, "我本人深入窗口少，台账由一人包办，缺少分工", "提交", "确认")
    await talk.quietly(office, "审核", "1")
    talk.note("改好再交以后，组织部门同意，转给领导：")
    await talk.say(office, "审阅", "2", "确认")
    await talk.say(leader, "审核", "通过", "确认")


async def comment(talk: Transcript, host: str, leader: str) -> None:
    """A leader's comments on both reporters of the meeting. Both are bound."""
    talk.title(
        "点评",
        "会议文件里的领导逐一点评，每位说清突出问题和努力方向，一条消息就行，也可以分两次说。先点评、再测评；有一位没有点评，会议不能办结。",
    )
    await talk.say(host, "主持")
    await talk.say(
        leader, "点评", "问题：党员教育形式单一。方向：把党课讲到窗口", "确认", "谈心谈话太少", "每月谈心一次", "确认"
    )


async def opine(talk: Transcript, secretary: str, office: str) -> None:
    """材料, and an opinion's first step."""
    talk.title(
        "材料", "督查记录、自查记录、综合评价意见、摘要、登记表、总结等，谁该写谁能写。综合评价意见成绩和问题都要有。"
    )
    await talk.say(
        office, "材料", f"综合评价意见（{_TITLE}）", secretary, "抓党建有办法", "深入窗口不够", "提交", "确认"
    )
    await talk.say(office, "写新材料", "取消")
    talk.title("综合评价意见", "依次经过六步，一步也不能跳；到「向本人反馈」时本人收到全文和对年度考核的影响。")
    await talk.say(office, "审核", "1", "中心党组审议", "确认")
