"""The big screen where something is away, is too many, or stops."""

import asyncio

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from app.build import make_web_app
from app.embedded import Postgres
from handlers.pages.live import MOST_WATCHERS
from handlers.pages.screens import LIVE
from sandbox.phones import Sandbox
from services.meetings.screens import steer_screen
from services.runtime import Runtime
from tests.integration.watching import Stream, follow, held, path_of
from tests.integration.world import NOW, Hall

pytestmark = pytest.mark.usefixtures("platform")


async def test_a_platform_that_is_away_costs_the_code_alone(
    door: TestClient, hall: Hall, settings_values: dict[str, str]
) -> None:
    _, shown = await held(hall)
    async with Sandbox(settings_values["WECHAT_API_BASE"]) as sandbox:
        await sandbox.faults(api={"path": "/cgi-bin/qrcode/create", "errcode": -1, "times": 1})
        stream = await follow(door, shown)
        board = await stream.board()
        assert board["code"] is None
        assert board["turnout"]["present"] == 36
        assert (await door.get(f"{path_of(shown)}/code.svg")).status in (200, 503)
        await stream.until(lambda board: board["code"] is not None)


async def test_a_database_that_is_away_leaves_the_board_standing(
    own_postgres: Postgres, rt: Runtime, door: TestClient, hall: Hall
) -> None:
    meeting, shown = await held(hall)
    stream = await follow(door, shown)
    await stream.until(lambda board: board["code"] is not None)
    await asyncio.to_thread(own_postgres.stop)
    page = await door.get(path_of(shown))
    assert page.status == 503
    assert "正在恢复" in await page.text()
    assert page.headers["Refresh"]
    assert (await stream.event())[0] == "beat"
    await asyncio.to_thread(own_postgres.start)
    async with asyncio.timeout(30):
        while (await door.get(path_of(shown))).status == 503:
            await asyncio.sleep(0.1)
    await steer_screen(meeting, "next", now=NOW, actor="test", key="1")
    await stream.until(lambda board: board["speaker"] == 0)


async def test_many_screens_share_one_reader_and_leave_nothing_behind(door: TestClient, hall: Hall) -> None:
    meeting, shown = await held(hall)
    live = door.server.app[LIVE]
    before = len(asyncio.all_tasks())
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        url = door.make_url(f"{path_of(shown)}/events")
        for _ in range(3):
            lines = [await http.get(url) for _ in range(60)]
            boards = await asyncio.gather(*(Stream(line).board() for line in lines))
            assert {board["title"] for board in boards} == {meeting.title}
            assert len(live.channels) == 1
            for line in lines:
                line.close()
        # Lines that were cut are noticed one by one; in the end all places are taken by living ones.
        full = [await http.get(url) for _ in range(MOST_WATCHERS + 1)]
        assert live.channels[meeting.id].watchers <= MOST_WATCHERS
        full += [await http.get(url) for _ in range(60)]
        assert full[-1].status == 503
        for line in full:
            line.close()
    async with asyncio.timeout(30):
        # The server itself may keep a connection or two for a while.
        while live.channels or len(asyncio.all_tasks()) > before + 2:
            await asyncio.sleep(0.1)


async def test_stopping_with_open_screens_takes_no_time(rt: Runtime, hall: Hall) -> None:
    _, shown = await held(hall)
    server = TestServer(make_web_app(rt), shutdown_timeout=60)
    async with TestClient(server) as door:
        streams = [await follow(door, shown) for _ in range(5)]
        for stream in streams:
            await stream.board()
        async with asyncio.timeout(30):
            await server.close()
        for stream in streams:
            while (event := (await stream.event())[0]) != "end":
                assert event in ("beat", "board")
