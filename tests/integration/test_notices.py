"""Notices: planned once, pushed at most once where a window is open, and always there under 任务."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from tortoise.transactions import in_transaction

from bot.conversation import Caller, Said
from bot.messages import InMessage
from bot.routes import Match
from config import clock
from handlers.chat.notices import OpenThing, show_tasks
from models import notices as tables
from models.accounts import Account
from models.organisations import Organisation
from models.people import Person
from sandbox.faults import ApiFault
from sandbox.person import Person as Phone
from services.notices import notices, rations
from services.reminders import deliveries
from services.runtime import Runtime
from tests.faults.platform import Platform
from tests.integration.chatting import Phone as Chat
from tests.integration.chatting import grant

pytestmark = pytest.mark.usefixtures("platform")

NOON = datetime(2022, 1, 18, 4, 0, 0, tzinfo=UTC)
SEND = "/cgi-bin/message/custom/send"


async def a_person(staff_no: str = "1001", phone: Phone | None = None) -> Person:
    """A person of the roster, bound to that phone where one is given."""
    office, _ = await Organisation.get_or_create(code="01", defaults={"name": "党委", "kind": "党委"})
    person = await Person.create(staff_no=staff_no, name="张三", status="正式党员", organisation=office)
    if phone:
        await Account.create(openid=phone.openid, person=person, bound_at=NOON, consent="1")
    return person


async def a_reachable_person(
    rt: Runtime, platform: Platform, staff_no: str = "1001", at: datetime = NOON
) -> tuple[Person, Phone]:
    """A bound person who wrote to the account at that time."""
    phone = platform.follower(staff_no)
    person = await a_person(staff_no, phone)
    await grant(rt, phone.openid, "message", at)
    return person, phone


async def plan(person: Person, slot: str = "m1", text: str = "会议已结束", due_at: datetime = NOON) -> None:
    await notices.plan_notice("closed", person.id, slot, text, due_at)


def texts(phone: Phone) -> list[str]:
    return [entry.text for entry in phone.entries]


async def states(sql: asyncpg.Connection) -> list[str]:
    return [row["state"] for row in await sql.fetch("SELECT state FROM notices ORDER BY slot")]


async def test_planning_again_does_nothing_and_a_rolled_back_plan_is_none(db: str, sql: asyncpg.Connection) -> None:
    person = await a_person()
    await plan(person)
    await plan(person, text="别的话")
    with contextlib.suppress(ZeroDivisionError):
        async with in_transaction():
            await plan(person, slot="m2")
            raise ZeroDivisionError
    assert [row["text"] for row in await sql.fetch("SELECT text FROM notices")] == ["会议已结束"]


async def test_a_repeat_within_a_transaction_leaves_the_transaction_usable(db: str, sql: asyncpg.Connection) -> None:
    person = await a_person()
    await plan(person)
    async with in_transaction():
        await plan(person)
        await plan(person, slot="m2")
    assert await sql.fetchval("SELECT count(*) FROM notices") == 2


async def test_a_due_notice_is_pushed_once_where_the_window_is_open(
    rt: Runtime, platform: Platform, sql: asyncpg.Connection
) -> None:
    person, phone = await a_reachable_person(rt, platform)
    await plan(person)
    await plan(person, slot="m2", text="还早", due_at=NOON + timedelta(minutes=1))
    assert await deliveries.send_due(rt, NOON) == 1
    assert await deliveries.send_due(rt, NOON) == 0
    assert texts(phone) == ["会议已结束"]
    assert await states(sql) == ["sent", "planned"]


async def test_a_pushed_text_carries_no_markup(rt: Runtime, platform: Platform) -> None:
    person, phone = await a_reachable_person(rt, platform)
    await plan(person, text="「<a href='http://evil.example'>重要</a>」已结束")
    assert await deliveries.send_due(rt, NOON) == 1
    assert "重要" in texts(phone)[0]
    assert not set("<>") & set(texts(phone)[0])


async def test_without_a_known_window_nothing_is_called_and_the_notice_stands_in_the_list(
    rt: Runtime, platform: Platform, sql: asyncpg.Connection
) -> None:
    await plan(await a_person("1001", platform.follower()))
    await plan(await a_person("1002"), slot="m2")
    assert await deliveries.send_due(rt, NOON) == 2
    assert await states(sql) == ["listed", "listed"]
    assert platform.calls(SEND) == 0


async def test_many_workers_at_once_send_each_notice_once(
    rt: Runtime, platform: Platform, sql: asyncpg.Connection
) -> None:
    reachable = [await a_reachable_person(rt, platform, str(1000 + i)) for i in range(40)]
    for person, _ in reachable:
        await plan(person)
    taken = await asyncio.gather(*(deliveries.send_due(rt, NOON, limit=7) for _ in range(8)))
    assert sum(taken) == 40
    assert [texts(phone) for _, phone in reachable] == [["会议已结束"]] * 40
    assert set(await states(sql)) == {"sent"}


async def test_a_refusal_is_recorded_with_its_code_and_closes_the_window(
    rt: Runtime, platform: Platform, sql: asyncpg.Connection
) -> None:
    person, phone = await a_reachable_person(rt, platform)
    phone.followed = False
    await plan(person)
    await deliveries.send_due(rt, NOON)
    assert tuple(await sql.fetchrow("SELECT state, errcode FROM notices")) == ("refused", 45015)
    assert not await rations.take_ration(rt, phone.openid, NOON)
    await deliveries.send_due(rt, NOON + timedelta(hours=1))
    assert platform.calls(SEND) == 1


async def test_a_busy_platform_is_asked_again_later(rt: Runtime, platform: Platform, sql: asyncpg.Connection) -> None:
    now = clock.now()
    person, phone = await a_reachable_person(rt, platform, at=now)
    platform.world.faults.add_api(ApiFault(path=SEND, errcode=45011))
    await plan(person)
    await deliveries.send_due(rt, now)
    row = await sql.fetchrow("SELECT state, errcode, due_at FROM notices")
    assert (row["state"], row["errcode"]) == ("planned", 45011)
    assert now < row["due_at"] < now + timedelta(hours=1)
    assert await deliveries.send_due(rt, row["due_at"] - timedelta(seconds=1)) == 0
    assert await deliveries.send_due(rt, row["due_at"]) == 1
    assert texts(phone) == ["会议已结束"]
    assert await states(sql) == ["sent"]


async def test_a_cut_connection_is_unknown_and_never_sent_again(
    rt: Runtime, platform: Platform, sql: asyncpg.Connection
) -> None:
    person, phone = await a_reachable_person(rt, platform)
    platform.world.faults.add_api(ApiFault(path=SEND, kind="cut"))
    await plan(person)
    await deliveries.send_due(rt, NOON)
    await deliveries.send_due(rt, NOON + timedelta(days=1))
    assert await states(sql) == ["unknown"]
    assert texts(phone) == []


async def test_the_notice_of_a_dead_worker_becomes_unknown_after_its_lease(
    rt: Runtime, platform: Platform, sql: asyncpg.Connection
) -> None:
    person, _ = await a_reachable_person(rt, platform)
    await plan(person)
    [claimed] = await tables.claim_due(NOON, NOON + deliveries.LEASE, 1)
    await deliveries.send_due(rt, NOON + deliveries.LEASE - timedelta(seconds=1))
    assert await states(sql) == ["sending"]
    await deliveries.send_due(rt, NOON + deliveries.LEASE)
    assert await states(sql) == ["unknown"]
    # The worker was only slow: what it learned is better than not knowing.
    await tables.settle(claimed, NOON, tables.SENT, None)
    assert await states(sql) == ["sent"]
    assert platform.calls(SEND) == 0


async def test_a_message_grants_five_for_two_days_and_never_a_sixth(rt: Runtime) -> None:
    await grant(rt, "oA", "message", NOON)
    taken = await asyncio.gather(*(rations.take_ration(rt, "oA", NOON) for _ in range(20)))
    assert sum(taken) == 5
    await grant(rt, "oA", "message", NOON)
    assert await rations.take_ration(rt, "oA", NOON + timedelta(hours=47, minutes=59))
    assert not await rations.take_ration(rt, "oA", NOON + timedelta(hours=48))
    assert not await rations.take_ration(rt, "oB", NOON)


async def test_what_somebody_says_and_is_answered_grants(rt: Runtime) -> None:
    assert await Chat(rt, "oA", NOON).say("你好")
    assert await rations.take_ration(rt, "oA", NOON)
    assert not await rations.take_ration(rt, "oA", NOON + timedelta(hours=48))


@pytest.mark.parametrize("kind", ["msgmenu", "menu", "follow", "scan"])
async def test_a_tap_grants_three_for_a_minute(rt: Runtime, kind: rations.Contact) -> None:
    await grant(rt, "oA", kind, NOON)
    assert not await rations.take_ration(rt, "oA", NOON + timedelta(seconds=60))
    taken = [await rations.take_ration(rt, "oA", NOON + timedelta(seconds=50)) for _ in range(4)]
    assert taken == [True, True, True, False]


async def test_a_tap_leaves_the_ration_of_a_message_alone(rt: Runtime) -> None:
    await grant(rt, "oA", "message", NOON)
    await grant(rt, "oA", "menu", NOON)
    later = NOON + timedelta(minutes=2)
    assert sum([await rations.take_ration(rt, "oA", later) for _ in range(9)]) == 5


async def test_a_flushed_redis_loses_the_push_and_not_the_notice(
    rt: Runtime, platform: Platform, sql: asyncpg.Connection
) -> None:
    person, _ = await a_reachable_person(rt, platform)
    await plan(person)
    await rt.redis.flushall()
    await deliveries.send_due(rt, NOON)
    assert await states(sql) == ["listed"]
    assert await notices.read_notices(person.id, NOON) == ["会议已结束"]


async def test_no_key_in_redis_names_a_person(rt: Runtime) -> None:
    await grant(rt, "oSecretOpenid", "message", NOON)
    await grant(rt, "oSecretOpenid", "scan", NOON)
    keys = await rt.redis.keys("*")
    assert len(keys) == 2
    assert not any(b"oSecretOpenid" in key for key in keys)


async def test_notices_are_listed_newest_first_read_once_and_repeated_for_a_repeated_message(
    db: str, sql: asyncpg.Connection
) -> None:
    person, other = await a_person(), await a_person("1002")
    for slot, minutes in (("a", -2), ("b", -1), ("c", 1)):
        await plan(person, slot, f"通知{slot}", NOON + timedelta(minutes=minutes))
    await plan(other, "d", "别人的")
    assert await notices.read_notices(person.id, NOON) == ["通知b", "通知a"]
    assert await sql.fetchval("SELECT count(*) FROM notices WHERE read_at = $1", NOON) == 2
    assert await notices.read_notices(person.id, NOON + timedelta(seconds=5)) == ["通知b", "通知a"]
    assert await notices.read_notices(person.id, NOON + timedelta(minutes=5)) == ["通知c"]


async def ask_for_tasks(rt: Runtime, openid: str, *lines: str) -> Said:
    async def source(rt: Runtime, person_id: int, now: datetime) -> list[OpenThing]:
        return [OpenThing(line, "投票") for line in lines]

    message = InMessage(openid, "gh_0123456789ab", int(NOON.timestamp()), "text", "任务")
    said = await show_tasks((source, source))(rt, Caller(openid, "k", NOON, "wx"), message, Match("任务"))
    assert isinstance(said, Said)
    return said


async def test_the_list_shows_what_can_be_done_and_then_the_notices(rt: Runtime, platform: Platform) -> None:
    person, phone = await a_reachable_person(rt, platform)
    await plan(person)
    said = await ask_for_tasks(rt, phone.openid, "「述职评议会」正在投票，回复 投票")
    assert said.text.count("回复 投票") == 2
    assert said.text.index("回复 投票") < said.text.index("会议已结束")
    assert [choice.value for choice in said.choices] == ["投票", "帮助"]


async def test_the_list_says_when_there_is_nothing_and_who_is_not_bound_how_to_bind(
    rt: Runtime, platform: Platform
) -> None:
    _, phone = await a_reachable_person(rt, platform)
    assert "没有要您办的事" in (await ask_for_tasks(rt, phone.openid)).text
    said = await ask_for_tasks(rt, "oStranger")
    assert "绑定" in said.text
    assert said.choices[0].value == "绑定"


async def test_two_transactions_that_tell_the_same_people_do_not_deadlock(db: None) -> None:
    people = [(await a_person(f"{number}")).id for number in range(1001, 1101)]

    async def tell(order: list[int], slot: str) -> None:
        async with in_transaction():
            await notices.plan_notices("told", order, slot, "公示开始了。", NOON)

    for slot in map(str, range(10)):
        await asyncio.gather(tell(people, slot), tell(people[::-1], slot))
    assert await tables.Notice.filter(kind="told").count() == 1000
