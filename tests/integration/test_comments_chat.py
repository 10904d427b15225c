"""点评 on the phones of leaders, and winding the meeting up: nobody may be left out."""

import asyncio
from argparse import Namespace
from functools import partial

import asyncpg
import pytest

from app.commands.meetings import conclude
from config.refusals import Refusal
from models.meetings import Meeting
from services.meetings.comments import say_comment
from services.meetings.conclusions import conclude_meeting
from services.meetings.meetings import import_meeting
from services.polls.polls import close_poll, open_poll
from services.reminders.agenda import list_agenda
from services.runtime import Runtime
from tests.integration.chatting import bound_phone
from tests.integration.led import LEADERS, all_vote, closed, file_of
from tests.integration.world import NOW, Hall, hold, make_hall, name_of, people_by_number

HALL = make_hall(reporters=3)
CHIEF = LEADERS[0]


phone_of = partial(bound_phone, now=NOW)


async def held(rt: Runtime, hall: Hall = HALL) -> Meeting:
    """A meeting whose vote is over, with leaders of its own."""
    return await closed(rt, hall, all_vote(hall, *(0 for _ in hall.reporters)))


async def comment_all(meeting: Meeting, leader: str, count: int) -> None:
    people = await people_by_number()
    reporters = await meeting.reporters.all().order_by("position")
    for one in reporters[:count]:
        await say_comment(one.id, people[leader], problem="形式单一", direction="讲到窗口", now=NOW)


@pytest.mark.fact("S4-18", "S4-19")
async def test_a_leader_comments_on_everybody_one_message_each(rt: Runtime, sql: asyncpg.Connection) -> None:
    await hold(HALL, file_of(HALL))
    leader = await phone_of(rt, CHIEF)
    first = await leader.say("点评")
    assert "还有 3 位没有点评" in first
    assert f"点评 {name_of('4001')}（现场述职）" in first
    shown = await leader.say("问题：党员教育形式单一。方向：把党课讲到窗口")
    assert "突出问题：党员教育形式单一\n努力方向：把党课讲到窗口" in shown
    second = await leader.say("确认")
    assert "还有 2 位没有点评" in second
    assert f"点评 {name_of('4002')}" in second
    assert f"点评 {name_of('4003')}（书面述职）" in await leader.say(f"先点评{name_of('4003')}")
    asked = await leader.speak("谈心谈话太少")
    assert "努力方向是什么" in asked
    await leader.say("每月谈心一次")
    assert "还有 1 位没有点评" in await leader.say("确认")
    await leader.speak("问题是台账不全方向是专人负责")
    assert "3 位述职人都点评了" in await leader.say("确认")
    rows = await sql.fetch("SELECT problem, direction FROM comments ORDER BY reporter_id")
    assert [tuple(row) for row in rows] == [
        ("党员教育形式单一", "把党课讲到窗口"),
        ("台账不全", "专人负责"),
        ("谈心谈话太少", "每月谈心一次"),
    ]


async def test_both_parts_said_where_the_direction_is_asked_lose_no_word(rt: Runtime) -> None:
    await hold(HALL, file_of(HALL))
    leader = await phone_of(rt, CHIEF)
    await leader.say("点评")
    assert "努力方向是什么" in await leader.say("谈心太少")
    shown = await leader.say("问题：谈心谈话还是太少。方向：每月谈心一次")
    assert "突出问题：谈心谈话还是太少\n努力方向：每月谈心一次" in shown


@pytest.mark.fact("S4-18", "S4-19")
async def test_praise_alone_is_asked_about_before_it_is_taken_for_a_problem(
    rt: Runtime, sql: asyncpg.Connection
) -> None:
    await hold(HALL, file_of(HALL))
    leader = await phone_of(rt, CHIEF)
    for text in ("点评", "很好"):
        await leader.say(text)
    shown = await leader.say("问题：做得很好，方向：继续努力")
    assert "点评要点出一个问题和努力方向；还要这样提交吗？" in shown
    assert "还没有记下" in await leader.say("确认")
    assert await sql.fetchval("SELECT count(*) FROM comments") == 0
    await leader.tap("重说问题")
    assert "努力方向是什么" not in (shown := await leader.say("问题：谈心太少"))
    assert "还要这样提交吗" in shown
    await leader.tap("重说方向")
    assert "还要这样提交吗" not in await leader.say("每月谈心一次")
    assert "还有 2 位没有点评" in await leader.say("确认")
    await leader.say("问题：没有问题。方向：再接再厉")
    assert "还有 1 位没有点评" in await leader.say("就这样提交")
    assert await sql.fetchval("SELECT count(*) FROM comments") == 2


