"""The leaders' summary: what it tells, what it never tells, and that its picture is readable."""

import io
from datetime import date
from fractions import Fraction

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
from services.cycles.cycles import create_cycle
from services.cycles.stages import set_stage
from services.meetings import fonts
from services.meetings.briefs import Brief, read_brief
from services.meetings.canvas import WIDTH, Bar, Layout, Words
from services.meetings.fonts import type_of
from services.meetings.pictures import draw_brief, lay_out
from services.reminders.letters import TEXT_BYTES, brief_text
from services.runtime import Runtime
from tests.integration.led import all_vote, closed, opened
from tests.integration.voted import REVIEW
from tests.integration.world import NOW, Hall, make_hall, name_of

pytestmark = pytest.mark.usefixtures("platform")

PAGE = Page("https://zp.example.org/brief/1", "打开小结网页")


def told(brief: Brief) -> str:
    """Everything that any door shows of it."""
    why = [line for one in (*brief.statements, *brief.reporters) for line in one.why]
    return "\n".join([brief_text(brief, PAGE, 10**6), *why, *brief.notes, *(one.text for one in words(lay_out(brief)))])


def words(layout: Layout) -> list[Words]:
    return [part for part in layout.parts if isinstance(part, Words)]


# What it tells.


async def test_the_day_is_the_one_that_the_office_has_set_else_the_documents(rt: Runtime, hall: Hall) -> None:
    meeting = await closed(rt, hall, all_vote(hall, 0, 1, 0))
    cycle = (await create_cycle(REVIEW.encode(), now=NOW, actor="command")).cycle
    assert "1月18日前完成" in told(await read_brief(meeting))
    await set_stage(cycle.id, "whole", {"due": date(2022, 1, 14)}, reason="会期提前", now=NOW, actor="command")
    text = told(await read_brief(meeting))
    assert "2022年1月14日前完成" in text
    assert "1月18日前" not in text


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
