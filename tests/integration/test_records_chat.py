"""主题党日 by phone: one sentence, photos, 确认; repeats, parallel and late photos, corrections, kinds, review, secret talks."""

from datetime import timedelta

import asyncpg
import pytest

from models.people import Person
from models.records import Record
from services.filings.uploads import Target, keep_upload
from services.records.record_reviews import review_record
from services.records.records import list_records
from services.runtime import Runtime
from tests.integration.chatting import Phone
from tests.integration.cycles import DEPUTY, MEMBER, NOW, OFFICE, SECRETARY, SUPERIOR, TEAM, phone_of
from tests.integration.recorded import row_of
from tests.integration.world import name_of

TODAY = NOW.date()
ABSENT = name_of(MEMBER)


@pytest.mark.fact("S1-16")
async def test_one_sentence_and_a_confirmation_make_a_record(
    rt: Runtime, secretary: Phone, sql: asyncpg.Connection
) -> None:
    asked = await secretary.say("主题党日")
    assert "照片可附可不附" in asked
    shown = await secretary.say(f"昨天在党员活动室学习党章，{ABSENT}请假")
    for part in ("主题：学习党章", "2020年12月19日", "地点：党员活动室", f"应到 5，实到 4，缺席：{ABSENT}（请假）"):
        assert part in shown
    for check in ("主题不偏", "内容不虚", "程序不减", "单独归档"):
        assert f"✓{check}" in shown or f"{check}" in shown
    done = await secretary.say("确认")
    assert "已记下" in done
    row = await row_of(sql)
    assert (row["kind"], row["topic"], row["place"], row["expected"], row["present"]) == (
        *("theme_day", "学习党章", "党员活动室"),
        *(5, 4),
    )
    assert str(row["held_on"]) == "2020-12-19"
    absent = await sql.fetch(
        "SELECT p.name, a.word FROM attendances a JOIN people p ON p.id = a.person_id WHERE NOT a.is_present"
    )
    assert [tuple(one) for one in absent] == [(ABSENT, "请假")]


async def test_what_is_not_said_is_known(rt: Runtime, secretary: Phone, sql: asyncpg.Connection) -> None:
    await secretary.say("主题党日")
    shown = await secretary.say("学习党章")
    assert "（今天）" in shown
    assert "应到 5，实到 5，全到" in shown
    assert "地点：支部活动室" in shown
    await secretary.say("昨天在红色教育基地参观")
    await secretary.say("确认")
    secretary.now += timedelta(days=30)
    await secretary.say("主题党日")
    assert "地点：红色教育基地" in await secretary.say("学习条例")


async def test_a_place_that_nobody_said_is_marked_as_assumed(secretary: Phone) -> None:
    await secretary.say("主题党日")
    assert "地点：支部活动室（没说，按往常填的，可改）" in await secretary.say("学习党章")
    shown = await secretary.say("到烈士陵园祭扫")
    assert "地点：烈士陵园\n" in shown
    await secretary.say("改地点")
    assert "按往常" not in await secretary.say("会议室")


async def test_a_day_to_come_is_no_record_of_today(secretary: Phone, sql: asyncpg.Connection) -> None:
    await secretary.say("主题党日")
    assert "写的是明天；记录只能记已经开展的" in await secretary.say("明天学习党章")
    assert "还没有记下" in await secretary.say("确认")
    assert await sql.fetchval("SELECT count(*) FROM records") == 0
    await secretary.say("改日期")
    assert "写的是明天" not in await secretary.say("昨天")
    await secretary.say("确认")
    assert str((await row_of(sql))["held_on"]) == "2020-12-19"


