"""The big screen through its own door: addresses, what it may never tell, what it waits for, and what it leaves behind."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from app.build import make_web_app
from app.embedded import Postgres
from config import clock
from handlers.pages.live import MOST_WATCHERS
from handlers.pages.screens import LIVE
from models.accounts import Account
from models.meetings import Meeting
from models.people import Person
from models.screens import Screen
from sandbox.app import create_app
from sandbox.phones import Sandbox
from sandbox.settings import from_environment
from services.meetings.meetings import get_meeting, publish_result
from services.meetings.scene_codes import check_in_code
from services.meetings.screens import Shown, make_token, open_screen, replace_screen, steer_screen
from services.polls.polls import cast_ballot, close_poll, find_ballots, open_poll
from services.runtime import Runtime
from tests.integration.chatting import Phone
from tests.integration.refusing import refused
from tests.integration.world import NOW, Hall, hold, make_hall, meeting_of, name_of, people_by_number, seat

Board = dict[str, Any]
EVIL = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"


@pytest.fixture
async def settings_values(settings_values: dict[str, str]) -> AsyncIterator[dict[str, str]]:
    """The simulator is the platform."""
    settings = from_environment({**settings_values, "SANDBOX_CALLBACK_URL": "http://127.0.0.1:1/wechat"})
    async with TestServer(create_app(settings), shutdown_timeout=0.1) as server:
        yield {**settings_values, "WECHAT_API_BASE": str(server.make_url("")).rstrip("/")}


@pytest.fixture
async def door(rt: Runtime) -> AsyncIterator[TestClient]:
    async with TestClient(TestServer(make_web_app(rt), shutdown_timeout=5)) as client:
        yield client


@pytest.fixture
async def hall() -> Hall:
    return make_hall()


async def held(hall: Hall, **changes: Any) -> tuple[Meeting, Shown]:
    """An imported meeting with everybody in the hall, and its screen."""
    meeting = await hold(hall, meeting_of(hall, **changes))
    people = await people_by_number()
    await seat(meeting, *(people[number] for numbers in hall.classes.values() for number in numbers))
    return meeting, await open_screen(meeting, now=NOW, actor="test")


async def vote(hall: Hall, numbers: list[str], choice: int = 0) -> None:
    people = await people_by_number()
    for number in numbers:
        (ballot,) = await find_ballots(people[number])
        key, choices = bytes(ballot.poll.public_key or b""), [choice] * len(hall.reporters)
        await cast_ballot(ballot.poll.id, people[number], ballot.class_no, key, choices, uuid4().hex)


def path_of(shown: Shown) -> str:
    return f"/screen/{shown.screen.token}"


class Stream:
    """The events of one screen, as a browser reads them."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response
        self.raw = ""

    async def event(self) -> tuple[str, Any]:
        """The next event: its name and data."""
        name = ""
        async with asyncio.timeout(30):
            async for line in self.response.content:
                self.raw += line.decode()
                field, _, value = line.decode().rstrip("\n").partition(": ")
                if field == "event":
                    name = value
                elif field == "data":
                    return name, json.loads(value)
        return "end", None

    async def until(self, wanted: Callable[[Board], bool]) -> Board:
        """The first board that is as wanted."""
        while True:
            name, data = await self.event()
            assert name in ("board", "beat"), (name, data)
            if name == "board" and wanted(data):
                return dict(data)

    async def board(self) -> Board:
        """The next board."""
        return await self.until(lambda _: True)


async def follow(door: TestClient, shown: Shown) -> Stream:
    response = await door.get(f"{path_of(shown)}/events")
    assert response.status == 200
    assert response.content_type == "text/event-stream"
    return Stream(response)


def test_addresses_cannot_be_guessed() -> None:
    tokens = {make_token() for _ in range(2000)}
    assert len(tokens) == 2000
    assert {len(token) for token in tokens} == {28}  # of 27 letters: 133 bits
    assert all(re.fullmatch(r"[2-9b-z]+", token) for token in tokens)
    for place in range(28):
        assert len({token[place] for token in tokens}) == 27


