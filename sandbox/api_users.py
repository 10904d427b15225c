"""What the account may know about its followers."""

from sandbox.api import Call, Endpoint, Json
from sandbox.errors import ApiError
from sandbox.person import Person

PAGE = 10_000
BATCH = 100


def describe(person: Person) -> Json:
    """The user/info object; who does not follow is only an openid."""
    if not person.followed:
        return {"subscribe": 0, "openid": person.openid}
    return {
        "subscribe": 1,
        "openid": person.openid,
        "language": "zh_CN",
        "subscribe_time": int(person.followed_at),
        "unionid": person.unionid,
        "remark": "",
        "groupid": 0,
        "tagid_list": [],
        "subscribe_scene": "ADD_SCENE_QR_CODE" if person.follow_scene else "ADD_SCENE_SEARCH",
        "qr_scene": int(person.follow_scene) if person.follow_scene.isdecimal() else 0,
        "qr_scene_str": "" if person.follow_scene.isdecimal() else person.follow_scene,
    }


def _find(call: Call, openid: str) -> Person:
    person = call.world.find_person(openid)
    if person is None or person.openid != openid:
        raise ApiError(40003)
    return person


async def info(call: Call) -> Json:
    """GET /cgi-bin/user/info."""
    return describe(_find(call, call.query("openid")))


async def batch_info(call: Call) -> Json:
    """POST /cgi-bin/user/info/batchget."""
    asked = call.body.get("user_list")
    if not isinstance(asked, list) or not 1 <= len(asked) <= BATCH or not all(isinstance(item, dict) for item in asked):
        raise ApiError(40035)
    return {"user_info_list": [describe(_find(call, str(item.get("openid")))) for item in asked]}


async def followers(call: Call) -> Json:
    """GET /cgi-bin/user/get?next_openid."""
    openids = [person.openid for person in call.world.people.values() if person.followed]
    after = call.query("next_openid")
    if after and after not in openids:
        raise ApiError(40003)
    page = openids[openids.index(after) + 1 if after else 0 :][:PAGE]
    data = {"data": {"openid": page}} if page else {}
    return {"total": len(openids), "count": len(page), **data, "next_openid": page[-1] if page else ""}


ENDPOINTS = [
    Endpoint("GET", "/cgi-bin/user/info", info),
    Endpoint("POST", "/cgi-bin/user/info/batchget", batch_info),
    Endpoint("GET", "/cgi-bin/user/get", followers),
]
