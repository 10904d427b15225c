"""The big screen through its own door: addresses, what it may never tell, what it waits for, and what it leaves behind."""

import asyncio
import re
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient

from config import clock
from models.meetings import Meeting
from models.people import Person
from models.screens import Screen
from sandbox.phones import Sandbox
from services.meetings.meetings import get_meeting, publish_result
from services.meetings.scene_codes import check_in_code
from services.meetings.screens import Shown, make_token, open_screen, replace_screen, steer_screen
from services.polls.polls import close_poll, open_poll
from services.runtime import Runtime
from tests.integration.refusing import refused
from tests.integration.watching import follow, held, path_of, vote
from tests.integration.world import NOW, Hall, name_of

pytestmark = pytest.mark.usefixtures("platform")

EVIL = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"


def test_addresses_cannot_be_guessed() -> None:
    tokens = {make_token() for _ in range(2000)}
    assert len(tokens) == 2000
    assert {len(token) for token in tokens} == {28}  # of 27 letters: 133 bits
    assert all(re.fullmatch(r"[2-9b-z]+", token) for token in tokens)
    for place in range(28):
        assert len({token[place] for token in tokens}) == 27


async def test_an_address_cut_short_says_in_chinese_where_to_go(door: TestClient) -> None:
    for path, said in (("/", "公众号"), ("/notice/abc", "没有这份公示")):
        answer = await door.get(path)
        assert answer.status == 404
        assert said in await answer.text()


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


async def test_steering_and_replacing_at_once_leave_one_screen_and_fail_for_nobody(rt: Runtime, hall: Hall) -> None:
    meeting, _ = await held(hall)
    for turn in range(10):
        await asyncio.gather(
            *(replace_screen(meeting, now=NOW, actor="test", key=f"new-{turn}-{n}") for n in range(3)),
            *(steer_screen(meeting, "code", now=NOW, actor="test", key=f"code-{turn}-{n}") for n in range(4)),
        )
    assert await Screen.filter(meeting=meeting, replaced_at=None).count() == 1


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


async def test_markup_in_titles_and_names_is_only_ever_data(door: TestClient, hall: Hall) -> None:
    meeting, shown = await held(hall)
    await Meeting.filter(id=meeting.id).update(title=EVIL)
    await Person.filter(staff_no=hall.reporters[0]).update(name=EVIL[:64])
    assert "onerror" not in await (await door.get(path_of(shown))).text()
    board = await (await follow(door, shown)).board()
    assert board["title"] == EVIL
    unknown = await door.get('/screen/"><script>alert(1)</script>')
    assert "<script>alert" not in await unknown.text()