async def test_a_page_leaks_nothing_and_tells_in_chinese_what_is_wrong(door: TestClient, hall: Hall) -> None:
    meeting, shown = await held(hall)
    page = await door.get(path_of(shown))
    assert page.status == 200
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert page.headers["Cache-Control"] == "no-store"
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    text = await page.text()
    assert meeting.title not in text
    assert not re.search(r"https?://", text)
    for name in re.findall(r'(?:src|href)="(/static/[^"]+)"', text):
        assert (await door.get(name)).status == 200
    unknown = await door.get(f"/screen/{make_token()}")
    assert unknown.status == 404
    assert "没有这个大屏" in await unknown.text()
    assert (await door.get(f"/screen/{make_token()}/events")).status == 404
    assert (await door.get(f"/screen/{make_token()}/code.svg")).status == 404
    assert (await door.get("/static/..%2frendering.py")).status == 404


async def test_the_same_address_until_it_is_replaced_and_then_never_again(door: TestClient, hall: Hall) -> None:
    meeting, shown = await held(hall)
    assert (await open_screen(meeting, now=NOW, actor="test")).screen.token == shown.screen.token
    stream = await follow(door, shown)
    await stream.board()
    new = await replace_screen(meeting, now=NOW, actor="test", key="once")
    again = await replace_screen(meeting, now=NOW, actor="test", key="once")
    assert again.screen.token == new.screen.token != shown.screen.token
    name, data = "beat", None
    while name in ("beat", "board"):
        name, data = await stream.event()
    assert (name, data["title"]) == ("gone", "地址已更换")
    assert (await stream.event())[0] == "end"
    # At once, not only when the reader has looked again.
    assert (await (await follow(door, new)).board())["title"] == meeting.title
    old = await door.get(path_of(shown))
    assert old.status == 410
    assert "地址已更换" in await old.text()
    assert (await door.get(f"{path_of(shown)}/code.svg")).status == 404
    assert (await (await follow(door, shown)).event())[0] == "gone"


async def test_opening_at_once_makes_one_address(rt: Runtime, hall: Hall) -> None:
    meeting, _ = await held(hall)
    shown = await asyncio.gather(*(open_screen(meeting, now=NOW, actor="test") for _ in range(8)))
    assert len({one.screen.token for one in shown}) == 1
    assert await Screen.filter(meeting=meeting).count() == 1


async def test_turnout_goes_in_steps_everywhere_before_the_close(rt: Runtime, door: TestClient, hall: Hall) -> None:
    meeting, shown = await held(hall)
    await open_poll(rt, meeting.id, now=NOW, actor="test")
    stream = await follow(door, shown)
    assert (await stream.until(lambda board: board["phase"] == "open"))["turnout"]["voted"] == 0
    delegates = hall.classes["党员代表"]
    await vote(hall, delegates[:7])
    board = await stream.until(lambda board: board["turnout"]["voted"] > 0)
    assert board["turnout"] == {"entitled": 36, "present": 36, "voted": 5, "step": 5}
    await vote(hall, delegates[7:9])  # nine, and nothing to be seen of it
    await vote(hall, delegates[9:10])
    await stream.until(lambda board: board["turnout"]["voted"] == 10)
    page = await (await door.get(path_of(shown))).text()
    for text in (stream.raw.replace(shown.screen.token, ""), page.replace(shown.screen.token, "")):
        assert set(re.findall(r'"voted": (\d+)', text)) <= {"0", "5", "10"}
        assert not re.search(r'[ :"](?:7|9|29|27|26)[ ,}"]', text)
    assert not re.search(r'"(?:score|onsite|missing|ballots)"', stream.raw)
    assert "result" in board
    assert board["result"] is None
    # As a number of its own: the seconds of a clock hold any four digits some time.
    assert not set(re.findall(r"[0-9]+", stream.raw)) & {*delegates, *hall.reporters}


