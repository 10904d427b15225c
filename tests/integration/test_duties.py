"""履职 by phones: one sentence each; what records say counts by itself; who owes what, and until when."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from config.refusals import BadInput, Refusal
from models.cycles import Cycle
from models.duties import DutyReport
from models.organisations import Organisation
from models.people import Person, Post
from models.records import Record
from models.rectifications import RectificationItem
from services.cycles.cycles import create_cycle
from services.dues import Due
from services.duties.duties import DutyLine, list_lines
from services.duties.duty_reports import Doing, report_duty
from services.duties.duty_sheets import list_coverage
from services.rectifications.rectifications import Act
from services.reminders.agenda import list_agenda
from services.runtime import Runtime
from tests.integration.cycles import LEADER, MEMBER, NOW, OFFICE, OTHER_SECRETARY, SECRETARY, make_cycle
from tests.integration.rectified import bound
from tests.integration.world import name_of

TODAY = date(2020, 12, 20)
JULY = datetime(2020, 6, 28, 2, 0, tzinfo=UTC)


def file(scheme: str) -> str:
    return f"""
title: 2020年度{scheme}
scheme: {scheme}
year: "2020"
organisation: "0001"
subjects: {{{"secretary" if scheme == "report-review" else "branch"}: [党支部]}}
"""


async def keep(kind: str, code: str, host: str = "", concerns: str = "", **answers: object) -> Record:
    """A record as the branch keeps it."""
    secretary = await Person.get(staff_no=SECRETARY)
    return await Record.create(
        source_key=f"{kind}-{code}-{host}-{concerns}",
        kind=kind,
        organisation=await Organisation.get(code=code),
        held_on=date(2020, 6, 1),
        topic="专题学习",
        host=host,
        concerns=await Person.get(staff_no=concerns) if concerns else None,
        answers=answers,
        kept_by=secretary,
        kept_at=NOW,
    )


async def line_of(cycle: Cycle, duty: str, name: str) -> DutyLine:
    (line,) = [one for one in await list_lines(cycle, TODAY) if (one.burden.duty.key, one.burden.name) == (duty, name)]
    return line


async def duties_of(number: str, now: datetime = NOW) -> list[Due]:
    person = await Person.get(staff_no=number)
    return [one for one in await list_agenda(now, [person.id]) if one.key.startswith("duty:")]


@pytest.mark.fact("S0-41")
async def test_a_leader_reports_a_contact_point_in_one_sentence_each(rt: Runtime) -> None:
    cycle = await make_cycle(file("meet-standard"))
    phone = await bound(rt, LEADER)
    asked = await phone.say("履职")
    assert "基层党支部工作联系点 · 深入联系点（0/2）" in asked
    await phone.say("基层党支部工作联系点 · 联系点（0/1）")
    shown = await phone.say("11月5日 到第二党支部，确定为联系点")
    assert "2020年11月5日，第二党支部" in shown
    assert "已记下" in await phone.say("确认")
    await phone.say("履职")
    await phone.say("基层党支部工作联系点 · 后进党支部（0/1）")
    assert "是哪个党支部" in await phone.say("确定了帮扶对象")
    await phone.say("第一党支部")
    await phone.say("确认")
    for _ in range(2):
        await phone.say("履职")
        done = (await line_of(cycle, "contact_point", name_of(LEADER))).done["深入联系点"]
        await phone.say(f"基层党支部工作联系点 · 深入联系点（{done}/2）")
        await phone.say("昨天到联系点调研")
        await phone.say("确认")
        await phone.repeat()
    line = await line_of(cycle, "contact_point", name_of(LEADER))
    assert line.done == {"联系点": 1, "后进党支部": 1, "深入联系点": 2, "解决突出问题": 0}
    assert [(one.what, one.missing) for one in line.owed] == [("解决突出问题", 1)]
    reports = {one.what: one for one in await DutyReport.all()}
    assert (reports["联系点"].branch_id, reports["联系点"].done_on) == (
        (await Organisation.get(code="0102")).id,
        date(2020, 11, 5),
    )
    assert reports["深入联系点"].done_on == date(2020, 12, 19)


@pytest.mark.fact("S0-40")
async def test_a_lecture_that_a_branch_recorded_counts_for_the_leader_who_gave_it(rt: Runtime) -> None:
    cycle = await make_cycle(file("meet-standard"))
    assert "讲党课" in {one.text.partition("：")[2] for one in await duties_of(LEADER)}
    await keep("party_lecture", "0102", host=name_of(LEADER))
    await keep("party_lecture", "0101", host=name_of(SECRETARY))
    assert (await line_of(cycle, "lecture", name_of(LEADER))).owed == ()
    assert "讲党课" not in {one.text.partition("：")[2] for one in await duties_of(LEADER)}
    assert await DutyReport.all().count() == 0
    returned = await Record.get(organisation__code="0102")
    returned.state = "returned"
    await returned.save()
    assert (await line_of(cycle, "lecture", name_of(LEADER))).is_missing


async def test_the_sieve_of_a_part_asks_for_the_branches_of_that_part_only(rt: Runtime) -> None:
    cycle = await make_cycle(file("meet-standard").replace('"0001"', '"0100"'))
    lines = [one for one in await list_lines(cycle, TODAY) if one.burden.duty.key == "sieve"]
    assert lines
    assert {one.wanted["过筛子"] for one in lines} == {2}


@pytest.mark.fact("S0-44")
async def test_a_backward_area_of_the_yearly_sieve_is_to_be_put_right(rt: Runtime) -> None:
    cycle = await make_cycle(file("meet-standard"))
    phone = await bound(rt, OFFICE)
    for branch, said in (("第一党支部", "先进，组织生活后进"), ("第二党支部", "全部先进")):
        await phone.say("履职")
        done = (await line_of(cycle, "sieve", "学院党委")).done["过筛子"]
        await phone.say(f"过筛子（{done}/3）")
        assert "支部组织设置、基本任务、工作机制、组织生活、班子建设、工作保障" in await phone.say(branch)
        await phone.say(said)
        told = await phone.say("确认")
        assert ("组织生活已列入该支部的整改清单" in told) == ("后进" in said)
    line = await line_of(cycle, "sieve", "学院党委")
    assert [tuple(one) for one in line.owed] == [("过筛子", 2, 1)]
    (item,) = await RectificationItem.all().select_related("organisation")
    assert (item.organisation.code, item.fact, item.state) == ("0101", "S0-44", "planning")
    assert "组织生活后进" in item.problem


async def test_what_still_stands_is_not_opened_again_by_another_report(rt: Runtime) -> None:
    cycle = await make_cycle(file("meet-standard"))
    committee, branch = await Organisation.get(code="0001"), await Organisation.get(code="0101")
    areas = ("支部组织设置", "基本任务", "工作机制", "组织生活", "班子建设", "工作保障")

    async def report(key: str, *backward: str) -> None:
        grades = {area: "后进" if area in backward else "先进" for area in areas}
        doing = Doing("sieve", "过筛子", committee.id, None, TODAY, "x", branch.id, grades)
        await report_duty(cycle.id, doing, Act(OFFICE, NOW, key))

    await asyncio.gather(*(report(f"k{n}", "组织生活") for n in range(4)))
    (item,) = await RectificationItem.all()
    await report("k5", "组织生活", "工作保障")
    assert await RectificationItem.all().count() == 2
    await RectificationItem.filter(id=item.id).update(state="withdrawn")
    await report("k6", "组织生活")
    assert await RectificationItem.all().count() == 3


async def test_a_sieve_without_all_areas_is_not_kept(rt: Runtime) -> None:
    cycle = await make_cycle(file("meet-standard"))
    committee, branch = await Organisation.get(code="0001"), await Organisation.get(code="0101")
    doing = Doing("sieve", "过筛子", committee.id, None, TODAY, "x", branch.id, {"组织生活": "后进"})
    with pytest.raises(BadInput, match="还没有结果：支部组织设置"):
        await report_duty(cycle.id, doing, Act(OFFICE, NOW, "k"))
    tomorrow = Doing("lecture", "讲党课", committee.id, None, date(2020, 12, 21), "x")
    with pytest.raises(BadInput, match="还没有到"):
        await report_duty(cycle.id, tomorrow, Act(OFFICE, NOW, "k"))
    mine = Doing("lecture", "讲党课", committee.id, None, TODAY, "x")
    with pytest.raises(Refusal):
        await report_duty(cycle.id, mine, Act(MEMBER, NOW, "k"))
    assert await DutyReport.all().count() == 0


@pytest.mark.fact("S1-11")
async def test_each_members_joining_day_asks_the_secretary_for_three_things(rt: Runtime) -> None:
    cycle = await make_cycle(file("solid-branch"))
    await Person.filter(staff_no=MEMBER).update(joined_on=date(2001, 7, 1))
    await Person.filter(staff_no="1004").update(joined_on=date(1996, 2, 29))
    (due,) = [one for one in await duties_of(SECRETARY, JULY) if name_of(MEMBER) in one.text]
    assert due.text == f"{name_of(MEMBER)}的入党日：谈一次思想、提一些要求、重温入党誓词"
    assert (due.by, due.from_day) == (date(2020, 7, 1), date(2020, 6, 24))
    assert (await line_of(cycle, "joining_day", name_of("1004"))).by == date(2020, 2, 29)
    phone = await bound(rt, SECRETARY, JULY)
    asked = await phone.say("履职")
    assert "的入党日（7月1日）" in asked
    assert name_of("1004") not in asked
    await phone.say(f"{name_of(MEMBER)}的入党日（7月1日）")
    await phone.say("今天做了")
    assert "已记下" in await phone.say("确认")
    assert not (await line_of(cycle, "joining_day", name_of(MEMBER))).is_missing
    await keep("joining_day", "0101", concerns="1004", checks={"thoughts": True, "oath": True})
    line = await line_of(cycle, "joining_day", name_of("1004"))
    assert [one.what for one in line.owed] == ["提一些要求"]


async def test_today_is_the_day_of_the_confirmation_when_the_flow_has_waited(rt: Runtime) -> None:
    await make_cycle(file("solid-branch"))
    await Person.filter(staff_no=MEMBER).update(joined_on=date(2001, 7, 1))
    phone = await bound(rt, SECRETARY, JULY)
    await phone.say("履职")
    await phone.say(f"{name_of(MEMBER)}的入党日（7月1日）")
    phone.now += timedelta(days=3)
    assert "今天：谈一次思想" in await phone.say("今天做了")
    assert "已记下（2020年7月1日）" in await phone.say("确认")
    assert {one.done_on for one in await DutyReport.all()} == {date(2020, 7, 1)}


async def test_a_branch_without_a_secretary_owes_its_duties_all_the_same(rt: Runtime) -> None:
    cycle = await make_cycle(file("solid-branch"))
    await Person.filter(staff_no="2002").update(joined_on=date(2001, 7, 1))
    before = [(row.who, row.what) for row in await list_coverage(cycle, TODAY)]
    await Post.filter(person__staff_no=OTHER_SECRETARY).delete()
    rows = await list_coverage(cycle, TODAY)
    assert sorted((row.who, row.what) for row in rows) == sorted(before)
    assert all(row.missing for row in rows if row.who in ("第二党支部", name_of("2002")) and row.wanted)
    assert await duties_of(OTHER_SECRETARY) == []
    assert "没有要您报告" in await (await bound(rt, OTHER_SECRETARY)).say("履职")


async def test_branches_of_one_name_are_told_apart(rt: Runtime) -> None:
    cycle = await make_cycle(file("meet-standard"))
    await Organisation.filter(code__in=["0101", "0102"]).update(name="学生党支部")
    phone = await bound(rt, OFFICE)
    for done, code in enumerate(("0101", "0102")):
        await phone.say("履职")
        asked = await phone.say(f"过筛子（{done}/3）")
        assert "学生党支部（0101）" in asked
        assert "有几个这样的党支部，请回复全名：学生党支部（0101）、学生党支部（0102）" in await phone.say("学生党支部")
        await phone.say(f"学生党支部（{code}）")
        await phone.say("全部先进")
        assert "已记下" in await phone.say("确认")
    assert (await line_of(cycle, "sieve", "学院党委")).done == {"过筛子": 2}


@pytest.mark.fact("S1-14")
async def test_the_three_meetings_and_one_lecture_count_from_the_records(rt: Runtime) -> None:
    cycle = await make_cycle(file("solid-branch"))
    for kind in ("general_meeting", "committee_meeting", "party_lecture"):
        await keep(kind, "0101")
    line = await line_of(cycle, "three_meetings", "第一党支部")
    assert line.done == {"支部党员大会": 1, "支部委员会": 1, "党小组会": 0, "党课": 1}
    assert line.by is None
    assert [one.text for one in await duties_of(SECRETARY)] == [], "the document states no period: nobody is pressed"


@pytest.mark.fact("S4-31")
@pytest.mark.fact("S4-30")
async def test_the_yearly_loop_falls_to_the_committee_and_progress_is_made_known(rt: Runtime) -> None:
    cycle = await make_cycle(file("report-review"))
    (due,) = await duties_of(OFFICE)
    assert due.text == "一年一循环：年初安排部署、年中督查通报、年底述职评议考核"
    assert due.by == date(2020, 12, 31)
    phone = await bound(rt, OFFICE)
    await phone.say("履职")
    await phone.say("通报（0/1）")
    await phone.say("12月1日通报了各支部整改进展")
    assert "已记下" in await phone.say("确认")
    assert (await line_of(cycle, "progress_notice", "学院党委")).done == {"通报": 1}


JANUARY = datetime(2021, 1, 5, 2, 0, tzinfo=UTC)
LECTURE = "讲党课（0/1）"


async def test_what_was_done_in_december_is_reported_in_january(rt: Runtime) -> None:
    cycle = await make_cycle(file("meet-standard"))
    (late,) = [one for one in await duties_of(LEADER, JANUARY) if "讲党课" in one.text]
    assert late.by == date(2020, 12, 31)
    phone = await bound(rt, LEADER, JANUARY)
    assert f"2020年度 · {LECTURE}" in await phone.say("履职")
    await phone.say(f"2020年度 · {LECTURE}")
    assert "请写明是 2020 年哪天" in await phone.say("在第一党支部讲党课")
    assert "2021年1月4日不是 2020 年度的" in await phone.say("1月4日在第一党支部讲党课")
    await phone.say("12月28日在第一党支部讲党课")
    assert "已记下（2020年12月28日）" in await phone.say("确认")
    assert (await line_of(cycle, "lecture", name_of(LEADER))).owed == ()
    assert not [one for one in await duties_of(LEADER, JANUARY) if "讲党课" in one.text]


async def test_the_day_says_which_year_a_duty_was_done_for(rt: Runtime) -> None:
    """Whoever picks this year's line and names a day of December is not sent away: the system knows both years."""
    old = await make_cycle(file("meet-standard"))
    made = await create_cycle(file("meet-standard").replace("2020", "2021").encode(), now=JANUARY, actor="command")
    phone = await bound(rt, LEADER, JANUARY)
    asked = await phone.say("履职")
    assert asked.index(LECTURE) < asked.index(f"2020年度 · {LECTURE}")
    await phone.say(LECTURE)
    assert "2020年度 · 讲党课" in await phone.say("12月30日在第二党支部讲党课")
    await phone.say("确认")
    assert [(one.cycle_id, one.done_on) for one in await DutyReport.all()] == [(old.id, date(2020, 12, 30))]
    await phone.say("履职")
    await phone.say(LECTURE)
    await phone.say("昨天在第二党支部讲党课")
    await phone.say("确认")
    assert await DutyReport.filter(cycle_id=made.cycle.id, done_on=date(2021, 1, 4)).count() == 1


