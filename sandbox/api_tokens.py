"""access_token, stable_token, tickets and quotas."""

import secrets

from sandbox.api import OK, Call, Endpoint, Json
from sandbox.errors import ApiError
from sandbox.settings import Settings

TICKET_TTL = 7200


def check_secret(settings: Settings, app_id: str, secret: str) -> None:
    """The two accounts' secrets; ApiError 41002, 40013, 41004, 40125."""
    if not app_id:
        raise ApiError(41002)
    known = {settings.app_id: settings.app_secret, settings.mp_app_id: settings.mp_app_secret}
    if app_id not in known:
        raise ApiError(40013)
    if not secret:
        raise ApiError(41004)
    if secret != known[app_id]:
        raise ApiError(40125)


def _check_caller(call: Call, app_id: str, secret: str, grant: str) -> None:
    if grant != "client_credential":
        raise ApiError(40002)
    check_secret(call.world.settings, app_id, secret)
    allowed, address = call.world.settings.ip_whitelist, call.request.remote or ""
    if allowed and address not in allowed:
        raise ApiError(40164, ip=address)


async def token(call: Call) -> Json:
    """GET /cgi-bin/token."""
    app_id = call.query("appid")
    _check_caller(call, app_id, call.query("secret"), call.query("grant_type"))
    issued = call.world.tokens.plain(app_id, call.world.settings)
    return {"access_token": issued.value, "expires_in": int(issued.expires - call.world.clock.now())}


async def stable_token(call: Call) -> Json:
    """POST /cgi-bin/stable_token; `expires_in` is what remains."""
    app_id = str(call.body.get("appid") or "")
    _check_caller(call, app_id, str(call.body.get("secret") or ""), str(call.body.get("grant_type") or ""))
    issued = call.world.tokens.stable(app_id, bool(call.body.get("force_refresh")), call.world.settings)
    return {"access_token": issued.value, "expires_in": int(issued.expires - call.world.clock.now())}


async def ticket(call: Call) -> Json:
    """GET /cgi-bin/ticket/getticket?type=jsapi."""
    if call.query("type") not in {"jsapi", "wx_card"}:
        raise ApiError(40097)
    return {**OK, "ticket": secrets.token_urlsafe(64)[:86], "expires_in": TICKET_TTL}


async def clear_quota(call: Call) -> Json:
    """POST /cgi-bin/clear_quota {appid}."""
    if call.body.get("appid") != call.app_id:
        raise ApiError(40013)
    call.world.quota.clear(call.app_id)
    return OK


async def clear_quota_by_secret(call: Call) -> Json:
    """POST /cgi-bin/clear_quota/v2 {appid, appsecret}; works without a token."""
    app_id = str(call.body.get("appid") or "")
    check_secret(call.world.settings, app_id, str(call.body.get("appsecret") or ""))
    call.world.quota.clear(app_id)
    return OK


async def get_quota(call: Call) -> Json:
    """POST /cgi-bin/openapi/quota/get {cgi_path}."""
    return {**OK, "quota": call.world.quota.report(call.app_id, _cgi_path(call), call.world.settings)}


async def clear_one_quota(call: Call) -> Json:
    """POST /cgi-bin/openapi/quota/clear {cgi_path}."""
    call.world.quota.clear(call.app_id, _cgi_path(call))
    return OK


def _cgi_path(call: Call) -> str:
    path = str(call.body.get("cgi_path") or "")
    if not path.startswith("/") or path.startswith("/sns/"):
        raise ApiError(76021)
    return path


async def callback_addresses(call: Call) -> Json:
    """GET /cgi-bin/getcallbackip and get_api_domain_ip."""
    return {"ip_list": ["127.0.0.1"]}


ENDPOINTS = [
    Endpoint("GET", "/cgi-bin/token", token, "none"),
    Endpoint("POST", "/cgi-bin/stable_token", stable_token, "none"),
    Endpoint("GET", "/cgi-bin/ticket/getticket", ticket, "any"),
    Endpoint("POST", "/cgi-bin/clear_quota", clear_quota, "any"),
    Endpoint("POST", "/cgi-bin/clear_quota/v2", clear_quota_by_secret, "none"),
    Endpoint("POST", "/cgi-bin/openapi/quota/get", get_quota, "any"),
    Endpoint("POST", "/cgi-bin/openapi/quota/clear", clear_one_quota, "any"),
    Endpoint("GET", "/cgi-bin/getcallbackip", callback_addresses, "any"),
    Endpoint("GET", "/cgi-bin/get_api_domain_ip", callback_addresses, "any"),
]
