"""What is done in the chat manual's section on ratings: 自评 line by line, 打分 with the self-rating beside it."""

from docs.transcripts import Transcript
from models.people import SECRETARY, Person, Post
from services.cycles.cycles import create_cycle
from services.ratings.assignments import Task, assign

_FILE = """
title: {year}年达标考评
scheme: meet-standard
year: "{year}"
organisation: "0001"
subjects: {{branch: [党支部]}}
"""


async def rate(talk: Transcript, secretary: str, rater: str) -> None:
    """A secretary rates the branch, somebody assigned rates it after. Both are bound already."""
    made = await create_cycle(_FILE.format(year=talk.now.year).encode(), now=talk.now, actor="command")
    talk.title(
        "自评",
        "一项一项来，也可以一次写几项；跳过、回头、停几天再来都行，填过的都留着。问题和成绩一样要写。提交后要改，回复 重开自评，写明理由。",
    )
    await talk.say(secretary, "自评", "1", "5 5 4 5", "4 台账不全", "第 20 项")
    await talk.quietly(secretary, "5", " ".join(["5"] * 14))
    await talk.say(secretary, "全年按计划开展了组织生活", "党员轮流讲党课", "无", "书记讲党课偏少")
    await talk.say(secretary, "以上都没有", "确认", "重开自评")
    await talk.say(secretary, "第 4 项看错了，台账有缺页", "确认")
    post = await Post.get(title=SECRETARY, person__name=secretary).select_related("organisation")
    task = Task("full_review", post.organisation.code, (await Person.get(name=rater)).staff_no)
    await assign(made.cycle.id, [task], now=talk.now, actor="command")
    talk.title(
        "打分",
        "由方案规定的职务打分；一轮有了分派，就由分派到的人打。自评、说明、佐证和别的轮次的分数都摆在旁边。",
        "只打一个分数的项，可以一次写几个人：「张三 90 李四 85」。",
    )
    await talk.say(rater, "打分", "1", post.organisation.name, "全面考评", "5 5 3 5", "总览")
    await talk.say(rater, "取消")