async def test_a_year_that_is_over_takes_no_more_reports(rt: Runtime) -> None:
    cycle = await make_cycle(file("meet-standard"))
    leader = await Person.get(staff_no=LEADER)
    june = datetime(2021, 6, 1, 2, 0, tzinfo=UTC)
    doing = Doing("lecture", "讲党课", leader.organisation_id, leader.id, TODAY, "讲党课")
    with pytest.raises(Refusal) as refused:
        await report_duty(cycle.id, doing, Act(LEADER, june, "k"))
    assert refused.value.code == "cycle_over"
    assert "没有要您报告" in await (await bound(rt, LEADER, june)).say("履职")
    assert await duties_of(LEADER, june) == []


async def test_last_years_sieve_asks_for_its_day(rt: Runtime) -> None:
    cycle = await make_cycle(file("meet-standard"))
    phone = await bound(rt, OFFICE, JANUARY)
    await phone.say("履职")
    assert "哪天" in await phone.say("2020年度 · 过筛子（0/3）")
    assert "结果怎么样" in await phone.say("12月29日到第一党支部过筛子")
    await phone.say("全部先进")
    assert "已记下（2020年12月29日）" in await phone.say("确认")
    assert (await line_of(cycle, "sieve", "学院党委")).done == {"过筛子": 1}


async def test_a_draft_goes_on_with_the_duty_it_is_about_wherever_that_stands_now(rt: Runtime) -> None:
    cycle = await make_cycle(file("meet-standard"))
    phone = await bound(rt, LEADER)
    await phone.say("履职")
    task = "基层党支部工作联系点 · 深入联系点（0/2）"
    await phone.say(task)
    await phone.say("11月5日到第二党支部，听取汇报")
    leader = await Person.get(staff_no=LEADER)
    for number, what in enumerate(("联系点", "后进党支部")):  # what was done goes to the end of the list
        branch = await Organisation.get(code="0102")
        doing = Doing("contact_point", what, leader.organisation_id, leader.id, TODAY, "确定", branch.id, {})
        await report_duty(cycle.id, doing, Act(LEADER, NOW, f"other:{number}"))
    await rt.redis.flushall()
    said = await phone.say("继续")
    assert task in said
    assert "听取汇报" in said
    await phone.say("确认")
    assert (await line_of(cycle, "contact_point", name_of(LEADER))).done["深入联系点"] == 1
