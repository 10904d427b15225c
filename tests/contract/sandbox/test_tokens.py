"""Tokens, rations, and how the API host fails."""

import asyncio
import re

import aiohttp
import pytest

PING = "/cgi-bin/getcallbackip"


async def plain(api):
    s = api.settings
    return await api.get("/cgi-bin/token", grant_type="client_credential", appid=s.app_id, secret=s.app_secret)


async def errcode(api, token):
    return (await api.get(PING, access_token=token)).get("errcode", 0)


async def test_errors_end_with_a_rid(api):
    answer = await api.get(PING)
    assert answer["errcode"] == 41001
    assert re.fullmatch(r"access_token missing rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}", answer["errmsg"])
    assert await errcode(api, "made-up") == 40014


async def test_plain_token_replaces_the_one_before_after_an_overlap(api, sandbox):
    first, second = (await plain(api))["access_token"], (await plain(api))["access_token"]
    assert first != second
    assert await errcode(api, first) == await errcode(api, second) == 0
    await sandbox.advance(301)
    assert (await errcode(api, first), await errcode(api, second)) == (40001, 0)
    await sandbox.advance(7000)
    assert await errcode(api, second) == 42001


async def test_stable_token_stays_until_its_last_five_minutes_and_apart_from_the_plain_one(api, sandbox):
    first = await api.stable()
    assert first["expires_in"] in (7199, 7200)
    await plain(api)
    await sandbox.advance(1000)
    again = await api.stable()
    assert again["access_token"] == first["access_token"]
    assert 6190 <= again["expires_in"] <= 6200
    await sandbox.advance(5901)
    assert (await api.stable())["access_token"] != first["access_token"]


async def test_forced_refresh_kills_the_old_one_and_is_rationed(api, sandbox):
    first = (await api.stable())["access_token"]
    assert (await api.stable(force_refresh=True))["access_token"] != first
    assert await errcode(api, first) == 40001
    assert (await api.stable(force_refresh=True))["errcode"] == 45011
    await sandbox.set_clock("2030-01-01T08:00:00+08:00")
    for _ in range(20):
        assert "access_token" in await api.stable(force_refresh=True)
        await sandbox.advance(30)
    assert (await api.stable(force_refresh=True))["errcode"] == 45009


@pytest.mark.parametrize(
    ("change", "code"),
    [({"appid": "wx_other"}, 40013), ({"secret": "no"}, 40125), ({"grant_type": "x"}, 40002), ({"appid": ""}, 41002)],
)
async def test_wrong_credentials(api, change, code):
    assert (await api.stable(**change))["errcode"] == code


async def test_addresses_outside_the_whitelist(api, sandbox):
    await sandbox.settings(ip_whitelist=["203.0.113.7"])
    answer = await api.stable()
    assert answer["errcode"] == 40164
    assert "invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist" in answer["errmsg"]


async def test_each_account_has_its_own_tokens(api):
    await api.login(mp=True)
    assert (await api.get("/cgi-bin/menu/get", access_token=api.token))["errcode"] == 48001
    await api.login()
    assert (await api.post("/wxa/generate_urllink", {"path": "a"}))["errcode"] == 48001


async def test_rations_and_their_clearing(api, sandbox):
    await api.login()
    await sandbox.settings(quotas={PING: 2})
    assert [await errcode(api, api.token) for _ in range(3)] == [0, 0, 45009]
    report = await api.post("/cgi-bin/openapi/quota/get", {"cgi_path": PING})
    assert report["quota"] == {"daily_limit": 2, "used": 2, "remain": 0}
    assert (await api.post("/cgi-bin/openapi/quota/get", {"cgi_path": "/sns/x"}))["errcode"] == 76021
    assert (await api.post("/cgi-bin/clear_quota", {"appid": api.settings.app_id}))["errcode"] == 0
    assert await errcode(api, api.token) == 0
    body = {"appid": api.settings.app_id, "appsecret": api.settings.app_secret}
    codes = [(await api.post("/cgi-bin/clear_quota/v2", body))["errcode"] for _ in range(10)]
    assert codes == [0] * 9 + [48006]


async def test_a_refresh_storm_is_ended_by_clearing_with_the_secret(api, sandbox):
    path = "/cgi-bin/stable_token"
    await sandbox.settings(quotas={path: 1})
    assert "access_token" in await api.stable()
    assert (await api.stable())["errcode"] == 45009
    assert "access_token" in await api.stable(mp=True)
    body = {"appid": api.settings.app_id, "appsecret": api.settings.app_secret}
    assert (await api.post("/cgi-bin/clear_quota/v2", body))["errcode"] == 0
    assert "access_token" in await api.stable()


async def test_minute_ration(api, sandbox):
    await api.login()
    await sandbox.set_clock("2030-01-01T08:00:10+08:00")
    await api.login()
    await sandbox.settings(minute_quotas={PING: 1})
    assert [await errcode(api, api.token) for _ in range(2)] == [0, 45011]
    await sandbox.advance(60)
    assert await errcode(api, api.token) == 0


async def test_faults_on_demand(api, sandbox):
    await api.login()
    await sandbox.faults(api={"path": PING, "errcode": -1, "times": 2})
    assert [await errcode(api, api.token) for _ in range(3)] == [-1, -1, 0]
    await sandbox.faults(tokens="expire")
    assert await errcode(api, api.token) == 42001
    await api.login()
    await sandbox.faults(tokens="replace")
    assert await errcode(api, api.token) == 40001


async def test_html_cut_and_hanging_answers(api, sandbox, base):
    await sandbox.faults(api={"kind": "html"})
    async with api.http.get(base + PING) as response:
        assert (response.status, response.content_type) == (502, "text/html")
    await sandbox.faults(api={"kind": "cut", "times": 2})
    with pytest.raises(aiohttp.ClientError):
        await api.post(PING.replace("getcallbackip", "clear_quota"), {})
    await sandbox.faults(clear=True)
    await sandbox.faults(api={"kind": "hang", "seconds": 30})
    with pytest.raises(asyncio.TimeoutError):
        async with api.http.get(base + PING, timeout=aiohttp.ClientTimeout(total=0.05)):
            pass


async def test_bodies_must_be_raw_utf8_json(api):
    await api.login()
    assert (await api.post("/cgi-bin/message/custom/send", b""))["errcode"] == 44002
    assert (await api.post("/cgi-bin/message/custom/send", b"[1"))["errcode"] == 47001
    assert (await api.post("/cgi-bin/message/custom/send", b'{"a": "\\u4f60"}'))["errcode"] == 40033
    assert (await api.post("/cgi-bin/message/custom/send", b'{"a": "\\\\u4f60"}'))["errcode"] == 40003


async def test_ticket(api):
    await api.login()
    answer = await api.get("/cgi-bin/ticket/getticket", access_token=api.token, type="jsapi")
    assert answer["errcode"] == 0
    assert answer["expires_in"] == 7200
    assert len(answer["ticket"]) > 60
