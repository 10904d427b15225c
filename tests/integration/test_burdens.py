"""The burden meter: by organisation and month, never by person, never of a vote; and the caps that the product itself must keep."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import partial

import asyncpg
import pytest

from config.scheme_files import list_schemes
from config.settings import Settings
from scoring.stages import dates_of
from services.cycles import schemes
from services.dues import Due
from services.notices.burdens import Meter, list_burdens
from services.polls.polls import open_poll
from services.reminders import deliveries, planner
from services.reminders.planning import Habits, plan_digest
from services.runtime import Runtime
from services.workdays import is_workday
from tests.faults.platform import Platform
from tests.integration.chatting import Phone, bound_phone, grant
from tests.integration.cycles import NOW, SECRETARY, TEAM, make_cycle
from tests.integration.reminded import MORNING, bind
from tests.integration.world import hold, make_hall, people_by_number, seat

pytestmark = pytest.mark.usefixtures("platform")


phone_of = partial(bound_phone, now=NOW)


async def test_what_people_are_asked_is_added_up_by_organisation(rt: Runtime, sql: asyncpg.Connection) -> None:
    await make_cycle()
    for number in ("1001", "1002"):
        phone = await phone_of(rt, number)
        for text in ("投诉建议", "食堂的座位太少", "确认"):
            await phone.say(text)
            phone.now += timedelta(seconds=20)
        await phone.meter.flush()
    stranger = Phone(rt, "oStranger", NOW)
    await stranger.say("帮助")
    await stranger.meter.flush()
    [line] = await list_burdens(rt.settings)
    assert (line.code, line.month, line.people) == ("0101", "2020-12", 6)
    assert (line.pulled, line.asked, line.pushed) == (6, 4, 0)
    assert 1 <= line.minutes <= 2
    columns = {
        row["column_name"]
        for row in await sql.fetch("SELECT column_name FROM information_schema.columns WHERE table_name = 'burdens'")
    }
    assert columns == {"id", "organisation_id", "month", "pulled", "pushed", "asked", "seconds"}


async def test_a_theme_day_takes_at_most_three_answers_and_a_minute(rt: Runtime) -> None:
    await make_cycle()
    phone = await phone_of(rt, SECRETARY)
    for seconds, act in (
        (0, phone.say("主题党日")),
        (25, phone.say("昨天在党员活动室学习党章，全到")),
        (5, phone.show("media-1")),
        (5, phone.show("media-2")),
        (15, phone.say("确认")),
    ):
        phone.now += timedelta(seconds=seconds)
        said = await act
    assert "已记下" in said
    await phone.meter.flush()
    [line] = await list_burdens(rt.settings)
    assert line.asked <= 4, "what was asked, the draft shown again with each photo included"
    assert line.pulled - 2 <= 3, "words that had to be typed or tapped"
    assert line.minutes <= 1


async def test_a_ballot_leaves_nothing_in_the_meter(rt: Runtime) -> None:
    hall = make_hall()
    meeting = await hold(hall)
    people = await people_by_number()
    voter = "2001"
    await seat(meeting, people[voter])
    await open_poll(rt, meeting.id, accept_small=False, now=NOW, actor="test")
    phone = await phone_of(rt, voter, now=datetime(2022, 1, 18, 1, 10, tzinfo=UTC))
    assert "第 1/3 题" in await phone.say("投票")
    for _ in range(3):
        await phone.say("好")
    assert "已计入" in await phone.say("确认")
    await phone.meter.flush()
    assert await list_burdens(rt.settings) == []


async def test_pushes_are_counted_where_they_arrive(rt: Runtime, platform: Platform) -> None:
    await make_cycle()
    handset = await bind(platform, TEAM)
    await grant(rt, handset.openid, "message", MORNING)
    await planner.plan_due(rt, MORNING)
    while await deliveries.send_due(rt, MORNING):
        pass
    [line] = await list_burdens(rt.settings, "2020-12")
    assert (line.code, line.pushed, line.pulled) == ("0001", 1, 0)


async def test_what_exceeds_a_cap_is_marked(rt: Runtime) -> None:
    await make_cycle()
    phone = await phone_of(rt, TEAM)
    meter = Meter()
    for _ in range(rt.settings.burden_minutes * 60):
        meter.count(phone.openid, True, 120, NOW)
    await meter.flush()
    [line] = await list_burdens(rt.settings)
    assert set(line.over) == {"BURDEN_QUESTIONS", "BURDEN_MINUTES"}


def test_even_who_has_to_do_with_every_stage_of_every_scheme_keeps_within_the_cap_of_pushes() -> None:
    """The worst person of the worst year: all stages of five schemes at once, none ever done."""
    dues = [
        Due(1, f"{slug}:{one.stage.key}", one.stage.title, "阶段", one.due, one.soft, one.starts)
        for slug in list_schemes()
        for one in dates_of(schemes.require(slug, "scheme").stages, 2021)
        if one.due is not None
    ]
    pushed: Counter[str] = Counter()
    last: date | None = None
    for more in range(500):
        today = date(2020, 11, 1) + timedelta(days=more)
        for call in ("morning", "last") if is_workday(today) else ():
            if plan_digest(dues, today, last, Habits(), call) is not None:
                pushed[f"{today:%Y-%m}"] += 1
                last = today
    assert max(pushed.values()) <= Settings.model_fields["burden_pushes"].default, json.dumps(pushed)
