"""The leaders' summary: what it tells, whom it reaches and by which way, and that its picture is readable."""

import io
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import asyncpg
import pytest
from PIL import Image

from app.serve import run_serve
from app.work import run_work
from bot.conversation import Page
from bot.replies import render
from config.refusals import Refusal
from config.settings import load_settings
from models.cycles import Cycle, CycleSubject
from models.inputs import Input
from models.meetings import Meeting
from models.people import Person
from sandbox.faults import ApiFault
from sandbox.person import Person as Phone
from sandbox.templates import Template
from services.meetings import fonts
from services.meetings.briefs import Brief, address_of, read_brief
from services.meetings.canvas import WIDTH, Bar, Layout, Words
from services.meetings.fonts import type_of
from services.meetings.pictures import draw_brief, lay_out
from services.notices.notices import read_notices
from services.polls.polls import close_poll, open_poll
from services.reminders.deliveries import send_due
from services.reminders.letters import TEXT_BYTES, brief_text
from services.runtime import Runtime
from tests.faults.platform import Platform
from tests.integration.chatting import Phone as Chat
from tests.integration.chatting import grant
from tests.integration.led import all_vote, bound, closed, file_of, opened
from tests.integration.world import NOW, Hall, hold, make_hall, name_of

pytestmark = pytest.mark.usefixtures("platform")

SEND, SEND_TEMPLATE, UPLOAD = (
    "/cgi-bin/message/custom/send",
    "/cgi-bin/message/template/send",
    "/cgi-bin/media/upload",
)
PAGE = Page("https://zp.example.org/brief/1", "打开小结网页")


def told(brief: Brief) -> str:
    """Everything that any door shows of it."""
    why = [line for one in (*brief.statements, *brief.reporters) for line in one.why]
    return "\n".join([brief_text(brief, PAGE, 10**6), *why, *brief.notes, *(one.text for one in words(lay_out(brief)))])


def words(layout: Layout) -> list[Words]:
    return [part for part in layout.parts if isinstance(part, Words)]


# What it tells.


async def test_the_numbers_are_those_of_the_votes_with_their_arithmetic(rt: Runtime, hall: Hall) -> None:
    votes = all_vote(hall, 0, 1, 0)
    for number in hall.classes["党员代表"][:5]:
        votes[number] = [2, 1, 4]  # 一般, 较好, 弃权
    del votes["3001"]
    brief = await read_brief(await closed(rt, hall, votes))
    first, second, third = brief.reporters
    assert (first.score, second.score, third.score) == (Fraction("92.5"), Fraction(85), Fraction(95))
    assert first.why == (
        "领导班子（权重 0.4）：好 6 票、较好 0 票、一般 0 票、差 0 票;(6×95)÷6 = 95.00",
        "党员代表（权重 0.4）：好 15 票、较好 0 票、一般 5 票、差 0 票;(15×95+5×70)÷20 = 88.75",
        "群众代表（权重 0.2）：好 9 票、较好 0 票、一般 0 票、差 0 票;(9×95)÷9 = 95.00",
        "得分：0.4×95.00+0.4×88.75+0.2×95.00 = 92.50",
    )
    assert "弃权 5 票;(15×95)÷15 = 95.00" in third.why[1]
    assert "应到 36 人，签到 36 人（36/36，100%）；签到的人里 35 人投了票（35/36，97%）" in told(brief)
    assert [one.name for one in brief.reporters] == [name_of(number) for number in hall.reporters]


@pytest.mark.fact("S4-22")
async def test_no_grade_is_told_but_one_that_a_person_decided(rt: Runtime, hall: Hall) -> None:
    meeting = await closed(rt, hall, all_vote(hall, 0, 3, 0))
    brief = await read_brief(meeting)
    assert [one.grade for one in brief.reporters] == [None] * 3
    assert "0 位已由组织定了等次（0/3，0%）" in told(brief)
    await decide(meeting, hall.reporters[1], "较好")
    brief = await read_brief(meeting)
    assert [one.grade for one in brief.reporters] == [None, "较好", None]
    assert "1 位已由组织定了等次（1/3，33%）：较好 1 位（1/3）" in told(brief)
    assert "组织定：较好" in told(brief)


async def decide(meeting: Meeting, number: str, grade: str) -> None:
    """A leader's decision, in a cycle that took the meeting's ballots."""
    person = await Person.get(staff_no=number)
    office = {"organisation_id": person.organisation_id}
    cycle = await Cycle.create(
        title="2021",
        scheme="report-review",
        scheme_sha256="",
        scheme_text="",
        year="2021",
        created_at=NOW,
        created_by="t",
        **office,
    )
    subject = await CycleSubject.create(
        cycle=cycle,
        position=0,
        key=f"secretary:{number}",
        kind="secretary",
        name=person.name,
        status="",
        person=person,
        **office,
    )
    entered = {"subject": subject, "entered_by": "1001", "entered_at": NOW}
    await Input.create(slot="ballots.onsite", content="{}", source=f"meeting:{meeting.id}", **entered)
    await Input.create(slot="facts.decided_grade", content=f'"{grade}"', source="chat", **entered)


@pytest.mark.fact("S4-23")
async def test_no_spread_is_a_question(rt: Runtime, hall: Hall) -> None:
    alike = told(await read_brief(await closed(rt, hall, all_vote(hall, 0, 0, 0))))
    assert "3 位述职人的得分完全相同（3/3）" in alike
    assert "确实难分高下，还是没有拉开差距？" in alike


