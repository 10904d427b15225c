"""The guide on the phones page, against one real demo: by 「替我做」 alone, and by hand, to a counted vote and a result."""

import asyncio
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from sandbox.phones import Sandbox
from tests.e2e.browsing import open_browser
from tests.e2e.terminal import demo, plain_environment, zhiping
from tests.ports import free_port

CARDS = ("投一票", "主持一场", "收票看结果", "六十秒记一次主题党日")


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    """A demo of its own, up; its environment."""
    directory = Path(tempfile.mkdtemp(prefix="zhiping-guide-"))
    ports = {name: str(free_port()) for name in ("PORT", "SANDBOX_PORT", "METRICS_PORT")}
    environment = plain_environment(DATA_DIR=str(directory), **ports)
    with demo(environment, directory / "demo.log"):
        yield environment
    shutil.rmtree(directory)


@pytest.fixture
async def page(environment: dict[str, str]) -> AsyncIterator[Page]:
    """The phones page of the demo."""
    async with open_browser(1440, 900, scale=1) as context:
        page = await context.new_page()
        await page.goto(f"http://127.0.0.1:{environment['SANDBOX_PORT']}/")
        yield page


def card(page: Page, title: str) -> Locator:
    return page.locator(".guide-card", has=page.get_by_role("button", name=title))


def step(page: Page) -> Locator:
    """The title of the step that the guide is at."""
    return page.locator(".steps .current > b")


def phone(page: Page, role: str) -> Locator:
    return page.locator(".phone", has=page.locator(".role", has_text=role))


async def help_through(page: Page, title: str) -> None:
    """Click 「替我做」 until the card is complete. Every click must end its step."""
    while not await page.locator(".guide-card.complete", has_text=title).count():
        now = await step(page).inner_text()
        await page.locator(".help:enabled").click()
        await expect(page.locator(".steps .current > b", has_text=re.compile(f"^{now}$"))).to_have_count(0)


async def write(page: Page, role: str, words: str) -> None:
    """Type into a phone, switching from the menu to the keyboard where that is needed."""
    shown, keyboard = phone(page, role), phone(page, role).get_by_role("button", name="打字")
    if await keyboard.is_visible():
        await keyboard.click()
    await shown.get_by_label("发消息").fill(words)
    await shown.get_by_label("发消息").press("Enter")


async def newest(page: Page, role: str, words: str) -> None:
    """Wait until the newest message of the account has these words."""
    await expect(phone(page, role).locator(".line.account").last).to_contain_text(words)


async def tap(page: Page, role: str, label: str) -> None:
    await phone(page, role).locator(".line.account").last.get_by_role("button", name=label, exact=True).click()


async def come_in_by_hand(page: Page, role: str) -> None:
    await phone(page, role).get_by_role("button", name="扫一扫").click()
    await page.get_by_role("button", name="会场签到码").click()
    await newest(page, role, "请回复您的姓名")
    await write(page, role, await phone(page, role).locator(".who b").inner_text())
    await newest(page, role, "请回复您的绑定码")
    await phone(page, role).get_by_role("button", name="绑定码").click()
    await phone(page, role).get_by_label("发消息").press("Enter")
    await newest(page, role, "签到成功")
    await expect(phone(page, role).get_by_role("button", name="绑定码")).to_have_count(0)  # it has served


async def vote_by_hand(page: Page) -> None:
    """The first card, with nothing but what its texts say."""
    role = "党员代表"
    await expect(step(page)).to_have_text("扫码进场")
    await come_in_by_hand(page, role)
    await expect(step(page)).to_have_text("主持人宣布开始")
    await come_in_by_hand(page, "主持人")
    await write(page, "主持人", "主持")
    await newest(page, "主持人", "还没有开始投票")
    await tap(page, "主持人", "1 开始投票")
    await newest(page, "主持人", "现在开始投票")
    await tap(page, "主持人", "确认")
    await expect(step(page)).to_have_text("要一张票")
    await write(page, role, "投票")
    for number in range(1, 9):
        await newest(page, role, f"第 {number}/8 题")
        await tap(page, role, "1 好")
    await expect(step(page)).to_have_text("核对，确认")
    await newest(page, role, "您的选票")
    await tap(page, role, "确认")
    await newest(page, role, "已计入")


async def test_the_guide_leads_to_a_result(page: Page, environment: dict[str, str]) -> None:
    async with asyncio.timeout(120):
        for title in CARDS[:2]:
            await help_through(page, title)
        await page.reload()
        await expect(page.locator(".guide-card.complete")).to_have_count(2)
        await expect(step(page)).to_have_text("结束投票")
        async with page.expect_popup() as beside:
            await help_through(page, CARDS[2])
    screen = await beside.value
    await expect(phone(page, "主持人").locator(".line.me", has_text="结束投票")).to_have_count(1)
    await expect(screen.locator(".result-view .row .name b")).to_have_count(8)
    await card(page, CARDS[2]).get_by_role("button", name=CARDS[2]).click()
    await expect(card(page, CARDS[2])).to_contain_text("从扫码到结果")
    result = zhiping(plain_environment(DATA_DIR=environment["DATA_DIR"]), "meeting", "result", "1", "--json").json()
    assert result["turnout"]["voted"] == 3
    assert all(one["onsite"] for one in result["reporters"])
    await card(page, CARDS[3]).get_by_role("button", name=CARDS[3]).click()
    async with asyncio.timeout(60):
        await help_through(page, CARDS[3])
    await newest(page, "支部书记", "照片 3 张")
    await expect(card(page, CARDS[3])).to_contain_text("记好了")


async def test_who_follows_the_texts_by_hand_gets_through_the_first_card(
    page: Page, environment: dict[str, str]
) -> None:
    await vote_by_hand(page)
    await expect(page.locator(".guide-card.complete")).to_contain_text("投一票")
    await page.get_by_role("button", name="收起引导").click()
    await page.reload()
    await expect(phone(page, "党员代表")).to_be_visible()
    await expect(page.locator(".guide")).to_be_hidden()
    await page.get_by_role("button", name="引导", exact=True).click()
    await expect(step(page)).to_have_text("看进度")
    await page.set_viewport_size({"width": 375, "height": 812})
    assert await page.evaluate("document.documentElement.scrollWidth") == 375
    async with Sandbox(f"http://127.0.0.1:{environment['SANDBOX_PORT']}") as sandbox:
        stranger = next(one for one in await sandbox.phones() if one.note.startswith("陌生人"))
        assert "先绑定" in (await stranger.scan((await sandbox.call("GET", "/scenes"))["scenes"][0]["scene"])).text
