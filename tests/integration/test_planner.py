"""The planner against real servers and the simulated platform: one digest a person and day, and no message that is refused."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest

from models.accounts import Account
from services.cycles.cycles import create_cycle
from services.cycles.stages import finish_stage
from services.polls.polls import open_poll
from services.reminders import deliveries, planner
from services.runtime import Runtime
from tests.faults.platform import Platform
from tests.integration.chatting import Phone, grant
from tests.integration.cycles import NOW, OFFICE, TEAM, make_cycle
from tests.integration.reminded import MORNING, SEND, bind, digests
from tests.integration.world import hold, make_hall, people_by_number, seat

pytestmark = pytest.mark.usefixtures("platform")

REVIEW = """
title: 2020年度述职评议考核
scheme: report-review
year: "2020"
organisation: "0001"
subjects: {secretary: [党支部]}
"""


@pytest.mark.fact("A34")
async def test_one_digest_tells_a_person_of_all_schemes(rt: Runtime, sql: asyncpg.Connection) -> None:
    await make_cycle()
    await create_cycle(REVIEW.encode(), now=NOW, actor="command")
    assert await planner.plan_due(rt, MORNING) > 0
    found = await digests(sql)
    assert {slot for _, slot in found} == {"2020-12-24"}
    assert len({number for number, _ in found}) == len(found)
    mine = found[OFFICE, "2020-12-24"]
    assert "2020年度评星定级" in mine
    assert "2020年度述职评议考核" in mine
    assert "考核组" in found[TEAM, "2020-12-24"]
    assert "12月31日截止，还有 7 天" in found[TEAM, "2020-12-24"]


async def test_workers_at_once_and_again_plan_each_digest_once(rt: Runtime, sql: asyncpg.Connection) -> None:
    await make_cycle()
    planned = await asyncio.gather(*(planner.plan_due(rt, MORNING) for _ in range(6)))
    assert sorted(planned)[:5] == [0] * 5
    assert await planner.plan_due(rt, MORNING + timedelta(minutes=10)) == 0
    assert len(await digests(sql)) == max(planned)


async def test_a_worker_killed_in_the_middle_is_taken_over_and_nobody_is_told_twice(
    rt: Runtime, sql: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_cycle()
    whole = await planner.plan_all("morning", planner.habits_of(rt.settings), MORNING)
    expected = await digests(sql)
    await sql.execute("DELETE FROM notices")
    monkeypatch.setattr(planner, "BATCH", 1)
    killed = asyncio.create_task(planner.plan_due(rt, MORNING))
    while not await digests(sql):
        await asyncio.sleep(0)
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    assert 0 < len(await digests(sql)) < whole
    assert await planner.plan_due(rt, MORNING + timedelta(minutes=1)) == 0
    await planner.plan_due(rt, MORNING + planner.LEASE)
    assert await digests(sql) == expected


async def test_nothing_is_planned_on_days_off_early_or_late(rt: Runtime, sql: asyncpg.Connection) -> None:
    await make_cycle()
    for day, hour in (
        (date(2020, 12, 26), 10),
        (date(2021, 1, 1), 10),
        (date(2020, 12, 24), 8),
        (date(2020, 12, 24), 22),
    ):
        now = datetime(day.year, day.month, day.day, hour - 8, tzinfo=UTC)
        assert await planner.plan_due(rt, now) == 0
    assert await digests(sql) == {}


async def test_the_clock_may_jump(rt: Runtime, sql: asyncpg.Connection) -> None:
    await make_cycle()
    await planner.plan_due(rt, MORNING)
    first = await digests(sql)
    # Back, and forward again: nobody is told the same day's things twice.
    assert await planner.plan_due(rt, MORNING - timedelta(hours=3)) == 0
    assert await planner.plan_due(rt, MORNING) == 0
    # Far ahead, over days on which no worker ran: what was due to be said then is said now, once.
    later = datetime(2020, 12, 31, 1, 0, tzinfo=UTC)
    await planner.plan_due(rt, later)
    fresh = {key: text for key, text in (await digests(sql)).items() if key not in first}
    assert {slot for _, slot in fresh} == {"2020-12-31"}
    assert "今天截止" in fresh[TEAM, "2020-12-31"]
    # A clock that was ten years ahead for a morning silences nobody once it is right again.
    await sql.execute("DELETE FROM notices")
    await planner.plan_all("morning", planner.habits_of(rt.settings), MORNING)
    await sql.execute("UPDATE notices SET slot = '2030' || substr(slot, 5)")
    await planner.plan_all("morning", planner.habits_of(rt.settings), MORNING)
    again = {slot for _, slot in await digests(sql)}
    assert again == {"2030-12-24", "2020-12-24"}


async def test_the_last_call_is_for_what_ends_today_and_not_for_who_is_done(
    rt: Runtime, sql: asyncpg.Connection
) -> None:
    cycle = await make_cycle()
    last_day = datetime(2020, 12, 31, 1, 0, tzinfo=UTC)
    await planner.plan_due(rt, last_day)
    for key in ("assessment", "member_rating", "review"):
        await finish_stage(cycle.id, key, now=last_day, actor=OFFICE)
    await planner.plan_due(rt, last_day + timedelta(hours=7))
    found = await digests(sql)
    assert "最后提醒" in found[TEAM, "2020-12-31:last"]
    assert (OFFICE, "2020-12-31") in found
    assert (OFFICE, "2020-12-31:last") not in found


async def test_a_morning_that_comes_in_the_afternoon_is_not_followed_by_a_last_call(
    rt: Runtime, sql: asyncpg.Connection
) -> None:
    await make_cycle()
    afternoon = datetime(2020, 12, 31, 8, 30, tzinfo=UTC)
    assert await planner.plan_due(rt, afternoon) > 0
    assert await planner.plan_due(rt, afternoon + timedelta(minutes=1)) == 0
    assert {slot for _, slot in await digests(sql)} == {"2020-12-31"}


async def test_digests_go_where_a_way_is_known_and_none_is_refused(
    rt: Runtime, platform: Platform, sql: asyncpg.Connection
) -> None:
    await make_cycle()
    talked, silent = await bind(platform, TEAM), await bind(platform, OFFICE)
    await grant(rt, talked.openid, "message", MORNING)
    await planner.plan_due(rt, MORNING)
    while await deliveries.send_due(rt, MORNING):
        pass
    assert len(talked.entries) == 1
    assert silent.entries == []
    states = await sql.fetch("SELECT state, count(*) AS n FROM notices GROUP BY 1")
    assert {row["state"] for row in states} == {"sent", "listed"}
    assert platform.calls(SEND) == 1


async def test_a_digest_that_was_not_sent_in_its_day_is_not_sent_at_night_or_the_day_after(
    rt: Runtime, platform: Platform, sql: asyncpg.Connection
) -> None:
    await make_cycle()
    phone = await bind(platform, TEAM)
    await planner.plan_due(rt, MORNING)
    night = MORNING + timedelta(hours=13)
    await grant(rt, phone.openid, "message", night)
    await deliveries.send_due(rt, night)
    assert phone.entries == []
    assert {row["state"] for row in await sql.fetch("SELECT state FROM notices")} == {"listed"}


async def test_the_digest_is_read_where_its_person_looks_into_the_list(
    rt: Runtime, platform: Platform, sql: asyncpg.Connection
) -> None:
    await make_cycle()
    handset = await bind(platform, TEAM)
    await planner.plan_due(rt, MORNING)
    shown = await Phone(rt, handset.openid, MORNING).say("任务")
    assert "考核组" in shown
    assert "您有" not in shown
    unread = (
        "SELECT count(*) FROM notices JOIN people p ON p.id = person_id"
        " WHERE staff_no = $1 AND kind = 'digest' AND read_at IS NULL"
    )
    assert await sql.fetchval(unread, TEAM) == 0
    assert await sql.fetchval(unread, OFFICE) == 1


async def test_a_vote_is_reminded_of_to_everybody_on_the_roll_voted_or_not(
    rt: Runtime, sql: asyncpg.Connection
) -> None:
    """T3, T5: who is reminded must not show who has voted."""
    hall = make_hall()
    meeting = await hold(hall)
    people = await people_by_number()
    voters = [number for numbers in hall.classes.values() for number in numbers]
    await seat(meeting, *(people[number] for number in voters))
    at = datetime(2022, 1, 18, 1, 5, tzinfo=UTC)
    await open_poll(rt, meeting.id, now=at, actor="test")
    for number in voters[::2]:
        await Account.create(openid=f"o{number}", person_id=people[number], bound_at=at, consent="1")
        phone = Phone(rt, f"o{number}", at)
        await phone.say("投票")
        for _ in hall.reporters:
            await phone.say("好")
        assert "已计入" in await phone.say("确认")
    await planner.plan_due(rt, at + timedelta(minutes=5))
    found = await digests(sql)
    assert {number for number, _ in found} >= set(voters)
    plain = {
        found[number, "2022-01-18"]
        for number in voters
        if number != hall.host and number not in hall.classes["领导班子"]
    }
    assert len(plain) == 1
    assert "给「述职评议会」投票（今天截止）" in plain.pop()
