"""Interviews, bars, revoked titles, accountability: opened by results or by hand, in the right order, recorded once."""

from datetime import date, timedelta

import pytest

from config.refusals import BadInput, Refusal
from models.cycles import Cycle
from models.follow_ups import FollowUp
from models.organisations import Organisation
from models.people import Person
from services.cycles.cycles import create_cycle
from services.cycles.inputs import InputRow
from services.ratings.entries import enter_inputs
from services.rectifications.commendations import may_be_commended, may_be_excellent
from services.rectifications.follow_ups import list_open, open_follow_up, record_follow_up
from services.rectifications.rectifications import Act
from services.rectifications.titles import list_titles
from services.reminders.agenda import list_agenda
from services.runtime import Runtime
from tests.integration.cycles import FILE, LEADER, MEMBER, NOW, OFFICE, SECRETARY, fill, make_cycle, scores_of
from tests.integration.rectified import bound, publish

TITLE = "样板党支部"
MEET = """
title: 2020年度达标考评
scheme: meet-standard
year: "2020"
organisation: "0100"
subjects: {branch: [党支部]}
settings: {pass_mark: "60"}
"""
REVIEW = """
title: 2020年度述职评议
scheme: report-review
year: "2020"
organisation: "0100"
subjects: {secretary: [党支部]}
settings: {points: {好: "95"}}
"""


def act(actor: str, key: str) -> Act:
    return Act(actor, NOW, key)


async def branch(code: str = "0101") -> int:
    return (await Organisation.get(code=code)).id


async def kinds(**filters: object) -> list[str]:
    return [one.kind for one in await FollowUp.filter(**filters).exclude(state="withdrawn").order_by("id")]


def below(cycle_year: str, score: str) -> list[InputRow]:
    """A year in which the first branch got so much, with the reason that a change needs."""
    rows = scores_of("branch:0101", democratic=score, team=score, superior=score)
    return [InputRow(row.subject, row.slot, row.value, f"{cycle_year}更正") for row in rows]


async def twice_below() -> Cycle:
    """The first branch got its title in 2018 and stayed below 90 in 2019 and 2020."""
    cycle = await make_cycle()
    await fill(cycle)
    history = [
        InputRow("branch:0101", "history.2018", {"score": "95", "band": "五星级", "titles": [TITLE]}),
        InputRow("branch:0101", "history.2019", {"score": "85", "band": "四星级", "titles": []}),
    ]
    await enter_inputs(cycle.id, [*history, *below("2020", "85")], actor=OFFICE, now=NOW)
    await publish(cycle)
    return cycle


@pytest.mark.fact("S2-29")
@pytest.mark.fact("S2-30")
async def test_a_title_is_lost_below_90_and_the_second_time_its_heads_are_interviewed(rt: Runtime) -> None:
    cycle = await twice_below()
    found = await FollowUp.filter(cycle_id=cycle.id).order_by("id")
    assert [one.kind for one in found] == ["revoke_title", "interview", "replace_secretary"]
    assert "对象：所隶属党总支书记（或副书记）" in found[1].reason
    assert "对象：党支部书记" in found[2].reason
    assert {one.fact for one in found} == {"S2-29", "S2-30"}
    assert [(one.title, one.awarded, one.revoked) for one in await list_titles(cycle)] == [(TITLE, "2018", None)]


async def test_a_revoked_title_is_not_revoked_again_though_the_two_year_rule_still_sees_it(rt: Runtime) -> None:
    await twice_below()
    made = await create_cycle(FILE.replace("2020", "2021").encode(), now=NOW, actor="command")
    await fill(made.cycle)
    history = [InputRow("branch:0101", "history.2018", {"score": "95", "band": "五星级", "titles": [TITLE]})]
    await enter_inputs(made.cycle.id, [*history, *below("2021", "85")], actor=OFFICE, now=NOW)
    await publish(made.cycle)
    (title,) = await list_titles(made.cycle)
    assert (title.awarded, title.revoked) == ("2018", "2020")
    assert await kinds(cycle_id=made.cycle.id, person_id=None) == ["interview", "replace_secretary"]


@pytest.mark.fact("S2-32")
@pytest.mark.fact("S2-33")
async def test_two_years_of_two_stars_or_less(rt: Runtime) -> None:
    cycle = await make_cycle()
    await fill(cycle)
    low = {"score": "62", "band": "二星级", "titles": []}
    rows = [InputRow("branch:0101", "history.2019", low), InputRow("member:1004", "history.2019", low)]
    await enter_inputs(cycle.id, [*rows, *below("2020", "65")], actor=OFFICE, now=NOW)
    await publish(cycle)
    assert await kinds(person_id=None) == ["interview", "replace_secretary"]
    (member,) = await FollowUp.filter(person__staff_no="1004")
    assert (member.kind, member.fact, member.state) == ("unqualified_member", "S2-33", "open")


