"""A phone's browser (or a desk's), and the product's pages in the test's own process, reached by it."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from aiohttp.test_utils import TestServer
from playwright.async_api import BrowserContext, Page, async_playwright

from app.build import make_web_app
from handlers.pages.screens import NOW
from services.runtime import Runtime

PHONE, DESK = (375, 740), (1280, 900)


@asynccontextmanager
async def open_browser(
    width: int = PHONE[0], height: int = PHONE[1], *, scale: int = 2
) -> AsyncIterator[BrowserContext]:
    """A browser of that size. No script error, no refused file and no dialog may happen in it."""
    problems: list[str] = []

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("dialog", lambda dialog: problems.append(dialog.message))
        page.on("console", lambda message: "Content Security" in message.text and problems.append(message.text))

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        context = await browser.new_context(viewport={"width": width, "height": height}, device_scale_factor=scale)
        context.set_default_timeout(30_000)
        context.on("page", watch)
        yield context
        await browser.close()
    assert problems == []


@asynccontextmanager
async def serve_pages(rt: Runtime, now: Callable[[], datetime]) -> AsyncIterator[TestServer]:
    """The web process at the address that the settings name, with this clock for its pages."""
    app = make_web_app(rt)
    app[NOW] = now
    server = TestServer(app, host=rt.settings.host, port=rt.settings.port, shutdown_timeout=1)
    await server.start_server()
    try:
        yield server
    finally:
        await server.close()


async def be(context: BrowserContext, platform: str, phone: str) -> None:
    """Whose WeChat this browser is: the number of a phone of the platform at that address."""
    await context.clear_cookies()
    await context.add_cookies([{"name": "sim_phone", "value": phone, "url": platform}])


async def width_of(page: Page) -> int:
    """How wide the page is laid out: wider than the window, it would have to be moved sideways."""
    return int(await page.evaluate("document.documentElement.scrollWidth"))