async def test_a_number_that_was_said_is_never_recorded_as_another(secretary: Phone, sql: asyncpg.Connection) -> None:
    await secretary.say("主题党日")
    shown = await secretary.say("学习党章，实到4人")
    assert shown.startswith("请先看：您说实到 4 人，按名单是 5 人，")
    assert shown.rindex("改缺席名单") < shown.rindex("人数以名单为准") < shown.rindex("确认")
    assert "还没有记下" in await secretary.say("确认")
    assert await sql.fetchval("SELECT count(*) FROM records") == 0
    await secretary.say("改缺席名单")
    assert "请先看" not in await secretary.say(ABSENT)
    assert "已记下" in await secretary.say("确认")
    assert (await row_of(sql))["present"] == 4


async def test_the_list_counts_where_the_person_says_so(secretary: Phone, sql: asyncpg.Connection) -> None:
    await secretary.say("主题党日")
    await secretary.say("学习党章，实到4人")
    assert "已记下" in await secretary.say("人数以名单为准")
    assert (await row_of(sql))["present"] == 5


@pytest.mark.parametrize("nobody", ["无", "没有", "没有人", "都来了"])
async def test_that_nobody_was_missing_answers_who_was_not_found(secretary: Phone, nobody: str) -> None:
    await secretary.say("主题党日")
    assert "名册里没有找到「王小明」" in await secretary.say("学习党章，王小明请假")
    await secretary.say("改缺席名单")
    shown = await secretary.say(nobody)
    assert "全到" in shown
    assert "没有找到" not in shown


async def test_who_was_missing_may_be_said_after_the_list_was_corrected(
    secretary: Phone, sql: asyncpg.Connection
) -> None:
    for text in ("主题党日", "学习党章", "改缺席名单"):
        await secretary.say(text)
    assert f"{ABSENT}（出差）" in await secretary.say(f"{ABSENT}出差")
    shown = await secretary.say(f"{name_of('1002')}请假，大家发了言")
    assert f"{ABSENT}（出差）" in shown
    assert f"{name_of('1002')}（请假）" in shown
    assert "记录：大家发了言" in shown
    for words in ("其余都到了", "会上大家都参加了讨论"):
        assert f"{ABSENT}（出差）" in await secretary.say(words)
    asked = await secretary.say("王小明请假，会后参观")
    assert "名册里没有找到「王小明」。这一句还没有记下" in asked
    assert "会后参观" not in asked
    await secretary.say("确认")
    row = await row_of(sql)
    assert (row["present"], row["expected"]) == (3, 5)
    assert "全到" not in shown
    await secretary.say(f"改记录{row['id']}")
    await secretary.say("改缺席名单")
    await secretary.say(ABSENT)
    assert "全到" in await secretary.say("都来了")


async def test_that_all_came_is_understood_at_the_draft_too(secretary: Phone) -> None:
    await secretary.say("主题党日")
    await secretary.say("学习党章，王小明请假")
    shown = await secretary.say("都来了")
    assert "没有找到" not in shown
    assert "记录：" not in shown


async def test_what_is_said_later_stands_in_the_minutes_as_it_was_typed(
    secretary: Phone, sql: asyncpg.Connection
) -> None:
    await secretary.say("主题党日")
    await secretary.say("学习党章")
    await secretary.say("大家发了言，书记作了总结。")
    await secretary.say("确认")
    assert (await row_of(sql))["minutes"] == "大家发了言，书记作了总结。"


async def test_the_same_confirmation_again_keeps_one_record(
    rt: Runtime, secretary: Phone, sql: asyncpg.Connection
) -> None:
    await secretary.say("主题党日")
    await secretary.say("学习党章")
    done = await secretary.say("确认")
    assert await secretary.repeat() == done
    await rt.redis.flushall()
    await secretary.repeat()
    await secretary.say("确认")
    assert await sql.fetchval("SELECT count(*) FROM records") == 1
    assert await sql.fetchval("SELECT count(*) FROM record_steps") == 1


