"""What happens when a person taps an entry of the account's menu."""

from collections.abc import Iterator
from typing import Any

from sandbox.actions import Act, Impossible, image, in_chat
from sandbox.incoming import Fields, event, listed, message
from sandbox.person import BRIEF_ACTION, USER_MESSAGE, Person
from sandbox.world import World

PHOTO_TYPES = frozenset({"pic_sysphoto", "pic_photo_or_album", "pic_weixin"})


def entries(menu: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    """The tappable buttons of a menu: those without sub-buttons."""
    for button in (menu or {}).get("button", []):
        yield from button.get("sub_button") or [button]


def tap_menu(world: World, person: Person, args: Fields) -> Act:
    """Tap the entry with this `key` or `name`; `result`, `photos`, `place` feed the types that ask for something."""
    in_chat(world, person, None)
    key, name = args.get("key"), args.get("name")
    fitting = [entry for entry in entries(world.menu) if key in _names(entry) or (name and entry["name"] == name)]
    if not fitting:
        raise Impossible(f"the menu has no entry {key or name!r}")
    return _act(world, person, fitting[0], args)


def _names(entry: dict[str, Any]) -> list[str]:
    return [entry[field] for field in ("key", "url", "pagepath") if entry.get(field)]


def _act(world: World, person: Person, entry: dict[str, Any], args: Fields) -> Act:
    type_, key = entry["type"], entry.get("key", "")
    world.show(person, "system", "note", "user", f"点击菜单「{entry['name']}」")
    if type_ == "view":
        return Act((event(world, person, "VIEW", args, EventKey=entry["url"], MenuId=1),), opens=entry["url"])
    if type_ == "miniprogram":
        page = entry.get("pagepath", "")
        return Act((event(world, person, "view_miniprogram", args, EventKey=page, MenuId=1),))
    if type_ == "click":
        in_chat(world, person, BRIEF_ACTION)
        return Act((event(world, person, "CLICK", args, EventKey=key),))
    if type_ in {"scancode_push", "scancode_waitmsg"}:
        in_chat(world, person, BRIEF_ACTION)
        info = {"ScanType": args.get("scan_type", "qrcode"), "ScanResult": str(args.get("result") or "")}
        return Act((event(world, person, type_, args, EventKey=key, ScanCodeInfo=info),))
    if type_ in PHOTO_TYPES:
        return _photos(world, person, type_, key, args)
    if type_ == "location_select":
        return _place(world, person, key, args)
    raise Impossible(f"entries of type {type_} only show something")


def _photos(world: World, person: Person, type_: str, key: str, args: Fields) -> Act:
    count = int(args.get("photos", 1))
    sums: list[Fields] = [{"PicMd5Sum": f"{number:032x}"} for number in range(1, count + 1)]
    info = {"Count": count, "PicList": {"item": listed(sums)}}
    chosen = event(world, person, type_, args, EventKey=key, SendPicsInfo=info)
    return Act((chosen, *(fields for _ in sums for fields in image(world, person, {}).messages)))


def _place(world: World, person: Person, key: str, args: Fields) -> Act:
    in_chat(world, person, USER_MESSAGE)
    place = {"Location_X": "39.9", "Location_Y": "116.4", "Scale": 15, "Label": str(args.get("place") or "")}
    chosen = event(world, person, "location_select", args, EventKey=key, SendLocationInfo={**place, "Poiname": ""})
    return Act((chosen, message(world, person, "location", args, **place)))
