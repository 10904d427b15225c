"""What is done in the chat manual's sections on records: 主题党日 in two answers, other kinds, 点名, review and return."""

import io
import re

import openpyxl

from docs.transcripts import Transcript
from services.people.roster import import_roster

_BRANCH = "0103"
_MEMBERS = ("雨水清", "惊蛰雷", "春分平", "谷雨生")


async def record(talk: Transcript, secretary: str, other: str, reviewer: str) -> None:
    """A secretary's records, what the reviewer says to one, what else can be recorded, and the `other` secretary's haste. All are bound."""
    await import_roster(_roster(secretary), now=talk.now, actor="docs")
    talk.title(
        "主题党日",
        "支部的书记、副书记、委员来记。一句话、语音、照片都行，顺序随意；没说的按常理：今天、老地方、都到了。全部给您看过再 确认。",
        "照片可附可不附，从不要位置；晚到的照片 15 分钟内发来，会自动归到刚才那条。",
    )
    absent = _MEMBERS[0]
    await talk.say(secretary, "主题党日")
    await talk.speak(secretary, f"昨天在红色教育基地重温入党誓词，{absent}请假")
    await talk.show(secretary)
    done = await talk.say(secretary, "改地点", "烈士陵园", "确认")
    await talk.show(secretary, "late photo")
    number = re.findall(r"编号 (\d+)", done)[0]
    talk.title("审核记录", "组织部门、考核组、上级党组织看支部的记录，收下，或写明理由退回。谈话提醒不在其中。")
    await talk.say(reviewer, "审核记录", "退回", "请补上参加的环节")
    await talk.say(secretary, f"改记录{number}", "宣誓后参观了纪念馆", "确认")
    await talk.say(reviewer, "审核记录", "收下")
    talk.title("收下以后发现有误", "支部不能再改，请审核的同志按编号退回。")
    await talk.say(reviewer, f"审核记录{number}", "取消")
    talk.title("三会一课、组织生活和别的记录", "回复种类的名字，或回复 记录 来选。说过的不再问。")
    await talk.say(secretary, "记录")
    await talk.say(secretary, "场所检查", "缺宣传栏，其他都有", "确认")
    await talk.say(secretary, "谈话提醒", f"和{absent}谈了按时参加活动", "遵纪守法", "确认")
    talk.title("点名", "不想数人头，就让到的人扫一下码。不扫也行：记录时说谁没来，其余都算到了。")
    await talk.say(secretary, "点名")
    talk.title(
        "照片说明",
        "照片和别处的很像、不是当天拍的，或一天里补记了好几次，先请记录的同志说明一句；这只是核对，审核的同志之后才看到。",
    )
    for day in ("11月8日", "11月15日", "12月6日", "12月13日"):
        await talk.quietly(other, "主题党日", f"{day}学习党章", "确认")
    await talk.say(other, "任务", "照片说明", "年底才学会用手机记，活动都按时开了")


def _roster(secretary: str) -> bytes:
    """More people for the secretary's branch."""
    book = openpyxl.Workbook()
    orgs = book.active
    assert orgs is not None
    orgs.title = "组织"
    orgs.append(["组织编码", "组织名称", "上级编码", "组织类型"])
    orgs.append(["0001", "某学院党委", "", "党委"])
    orgs.append([_BRANCH, "机电党支部", "0001", "党支部"])
    people = book.create_sheet("人员")
    people.append(["工号", "姓名", "组织编码", "状态", "职务"])
    people.append(["4001", secretary, _BRANCH, "正式党员", "书记"])
    for number, name in enumerate(_MEMBERS, 4101):
        people.append([str(number), name, _BRANCH, "正式党员", ""])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
