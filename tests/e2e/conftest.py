"""What the browser tests share."""

import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.e2e.stage import Stage, open_stage
from tests.e2e.terminal import processes_of


@pytest.fixture
def shoot() -> Callable[[Page, str], Awaitable[None]]:
    """Photograph a page into the directory that SHOTS names; without it, nothing."""

    async def shoot(page: Page, name: str) -> None:
        if directory := os.environ.get("SHOTS"):
            await page.screenshot(path=Path(directory) / f"{name}.png", full_page=True)

    return shoot


@pytest.fixture
def directory() -> Iterator[Path]:
    """An empty DATA_DIR that PostgreSQL's own user can reach; at the end no process has to do with it."""
    path = Path(tempfile.mkdtemp(prefix="zhiping-e2e-"))
    yield path
    left = processes_of(path)
    for number in left:
        os.kill(number, signal.SIGKILL)
    shutil.rmtree(path)
    assert left == {}


@pytest.fixture
async def stage(settings_values: dict[str, str], tmp_path: Path) -> AsyncIterator[Stage]:
    """The product as real processes, beside the simulator."""
    async with open_stage(settings_values, tmp_path) as stage:
        yield stage
