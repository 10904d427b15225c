"""`WORDS`: what `zhiping` can do, in the order in which its help lists it. A module a noun, loaded when its word is said."""

from app.commands.tables import Word

WORDS: tuple[Word, ...] = (
    Word("demo", "启动演示：内置数据库、微信模拟器、示范组织、网页和后台", ("demo:DEMO",)),
    Word("serve", "网页进程", ("serve:SERVE",)),
    Word("work", "后台进程：定时、推送、取媒体", ("work:WORK",)),
    Word("migrate", "把数据库结构升级到最新", ("migrate:MIGRATE",)),
    Word("score", "按方案计算一份评分文件（JSON）；也可换设置或方案试算", ("scores:SCORE",)),
    Word("lint", "检查一份方案有哪些该先定下来的事", ("scores:LINT",)),
    Word("roster", "组织和人员名册", ("roster:ROSTER_COMMANDS",)),
    Word("complaints", "列出收到的投诉建议", ("complaints:COMPLAINTS",)),
    Word("complaint", "投诉建议的答复", ("complaints:COMPLAINT_COMMANDS",)),
    Word("meeting", "述职评议会", ("meetings:MEETING_COMMANDS",)),
    Word("cycle", "考核周期：名册快照、设置、录入、认定", ("cycles:CYCLE_COMMANDS", "stages:STAGE_COMMANDS")),
    Word("evaluation", "民主测评：会议之外，各支部几天内投票", ("evaluations:EVALUATION_COMMANDS",)),
    Word("record", "支部的记录：主题党日、三会一课、组织生活等", ("records:RECORD_COMMANDS",)),
    Word("assign", "分派：谁给谁打分，指定或抽取", ("assignments:ASSIGNMENT_COMMANDS",)),
    Word("rating", "自评和打分：进度、对照、导出", ("ratings:RATING_COMMANDS",)),
    Word("run", "计算、对比、试算、公布", ("runs:RUN_COMMANDS", "alternatives:WHAT_IF_COMMANDS")),
    Word("filing", "材料：述职报告、综合评价意见、督查记录、总结等", ("filings:FILING_COMMANDS",)),
    Word("public-notice", "公示：结果和文本", ("public_notices:PUBLIC_NOTICE_COMMANDS",)),
    Word("objection", "对公示的异议", ("public_notices:OBJECTION_COMMANDS",)),
    Word("rectification", "整改清单和台账", ("rectifications:RECTIFICATION_COMMANDS",)),
    Word("follow-up", "约谈等结果运用，称号，评先评优资格", ("follow_ups:FOLLOW_UP_COMMANDS",)),
    Word("duty", "全年履职", ("duties:DUTY_COMMANDS",)),
    Word("sheets", "官方表格：导出、空表、导回", ("sheets:SHEET_COMMANDS",)),
    Word("notice", "通知和提醒", ("notices:NOTICE_COMMANDS",)),
    Word("burden", "系统给人添了多少事", ("burdens:BURDEN_COMMANDS",)),
    Word("explain", "一次计算的每一步依据", ("runs:EXPLAIN",)),
    Word("menu", "公众号菜单", ("menu:MENU_COMMANDS",)),
)