async def test_every_field_can_be_corrected(rt: Runtime, secretary: Phone, sql: asyncpg.Connection) -> None:
    await secretary.say("主题党日")
    await secretary.say("学习党章")
    await secretary.say("改主题")
    assert "主题：学习条例" in await secretary.say("学习条例")
    await secretary.say("改日期")
    assert "还没有到" in await secretary.say("2020-12-25")
    assert "2020年12月18日" in await secretary.say("12月18日")
    await secretary.say("改地点")
    assert "地点：会议室" in await secretary.say("会议室")
    await secretary.say("改缺席名单")
    assert "没有找到" in await secretary.say("王不在册请假")
    await secretary.show("m1")
    assert f"{ABSENT}（出差）" in await secretary.say(f"{ABSENT}出差")
    assert "照片：1 张" in await secretary.say("继续")
    await secretary.say("改缺席名单")
    assert "全到" in await secretary.say("都来了")
    await secretary.say("有没做到的")
    shown = await secretary.say("程序没有走完，时间不够")
    assert "✗程序不减" in shown
    assert "照片：1 张" in shown
    await secretary.say("去掉照片")
    assert "照片：没有" in await secretary.say("一张也不要")
    await secretary.say("确认")
    row = await row_of(sql)
    assert (row["topic"], row["place"], str(row["held_on"]), row["present"]) == (
        "学习条例",
        "会议室",
        "2020-12-18",
        5,
    )
    assert '"order":false' in row["answers"].replace(" ", "")


async def test_a_sentence_more_corrects_too(rt: Runtime, secretary: Phone) -> None:
    await secretary.say("主题党日")
    await secretary.say("学习党章")
    shown = await secretary.say(f"{ABSENT}请假，在会议室")
    assert f"{ABSENT}（请假）" in shown
    assert "地点：会议室" in shown
    assert "主题：学习党章" in shown


async def test_who_keeps_no_records_is_told_so(rt: Runtime, secretary: Phone) -> None:
    member = await phone_of(rt, MEMBER)
    assert "由党支部的书记、副书记、委员来记" in await member.say("主题党日")
    assert "绑定" in await Phone(rt, "o-x").say("主题党日")


@pytest.mark.fact("S1-12", "S1-15", "S1-17", "S1-11", "S1-10", "S2-08")
async def test_kinds_are_offered_and_ask_what_their_documents_ask(
    rt: Runtime, secretary: Phone, sql: asyncpg.Connection
) -> None:
    listed = await secretary.say("记录")
    for title in ("支部党员大会", "组织生活会", "民主生活会", "谈话提醒", "活动场所检查", "发展党员步骤"):
        assert title in listed
    # S1-12: members and activists are expected, training and reports of thoughts asked for.
    await secretary.say("组织生活会")
    shown = await secretary.say("学习《党章》")
    assert "对党员和入党积极分子进行了培训" in shown
    assert "党员汇报了思想工作" in shown
    await secretary.say("确认")
    # S1-15: criticism and self-criticism.
    await secretary.say("民主生活会")
    shown = await secretary.say("查摆问题")
    assert "✓开展了批评" in shown
    assert "✓开展了自我批评" in shown
    assert "应到 2" in shown
    await secretary.say("确认")
    # S1-17: five stages, strict procedure, no favours.
    await secretary.say("发展党员")
    asked = await secretary.say(f"讨论{ABSENT}")
    assert asked.count("bizmsgmenu") >= 5
    shown = await secretary.say("接收预备党员")
    assert "5 大阶段 25 步骤" in shown
    assert "没有“人情”党员、“带病”党员" in shown
    assert ABSENT in shown
    await secretary.say("确认")
    # S1-11: the three things of a joining day.
    await secretary.say("入党日")
    shown = await secretary.say(f"和{ABSENT}谈话")
    for todo in ("谈一次思想", "提一些要求", "重温一次入党誓词"):
        assert f"✓{todo}" in shown
    await secretary.say("确认")
    # S1-10 and S2-08: the room, item by item, what is missing named.
    await secretary.say("场所检查")
    shown = await secretary.say("缺宣传栏、党徽，其他都有")
    done, _, missing = shown.partition("没有做到或缺少：")
    for item in ("门牌", "党旗", "入党誓词", "党员权利和义务", "三会一课", "组织机构", "党章党规", "奖牌", "专人管理"):
        assert item in done
    for item in ("有场所", "有设施", "有标志", "有党旗", "有书报", "有制度"):
        assert f"✓六有：{item}" in done
    assert "✗宣传栏" in missing
    assert "✗上墙：党徽" in missing
    await secretary.say("确认")
    kinds = [row["kind"] for row in await sql.fetch("SELECT kind FROM records ORDER BY id")]
    assert kinds == ["branch_life", "democratic_life", "development_step", "joining_day", "room_check"]