async def test_hidden_classes_stay_hidden_everywhere(rt: Runtime) -> None:
    hall = make_hall(leaders=3, delegates=20, masses=10)
    votes = all_vote(hall, 0, 1, 0)
    for number in hall.classes["领导班子"]:
        votes[number] = [3, 1, 4]  # all of the small class abstain on the third
    brief = await read_brief(await closed(rt, hall, votes))
    text = told(brief)
    assert "「领导班子、群众代表」投票人少" in text
    for one in brief.reporters:
        assert one.why[0] == "领导班子（权重 0.4）：投票人少，不单独公布"
        assert one.why[2] == "群众代表（权重 0.2）：投票人少，不单独公布"
        assert one.why[1].startswith("党员代表（权重 0.4）：好")
    assert "差 3 票" not in text
    assert brief.reporters[2].score is None
    assert brief.reporters[2].empty == ()
    assert "「领导班子」没有" not in text
    assert "有类别没有一张有效票" in text


async def test_an_empty_class_is_explained(rt: Runtime, hall: Hall) -> None:
    votes = {number: choices for number, choices in all_vote(hall, 0, 1, 2).items() if not number.startswith("30")}
    brief = await read_brief(await closed(rt, hall, votes))
    assert [one.score for one in brief.reporters] == [None] * 3
    assert "「群众代表」没有一张有效票" in told(brief)
    assert "3 位述职人中 0 位有现场测评得分（0/3，0%）" in told(brief)
    assert any("群众代表（权重 0.2）：没有人投票" in line for line in brief.reporters[0].why)


async def test_before_the_close_it_tells_turnout_in_steps_and_nothing_else(rt: Runtime, hall: Hall) -> None:
    votes = dict(list(all_vote(hall, 0, 0, 0).items())[:13])
    brief = await read_brief(await opened(rt, hall, votes))
    text = told(brief)
    assert "已投票至少 10 人（10/36）" in text
    assert "13" not in text.replace("2022年", "")
    assert not any(one.score is not None or one.why for one in brief.reporters)
    assert not [part for part in lay_out(brief).parts if isinstance(part, Bar) and part.role == "score"]


async def test_the_text_fits_the_platform_however_many_report(rt: Runtime) -> None:
    hall = make_hall(reporters=60)
    brief = await read_brief(await closed(rt, hall, all_vote(hall, *[0, 1] * 30)))
    text = render(brief_text(brief, PAGE), page=PAGE)
    assert len(text.encode()) <= TEXT_BYTES
    assert "谁来办" in text
    assert '<a href="https://zp.example.org/brief/1">' in text
    assert len(draw_brief(brief)) < 1_000_000


# Whom it reaches.


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


# That its picture is readable.


async def test_the_picture_is_in_file_order_true_to_scale_and_within_its_edges(rt: Runtime, hall: Hall) -> None:
    brief = await read_brief(await closed(rt, hall, all_vote(hall, 2, 0, 1)))
    layout = lay_out(brief)
    image = Image.open(io.BytesIO(draw_brief(brief)))
    assert (image.size, image.format) == ((1080, layout.height), "PNG")
    assert all(
        one.x >= 0 and one.right <= WIDTH - 40 and one.y + one.size * 1.3 <= layout.height for one in words(layout)
    )
    assert min(one.size for one in words(layout)) >= 28  # 10 px on a phone 390 px wide
    names = [one.text for one in words(layout) if one.text in {each.name for each in brief.reporters}]
    assert names == [name_of(number) for number in hall.reporters]
    bars = [part for part in layout.parts if isinstance(part, Bar)]
    whole = next(bar.width for bar in bars if bar.role == "track")
    assert [bar.width / whole for bar in bars if bar.role == "score"] == pytest.approx([0.70, 0.95, 0.85])
    assert_nothing_overlaps(words(layout))


def assert_nothing_overlaps(lines: list[Words]) -> None:
    for number, one in enumerate(lines):
        for other in lines[number + 1 :]:
            beside = one.right <= other.x or other.right <= one.x
            assert beside or abs(one.y - other.y) >= min(one.size, other.size), (one, other)


async def test_no_character_is_a_box_whatever_people_are_called(rt: Runtime, hall: Hall) -> None:
    meeting = await closed(rt, hall, all_vote(hall, 0, 1, 2))
    rare = "䶮𬭎燊㛃"
    await Person.filter(staff_no=hall.reporters[0]).update(name=rare)
    await Person.filter(staff_no=hall.reporters[1]).update(name="名\U0010fffe\U000e0100字" + "很长的名字" * 11)
    layout = lay_out(await read_brief(meeting))
    for line in words(layout):
        face = type_of(line.size, line.is_bold)
        assert all(face.has(character) for character in line.text), line
        assert line.right <= WIDTH
    shown = [line.text for line in words(layout)]
    assert rare in shown
    assert any(text.startswith("名") and "字很长" in text and text.endswith("…") for text in shown)
    assert type_of(34, False).drawable("藏文ཀ") == "藏文〓"


async def test_without_a_font_nothing_starts_that_makes_pictures(
    settings_values: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "FACES", ())
    for run in (run_serve, run_work):
        with pytest.raises(Refusal) as caught:
            await run(load_settings(settings_values))
        assert caught.value.code == "no_font"
        assert "fonts-noto-cjk" in caught.value.say
