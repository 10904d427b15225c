"""The mini-program's server side: login, phone number, links into it."""

import base64
import secrets
from typing import Any

from sandbox.api import OK, Call, Endpoint, Json
from sandbox.api_tokens import check_secret
from sandbox.errors import ApiError

LINK_DAYS = 30
QUERY_LIMIT = 1024
LOGINS_PER_MINUTE = 100


async def login(call: Call) -> Json:
    """GET /sns/jscode2session."""
    settings = call.world.settings
    check_secret(settings, call.query("appid"), call.query("secret"))
    if call.query("appid") != settings.mp_app_id:
        raise ApiError(40013)
    if call.query("grant_type") != "authorization_code":
        raise ApiError(40002)
    person = call.world.grants.redeem(call.query("js_code"), "login").person
    call.world.logins[person.id, int(call.world.clock.now() // 60)] += 1
    if call.world.logins[person.id, int(call.world.clock.now() // 60)] > LOGINS_PER_MINUTE:
        raise ApiError(45011)
    if person.high_risk:
        raise ApiError(40226)
    session_key = base64.b64encode(secrets.token_bytes(16)).decode()
    return {"openid": person.mp_openid, "session_key": session_key, "unionid": person.unionid}


async def phone_number(call: Call) -> Json:
    """POST /wxa/business/getuserphonenumber {code}."""
    person = call.world.grants.redeem(str(call.body.get("code") or ""), "phone").person
    number = f"138{int(person.id[1:]):08d}"
    watermark = {"timestamp": int(call.world.clock.now()), "appid": call.app_id}
    info = {"phoneNumber": number, "purePhoneNumber": number, "countryCode": "86", "watermark": watermark}
    return {**OK, "phone_info": info}


async def url_link(call: Call) -> Json:
    """POST /wxa/generate_urllink."""
    _check_target(call, call.body, call.body.get("expire_type", 0))
    return {**OK, "url_link": f"https://wxaurl.cn/{secrets.token_urlsafe(8)}"}


async def scheme(call: Call) -> Json:
    """POST /wxa/generatescheme."""
    target = call.body.get("jump_wxa")
    _check_target(call, {**call.body, **(target if isinstance(target, dict) else {})}, call.body.get("expire_type", 0))
    return {**OK, "openlink": f"weixin://dl/business/?t={secrets.token_urlsafe(8)}"}


def _check_target(call: Call, target: Json, expire_type: Any) -> None:
    if str(target.get("path") or "").startswith(("http://", "https://")) or "?" in str(target.get("path") or ""):
        raise ApiError(40165)
    if len(str(target.get("query") or "")) > QUERY_LIMIT:
        raise ApiError(40212)
    seconds = float(target.get("expire_time") or 0) - call.world.clock.now()
    days = float(target.get("expire_interval") or 0) if expire_type == 1 else seconds / 86400
    if days > LINK_DAYS:
        raise ApiError(85401)


ENDPOINTS = [
    Endpoint("GET", "/sns/jscode2session", login, "none"),
    Endpoint("POST", "/wxa/business/getuserphonenumber", phone_number, "mp"),
    Endpoint("POST", "/wxa/generate_urllink", url_link, "mp"),
    Endpoint("POST", "/wxa/generatescheme", scheme, "mp"),
]