async def test_by_host_waits_for_the_word(rt: Runtime, door: TestClient, hall: Hall) -> None:
    meeting, shown = await held(hall, extra="publish: by_host")
    await open_poll(rt, meeting.id, now=NOW, actor="test")
    await vote(hall, [number for numbers in hall.classes.values() for number in numbers])
    await close_poll(rt, meeting.id, now=NOW, actor="test")
    stream = await follow(door, shown)
    board = await stream.board()
    assert (board["phase"], board["view"], board["result"]) == ("closed", "waiting", None)
    assert board["turnout"] == {"entitled": 36, "present": 36, "voted": 36, "step": None}
    assert "95.00" not in stream.raw
    meeting = await get_meeting(meeting.id)
    await refused("not_published", steer_screen(meeting, "result", now=NOW, actor="test", key="1"))
    await publish_result(meeting.id, now=NOW, actor="test")
    board = await stream.until(lambda board: board["phase"] == "published")
    assert board["view"] == "result"
    assert [row["score"] for row in board["result"]["rows"]] == ["95.00"] * 3
    assert [row["name"] for row in board["result"]["rows"]] == [name_of(number) for number in hall.reporters]


async def test_hidden_classes_stay_hidden_and_an_empty_one_is_said(rt: Runtime, door: TestClient, hall: Hall) -> None:
    meeting, shown = await held(hall)
    await open_poll(rt, meeting.id, now=NOW, actor="test")
    await vote(hall, [*hall.classes["党员代表"], *hall.classes["领导班子"]])
    await vote(hall, hall.classes["群众代表"][:3], choice=4)
    await close_poll(rt, meeting.id, now=NOW, actor="test")
    board = await (await follow(door, shown)).board()
    assert board["result"]["hidden"] == ["领导班子", "群众代表"]
    assert board["result"]["classes"] == ["党员代表"]
    for row in board["result"]["rows"]:
        assert row["score"] is None
        assert row["classes"] == {"党员代表": {"ballots": 20, "abstained": 0, "score": "95.00"}}


async def test_the_hosts_choice_holds_for_a_phase_and_a_repeat_changes_nothing(rt: Runtime, hall: Hall) -> None:
    meeting, shown = await held(hall)

    async def steer(act: str, key: str) -> Shown:
        return await steer_screen(await get_meeting(meeting.id), act, now=NOW, actor="test", key=key)

    assert (shown.view, shown.speaker) == ("code", None)
    await steer("next", "a")
    assert (await steer("next", "b")).speaker == 1
    assert (await steer("next", "b")).speaker == 1
    assert (await steer("code", "c")).view == "code"
    assert (await steer("next", "d")).speaker == 2
    await refused("last_reporter", steer("next", "e"))
    assert (await steer("previous", "f")).speaker == 1
    assert (await replace_screen(meeting, now=NOW, actor="test", key="g")).speaker == 1
    await open_poll(rt, meeting.id, now=NOW, actor="test")
    meeting = await get_meeting(meeting.id)
    assert (await open_screen(meeting, now=NOW, actor="test")).view == "voting"
    assert (await steer("code", "h")).view == "code"
    assert (await steer("auto", "i")).view == "voting"
    assert (await steer("previous", "j")).speaker == 0
    await refused("first_reporter", steer("previous", "k"))
    await close_poll(rt, meeting.id, now=NOW, actor="test")
    assert (await open_screen(await get_meeting(meeting.id), now=NOW, actor="test")).view == "result"
    await refused("closed", steer("code", "l"))


