"""The page of the leaders' summary: who may open it, and how they log in."""

import asyncio
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient
from yarl import URL

from app.embedded import Postgres
from config import clock
from models.accounts import Account
from models.meetings import Meeting
from models.people import Person
from sandbox.person import Person as Phone
from services.people.logins import make_session
from services.runtime import Runtime
from tests.faults.platform import Platform
from tests.integration.led import all_vote, bound, closed
from tests.integration.world import Hall, name_of

pytestmark = pytest.mark.usefixtures("platform")


async def authorize(platform: Platform, door: TestClient, meeting: Meeting, phone: Phone, scope: str = "") -> URL:
    """Open the page, be sent to the platform, agree there as this phone; where that leads back to."""
    answer = await door.get(f"/brief/{meeting.id}", allow_redirects=False)
    assert answer.status == 302
    there = answer.headers["Location"]
    assert there.startswith(f"{platform.url}/connect/oauth2/authorize?appid=")
    assert there.endswith("&scope=snsapi_base&state=" + URL(there).query["state"] + "#wechat_redirect")
    url = URL(there.replace("snsapi_base", scope or "snsapi_base")).update_query(sim_phone=phone.id)
    async with door.session.get(url, allow_redirects=False) as agreed:
        back = URL(agreed.headers["Location"])
    assert str(back).startswith(f"http://127.0.0.1:8080/brief/{meeting.id}/login?")
    return back


async def log_in(platform: Platform, door: TestClient, meeting: Meeting, phone: Phone) -> int:
    """Log in as that phone; the status of the page then."""
    back = await authorize(platform, door, meeting, phone)
    answer = await door.get(back.path_qs, allow_redirects=False)
    if answer.status != 302:
        return answer.status
    assert answer.headers["Location"] == f"/brief/{meeting.id}"
    return (await door.get(f"/brief/{meeting.id}", allow_redirects=False)).status


async def test_leaders_and_hosts_see_the_page_and_others_hear_why_not(
    rt: Runtime, hall: Hall, platform: Platform, door: TestClient
) -> None:
    meeting = await closed(rt, hall, all_vote(hall, 0, 1, 2))
    for number, expected in (("1001", 200), (hall.host, 200), ("2001", 403), (hall.reporters[0], 403)):
        door.session.cookie_jar.clear()
        assert await log_in(platform, door, meeting, await bound(platform, number)) == expected
        for part in ("facts", "picture.png"):
            assert (await door.get(f"/brief/{meeting.id}/{part}")).status == expected
        if expected == 403:
            page = await (await door.get(f"/brief/{meeting.id}")).text()
            assert "您不是这个会议的领导" in page
            assert name_of(hall.reporters[0]) not in page
    door.session.cookie_jar.clear()
    assert await log_in(platform, door, meeting, platform.follower("路人")) == 403
    assert (await door.get(f"/brief/{meeting.id}/facts")).status == 401


async def test_the_session_is_short_signed_and_kept_from_scripts(
    rt: Runtime, hall: Hall, platform: Platform, door: TestClient
) -> None:
    meeting = await closed(rt, hall, all_vote(hall, 0, 1, 2))
    phone = await bound(platform, "1001")
    back = await authorize(platform, door, meeting, phone)
    answer = await door.get(back.path_qs, allow_redirects=False)
    cookie = answer.cookies["zp_session"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["max-age"]) == (
        True,
        "Lax",
        "/brief",
        "1800",
    )
    assert phone.openid not in cookie.value

    async def status(value: str) -> int:
        door.session.cookie_jar.clear()
        return (await door.get(f"/brief/{meeting.id}/facts", headers={"Cookie": f"zp_session={value}"})).status

    person = await Person.get(staff_no="1001")
    assert await status(cookie.value) == 200
    assert await status(await make_session(rt.settings, person.id, clock.now() - timedelta(minutes=31))) == 401
    number, until, mac = cookie.value.split(".")
    one, _, binding = number.partition("-")
    assert await status(f"{int(one) + 1}-{binding}.{until}.{mac}") == 401
    assert await status(f"{number}.{int(until) + 9}.{mac}") == 401
    assert await status("x") == 401
    await Account.filter(person=person).delete()  # they have unfollowed
    assert await status(cookie.value) == 401


