"""阶段 on the phone: the office gives a stage its day and closes it; nobody else finds anything there."""

from datetime import UTC, date, datetime
from functools import partial

from services.cycles.stages import stage_days
from services.runtime import Runtime
from tests.integration.chatting import bound_phone
from tests.integration.cycles import MEMBER, OFFICE, make_cycle

AT = datetime(2020, 11, 2, 2, 0, tzinfo=UTC)


phone_of = partial(bound_phone, now=AT)


async def test_the_office_sets_a_day_in_words_and_closes_a_stage(rt: Runtime) -> None:
    cycle = await make_cycle()
    phone = await phone_of(rt, OFFICE)
    assert "评测前自查（至少一轮）（没有定时间）" in await phone.say("阶段")
    assert "改期限" in await phone.say("评测前自查（至少一轮）")
    assert "哪天截止" in await phone.say("改期限")
    assert "没有看出是哪一天" in await phone.say("过几天")
    assert "2020年11月20日" in await phone.say("11月20日前")
    assert "理由：考核组月底进点" in await phone.say("考核组月底进点")
    assert "已定下" in await phone.say("确认")
    assert (await stage_days(cycle))["self_check"].due == date(2020, 11, 20)
    await phone.say("阶段")
    await phone.say("动员部署")
    await phone.say("办结")
    assert "已办结：动员部署" in await phone.say("确认")
    assert (await stage_days(cycle))["kick_off"].finished_at == AT
    assert "动员部署" not in await phone.say("阶段")


async def test_days_out_of_order_are_asked_again(rt: Runtime) -> None:
    await make_cycle()
    phone = await phone_of(rt, OFFICE)
    for word in ("阶段", "命名表彰", "改期限", "2020-12-01", "提早"):
        await phone.say(word)
    again = await phone.say("确认")
    assert "前后颠倒" in again
    assert "哪天截止" in again


async def test_others_are_told_who_keeps_the_days(rt: Runtime) -> None:
    await make_cycle()
    phone = await phone_of(rt, MEMBER)
    assert "组织部门" in await phone.say("阶段")
