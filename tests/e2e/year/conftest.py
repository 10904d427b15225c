"""A year that has not begun: an empty product, a platform, and clocks that the test moves."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.runtime import Runtime
from tests.e2e.year.driver import Year, move_clock
from tests.faults.platform import Platform


@pytest.fixture
async def year(
    rt: Runtime,
    platform: Platform,
    settings_values: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Year]:
    """Nobody is there yet."""
    for name, value in settings_values.items():
        monkeypatch.setenv(name, value)
    year = Year(rt, platform, tmp_path / "files")
    move_clock(monkeypatch, year)
    yield year
    year.close()