@pytest.mark.fact("S0-29")
@pytest.mark.fact("S0-28")
async def test_a_branch_below_the_standard_and_its_secretary_get_no_awards(rt: Runtime) -> None:
    cycle = await make_cycle(MEET)
    marks = {f"common.{n}": "2" for n in range(1, 16)} | {f"individual.{n}": "2" for n in range(1, 6)}
    good = {"branch:0101": "2", "branch:0102": "5"}
    rows = [InputRow(key, f"indicators.{one}", value) for key, value in good.items() for one in marks]
    await enter_inputs(cycle.id, rows, actor=OFFICE, now=NOW)
    await publish(cycle)
    secretary, member = await Person.get(staff_no=SECRETARY), await Person.get(staff_no=MEMBER)
    barred = await may_be_commended("2020", organisation_id=await branch())
    assert not barred.may
    assert "不达标（40.00 分）〔三(三)〕" in barred.reasons[0]
    assert not (await may_be_commended("2020", person_id=secretary.id)).may
    assert (await may_be_commended("2020", person_id=member.id)).may
    assert (await may_be_commended("2020", organisation_id=await branch("0102"))).may
    assert (await may_be_commended("2021", organisation_id=await branch())).may
    with pytest.raises(Refusal) as refused:
        await open_follow_up(
            act(OFFICE, "k"), kind="commendation", organisation_id=await branch(), reason="两优一先", year="2020"
        )
    assert refused.value.code == "barred"
    made = await open_follow_up(
        act(OFFICE, "k2"), kind="commendation", organisation_id=await branch("0102"), reason="两优一先", year="2020"
    )
    done = await record_follow_up(made.id, done_on=NOW.date(), outcome="授予先进基层党组织", act=act(OFFICE, "k3"))
    assert done.state == "recorded"


@pytest.mark.fact("S4-27")
@pytest.mark.fact("S4-28")
async def test_only_good_may_be_excellent_and_the_lower_grades_are_interviewed(rt: Runtime) -> None:
    cycle = await make_cycle(REVIEW)
    people = {one.staff_no: one.id for one in await Person.all()}
    for number, grade in ((SECRETARY, "一般"), ("2001", "较好")):
        key = f"secretary:{number}"
        rows = [*scores_of(key, onsite="80", routine="80")]
        await enter_inputs(cycle.id, rows, actor=OFFICE, now=NOW)
        grading = [InputRow(key, "facts.decided_grade", grade, "研究确定")]
        await enter_inputs(cycle.id, grading, actor=LEADER, now=NOW)
    await publish(cycle)
    assert await kinds(person_id=people[SECRETARY]) == ["no_annual_excellent", "interview"]
    assert await kinds(person_id=people["2001"]) == ["no_annual_excellent"]
    assert not (await may_be_excellent("2020", person_id=people["2001"])).may
    assert (await may_be_commended("2020", person_id=people["2001"])).may


@pytest.mark.fact("S0-31")
async def test_accountability_is_filed_before_it_is_made_known(rt: Runtime) -> None:
    await make_cycle()
    made = await open_follow_up(
        act(OFFICE, "k"), kind="accountability", organisation_id=await branch(), reason="敷衍应付"
    )
    again = await open_follow_up(
        act(OFFICE, "k"), kind="accountability", organisation_id=await branch(), reason="敷衍应付"
    )
    assert made.id == again.id
    assert await kinds() == ["accountability", "filing", "notice"]
    filing, notice = await FollowUp.get(kind="filing"), await FollowUp.get(kind="notice")
    office = await Person.get(staff_no=OFFICE)
    assert [one.kind for one in await list_open(office)] == ["accountability", "filing"]
    today = NOW.date()
    with pytest.raises(Refusal) as refused:
        await record_follow_up(notice.id, done_on=today, outcome="全公司通报", act=act(OFFICE, "k1"))
    assert refused.value.code == "too_early"
    await record_follow_up(filing.id, done_on=today, outcome="已报集团公司党委", act=act(OFFICE, "k2"))
    early = today - timedelta(days=1)
    with pytest.raises(Refusal):
        await record_follow_up(notice.id, done_on=early, outcome="全公司通报", act=act(OFFICE, "k3"))
    await record_follow_up(notice.id, done_on=today, outcome="全公司通报", act=act(OFFICE, "k4"))
    assert (await FollowUp.get(id=notice.id)).outcome == "全公司通报"


async def test_a_leader_records_an_interview_by_phone(rt: Runtime) -> None:
    await twice_below()
    interview = await FollowUp.get(kind="interview")
    leader = await bound(rt, LEADER)
    (due,) = [
        one for one in await list_agenda(NOW, [(await Person.get(staff_no=LEADER)).id]) if one.key == "follow_ups"
    ]
    assert due.text == "3 项约谈等结果运用等您登记"
    assert "约谈：第一党支部" in await leader.say("约谈")
    await leader.say(f"约谈{interview.id}")
    assert "还没有到" in await leader.say("2030年1月1日已约谈")
    assert "2020年12月20日才提出，不会在2020年12月3日" in await leader.say("12月3日已约谈党总支书记")
    assert "12月20日，已约谈党总支书记" in await leader.say("今天已约谈党总支书记，要求一个月内整改")
    assert "已登记" in await leader.say("确认")
    await interview.refresh_from_db()
    assert (interview.state, interview.done_on, interview.recorded_by) == ("recorded", date(2020, 12, 20), LEADER)
    secretary = await bound(rt, SECRETARY)
    assert "没有等您登记" in await secretary.say("约谈")
    with pytest.raises(Refusal):
        await record_follow_up(interview.id, done_on=NOW.date(), outcome="x", act=act(OFFICE, "k"))
    with pytest.raises(BadInput):
        await open_follow_up(act(OFFICE, "k9"), kind="no_awards", organisation_id=await branch(), reason="x")


async def test_nothing_was_done_before_it_was_asked_for_or_after_today(rt: Runtime) -> None:
    await twice_below()
    interview = await FollowUp.get(kind="interview")
    for day, say in ((NOW.date() - timedelta(days=1), "才提出"), (NOW.date() + timedelta(days=1), "还没有到")):
        with pytest.raises(BadInput) as refused:
            await record_follow_up(interview.id, done_on=day, outcome="已约谈", act=act(OFFICE, "k"))
        (fault,) = refused.value.faults
        assert say in fault
    await interview.refresh_from_db()
    assert interview.state == "open"