async def test_a_code_is_exchanged_once_however_often_it_comes_back(
    rt: Runtime, hall: Hall, platform: Platform, door: TestClient
) -> None:
    meeting = await closed(rt, hall, all_vote(hall, 0, 1, 2))
    back = await authorize(platform, door, meeting, await bound(platform, "1001"))
    ticket = {
        "Cookie": f"zp_login={door.session.cookie_jar.filter_cookies(door.make_url('/brief/1'))['zp_login'].value}"
    }
    door.session.cookie_jar.clear()

    async def come_back() -> int:
        answer = await door.session.get(door.make_url(back.path_qs), headers=ticket, allow_redirects=False)
        return answer.status if "zp_session" in answer.cookies else -answer.status

    assert await asyncio.gather(*(come_back() for _ in range(4))) == [302] * 4
    assert platform.calls("/sns/oauth2/access_token") == 1
    assert (await door.get(back.path_qs, allow_redirects=False)).status == 302  # the back button, with a session
    assert platform.calls("/sns/oauth2/access_token") == 1


async def test_a_login_that_this_browser_did_not_begin_is_none(
    rt: Runtime, hall: Hall, platform: Platform, door: TestClient
) -> None:
    meeting = await closed(rt, hall, all_vote(hall, 0, 1, 2))
    back = await authorize(platform, door, meeting, await bound(platform, "1001"))
    other = await door.get(back.update_query(state="0" * 32).path_qs, allow_redirects=False)
    assert other.status == 400
    assert "登录已经失效" in await other.text()
    door.session.cookie_jar.clear()
    assert (await door.get(back.path_qs, allow_redirects=False)).status == 400
    assert platform.calls("/sns/oauth2/access_token") == 0


async def test_a_snapshot_page_has_no_person_and_a_used_code_says_so(
    rt: Runtime, hall: Hall, platform: Platform, door: TestClient
) -> None:
    meeting = await closed(rt, hall, all_vote(hall, 0, 1, 2))
    phone = await bound(platform, "1001")
    phone.snapshot = True
    back = await authorize(platform, door, meeting, phone, "snsapi_userinfo")
    answer = await door.get(back.path_qs, allow_redirects=False)
    assert answer.status == 403
    assert "使用完整服务" in await answer.text()
    phone.snapshot = False
    back = await authorize(platform, door, meeting, phone)
    await rt.redis.flushall()
    platform.world.grants.redeem(back.query["code"], "oauth")
    answer = await door.get(back.path_qs, allow_redirects=False)
    assert answer.status == 502
    assert "重新打开链接" in await answer.text()


async def test_the_page_carries_no_name_and_its_facts_are_text(
    rt: Runtime, hall: Hall, platform: Platform, door: TestClient
) -> None:
    meeting = await closed(rt, hall, all_vote(hall, 0, 1, 2))
    await log_in(platform, door, meeting, await bound(platform, "1001"))
    answer = await door.get(f"/brief/{meeting.id}")
    assert name_of(hall.reporters[0]) not in await answer.text()
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    facts = await (await door.get(f"/brief/{meeting.id}/facts")).json()
    assert [one["score"] for one in facts["reporters"]] == ["95.00", "85.00", "70.00"]
    assert [one["ratio"] for one in facts["reporters"]] == [0.95, 0.85, 0.7]
    picture = await door.get(f"/brief/{meeting.id}/picture.png")
    assert picture.content_type == "image/png"


async def test_a_database_that_is_away_makes_the_page_wait(
    own_postgres: Postgres, rt: Runtime, hall: Hall, platform: Platform, door: TestClient
) -> None:
    meeting = await closed(rt, hall, all_vote(hall, 0, 1, 2))
    assert await log_in(platform, door, meeting, await bound(platform, "1001")) == 200
    await asyncio.to_thread(own_postgres.stop)
    page = await door.get(f"/brief/{meeting.id}")
    assert page.status == 503
    assert "正在恢复" in await page.text()
    assert page.headers["Refresh"]
