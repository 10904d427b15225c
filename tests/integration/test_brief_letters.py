"""How the leaders' summary reaches them: once, by the first way that is open, and at their word."""

from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from models.people import Person
from sandbox.faults import ApiFault
from sandbox.person import Person as Phone
from sandbox.templates import Template
from services.meetings.briefs import address_of
from services.notices.notices import read_notices
from services.polls.polls import close_poll, open_poll
from services.reminders.deliveries import send_due
from services.runtime import Runtime
from tests.faults.platform import Platform
from tests.integration.chatting import Phone as Chat
from tests.integration.chatting import grant
from tests.integration.led import all_vote, bound, closed, file_of, opened
from tests.integration.world import NOW, Hall, hold, name_of

pytestmark = pytest.mark.usefixtures("platform")
SEND, SEND_TEMPLATE, UPLOAD = (
    "/cgi-bin/message/custom/send",
    "/cgi-bin/message/template/send",
    "/cgi-bin/media/upload",
)


def texts(phone: Phone) -> list[tuple[str, str]]:
    return [(entry.kind, entry.via) for entry in phone.entries]


async def test_an_open_window_brings_text_and_picture_once(rt: Runtime, hall: Hall, platform: Platform) -> None:
    meeting = await opened(rt, hall, all_vote(hall, 0, 1, 2))
    phone = await bound(platform, "1001")
    await grant(rt, phone.openid, "message", NOW)
    for _ in range(2):
        await close_poll(rt, meeting.id, now=NOW, actor="test")
        await send_due(rt, NOW)
    assert texts(phone) == [("text", "custom"), ("image", "custom")]
    assert "（36/36，100%）" in phone.entries[0].text
    assert address_of(rt.settings, meeting.id) in phone.entries[0].text
    assert (platform.calls(SEND), platform.calls(UPLOAD)) == (2, 1)
    assert "回复 简报" in (await read_notices((await Person.get(staff_no="1001")).id, NOW))[0]


async def test_where_the_picture_fails_the_text_has_arrived_and_is_not_sent_again(
    rt: Runtime, hall: Hall, platform: Platform, sql: asyncpg.Connection
) -> None:
    meeting = await opened(rt, hall, all_vote(hall, 0, 1, 2))
    phone = await bound(platform, "1001")
    await grant(rt, phone.openid, "message", NOW)
    platform.world.faults.add_api(ApiFault(path=UPLOAD, errcode=40006))
    await close_poll(rt, meeting.id, now=NOW, actor="test")
    await send_due(rt, NOW)
    await send_due(rt, NOW + timedelta(hours=1))
    assert texts(phone) == [("text", "custom")]
    assert "sent" in [row["state"] for row in await sql.fetch("SELECT state FROM notices")]


def with_template(rt: Runtime, platform: Platform) -> Runtime:
    """The account has a template for it."""
    keys, labels = ("thing1", "thing2", "time3"), ("会议", "事项", "时间")
    template = Template(template_id="T-brief", title="会议小结", keys=keys, labels=labels)
    platform.world.templates[template.template_id] = template
    setting = "T-brief thing1=会议 thing2=事项 time3=时间"
    return replace(rt, settings=rt.settings.model_copy(update={"wechat_template_brief": setting}))


@pytest.mark.parametrize("thinks", [True, False], ids=["the platform knows of no window", "we know of no window"])
async def test_without_a_window_a_template_message_leads_to_the_page(
    rt: Runtime, hall: Hall, platform: Platform, sql: asyncpg.Connection, thinks: bool
) -> None:
    rt = with_template(rt, platform)
    meeting = await opened(rt, hall, all_vote(hall, 0, 1, 2))
    phone = await bound(platform, "1001")
    if thinks:
        await grant(rt, phone.openid, "message", NOW)
        phone.window = replace(phone.window, left=0)
    await close_poll(rt, meeting.id, now=NOW, actor="test")
    await send_due(rt, NOW)
    await send_due(rt, NOW + timedelta(hours=1))
    assert [entry.via for entry in phone.entries] == ["template"]
    assert phone.entries[0].links[0].href == address_of(rt.settings, meeting.id)
    assert platform.calls(SEND_TEMPLATE) == 1
    assert sorted(row["state"] for row in await sql.fetch("SELECT state FROM notices")) == ["listed", "listed", "sent"]


