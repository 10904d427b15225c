"""Web authorization: the page that asks, and the exchange of its code."""

import html
import re

from aiohttp import web
from yarl import URL

from sandbox.api import OK, Call, Endpoint, Json
from sandbox.api_tokens import check_secret
from sandbox.errors import ApiError
from sandbox.grants import ACCESS_TTL, WebToken
from sandbox.world import WORLD, World

SCOPES = frozenset({"snsapi_base", "snsapi_userinfo"})
ORDER = ("appid", "redirect_uri", "response_type", "scope", "state", "forcePopup")
COOKIE = "sim_phone"


async def authorize(request: web.Request) -> web.Response:
    """GET /connect/oauth2/authorize: back to redirect_uri with a code, as the phone in ?sim_phone= or the cookie."""
    world, query = request.app[WORLD], request.query
    wrong = _fault(world, request)
    if wrong:
        return _page(f"<p>{html.escape(wrong)}</p>")
    person = world.people.get(query.get(COOKIE) or request.cookies.get(COOKIE, ""))
    if person is None:
        return _page(_choice(world, request))
    code = world.grants.issue(person, "oauth", world.settings.code_ttl, query["scope"])
    back = URL(query["redirect_uri"]).update_query(code=code, state=query.get("state", ""))
    return web.Response(status=302, headers={"Location": str(back)})


def _fault(world: World, request: web.Request) -> str:
    query, domain = request.query, world.settings.oauth_domain
    names = [name for name in query if name in ORDER]
    if names != sorted(names, key=ORDER.index) or query.get("response_type") != "code":
        return "参数错误"
    if query.get("appid") != world.settings.app_id:
        return "AppID 参数错误 10013"
    target = URL(query.get("redirect_uri", ""))
    if target.scheme not in {"http", "https"} or (
        domain and domain not in {target.host, f"{target.host}:{target.port}"}
    ):
        return "redirect_uri 域名与后台配置不一致，错误码: 10003"
    if query.get("scope") not in SCOPES:
        return "Scope 参数错误或没有 Scope 权限 10005"
    if not re.fullmatch(r"[A-Za-z0-9]{0,128}", query.get("state", "")):
        return "state 参数错误"
    return ""


def _choice(world: World, request: web.Request) -> str:
    items = [
        f'<li><a href="{html.escape(str(request.rel_url.update_query({COOKIE: person.id})))}">{html.escape(person.name)}</a></li>'
        for person in world.people.values()
    ]
    return "<h1>用谁的微信打开？</h1><ul>" + "".join(items) + "</ul>"


def _page(body: str) -> web.Response:
    head = '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>微信</title>'
    return web.Response(text=head + body, content_type="text/html")


async def exchange(call: Call) -> Json:
    """GET /sns/oauth2/access_token."""
    check_secret(call.world.settings, call.query("appid"), call.query("secret"))
    if call.query("appid") != call.world.settings.app_id:
        raise ApiError(40013)
    if call.query("grant_type") != "authorization_code":
        raise ApiError(40002)
    return _tokens(call.world.grants.authorize(call.world.grants.redeem(call.query("code"), "oauth")))


async def refresh(call: Call) -> Json:
    """GET /sns/oauth2/refresh_token."""
    if call.query("appid") != call.world.settings.app_id:
        raise ApiError(40013)
    return _tokens(call.world.grants.refresh(call.query("refresh_token")))


def _tokens(token: WebToken) -> Json:
    more: Json = {"is_snapshotuser": 1} if token.is_snapshot else {}
    if token.scope == "snsapi_userinfo" and not token.is_snapshot:
        more["unionid"] = token.person.unionid
    return {
        "access_token": token.access,
        "expires_in": ACCESS_TTL,
        "refresh_token": token.refresh,
        "openid": token.openid,
        "scope": token.scope,
        **more,
    }


async def user_info(call: Call) -> Json:
    """GET /sns/userinfo; sex and region have been empty since 2021."""
    token = call.world.grants.check(call.query("access_token"), call.query("openid"))
    if token.scope != "snsapi_userinfo":
        raise ApiError(48001)
    empty = {"sex": 0, "province": "", "city": "", "country": "", "headimgurl": "", "privilege": []}
    union = {} if token.is_snapshot else {"unionid": token.person.unionid}
    return {
        "openid": token.openid,
        "nickname": "微信用户" if token.is_snapshot else token.person.name,
        **empty,
        **union,
    }


async def check(call: Call) -> Json:
    """GET /sns/auth."""
    call.world.grants.check(call.query("access_token"), call.query("openid"))
    return OK


ENDPOINTS = [
    Endpoint("GET", "/sns/oauth2/access_token", exchange, "none"),
    Endpoint("GET", "/sns/oauth2/refresh_token", refresh, "none"),
    Endpoint("GET", "/sns/userinfo", user_info, "none"),
    Endpoint("GET", "/sns/auth", check, "none"),
]
ROUTES = [web.get("/connect/oauth2/authorize", authorize)]