async def test_with_nine_reporters_everybody_can_be_reached_by_number_or_name(rt: Runtime) -> None:
    hall = make_hall(reporters=9)
    meeting = await hold(hall, file_of(hall))
    leader = await phone_of(rt, CHIEF)
    first = await leader.say("点评")
    assert f"6 先点评{name_of('4007')}" in first
    assert f"点不到的 7 {name_of('4008')}、8 {name_of('4009')}，回复序号或姓名。" in first
    assert f"点评 {name_of('4009')}" in await leader.say("8")
    assert f"点评 {name_of('4008')}" in await leader.say(name_of("4008"))
    await comment_all(meeting, CHIEF, 9)
    await leader.say("取消")
    listed = await leader.say(f"点评{meeting.id}")
    assert f">1 {name_of('4001')}<" in listed
    assert f">{name_of('4007')}<" not in listed
    assert f">3 {name_of('4009')}<" in await leader.say("下一页")
    assert f"点评 {name_of('4009')}" in await leader.say("3")


async def test_meetings_of_one_title_are_told_apart_by_day_and_number(rt: Runtime) -> None:
    meeting = await hold(HALL, file_of(HALL))
    for file in (file_of(HALL), file_of(HALL).replace("2022-01-18T", "2022-01-19T")):
        await import_meeting(file.encode(), now=NOW, actor="test")
    leader = await phone_of(rt, CHIEF)
    asked = await leader.say("点评")
    numbers = (meeting.id, meeting.id + 1)
    lines = [f"述职评议会（2022年1月18日，编号 {number}）" for number in numbers]
    for line in (*lines, "述职评议会（2022年1月19日）"):
        assert f"{line}<" in asked
    shown = await leader.say(f"简报{meeting.id}")
    assert f"简报：{lines[1]}<" in shown
    assert "简报：述职评议会（2022年1月19日）<" in shown
    assert f"{lines[0]}（还没有开始投票）<" in await (await phone_of(rt, HALL.host)).say("主持")


async def test_a_comment_said_again_is_replaced_and_a_repeat_changes_nothing(
    rt: Runtime, sql: asyncpg.Connection
) -> None:
    meeting = await hold(HALL, file_of(HALL))
    await comment_all(meeting, CHIEF, 3)
    leader = await phone_of(rt, CHIEF)
    assert "您都点评了" in await leader.say("点评")
    assert "您说过：问题：形式单一；方向：讲到窗口" in await leader.say("1")
    await leader.say("问题：谈心少 努力方向：多谈心")
    said = await leader.say("确认")
    assert await leader.repeat() == said
    assert await sql.fetchval("SELECT count(*) FROM comments") == 3
    assert await sql.fetchval("SELECT count(*) FROM comments WHERE problem = '谈心少'") == 1