@pytest.mark.fact("S1-14")
async def test_each_of_the_three_meetings_and_the_lecture_is_recorded_by_its_own_name(
    rt: Runtime, secretary: Phone, sql: asyncpg.Connection
) -> None:
    listed = await secretary.say("三会一课")
    for word, expected in (("支部党员大会", 5), ("支部委员会", 2), ("党小组会", 5), ("党课", 5)):
        assert word in listed
        assert f"记一次{word}" in await secretary.say(word)
        assert f"应到 {expected}" in await secretary.say(f"研究工作，{ABSENT}请假")
        assert f"已记下：{word}" in await secretary.say("确认")
    assert await sql.fetchval("SELECT count(DISTINCT kind) FROM records") == 4


@pytest.mark.fact("S1-13")
async def test_a_reminder_talk_is_seen_by_nobody_who_does_not_answer_for_it(
    rt: Runtime, secretary: Phone, sql: asyncpg.Connection
) -> None:
    deputy = await phone_of(rt, DEPUTY)
    await deputy.say("谈话提醒")
    asked = await deputy.say(f"和{ABSENT}谈了迟到的事")
    for area in ("遵纪守法", "廉洁自律", "生活作风"):
        assert area in asked
    shown = await deputy.say("遵纪守法")
    assert ABSENT in shown
    assert "只有您和支部负责人看得到" in await deputy.say("确认")
    number = (await row_of(sql))["id"]
    assert "没有编号为" in await (await phone_of(rt, OFFICE)).say(f"改记录{number}")
    assert "没有编号为" in await (await phone_of(rt, MEMBER)).say(f"改记录{number}")
    assert "修改：谈话提醒" in await secretary.say(f"改记录{number}")
    assert "没有等您审核的记录" in await (await phone_of(rt, TEAM)).say("审核记录")
    person = await Person.get(staff_no=SECRETARY)
    (line,) = await list_records(person.organisation_id, TODAY, TODAY)
    assert (line.title, line.topic, line.place, line.is_confidential) == ("谈话提醒", "", "", True)


async def test_a_returned_record_is_not_put_forward_as_it_was(
    rt: Runtime, secretary: Phone, sql: asyncpg.Connection
) -> None:
    for text in ("主题党日", "学习党章", "确认"):
        await secretary.say(text)
    record = await Record.get(id=(await row_of(sql))["id"])
    await review_record(record.id, 1, accept=False, reason="请附会议记录", actor=OFFICE, now=NOW)
    await secretary.say(f"改记录{record.id}")
    said = await secretary.say("确认")
    assert "还没有改动，没有重新交：退回时请您改的是「请附会议记录」。" in said
    assert said.count("请附会议记录") == 1
    for way in ("改主题", "改日期", "传文件", "取消"):
        assert f">{way}<" in said
    page = await secretary.tap("传文件")
    assert "/upload/" in page
    assert "还没有改动" in await say_all(secretary, f"改记录{record.id}", "确认")
    await secretary.say("取消")
    assert dict(await row_of(sql)) | {"state": "returned", "version": 1} == dict(await row_of(sql))
    person = record.kept_by_id
    assert person is not None
    target = Target("record", record.id, person, "主题党日")
    await keep_upload(rt, target, "记录.pdf", b"%PDF-1.4\n%%EOF", NOW + timedelta(minutes=1))
    assert "已记下" in await say_all(secretary, f"改记录{record.id}", "确认"), "what was asked for has come"
    acts = [row["act"] for row in await sql.fetch("SELECT act FROM record_steps ORDER BY id")]
    assert acts == ["kept", "returned", "changed"]