async def test_the_code_is_asked_for_once_and_anew_before_it_expires(
    rt: Runtime, door: TestClient, hall: Hall, settings_values: dict[str, str]
) -> None:
    meeting, shown = await held(hall)
    stream = await follow(door, shown)
    version = (await stream.until(lambda board: board["code"] is not None))["code"]
    picture = await door.get(f"{path_of(shown)}/code.svg?{version}")
    assert picture.content_type == "image/svg+xml"
    assert "<svg" in await picture.text()
    now = clock.now()
    codes = await asyncio.gather(*(check_in_code(rt, meeting, now) for _ in range(5)))
    assert len({code.url for code in codes}) == 1
    async with Sandbox(settings_values["WECHAT_API_BASE"]) as sandbox:
        phone = await sandbox.phone("甲")
        saw = await phone.scan(codes[0].url)
        assert saw.kind == "failure"  # nobody serves the callback here; but the platform knows the code
        assert saw.deliveries
    (key,) = await rt.redis.keys("zp:scene_code:*")
    left = timedelta(seconds=await rt.redis.ttl(key))
    assert left < timedelta(seconds=codes[0].valid_until - now.timestamp()) - timedelta(minutes=10)
    await rt.redis.delete(key)
    assert (await check_in_code(rt, meeting, now)).url != codes[0].url
    await open_poll(rt, meeting.id, now=NOW, actor="test")
    await close_poll(rt, meeting.id, now=NOW, actor="test")
    assert (await stream.until(lambda board: board["phase"] == "published"))["code"] is None
    assert (await door.get(f"{path_of(shown)}/code.svg")).status == 404


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


async def test_markup_in_titles_and_names_is_only_ever_data(door: TestClient, hall: Hall) -> None:
    meeting, shown = await held(hall)
    await Meeting.filter(id=meeting.id).update(title=EVIL)
    await Person.filter(staff_no=hall.reporters[0]).update(name=EVIL[:64])
    assert "onerror" not in await (await door.get(path_of(shown))).text()
    board = await (await follow(door, shown)).board()
    assert board["title"] == EVIL
    unknown = await door.get('/screen/"><script>alert(1)</script>')
    assert "<script>alert" not in await unknown.text()


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


async def test_the_host_steers_from_the_chat(rt: Runtime, hall: Hall) -> None:
    meeting, shown = await held(hall)
    host = await bound(rt, hall.host)
    stranger = await bound(rt, hall.reporters[0])
    assert "大屏" in await host.say("主持")
    answer = await host.say("大屏")
    assert f"http://127.0.0.1:8080/screen/{shown.screen.token}" in answer
    assert "现在显示签到码" in answer
    assert f"现在显示{name_of(hall.reporters[0])}（第 1 位，共 3 位）" in await host.say("下一位")
    assert await host.repeat() == await host.repeat()
    assert "（第 2 位，共 3 位）" in await host.say(f"下一位{meeting.id}")
    assert "（第 1 位，共 3 位）" in await host.say("上一位")
    assert "已经是第一位" in await host.say("上一位")
    assert "现在显示签到码" in await host.say("显示签到码")
    assert "结果还没有公布" in await host.say("显示结果")
    assert "换一个大屏地址？" in await host.say("换地址")
    assert (await open_screen(meeting, now=NOW, actor="test")).screen.token == shown.screen.token
    changed = await host.say("确认")
    token = (await open_screen(meeting, now=NOW, actor="test")).screen.token
    assert token != shown.screen.token
    assert token in changed
    assert "没有主持的会议" in await stranger.say("大屏")
    assert "不是这个会议的主持人" in await stranger.say(f"大屏{meeting.id}")
    assert token not in await stranger.say(f"换地址{meeting.id}")
    assert "绑定" in await Phone(rt, "o-nobody").say("大屏")


async def test_with_several_meetings_the_one_that_goes_on_is_meant(rt: Runtime, hall: Hall) -> None:
    first, _ = await held(hall)
    host = await bound(rt, hall.host)
    second, _ = await held(hall)
    answer = await host.say("下一位")
    assert f"下一位{first.id}" in answer
    assert f"下一位{second.id}" in answer
    await open_poll(rt, first.id, now=NOW, actor="test")
    await close_poll(rt, first.id, now=NOW, actor="test")
    assert "（第 1 位，共 3 位）" in await host.say("下一位")
    assert "显示测评结果" in await host.say(f"大屏{first.id}")


async def bound(rt: Runtime, staff_no: str) -> Phone:
    """The phone of somebody who is bound."""
    person = await Person.get(staff_no=staff_no)
    await Account.create(openid=f"o-{staff_no}", person=person, bound_at=NOW, consent="1")
    return Phone(rt, f"o-{staff_no}")