@pytest.mark.fact("S4-19")
async def test_a_meeting_is_not_wound_up_while_one_comment_is_missing(
    rt: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    meeting = await held(rt)
    await comment_all(meeting, CHIEF, 2)
    with pytest.raises(Refusal) as refused:
        await conclude_meeting(meeting.id, now=NOW, actor="command")
    assert refused.value.say == f"还有 1 位没有点评，不能办结：{name_of('4003')}。请领导回复 点评。"
    host = await phone_of(rt, HALL.host)
    assert f"还没有点评：{name_of('4003')}" in await host.say("主持")
    await host.say("会议办结")
    assert "不能办结" in await host.say("确认")
    await comment_all(meeting, CHIEF, 3)
    await host.say("会议办结")
    assert "会议已办结" in await host.say("确认")
    assert await conclude(rt.settings, Namespace(id=meeting.id)) == 0
    assert "已办结" in capsys.readouterr().out


@pytest.mark.fact("S4-29")
async def test_what_was_found_wanting_stands_on_each_branchs_list(rt: Runtime, sql: asyncpg.Connection) -> None:
    meeting = await held(rt)
    await comment_all(meeting, CHIEF, 3)
    await asyncio.gather(*(conclude_meeting(meeting.id, now=NOW, actor="command") for _ in range(3)))
    rows = await sql.fetch(
        "SELECT o.code, i.source, i.problem FROM rectification_items i JOIN organisations o ON o.id = organisation_id ORDER BY 1"
    )
    assert [tuple(row) for row in rows] == [(f"050{n}", "上级点评", "形式单一") for n in range(3)]
    with pytest.raises(Refusal) as refused:
        await comment_all(meeting, CHIEF, 1)
    assert refused.value.code == "concluded"


@pytest.mark.fact("S4-18")
async def test_a_party_secretary_among_the_leaders_comments_on_everybody_and_the_others_may(rt: Runtime) -> None:
    hall = make_hall(reporters=2)
    # Of the leaders one is a branch's secretary, who here stands for the 党组书记: none is nearer to the top.
    file = file_of(hall).replace('leaders: ["1001"', 'leaders: ["4001", "1001"')
    meeting = await hold(hall, file)
    people = await people_by_number()
    await comment_all(meeting, LEADERS[1], 2)
    dues = await list_agenda(NOW, list(people.values()))
    assert [(due.person_id, due.text) for due in dues if due.word == "点评"] == [
        (people["4001"], "「述职评议会」还有 1 位没有点评")
    ]
    reporters = await meeting.reporters.all().order_by("position")
    with pytest.raises(Refusal) as refused:
        await say_comment(reporters[0].id, people["4001"], problem="一", direction="二", now=NOW)
    assert refused.value.code == "own_report"
    await open_poll(rt, meeting.id, now=NOW, actor="test", accept_small=True)
    await close_poll(rt, meeting.id, now=NOW, actor="test")
    with pytest.raises(Refusal) as refused:
        await conclude_meeting(meeting.id, now=NOW, actor="command")
    assert name_of("4002") in refused.value.say
    assert name_of("4001") not in refused.value.say
    await say_comment(reporters[1].id, people["4001"], problem="一", direction="二", now=NOW)
    await conclude_meeting(meeting.id, now=NOW, actor="command")


@pytest.mark.fact("S4-18", "S4-34d")
async def test_the_host_sees_the_time_of_each_and_is_asked_about_missing_comments_before_the_vote(rt: Runtime) -> None:
    meeting = await hold(HALL, file_of(HALL, extra="minutes_each: 8"))
    host = await phone_of(rt, HALL.host)
    assert "每位述职 8 分钟" in await host.say("主持")
    asked = await host.say("开始投票")
    names = "、".join(map(name_of, HALL.reporters))
    assert f"按规定先逐一点评、再测评：{names}还没有点评" in asked
    await comment_all(meeting, CHIEF, 3)
    await host.say("取消")
    assert "再测评" not in await host.say("开始投票")
    assert "投票已开始" in await host.say("确认")


async def test_only_leaders_of_the_meeting_comment(rt: Runtime) -> None:
    meeting = await hold(HALL, file_of(HALL))
    member = await phone_of(rt, "2001")
    assert "没有等您点评的会议" in await member.say("点评")
    assert "您不是这个会议的领导" in await member.say(f"点评{meeting.id}")


async def test_a_comment_never_goes_to_somebody_else_than_is_shown(rt: Runtime, sql: asyncpg.Connection) -> None:
    first = await hold(HALL, file_of(HALL))
    other = await hold(HALL, file_of(HALL).replace("述职评议会", "另一个会"))
    leader = await phone_of(rt, CHIEF)
    stranger = await sql.fetchval("SELECT min(id) FROM reporters WHERE meeting_id = $1", other.id)
    for number in (stranger, 999_999_999):
        assert "没有等您点评的这位述职人" in await leader.say(f"点评{first.id}改{number}")
    assert await sql.fetchval("SELECT count(*) FROM comments") == 0
