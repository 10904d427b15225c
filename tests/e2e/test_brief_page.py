"""The leaders' summary in a real browser, from the host's close to a tapped figure, through WeChat's login."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, expect

from tests.e2e.browsing import be, open_browser
from tests.e2e.hall import LiveMeeting, enter, set_up
from tests.e2e.stage import Stage
from tests.integration.world import make_hall, name_of

ADDRESS = re.compile(r"http://\S+/brief/[0-9]+")
CHOICES = {"领导班子": ["好", "较好", "好"], "党员代表": ["好", "一般", "好"], "群众代表": ["较好", "好", "弃权"]}


@pytest.fixture
async def phone() -> AsyncIterator[BrowserContext]:
    async with open_browser() as context:
        yield context


async def vote(meeting: LiveMeeting, number: str) -> None:
    await enter(meeting, number)
    for word in ("投票", *CHOICES[meeting.class_of(number)], "确认"):
        saw = await meeting.phones[number].text(word)
    assert "已计入" in saw.text, saw


async def closed_meeting(stage: Stage, directory: Path) -> LiveMeeting:
    """A meeting whose leader is its host, who writes to the account."""
    hall = make_hall(leaders=6, delegates=6, masses=5, reporters=3)
    meeting = await set_up(stage, hall, directory)
    await meeting.say_as_host("开始投票", "确认")
    await asyncio.gather(*(vote(meeting, number) for number in meeting.phones))
    await meeting.say_as_host("结束投票", "确认")
    return meeting


@pytest.mark.fact("S4-22")
async def test_a_leader_is_brought_the_summary_and_opens_its_page(
    stage: Stage, phone: BrowserContext, tmp_path: Path
) -> None:
    meeting = await closed_meeting(stage, tmp_path)
    async with asyncio.timeout(60):
        while not any(one.kind == "image" for one in await meeting.host.messages()):
            await asyncio.sleep(0.1)
    letter = next(one for one in await meeting.host.messages() if one.via == "custom" and one.kind == "text")
    assert "已由组织定了等次（0/3，0%）" in letter.text
    assert "小结：领导 1 人，1 人已送达" in (await meeting.say_as_host("主持")).text
    found = ADDRESS.search(letter.text)
    assert found, letter.text

    await be(phone, stage.environment["WECHAT_API_BASE"], meeting.host.id)
    page = await phone.new_page()
    await page.goto(found[0])
    assert page.url.partition("#")[0] == found[0]
    await expect(page.locator("h1")).to_have_text("述职评议会")
    await expect(page.locator(".say").first).to_contain_text("（17/17，100%）")
    await expect(page.locator(".scores .name b")).to_have_text([name_of(number) for number in meeting.hall.reporters])
    await expect(page.locator(".scores .head strong")).to_have_text(["93.00", "81.00", ""])
    await expect(page.locator(".statements section").nth(2)).to_contain_text("防止简单以现场测评结果确定评价等次")
    assert await page.evaluate("document.documentElement.scrollWidth") == 375

    why = page.locator(".scores details").nth(1)
    await expect(why.locator("ul")).to_be_hidden()
    await why.locator("summary").click()
    await expect(why.locator("li").nth(1)).to_contain_text("一般 6 票")
    await expect(why.locator("li").last).to_contain_text("= 81.00")
    await page.locator(".statements summary").nth(2).click()
    await expect(page.locator(".statements details").nth(2)).to_contain_text("依据方案三(五)")

    await page.emulate_media(media="print")
    await page.evaluate("dispatchEvent(new Event('beforeprint'))")
    await expect(page.locator("details ul").first).to_be_visible()
    await expect(page.locator(".actions")).to_be_hidden()
    await page.emulate_media(media="screen")
    await page.goto(f"{found[0]}/login?code=old&state=old")  # the back button
    assert page.url == found[0]


async def test_others_hear_in_chinese_that_it_is_not_for_them(
    stage: Stage, phone: BrowserContext, tmp_path: Path
) -> None:
    hall = make_hall(leaders=5, delegates=5, masses=5, reporters=2)
    meeting = await set_up(stage, hall, tmp_path)
    await enter(meeting, "2001")
    page = await phone.new_page()
    address = f"http://127.0.0.1:{stage.environment['PORT']}/brief/{meeting.id}"
    stranger = await stage.sandbox.phone("路人")
    for somebody, reason in ((meeting.phones["2001"], "您不是这个会议的领导"), (stranger, "还没有绑定身份")):
        await be(phone, stage.environment["WECHAT_API_BASE"], somebody.id)
        answer = await page.goto(address)
        assert answer is not None
        assert answer.status == 403
        await expect(page.locator("main")).to_contain_text(reason)
        assert name_of(hall.reporters[0]) not in await page.content()
