"""A meeting's title, a name or an organisation with markup reached people as a live link, inside the secrecy statement even."""

import re

from models.accounts import Account
from models.organisations import Organisation
from models.people import Person
from services.polls.polls import close_poll, open_poll
from services.runtime import Runtime
from tests.integration.chatting import Phone
from tests.integration.world import FORM, NOW, hold, make_hall, meeting_of, seat

EVIL = "<a href='http://evil.example'>重要"
LINK = re.compile(r'<a href="weixin://bizmsgmenu\?msgmenucontent=[^"<>&]*&msgmenuid=[\w.#]*">[^<>]*</a>')


async def test_whatever_is_written_only_choices_are_links(rt: Runtime) -> None:
    hall = make_hall()
    form = FORM.replace("总体评价", f'"{EVIL}"').replace("较好:", "'较<b>好':")
    meeting = await hold(hall, meeting_of(hall, form=form).replace("title: 述职评议会", f'title: "{EVIL}会议"'))
    await Person.all().update(name=f"{EVIL}人")
    await Organisation.all().update(name=f"{EVIL}支部")
    voter = await Person.get(staff_no=hall.classes["党员代表"][0])
    host = await Person.get(staff_no=hall.host)
    for person in (voter, host):
        await Account.create(openid=f"o-{person.staff_no}", person=person, bound_at=NOW, consent="1")
    await seat(meeting, voter.id)
    phone, desk = Phone(rt, f"o-{voter.staff_no}"), Phone(rt, f"o-{host.staff_no}")
    heard = [await desk.say("主持"), await desk.say("任务"), await phone.scan(f"m.{meeting.code}")]
    await open_poll(rt, meeting.id, now=NOW, actor="test")
    heard.append(await phone.say("投票"))
    assert "重要会议" in heard[-1]
    heard += [await phone.say("较<b>好") for _ in hall.reporters]
    assert EVIL[3:] not in heard[-1]
    heard += [await phone.say(word) for word in ("确认", "投票", "任务")]
    assert "已计入" in heard[-3]
    await close_poll(rt, meeting.id, now=NOW, actor="test")
    heard += [await desk.say(word) for word in ("主持", "结果", "投诉建议", EVIL)]
    assert all("<" not in LINK.sub("", text) for text in heard), heard
    assert all(heard)
