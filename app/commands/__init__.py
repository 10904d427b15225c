"""`COMMANDS`: what `zhiping` can do with a database, in the order in which its help lists it. A module a noun."""

from app.commands.alternatives import WHAT_IF
from app.commands.assignments import ASSIGNMENT_COMMANDS
from app.commands.burdens import BURDEN_COMMANDS
from app.commands.complaints import COMPLAINT_COMMANDS, COMPLAINTS
from app.commands.cycles import CYCLE_COMMANDS
from app.commands.duties import DUTY_COMMANDS
from app.commands.evaluations import EVALUATION_COMMANDS
from app.commands.filings import FILING_COMMANDS
from app.commands.follow_ups import FOLLOW_UP_COMMANDS
from app.commands.meetings import MEETING_COMMANDS
from app.commands.menu import MENU_COMMANDS
from app.commands.notices import NOTICE_COMMANDS
from app.commands.public_notices import OBJECTION_COMMANDS, PUBLIC_NOTICE_COMMANDS
from app.commands.ratings import RATING_COMMANDS
from app.commands.records import RECORD_COMMANDS
from app.commands.rectifications import RECTIFICATION_COMMANDS
from app.commands.roster import ROSTER_COMMANDS
from app.commands.runs import EXPLAIN, RUN_COMMANDS
from app.commands.sheets import SHEET_COMMANDS
from app.commands.stages import STAGE_COMMANDS
from app.commands.tables import Group, Line

COMMANDS: tuple[Group | Line, ...] = (
    Group("roster", "组织和人员名册", ROSTER_COMMANDS),
    COMPLAINTS,
    Group("complaint", "投诉建议的答复", COMPLAINT_COMMANDS),
    Group("meeting", "述职评议会", MEETING_COMMANDS),
    Group("cycle", "考核周期：名册快照、设置、录入、认定", (*CYCLE_COMMANDS, *STAGE_COMMANDS)),
    Group("evaluation", "民主测评：会议之外，各支部几天内投票", EVALUATION_COMMANDS),
    Group("record", "支部的记录：主题党日、三会一课、组织生活等", RECORD_COMMANDS),
    Group("assign", "分派：谁给谁打分，指定或抽取", ASSIGNMENT_COMMANDS),
    Group("rating", "自评和打分：进度、对照、导出", RATING_COMMANDS),
    Group("run", "计算、对比、试算、公布", (*RUN_COMMANDS, WHAT_IF)),
    Group("filing", "材料：述职报告、综合评价意见、督查记录、总结等", FILING_COMMANDS),
    Group("public-notice", "公示：结果和文本", PUBLIC_NOTICE_COMMANDS),
    Group("objection", "对公示的异议", OBJECTION_COMMANDS),
    Group("rectification", "整改清单和台账", RECTIFICATION_COMMANDS),
    Group("follow-up", "约谈等结果运用，称号，评先评优资格", FOLLOW_UP_COMMANDS),
    Group("duty", "全年履职", DUTY_COMMANDS),
    Group("sheets", "官方表格：导出、空表、导回", SHEET_COMMANDS),
    Group("notice", "通知和提醒", NOTICE_COMMANDS),
    Group("burden", "系统给人添了多少事", BURDEN_COMMANDS),
    EXPLAIN,
    Group("menu", "公众号菜单", MENU_COMMANDS),
)
