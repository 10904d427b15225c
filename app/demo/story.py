"""What happened in the demo organisation before its visitors came: activities, a report, what people wrote. Words only."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Activity:
    """A record: so many days ago, by the branch at this place in the demo's list; `absent`: how many of its members."""

    branch: int
    kind: str
    days_ago: int
    topic: str
    place: str
    absent: int = 0
    minutes: str = ""


ACTIVITIES = (
    Activity(0, "theme_day", 156, "重温入党誓词，参观市党史馆", "市党史馆", 2),
    Activity(0, "party_lecture", 128, "书记讲党课：把课堂当阵地", "党员活动室", 1),
    Activity(0, "theme_day", 94, "专业教师进社区修家电", "育才社区", 3),
    Activity(0, "general_meeting", 66, "讨论预备党员转正，表决通过", "党员活动室", 1),
    Activity(0, "theme_day", 35, "学习党章，交流本学期打算", "党员活动室", 2),
    Activity(
        0, "branch_life", 12, "查摆教学作风问题，开展批评和自我批评", "党员活动室", 1, "每人谈一个问题、一条打算。"
    ),
    Activity(1, "theme_day", 20, "帮新生认路、认人、认校史", "学生活动中心"),
    Activity(2, "theme_day", 9, "学习网络安全法，排查机房隐患", "信息楼机房", 1),
    Activity(3, "party_lecture", 6, "优秀学长讲入党经历", "第三教室", 2),
)
"""The last but one of the first branch is returned, its last one and those of the other branches wait for a reviewer."""
RETURNED, WAITING = 4, (5, 6, 7, 8)
RETURN_REASON = "请补上交流了哪些打算，一两句就行"

REPORT: Mapping[str, list[str]] = {
    "学习贯彻": ["支部全年集中学习 12 次，每次都联系专业教学谈体会，党员平均到会率 93%。"],
    "履行责任": ["我主持支委会 10 次，逐一和 21 名党员谈心，给学生党员讲党课 2 次。"],
    "组织建设质量": ["按期换届，发展党员 3 名、转正 2 名，组织生活都有记录、有照片、单独归档。"],
    "完成重大任务": ["实训楼搬迁中党员带头加班 6 天，设备一台没有损坏。"],
    "上年度问题整改": ["上年提出“党课形式单一”，今年请企业师傅进课堂 3 次，已销号。"],
    "存在问题": [
        "我抓学习有时重布置、轻检查，有 2 次学习没有当场点名。",
        "和青年教师谈心少，全年只谈了 4 人，没有及时发现一名教师的思想波动。",
    ],
    "整改承诺": ["明年一季度前和 9 名青年教师都谈一次；每次学习当天把记录交到支部。"],
    "下一步思路": ["把主题党日办到实训车间，让党员亮身份、带徒弟。"],
    "正面典型案例": ["张老师带队夺得省级技能赛一等奖，奖金捐给困难学生。"],
    "反面典型案例": ["一名党员两次无故缺席组织生活，支部提醒谈话后改正。"],
}
WORK, PROBLEM = "按计划做了，有记录、有照片可查。", "抓得还不够细，青年党员参加得少。"
REVIEW, LEARNED = "全年按计划开展组织生活，党员按时参加。", "把组织生活和师傅带徒弟放在一起办，来的人多。"
ITEM = "有的党员一学期没有在组织生活上发言"
MEASURE, SUPPORT = "每次组织生活指定两名党员先发言，支委会月底看一次", "党委组织部"
OWN_ITEM = "青年教师党员谈心谈话偏少"
OBJECTION = "我上半年在外挂职，支委会评价好像没有算挂职单位的意见，请核对。"
EXEMPTION = "全年在外地脱产学习，没有参加支部的组织生活。"
