"""What the account learns of people: followers, web authorization, mini-program login."""

import pytest
from yarl import URL

BACK = "https://x.test/back?from=chat"


@pytest.fixture
async def phone(sandbox):
    return await sandbox.phone("张三")


def page(settings, scope="snsapi_base", state="s1", **change):
    query = {
        "appid": settings.app_id,
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": scope,
        "state": state,
        **change,
    }
    return str(URL("https://open.weixin.qq.com/connect/oauth2/authorize").with_query(query)) + "#wechat_redirect"


async def exchange(api, code, **change):
    s = api.settings
    query = {"appid": s.app_id, "secret": s.app_secret, "code": code, "grant_type": "authorization_code", **change}
    return await api.get("/sns/oauth2/access_token", **query)


async def code_of(phone, settings, scope="snsapi_base"):
    return URL(await phone.authorize(page(settings, scope))).query["code"]


async def test_user_info(phone, api):
    await api.login()
    query = {"access_token": api.token, "openid": phone.openid}
    assert await api.get("/cgi-bin/user/info", **query) == {"subscribe": 0, "openid": phone.openid}
    await phone.follow("m.abc")
    info = await api.get("/cgi-bin/user/info", **query)
    assert (info["subscribe"], info["subscribe_scene"], info["qr_scene_str"]) == (1, "ADD_SCENE_QR_CODE", "m.abc")
    assert info["unionid"]
    assert "nickname" not in info
    batch = await api.post("/cgi-bin/user/info/batchget", {"user_list": [{"openid": phone.openid}]})
    assert batch["user_info_list"] == [info]
    assert (await api.get("/cgi-bin/user/info", access_token=api.token, openid="x"))["errcode"] == 40003


async def test_followers(sandbox, api):
    await api.login()
    assert await api.get("/cgi-bin/user/get", access_token=api.token) == {"total": 0, "count": 0, "next_openid": ""}
    phones = [await sandbox.phone(str(n)) for n in range(3)]
    for phone in phones:
        await phone.follow()
    openids = [phone.openid for phone in phones]
    got = await api.get("/cgi-bin/user/get", access_token=api.token, next_openid=openids[0])
    assert (got["total"], got["data"]["openid"], got["next_openid"]) == (3, openids[1:], openids[2])


async def test_authorization(phone, api, settings):
    back = URL(await phone.authorize(page(settings)))
    assert (back.host, back.query["from"], back.query["state"]) == ("x.test", "chat", "s1")
    tokens = await exchange(api, back.query["code"])
    assert (tokens["openid"], tokens["scope"]) == (phone.openid, "snsapi_base")
    assert "unionid" not in tokens
    assert (await exchange(api, back.query["code"]))["errcode"] == 40163
    assert (await exchange(api, "made-up"))["errcode"] == 40029
    assert (await exchange(api, ""))["errcode"] == 41008
    query = {"access_token": tokens["access_token"], "openid": phone.openid}
    assert (await api.get("/sns/auth", **query))["errcode"] == 0
    assert (await api.get("/sns/userinfo", **query))["errcode"] == 48001


async def test_codes_last_five_minutes(phone, api, settings, sandbox):
    code = await code_of(phone, settings)
    await sandbox.advance(300)
    assert (await exchange(api, code))["errcode"] == 40029


