"""What is done in the chat manual's section on 民主测评: a branch's cycle, its evaluation, and a ballot filled in one pass."""

from docs.transcripts import Transcript
from services.cycles.cycles import create_cycle
from services.evaluations.evaluation_imports import import_evaluations
from services.evaluations.evaluations import open_due
from services.runtime import Runtime

_CYCLE = """
title: 2021年度评星定级
scheme: star-rating
year: "2021"
organisation: "0001"
subjects: {branch: [党支部], member: [正式党员]}
"""
_FILE = """
cycle: {cycle}
component: democratic
title: 2021年度民主测评
about: members
organisations: ["0102"]
classes:
  党员: {{weight: "0.7", statuses: [正式党员]}}
  群众代表: {{weight: "0.3", voters: {{"0102": ["3001", "3002", "3003", "3004", "3005"]}}}}
opens_at: 2022-01-18T08:00:00+08:00
closes_at: 2022-01-21T18:00:00+08:00
form:
  items: [总体评价]
  options: {{优秀: "95", 称职: "85", 基本称职: "70", 不称职: "50"}}
  abstain: true
  rules: [{{op: at_most, count: 2, answers: {{options: [优秀]}}}}]
"""


async def evaluate(rt: Runtime, talk: Transcript, voter: str) -> None:
    """民主测评: the clock opens it, and a member fills the ballot over everybody else of the branch."""
    cycle = (await create_cycle(_CYCLE.encode(), now=talk.now, actor="command")).cycle
    await import_evaluations(_FILE.format(cycle=cycle.id).encode(), now=talk.now, actor="command")
    await open_due(rt, talk.now)
    talk.title(
        "民主测评",
        "会议之外，几天内投完，不用签到。一张票评完全部的人：可以一位一位点，也可以一次填几个，其余的一次填完；"
        "填写规则边填边提示，不合规则的填不进去。",
    )
    await talk.say(
        voter, "投票", "优秀", "2 3 优秀", "3 优秀 4 基本称职", "其余都“称职”", "1 称职", "5 优秀", "确认", "投票"
    )
