"""Whom the office has to phone, and the ways that a digest can go instead."""

from dataclasses import replace

import asyncpg
import pytest

from models.subscriptions import Subscription
from sandbox.faults import ApiFault
from sandbox.templates import Template
from services.reminders import deliveries, planner
from services.reminders.unreached import list_unreached_people, unreached_workbook
from services.runtime import Runtime
from services.workbooks.workbook import read_cells
from tests.faults.platform import Platform
from tests.integration.chatting import Phone
from tests.integration.cycles import OFFICE, TEAM, make_cycle
from tests.integration.reminded import MORNING, SEND, TEMPLATE, bind

pytestmark = pytest.mark.usefixtures("platform")

SUBSCRIBE = "/cgi-bin/message/subscribe/bizsend"


async def send_all(rt: Runtime) -> None:
    while await deliveries.send_due(rt, MORNING):
        pass


def configured(rt: Runtime, **changes: object) -> Runtime:
    return replace(rt, settings=rt.settings.model_copy(update=changes))


async def test_who_could_not_be_told_is_listed_with_why_until_they_look(rt: Runtime, platform: Platform) -> None:
    await make_cycle()
    handset = await bind(platform, TEAM)
    await planner.plan_due(rt, MORNING)
    await send_all(rt)
    found = {one.staff_no: one for one in await list_unreached_people(MORNING)}
    assert "不允许推送" in found[TEAM].why
    assert found[OFFICE].why == "没有绑定公众号"
    assert any("还有 2 项等您打分" in what for what in found[TEAM].what)
    assert found[TEAM].by is not None
    cells = read_cells(unreached_workbook(list(found.values())))
    assert "要打电话的人" in cells
    await Phone(rt, handset.openid, MORNING).say("任务")
    assert TEAM not in {one.staff_no for one in await list_unreached_people(MORNING)}


async def test_a_template_goes_where_no_window_is_open_and_the_day_has_some_left(
    rt: Runtime, platform: Platform, sql: asyncpg.Connection
) -> None:
    await make_cycle()
    template = Template(template_id="t1", title="任务提醒", keys=("thing1", "time2"))
    platform.world.templates[template.template_id] = template
    rt = configured(rt, wechat_template_digest=f"{template.template_id} thing1=事项 time2=时间", templates_per_day=1)
    phones = [await bind(platform, number) for number in (TEAM, OFFICE)]
    await planner.plan_due(rt, MORNING)
    await send_all(rt)
    assert sorted(len(phone.entries) for phone in phones) == [0, 1]
    assert platform.calls(TEMPLATE) == 1
    assert platform.calls(SEND) == 0
    shown = next(phone for phone in phones if phone.entries).entries[0].text
    assert "件事要办" in shown


async def test_a_consent_given_once_serves_once_and_its_repeat_adds_none(
    rt: Runtime, platform: Platform, sql: asyncpg.Connection
) -> None:
    await make_cycle()
    template = Template(template_id="s1", title="任务提醒", keys=("thing1", "time2"), kind="subscribe")
    platform.world.templates[template.template_id] = template
    rt = configured(rt, wechat_subscription_digest=f"{template.template_id} thing1=事项 time2=时间")
    handset = await bind(platform, TEAM)
    handset.credits[template.template_id] = 1
    phone = Phone(rt, handset.openid, MORNING)
    await phone.consent(template.template_id)
    await rt.redis.flushall()
    await phone.repeat()
    assert (await Subscription.get()).remaining == 1
    await planner.plan_due(rt, MORNING)
    await send_all(rt)
    await sql.execute("UPDATE notices SET state = 'planned', slot = slot || ':x'")
    await send_all(rt)
    assert platform.calls(SUBSCRIBE) == 1
    assert len(handset.entries) == 1
    assert "refused" not in {row["state"] for row in await sql.fetch("SELECT state FROM notices")}
    await phone.consent(template.template_id)
    await phone.consent(template.template_id, "reject", "subscribe_msg_change_event")
    assert await Subscription.all().count() == 0


async def test_a_consent_that_served_nothing_is_there_for_the_next_attempt(
    rt: Runtime, platform: Platform, sql: asyncpg.Connection
) -> None:
    await make_cycle()
    template = Template(template_id="s1", title="任务提醒", keys=("thing1", "time2"), kind="subscribe")
    platform.world.templates[template.template_id] = template
    rt = configured(rt, wechat_subscription_digest=f"{template.template_id} thing1=事项 time2=时间")
    handset = await bind(platform, TEAM)
    handset.credits[template.template_id] = 1
    await Phone(rt, handset.openid, MORNING).consent(template.template_id)
    await planner.plan_due(rt, MORNING)
    platform.world.faults.add_api(ApiFault.model_validate({"path": SUBSCRIBE, "errcode": -1, "times": 20}))
    await send_all(rt)
    assert handset.entries == []
    assert (await Subscription.get()).remaining == 1
    platform.world.faults = type(platform.world.faults)()
    await sql.execute("UPDATE notices SET due_at = $1 WHERE state = 'planned'", MORNING)
    await send_all(rt)
    assert len(handset.entries) == 1
    assert (await Subscription.get()).remaining == 0