async def test_user_info_by_authorization_and_refresh(phone, api, settings, sandbox):
    tokens = await exchange(api, await code_of(phone, settings, "snsapi_userinfo"))
    query = {"openid": phone.openid, "lang": "zh_CN"}
    info = await api.get("/sns/userinfo", access_token=tokens["access_token"], **query)
    assert (info["nickname"], info["sex"], info["unionid"]) == ("张三", 0, tokens["unionid"])
    await sandbox.advance(7200)
    assert (await api.get("/sns/userinfo", access_token=tokens["access_token"], **query))["errcode"] == 42001
    query_refresh = {"appid": settings.app_id, "grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    again = await api.get("/sns/oauth2/refresh_token", **query_refresh)
    assert (await api.get("/sns/auth", access_token=again["access_token"], openid=phone.openid))["errcode"] == 0
    assert (await api.get("/sns/oauth2/refresh_token", **{**query_refresh, "refresh_token": "x"}))["errcode"] == 40030


async def test_snapshot_pages_give_a_virtual_account(phone, api, settings):
    await phone.change(snapshot=True)
    tokens = await exchange(api, await code_of(phone, settings, "snsapi_userinfo"))
    assert tokens["is_snapshotuser"] == 1
    assert tokens["openid"] != phone.openid
    assert "is_snapshotuser" not in await exchange(api, await code_of(phone, settings))


@pytest.mark.parametrize(
    "change", [{"appid": "wx_other"}, {"scope": "all"}, {"state": "a-b"}, {"redirect_uri": "javascript:1"}]
)
async def test_bad_authorization_pages_do_not_lead_back(phone, settings, change):
    assert await phone.authorize(page(settings, **change)) == ""


async def test_authorization_domain_and_order(phone, settings, sandbox):
    await sandbox.settings(oauth_domain="other.test")
    assert await phone.authorize(page(settings)) == ""
    await sandbox.settings(oauth_domain="x.test")
    assert await phone.authorize(page(settings))
    path = "/connect/oauth2/authorize?"
    assert (
        await phone.authorize(f"{path}redirect_uri={BACK}&appid={settings.app_id}&response_type=code&scope=snsapi_base")
        == ""
    )


async def test_the_page_asks_whose_phone_it_is(phone, api, settings, base):
    url = base + str(URL(page(settings)).relative())
    async with api.http.get(url, allow_redirects=False) as response:
        assert "张三" in await response.text()
    async with api.http.get(
        f"{base}/sim/phones/{phone.id}/browse", params={"url": url}, allow_redirects=False
    ) as response:
        cookie = response.cookies["sim_phone"].value
    async with api.http.get(url, cookies={"sim_phone": cookie}, allow_redirects=False) as response:
        assert URL(response.headers["Location"]).host == "x.test"
    async with api.http.get(f"{base}/sim/phones/{phone.id}/browse", params={"url": "javascript:alert(1)"}) as response:
        assert response.status == 400


async def test_mini_program_login(phone, api, settings, sandbox):
    async def login(code):
        query = {"appid": settings.mp_app_id, "secret": settings.mp_app_secret, "js_code": code}
        return await api.get("/sns/jscode2session", grant_type="authorization_code", **query)

    code = await phone.login_code()
    session = await login(code)
    assert session["openid"] == phone.mp_openid != phone.openid
    assert len(session["session_key"]) == 24
    assert (await login(code))["errcode"] == 40163
    assert (await login(await phone.phone_code()))["errcode"] == 40029
    late = await phone.login_code()
    await sandbox.advance(300)
    assert (await login(late))["errcode"] == 40029
    await phone.change(high_risk=True)
    assert (await login(await phone.login_code()))["errcode"] == 40226


async def test_phone_number_and_links(phone, api):
    await api.login(mp=True)
    answer = await api.post("/wxa/business/getuserphonenumber", {"code": await phone.phone_code()})
    assert answer["phone_info"]["countryCode"] == "86"
    link = {"path": "pages/a", "query": "m=1", "expire_type": 1, "expire_interval": 30}
    assert (await api.post("/wxa/generate_urllink", link))["url_link"].startswith("https://wxaurl.cn/")
    assert (await api.post("/wxa/generate_urllink", {**link, "expire_interval": 31}))["errcode"] == 85401
    assert (await api.post("/wxa/generate_urllink", {**link, "query": "q" * 1025}))["errcode"] == 40212
    assert (await api.post("/wxa/generate_urllink", {**link, "path": "https://x.test"}))["errcode"] == 40165
    assert (await api.post("/wxa/generatescheme", {"jump_wxa": link}))["openlink"].startswith("weixin://dl/business/")
