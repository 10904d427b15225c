"""What is done in the chat manual about the calendar: 任务 with its days, 阶段, 分派, 交接, 进展."""

from docs.transcripts import Transcript
from models.cycles import Cycle
from services.reminders.planner import plan_all
from services.reminders.planning import Habits


async def tell_calendar(talk: Transcript, secretary: str, office: str) -> None:
    """What the office has to settle and close, and how far the year is. Both are bound."""
    cycle = await Cycle.get(scheme="report-review", year="2021")
    talk.title(
        "任务",
        "要办的事合在一处，最近到期的在前，点词就能办；每个工作日早上有事才推送一条，同一件事不再另外催。",
    )
    await talk.say(secretary, "任务")
    talk.title("阶段", "组织部门在这里给没有定时间的阶段定期限、改期限、办结；每次只动一个阶段，写明理由。")
    await talk.say(office, "阶段", cycle.title, "向上一级党组织报告", "改期限", "1月28日前", "工委来电通知", "确认")
    await talk.say(office, "阶段", cycle.title, "述职评议会", "办结", "确认")
    talk.title("分派", "互评、抽查由组织部门点名的人打分；还没有分派的，到时候会在 任务 里提醒。")
    await talk.say(office, "分派")
    talk.title(
        "交接",
        "书记换了人，只要把名册改好再导入一次：没有办完的事自己到接任的人手上。没有人接手的、写明由卸任的人负责的，组织部门在这里看到。",
    )
    await talk.say(office, "交接")
    talk.title(
        "进展", "每周一次、每个阶段以后一次发给领导和组织部门，随时也可以看：三句话，每句都有几分之几、谁来办、哪天前。"
    )
    await plan_all("morning", Habits(), talk.now)
    await talk.say(office, f"进展{cycle.id}", f"进展说明{cycle.id}")
