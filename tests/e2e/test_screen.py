"""The big screen in a real browser, steered from the host's phone, through a killed server, to the result."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from config import clock
from models.database import connect, disconnect
from models.meetings import Meeting
from models.people import Person
from tests.e2e.browsing import open_browser
from tests.e2e.hall import LiveMeeting, enter, set_up
from tests.e2e.stage import Stage
from tests.integration.world import make_hall, name_of

EVIL = "<img src=x onerror=alert(1)>"
ADDRESS = re.compile(r"http://\S+/screen/\w+")
RECONNECTING = "正在重新连接"


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A 1080p wall."""
    async with open_browser(1920, 1080, scale=1) as context:
        yield await context.new_page()


async def open_on(page: Page, meeting: LiveMeeting) -> str:
    """The address that the host's phone is given, opened on the wall."""
    saw = await meeting.say_as_host("大屏")
    found = ADDRESS.search(saw.text)
    assert found, saw.text
    await page.goto(found[0])
    return found[0]


def seen(page: Page, view: str) -> object:
    return expect(page.locator(f".{view}-view"))


async def hear(meeting: LiveMeeting, *words: str) -> str:
    return (await meeting.say_as_host(*words)).text


async def cast(meeting: LiveMeeting, number: str) -> None:
    """One voter comes in and votes 好 for all."""
    phone = meeting.phones[number]
    for word in ("投票", *["好"] * len(meeting.hall.reporters), "确认"):
        saw = await phone.text(word)
    assert "已计入" in saw.text, saw


@pytest.mark.fact("S4-22")
async def test_a_meeting_on_the_wall(stage: Stage, page: Page, tmp_path: Path) -> None:
    hall = make_hall(leaders=3, delegates=7, masses=2, reporters=3)
    meeting = await set_up(stage, hall, tmp_path)
    await open_on(page, meeting)
    await seen(page, "code").to_be_visible()
    await expect(page.locator(".code-view img")).to_be_visible()
    await expect(page.locator("header h1")).to_have_text("述职评议会")
    await asyncio.gather(*(enter(meeting, number) for number in meeting.phones))
    await expect(page.locator(".code-view .figure strong").first).to_have_text("12")

    assert "第 1 位" in await hear(meeting, "下一位")
    await expect(page.locator(".reporter-view .name").first).to_have_text(name_of(hall.reporters[0]))
    await hear(meeting, "下一位")
    await expect(page.locator(".reporter-view .name").first).to_have_text(name_of(hall.reporters[1]))
    await hear(meeting, "显示签到码")
    await seen(page, "code").to_be_visible()

    await hear(meeting, "开始投票", "确认")
    await seen(page, "voting").to_be_visible()
    voters = hall.classes["党员代表"]
    await asyncio.gather(*(cast(meeting, number) for number in voters))
    voted = page.locator(".voting-view .figure strong").first
    await expect(voted).to_have_text("5")
    await expect(page.locator(".voting-view")).to_contain_text("每满 5 人更新一次")
    await cast(meeting, hall.classes["领导班子"][0])
    await expect(voted).to_have_text("5")

    await hear(meeting, "结束投票", "确认")
    await expect(page.locator(".result-view .row .name b")).to_have_text([name_of(number) for number in hall.reporters])
    bars = await page.locator(".result-view .bars").bounding_box()
    assert bars is not None
    assert bars["width"] > 1920 / 2, "no class may be shown, so the bars have the room"
    result = page.locator(".result-view")
    await expect(result).to_contain_text("现场测评得分不是评价等次")
    await expect(result).to_contain_text("由组织研究确定")
    await expect(result).to_contain_text("有类别没有一张有效票")
    await expect(result).to_contain_text("应到 12 人，签到 12 人，投票 8 人")
    assert not re.search(r"(好|较好|一般|差)\b", await result.inner_text())


async def test_the_result_is_drawn_and_waits_for_the_host(stage: Stage, page: Page, tmp_path: Path) -> None:
    hall = make_hall(leaders=5, delegates=5, masses=5, reporters=2)
    meeting = await set_up(stage, hall, tmp_path)
    await rewrite(stage, publish="by_host", closes_at=clock.now() + timedelta(minutes=10))
    await open_on(page, meeting)
    await asyncio.gather(*(enter(meeting, number) for number in meeting.phones))
    await hear(meeting, "开始投票", "确认")
    await expect(page.locator(".voting-view .clock strong")).to_have_text(re.compile(r"0[89]:\d\d"))
    await asyncio.gather(*(cast(meeting, number) for number in meeting.phones))
    await hear(meeting, "结束投票", "确认")
    await seen(page, "waiting").to_be_visible()
    await expect(page.locator(".waiting-view")).to_contain_text("主持人公布后，结果显示在这里")
    assert "95.00" not in await page.content()
    await hear(meeting, "公布结果", "确认")
    await expect(page.locator(".result-view .score").first).to_have_text("95.00")
    await expect(page.locator(".result-view canvas")).to_be_visible()
    await hear(meeting, "下一位")
    await expect(page.locator(".reporter-view .big-score")).to_have_text("95.00 分")
    await expect(page.locator(".class-table .row .name b")).to_have_text(["领导班子", "党员代表", "群众代表"])
    await page.set_viewport_size({"width": 375, "height": 720})
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_the_line_comes_back_by_itself(stage: Stage, page: Page, tmp_path: Path) -> None:
    hall = make_hall(leaders=5, delegates=6, masses=5, reporters=2)
    meeting = await set_up(stage, hall, tmp_path)
    await open_on(page, meeting)
    await seen(page, "code").to_be_visible()
    # Another document, or another element, would have lost its mark.
    await page.evaluate("window.mark = document.querySelector('header h1').mark = 'the same'")
    lost = page.get_by_text(RECONNECTING)
    await expect(lost).to_be_hidden()
    stage.kill("serve")
    await expect(lost).to_be_visible()
    await seen(page, "code").to_be_visible()
    await open_by_command(stage, meeting)
    stage.start("serve", "serve")
    await stage.ready()
    await seen(page, "voting").to_be_visible()
    await expect(lost).to_be_hidden()
    assert await page.evaluate("[window.mark, document.querySelector('header h1').mark]") == ["the same"] * 2
    assert "自动切换" in await hear(meeting, "换地址", "确认")
    await expect(page.get_by_role("heading", name="地址已更换")).to_be_visible()
    await open_on(page, meeting)
    await seen(page, "voting").to_be_visible()


async def open_by_command(stage: Stage, meeting: LiveMeeting) -> None:
    await stage.run("meeting", "open", str(meeting.id))


async def test_names_and_titles_are_text(stage: Stage, page: Page, tmp_path: Path) -> None:
    hall = make_hall(leaders=5, delegates=5, masses=5, reporters=2)
    meeting = await set_up(stage, hall, tmp_path)
    await rewrite(stage, title=EVIL, names=dict.fromkeys(hall.reporters, EVIL))
    await open_on(page, meeting)
    await expect(page.locator("header h1")).to_have_text(EVIL)
    await hear(meeting, "下一位")
    await expect(page.locator(".reporter-view .name").first).to_have_text(EVIL)
    assert await page.locator("img[src=x]").count() == 0


async def rewrite(stage: Stage, names: dict[str, str] | None = None, **fields: object) -> None:
    """Change what the imported files said."""
    await connect(stage.environment["DATABASE_URL"])
    try:
        if fields:
            await Meeting.all().update(**fields)
        for number, name in (names or {}).items():
            await Person.filter(staff_no=number).update(name=name)
    finally:
        await disconnect()
