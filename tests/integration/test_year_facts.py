"""What the documents ask of the year beside scores: the committee's yearly duties, the kick-off, accountability."""

from datetime import date, timedelta

import pytest

from models.follow_ups import FollowUp
from models.people import Person
from services.cycles.stages import set_stage
from services.duties.duties import list_lines
from services.rectifications.follow_ups import open_follow_up, record_follow_up
from services.rectifications.rectifications import Act
from services.reminders.agenda import list_agenda
from services.reminders.conflicts import list_conflicts
from services.runtime import Runtime
from tests.integration.cycles import MEMBER, NOW, OFFICE, make_cycle
from tests.integration.rectified import bound

_COMPANY = """
title: 2020年度达标考评
scheme: meet-standard
year: "2020"
organisation: "0001"
subjects: {branch: [党支部]}
"""


@pytest.mark.fact("S0-42", "S0-43")
async def test_the_committee_studies_analyses_and_trains_once_a_year_each(rt: Runtime) -> None:
    cycle = await make_cycle(_COMPANY)
    phone = await bound(rt, OFFICE)
    listed = await phone.say("履职")
    wanted = {"专题研究": "study", "分析研判": "study", "集中轮训": "training"}
    assert all(f"{what}（0/1）" in listed for what in wanted)
    for what in wanted:
        listed = await phone.say("履职")
        label = next(line for line in listed.replace("</a>", "\n").split("\n") if f"{what}（0/1）" in line)
        await phone.say(label.rpartition(">")[2].partition(" ")[2])
        await phone.say(f"12月1日{what}，党委全体参加")
        assert "已记下" in await phone.say("确认")
    of_year = await list_lines(cycle, NOW.date())
    done = {what: one.done[what] for one in of_year for what in one.done if what in wanted}
    assert done == dict.fromkeys(wanted, 1)


@pytest.mark.fact("S2-12a")
async def test_the_kick_off_comes_before_the_self_report_and_the_office_is_asked_for_its_day(rt: Runtime) -> None:
    cycle = await make_cycle()
    asked = [one.say for one in await list_conflicts([cycle]) if one.code == "no_day"]
    assert any("动员部署没有定时间" in say for say in asked)
    own = {"due": date(2020, 12, 28)}
    await set_stage(cycle.id, "kick_off", own, reason="党委会定", now=NOW, actor=OFFICE)
    assert not any("动员部署没有定时间" in one.say for one in await list_conflicts([cycle]))
    office = await Person.get(staff_no=OFFICE)
    assert any("动员部署" in one.text and one.by == own["due"] for one in await list_agenda(NOW, [office.id]))


@pytest.mark.fact("S0-30")
async def test_who_rated_carelessly_or_falsely_is_held_to_account_by_name(rt: Runtime) -> None:
    await make_cycle(_COMPANY)
    person = await Person.get(staff_no=MEMBER)
    act = Act(OFFICE, NOW, "accountable")
    made = await open_follow_up(
        act, kind="accountability", organisation_id=person.organisation_id, person_id=person.id, reason="考评弄虚作假"
    )
    day = NOW.date() + timedelta(days=1)
    done = Act(OFFICE, NOW + timedelta(days=2), "done")
    await record_follow_up(made.id, done_on=day, outcome="纪委立案，给予警告", act=done)
    kept = await FollowUp.get(id=made.id)
    assert (kept.person_id, kept.reason, kept.done_on, kept.outcome) == (
        person.id,
        "考评弄虚作假",
        day,
        "纪委立案，给予警告",
    )
