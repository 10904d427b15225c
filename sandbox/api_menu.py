"""The account's menu: create, get, delete, with the platform's limits."""

from typing import Any

from sandbox.api import OK, Call, Endpoint, Json
from sandbox.errors import ApiError

KEYED = frozenset(
    {
        "click",
        "scancode_push",
        "scancode_waitmsg",
        "pic_sysphoto",
        "pic_photo_or_album",
        "pic_weixin",
        "location_select",
    }
)
MEDIA = frozenset({"media_id", "view_limited"})
ARTICLE = frozenset({"article_id", "article_view_limited"})
TYPES = KEYED | MEDIA | ARTICLE | {"view", "miniprogram"}
TOP_NAME_BYTES, SUB_NAME_BYTES, KEY_BYTES, URL_BYTES = 16, 60, 128, 1024


async def create(call: Call) -> Json:
    """POST /cgi-bin/menu/create; replaces the whole menu."""
    buttons = call.body.get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        raise ApiError(40016)
    call.world.menu = {"button": [_check_top(button) for button in buttons]}
    call.world.journal.publish("menu", call.world.menu)
    return OK


def _check_top(button: Any) -> Json:
    if not isinstance(button, dict):
        raise ApiError(40016)
    _check_name(button, TOP_NAME_BYTES, 40018)
    subs = button.get("sub_button") or []
    if not subs:
        _check_entry(button, sub=False)
        return {**button, "sub_button": []}
    if not isinstance(subs, list) or len(subs) > 5:
        raise ApiError(40023)
    for sub in subs:
        _check_name(sub, SUB_NAME_BYTES, 40025)
        _check_entry(sub, sub=True)
    return {"name": button["name"], "sub_button": subs}


def _check_name(button: Any, limit: int, code: int) -> None:
    name = button.get("name") if isinstance(button, dict) else None
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= limit:
        raise ApiError(code)


def _check_entry(entry: Json, sub: bool) -> None:
    type_ = entry.get("type")
    if type_ not in TYPES:
        raise ApiError(40024 if sub else 40017)
    if type_ in KEYED:
        _check_size(entry, "key", KEY_BYTES, 40026 if sub else 40019)
    elif type_ in {"view", "miniprogram"}:
        _check_size(entry, "url", URL_BYTES, 40027 if sub else 40020)
        if not entry["url"].startswith(("http://", "https://")):
            raise ApiError(40054 if sub else 40055)
    else:
        _check_size(entry, "media_id" if type_ in MEDIA else "article_id", 512, 40007)
    if type_ == "miniprogram" and not (entry.get("appid") and entry.get("pagepath")):
        raise ApiError(40013)


def _check_size(entry: Json, name: str, limit: int, code: int) -> None:
    value = entry.get(name)
    if not isinstance(value, str) or not 1 <= len(value.encode()) <= limit:
        raise ApiError(code)


async def get(call: Call) -> Json:
    """GET /cgi-bin/menu/get."""
    if call.world.menu is None:
        raise ApiError(46003)
    return {"menu": call.world.menu}


async def current(call: Call) -> Json:
    """GET /cgi-bin/get_current_selfmenu_info."""
    return {"is_menu_open": int(call.world.menu is not None), "selfmenu_info": call.world.menu or {}}


async def delete(call: Call) -> Json:
    """GET /cgi-bin/menu/delete."""
    call.world.menu = None
    call.world.journal.publish("menu", None)
    return OK


ENDPOINTS = [
    Endpoint("POST", "/cgi-bin/menu/create", create),
    Endpoint("GET", "/cgi-bin/menu/get", get),
    Endpoint("GET", "/cgi-bin/menu/delete", delete),
    Endpoint("GET", "/cgi-bin/get_current_selfmenu_info", current),
]
