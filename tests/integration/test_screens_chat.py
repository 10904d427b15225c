"""The host steers the big screen from the chat."""

import pytest

from models.accounts import Account
from models.people import Person
from services.meetings.screens import open_screen
from services.polls.polls import close_poll, open_poll
from services.runtime import Runtime
from tests.integration.chatting import Phone
from tests.integration.watching import held
from tests.integration.world import NOW, Hall, name_of

pytestmark = pytest.mark.usefixtures("platform")


async def test_the_host_steers_from_the_chat(rt: Runtime, hall: Hall) -> None:
    meeting, shown = await held(hall)
    host = await bound(rt, hall.host)
    stranger = await bound(rt, hall.reporters[0])
    assert "大屏" in await host.say("主持")
    answer = await host.say("大屏")
    assert f"http://127.0.0.1:8080/screen/{shown.screen.token}" in answer
    assert "现在显示签到码" in answer
    assert f"现在显示{name_of(hall.reporters[0])}（第 1 位，共 3 位）" in await host.say("下一位")
    assert await host.repeat() == await host.repeat()
    assert "（第 2 位，共 3 位）" in await host.say(f"下一位{meeting.id}")
    assert "（第 1 位，共 3 位）" in await host.say("上一位")
    assert "已经是第一位" in await host.say("上一位")
    assert "现在显示签到码" in await host.say("显示签到码")
    assert "结果还没有公布" in await host.say("显示结果")
    assert "换一个大屏地址？" in await host.say("换地址")
    assert (await open_screen(meeting, now=NOW, actor="test")).screen.token == shown.screen.token
    changed = await host.say("确认")
    token = (await open_screen(meeting, now=NOW, actor="test")).screen.token
    assert token != shown.screen.token
    assert token in changed
    assert "没有主持的会议" in await stranger.say("大屏")
    assert "不是这个会议的主持人" in await stranger.say(f"大屏{meeting.id}")
    assert token not in await stranger.say(f"换地址{meeting.id}")
    assert "绑定" in await Phone(rt, "o-nobody").say("大屏")


async def test_with_several_meetings_the_one_that_goes_on_is_meant(rt: Runtime, hall: Hall) -> None:
    first, _ = await held(hall)
    host = await bound(rt, hall.host)
    second, _ = await held(hall)
    answer = await host.say("下一位")
    assert f"下一位{first.id}" in answer
    assert f"下一位{second.id}" in answer
    await open_poll(rt, first.id, now=NOW, actor="test")
    await close_poll(rt, first.id, now=NOW, actor="test")
    assert "（第 1 位，共 3 位）" in await host.say("下一位")
    assert "显示测评结果" in await host.say(f"大屏{first.id}")


async def bound(rt: Runtime, staff_no: str) -> Phone:
    """The phone of somebody who is bound."""
    person = await Person.get(staff_no=staff_no)
    await Account.create(openid=f"o-{staff_no}", person=person, bound_at=NOW, consent="1")
    return Phone(rt, f"o-{staff_no}")
