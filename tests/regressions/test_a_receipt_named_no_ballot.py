"""确认 outside a flow said 已计入 though the ballot that had just been filled was never cast; after the close it said nothing."""

from models.accounts import Account
from services.meetings.meetings import import_meeting
from services.polls.polls import close_poll, open_poll
from services.runtime import Runtime
from tests.integration.chatting import Phone
from tests.integration.world import NOW, hold, make_hall, meeting_of, people_by_number, seat


async def fill(phone: Phone, questions: int) -> None:
    """Answer every question with the first option."""
    for _ in range(questions):
        await phone.say("1")


async def test_each_ballot_is_named_and_told_by_itself(rt: Runtime) -> None:
    hall = make_hall()
    first = await hold(hall, meeting_of(hall).replace("述职评议会", "会一"))
    second = await import_meeting(meeting_of(hall).replace("述职评议会", "会二").encode(), now=NOW, actor="test")
    person = (await people_by_number())[hall.classes["党员代表"][0]]
    await Account.create(openid="o-1", person_id=person, bound_at=NOW, consent="1")
    for meeting in (first, second):
        await seat(meeting, person)
        await open_poll(rt, meeting.id, now=NOW, actor="test")
    phone = Phone(rt, "o-1", NOW)
    await phone.say("投票")
    await phone.say("会一")
    await fill(phone, len(hall.reporters))
    assert "已计入" in await phone.say("确认")
    await phone.say("投票")
    await fill(phone, len(hall.reporters))
    await rt.redis.flushall()
    told = await phone.say("确认")
    assert "「会一」：您的票已计入" in told
    assert "「会二」您还没有投票" in told

    for meeting in (first, second):
        await close_poll(rt, meeting.id, now=NOW, actor="test")
    for word in ("确认", "投票"):
        told = await phone.say(word)
        assert "「会一」已结束，您的票已计入" in told
        assert "「会二」已结束，没有您的票" in told


async def test_a_second_confirmation_does_not_accept_a_small_class(rt: Runtime) -> None:
    hall = make_hall(delegates=4)
    file = meeting_of(hall)
    start, end = file.index("classes:"), file.index("reporters:")
    await hold(hall, file[:start] + 'classes: {党员代表: {weight: "1", orgs: ["0102"]}}\n' + file[end:])
    host = (await people_by_number())[hall.host]
    await Account.create(openid="o-host", person_id=host, bound_at=NOW, consent="1")
    phone = Phone(rt, "o-host", NOW)
    await phone.say("开始投票")
    assert "接受" in await phone.say("确认")
    assert "投票已开始" not in await phone.say("确认")
    assert "投票已开始" in await phone.say("接受")
