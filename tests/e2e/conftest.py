"""What the browser tests share."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Page


@pytest.fixture
def shoot() -> Callable[[Page, str], Awaitable[None]]:
    """Photograph a page into the directory that SHOTS names; without it, nothing."""

    async def shoot(page: Page, name: str) -> None:
        if directory := os.environ.get("SHOTS"):
            await page.screenshot(path=Path(directory) / f"{name}.png", full_page=True)

    return shoot