async def test_what_may_have_arrived_is_sent_by_no_other_way(
    rt: Runtime, hall: Hall, platform: Platform, sql: asyncpg.Connection
) -> None:
    rt = with_template(rt, platform)
    meeting = await opened(rt, hall, all_vote(hall, 0, 1, 2))
    await grant(rt, (await bound(platform, "1001")).openid, "message", NOW)
    platform.world.faults.add_api(ApiFault(path=SEND, kind="cut"))
    await close_poll(rt, meeting.id, now=NOW, actor="test")
    await send_due(rt, NOW)
    await send_due(rt, NOW + timedelta(hours=1))
    assert (platform.calls(SEND), platform.calls(SEND_TEMPLATE), platform.calls(UPLOAD)) == (1, 0, 0)
    assert "unknown" in [row["state"] for row in await sql.fetch("SELECT state FROM notices")]


async def test_the_host_sees_who_was_not_reached(rt: Runtime, hall: Hall, platform: Platform) -> None:
    meeting = await opened(rt, hall, all_vote(hall, 0, 1, 2))
    reached, quiet = await bound(platform, "1001"), await bound(platform, "1002")
    await grant(rt, reached.openid, "message", NOW)
    host = Chat(rt, (await bound(platform, hall.host)).openid, NOW)
    assert "小结" not in await host.say("主持")
    await close_poll(rt, meeting.id, now=NOW, actor="test")
    assert "小结：领导 3 人，2 人正在发送" in await host.say("主持")
    await send_due(rt, NOW)
    board = await host.say("主持")
    assert "小结：领导 3 人，1 人已送达，1 人在 任务 里" in board
    assert f"（{name_of('1002')}）" in board
    assert f"1 人没有绑定公众号，收不到（{name_of('1003')}）" in board
    await Chat(rt, quiet.openid, NOW).say("任务")
    assert "2 人已送达" in await host.say("主持")


async def test_the_word_gives_it_to_leaders_at_any_time_and_to_nobody_else(
    rt: Runtime, hall: Hall, platform: Platform
) -> None:
    meeting = await opened(rt, hall, all_vote(hall, 0, 1, 2))
    leader = Chat(rt, (await bound(platform, "1001")).openid, NOW)
    assert "已投票至少 35 人（35/36）" in await leader.say("简报")
    await close_poll(rt, meeting.id, now=NOW, actor="test")
    said = await leader.say("简报")
    assert "（36/36，100%）" in said
    assert f"1. {name_of(hall.reporters[0])} 95.00" in said
    for number in (hall.host, "2001"):
        other = Chat(rt, (await bound(platform, number)).openid, NOW)
        assert "简报只给会议的领导看" in await other.say("简报")
        assert "您不是这个会议的领导" in await other.say(f"简报{meeting.id}")
    assert "绑定" in await Chat(rt, "oStranger", NOW).say("简报")


async def test_of_several_meetings_it_gives_the_newest_and_offers_the_others(
    rt: Runtime, hall: Hall, platform: Platform
) -> None:
    older = await closed(
        rt, hall, all_vote(hall, 0, 1, 2), file_of(hall).replace("述职评议会", "去年的会").replace("2022-", "2021-")
    )
    newer = await hold(hall, file_of(hall).replace("述职评议会", "今年的会"))
    await open_poll(rt, newer.id, now=NOW, actor="test")
    leader = Chat(rt, (await bound(platform, "1001")).openid, NOW)
    said = await leader.say("简报")
    assert said.startswith("「今年的会」")
    assert "简报：去年的会" in said
    assert (await leader.say(f"简报{older.id}")).startswith("「去年的会」")