async def say_all(phone: Phone, *texts: str) -> str:
    return [await phone.say(text) for text in texts][-1]


async def test_a_reviewer_returns_and_the_branch_puts_it_right(
    rt: Runtime, secretary: Phone, sql: asyncpg.Connection
) -> None:
    await secretary.say("主题党日")
    await secretary.say("学习党章")
    await secretary.say("确认")
    number = (await row_of(sql))["id"]
    superior, other = await phone_of(rt, SUPERIOR), await phone_of(rt, OFFICE)
    looked = await superior.say("审核记录")
    assert "学习党章" in looked
    assert "在这里打不开" not in looked
    assert "学习党章" in await other.say("审核记录")
    await superior.say("退回")
    assert "会在微信里通知记录的同志。" in await superior.say("请补上学习的章节")
    assert "已经有人审过" in await other.say("收下")
    assert "被退回" in await secretary.say("任务")
    shown = await secretary.say(f"改记录{number}")
    assert "被退回：请补上学习的章节" in shown
    assert "主题：学习党章" in shown
    await secretary.show("m7")
    await secretary.say("学习了第一章和第三章")
    assert "已记下" in await secretary.say("确认")
    again = await superior.say("审核记录")
    assert "第一章" in again
    assert "照片 1 张" in again
    assert "照片在这里打不开，要看请组织部门导出：zhiping record export 记录.zip --org 0101" in again
    assert "上次退回：请补上学习的章节" in again, "whoever reviews it now need not be who returned it"
    assert "已收下" in await superior.say("收下")
    assert "被退回，请修改" not in await secretary.say("任务")
    assert "已经审过" in await secretary.say(f"改记录{number}")
    acts = [row["act"] for row in await sql.fetch("SELECT act FROM record_steps ORDER BY id")]
    assert acts == ["kept", "returned", "changed", "accepted"]

    assert f"回复 审核记录{number} 退回" in await secretary.say(f"改记录{number}")
    assert "没有这个编号" in await secretary.say(f"审核记录{number}")
    for phone in (other, superior):
        assert "这条已经收下" in await phone.say(f"审核记录{number}")
    assert "没有这个选项" in await superior.say("收下")
    await other.say("退回")
    assert "已退回" in await other.say("日期写错了")
    await superior.say("退回")
    assert "已经有人审过" in await superior.say("日期写错了")
    assert "没有这个编号" in await superior.say(f"审核记录{number}")
    assert "被退回：日期写错了" in await secretary.say(f"改记录{number}")
    assert await sql.fetchval("SELECT count(*) FROM media_items WHERE record_id IS NOT NULL") == 1


async def test_members_scan_instead_of_being_named(rt: Runtime, secretary: Phone, sql: asyncpg.Connection) -> None:
    page = await secretary.say("点名")
    assert "/muster/" in page
    scene = "r." + await sql.fetchval("SELECT code FROM musters")
    member, deputy, guest = await phone_of(rt, MEMBER), await phone_of(rt, DEPUTY), await phone_of(rt, OFFICE)
    for phone in (member, deputy, secretary):
        assert "已记您到场" in await phone.scan(scene)
    assert "算列席" in await guest.scan(scene)
    await member.scan(scene)
    assert "已扫码" in await secretary.say("主题党日")
    shown = await secretary.say("学习党章")
    assert "应到 5，实到 3，缺席" in shown
    assert "（未扫码）" in shown
    await secretary.say("确认")
    late = await phone_of(rt, "1004")
    await late.scan(scene)
    assert (await row_of(sql))["present"] == 4
    late.now += timedelta(days=2)
    assert "过期" in await late.scan(scene)
