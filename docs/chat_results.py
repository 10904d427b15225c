"""What is done in the chat manual about results: exempted, claimed, published, put on notice, objected to, answered."""

import re

from docs.transcripts import Transcript
from models.cycles import Cycle
from services.cycles.cycles import create_cycle
from services.cycles.inputs import InputRow
from services.public_notices.public_notices import open_result_notice
from services.ratings.entries import enter_inputs
from services.runs.publications import publish_run
from services.runs.runs import compute_run

_OFFICE = "9001"
_CYCLE = """
title: 2020年度评星定级
scheme: star-rating
year: "2020"
organisation: "0102"
subjects: {branch: [党支部], member: [正式党员]}
settings: {notice_days: "5"}
"""
_TITLE = "2020年度评星定级"


async def tell_results(talk: Transcript, office: str, leader: str, member: str, applicant: str) -> None:
    """From 免评 to the answer to an objection; `office`: who holds the post 组织部. All are bound."""
    cycle = (await create_cycle(_CYCLE.encode(), now=talk.now, actor="command")).cycle
    await _exempt(talk, office, applicant)
    await _claim(talk, office, leader)
    await _publish(talk, cycle)
    await _announce(talk, office, member, cycle)


async def _exempt(talk: Transcript, office: str, applicant: str) -> None:
    talk.title(
        "免评",
        "因特殊原因申请不列入本次考核：本人为自己，支部委员会为支部；由组织部门的另一位同志批准，批准前照常考核。",
    )
    await talk.say(applicant, "免评", f"我本人（{_TITLE}）", "脱产学习，全年不在支部", "确认", "免评", "取消")
    await talk.say(office, "审批免评", "批准", "情况属实", "确认")
    await talk.say(applicant, "任务")


async def _claim(talk: Transcript, office: str, leader: str) -> None:
    talk.title(
        "申报和认定",
        "加分、降档、一票否决情形由支部、考核组或组织部门申报，由另一位有权的同志回复 认定 来决定；认定之前不计入。",
    )
    await talk.say(office, "申报", _TITLE, "第一党支部", "1", "2020-06-30", "见党委通报〔2020〕8号", "确认", "认定")
    await talk.say(leader, "认定", "不予认定", "通报说的是另一个支部", "确认")


async def _publish(talk: Transcript, cycle: Cycle) -> None:
    scores = {"democratic": "88", "team": "91", "superior": "90"}
    rows = [InputRow("0102", f"scores.{name}", value) for name, value in scores.items()]
    await cycle.fetch_related("subjects")
    for one in (one for one in cycle.subjects if one.person_id is not None and one.exempt is None):
        rows += [InputRow(one.key, f"scores.{name}", "85") for name in ("democratic", "committee")]
    await enter_inputs(cycle.id, rows, actor=_OFFICE, now=talk.now)
    run = await compute_run(cycle.id, now=talk.now, actor="command")
    await publish_run(run.id, now=talk.now, actor=_OFFICE, accept_open=True)
    await open_result_notice(run.id, now=talk.now, actor=_OFFICE)


async def _announce(talk: Transcript, office: str, member: str, cycle: Cycle) -> None:
    talk.title(
        "公示",
        "公布结果后用 `zhiping public-notice open` 公示，天数按考核文件，文件没有写的由党组织定；"
        "网页谁都能打开，上面只有名称、档次和称号。",
    )
    await talk.say(member, "公示")
    talk.title("结果", "公布以后，本人看自己的，支部书记还看支部的，领导和组织部门看全部；网页可以打印成一页。")
    await talk.say(member, f"结果{cycle.id}")
    talk.title("异议", "公示期内实名提出，有编号，必有答复。还有异议没有答复，公示就不能结束。")
    await talk.say(member, "异议", "我的民主测评得分和唱票时的不一样，请核对", "确认", "异议")
    await talk.say(office, "答复异议", "维持", "已与原始票核对，计分无误", "确认")
    await talk.say(member, "异议", "提异议", "取消")


async def answer_complaint(talk: Transcript, office: str) -> None:
    """答复投诉, and looking the answer up by the number."""
    talk.title(
        "投诉建议的答复",
        "实名的，答复会通知本人；匿名的，凭提交时的整个编号查看，用哪个微信都行。每个微信号每天最多提 5 条。",
    )
    shown = await talk.quietly("过路人", "投诉建议", "礼堂的空调太吵。", "确认")
    number = re.findall(r"[0-9]{8}-[0-9]+-[0-9]{8}", shown)[0]
    await talk.say("过路人", f"投诉 {number}")
    await talk.say(office, "答复投诉", f"{number.rpartition('-')[0]} 匿名", "已联系后勤维修。", "确认")
    await talk.say("过路人", f"投诉 {number}")
