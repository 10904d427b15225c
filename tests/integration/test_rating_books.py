"""The ratings as a workbook: every figure of every sheet, and the papers that nobody writes a second time."""

import io
from datetime import UTC, datetime

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from models.claims import Claim
from services.ratings.rating_books import export_ratings
from services.reminders.agenda import list_agenda
from services.runtime import Runtime
from tests.integration import cycles, rated
from tests.integration.cycles import DEPUTY, MEMBER, SECRETARY, TEAM
from tests.integration.rated import phone_of, rate, review_lines, say_all, self_lines
from tests.integration.world import people_by_number

NOVEMBER = datetime(2020, 11, 10, 1, 0, tzinfo=UTC)
ASPECTS = ("信念坚定", "师德清廉", "爱岗敬业", "学习争先", "遵纪守法")


def rows(book: bytes, title: str) -> list[list[object]]:
    sheet = openpyxl.load_workbook(io.BytesIO(book))[title]
    assert isinstance(sheet, Worksheet)
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]


@pytest.mark.fact("S0-39d")
async def test_the_rounds_stand_beside_each_other_with_their_differences(rt: Runtime) -> None:
    cycle = await rated.make_cycle()
    await rate(cycle, "0101", "self", self_lines(["5"] * 20), SECRETARY)
    await rate(cycle, "0101", "full_review", review_lines(["4.5"] * 19 + ["2"]), TEAM)
    book = await export_ratings(cycle.id)
    found = rows(book, "党总支、党支部各轮对照")
    assert len(found) == 20
    assert found[0] == ["branch:0101", "第一党支部", "共性指标 1", 5, 4.5, None, None, -0.5, None, None]
    assert found[19][3:8] == [5, 2, None, None, -3]
    assert rows(book, "自查自评总结") == [["第一党支部", "测一零零一", "全年工作有序", "党员带头", "学习不够深"]]
    assert len(rows(book, "评分")) == 20 + 3 + 7 + 20


@pytest.mark.fact("S2-13", "S2-14", "S2-36", "S2-37", "S2-38")
async def test_members_rate_themselves_and_the_registers_fill_themselves(rt: Runtime) -> None:
    cycle = await cycles.make_cycle()
    number = (await people_by_number())[MEMBER]
    (due,) = [one for one in await list_agenda(NOVEMBER, [number]) if one.word == "自评"]
    assert (str(due.from_day), str(due.by)) == ("2020-11-01", "2020-11-30")
    member = await phone_of(rt, MEMBER, now=NOVEMBER)
    asked = await member.say("自评")
    assert "自查自报 第 1/5 项" in asked
    assert "信念坚定" in asked
    for aspect in ASPECTS:
        assert "还有什么问题和不足" in await member.say(f"{aspect}做得不错")
        assert "不能空着" in await member.say("没有")
        shown = await member.say(f"问题：{aspect}方面学得少")
    assert "对照以下 3 条" in shown
    shown = await say_all(member, "1", "2020年3月5日受到党内警告，处置期一年")
    assert "违法违纪" in shown
    assert "已提交" in await member.say("确认")
    claim = await Claim.get()
    assert (claim.rule, claim.state, claim.claimed_by) == ("S2-28.4", "claimed", MEMBER)
    team = await phone_of(rt, TEAM, now=NOVEMBER)
    assert "第一党支部（还没有自评，" in await team.say("打分")
    secretary = await phone_of(rt, SECRETARY, now=NOVEMBER)
    assert "有 2 份自评要做" in await secretary.say("自评")
    asked = await secretary.say("2020年度评星定级：第一党支部")
    assert "党的组织全覆盖" in asked
    told = [f"成绩：第 {n} 方面都做了 问题：第 {n} 方面记录少" for n in range(1, 9)]
    assert "还有什么问题和不足" in await secretary.say("先写了成绩")
    assert "第 2/8 项" in await secretary.say(told[0])
    assert "还没填完。请点要填的一项，或回复「第 2 项」" in await say_all(secretary, "总览", "好")
    assert "第 3/8 项" in await secretary.say("3"), "in the overview a bare number names a line"
    await secretary.say("总览")
    assert "第 3/8 项" in await say_all(secretary, "第 2 项", "第 2 方面都做了", "问题：第 2 方面记录少")
    await say_all(secretary, *told[2:], "都没有")
    assert "已提交" in await secretary.say("确认")
    await team.say("取消")
    assert "第一党支部（已打" in await team.say("打分")
    book = await export_ratings(cycle.id)
    branch = rows(book, "党支部评星定级情况登记表")
    assert len(branch) == 8
    for n in (1, 2):
        assert branch[n - 1][3:] == [f"第 {n} 方面都做了", f"第 {n} 方面记录少"]
    assert branch[0][:3] == ["branch:0101", "第一党支部", "党的组织全覆盖"]
    assert [row[2] for row in rows(book, "党员星级评定情况登记表")] == list(ASPECTS)
    summary = {row[1]: row[4] for row in rows(book, "党员星级评定情况汇总表")}
    assert str(summary[MEMBER]).startswith("已交 2020年11月10日")
    assert summary[DEPUTY] == "未交"
    assert str(summary["1009"]).startswith("不列入：")


async def test_committee_members_score_several_members_in_one_message(rt: Runtime) -> None:
    cycle = await cycles.make_cycle()
    phone = await phone_of(rt, SECRETARY, now=NOVEMBER)
    await phone.say("打分")
    names = {"1002": "测一零零二", "1003": "测一零零三"}
    assert "名单里没有" in await phone.say(f"{names['1002']} 90 王五 80")
    shown = await phone.say(f"{names['1002']} 90，{names['1003']}：85.5分")
    assert "支委会评价得分，共 2 个" in shown
    assert f"{names['1003']} 85.5" in shown, "by name; the staff number only where two go by the same"
    assert "已记下：2 个分数" in await phone.say("确认")
    shown = await say_all(phone, "打分", f"{names['1002']} 91")
    assert "写明改动的理由" in shown
    assert "已记下" in await say_all(phone, "核对后更正", "确认")
    found = {row[1]: row[7] for row in rows(await export_ratings(cycle.id), "评分")}
    assert found == {"member:1002": 91, "member:1003": 85.5}
