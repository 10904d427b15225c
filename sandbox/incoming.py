"""XML fields of what the platform tells the back end (contract page, 1.5 to 1.7)."""

from typing import Any

from sandbox.person import Person
from sandbox.world import World

Fields = dict[str, Any]
UNSUPPORTED = "【收到不支持的消息类型，暂无法显示】"


def message(world: World, person: Person, type_: str, args: Fields, **fields: Any) -> Fields:
    """A message; `args` may fix `msg_id` and `create_time`, so that two messages collide."""
    msg_id = args.get("msg_id") or world.next_msg_id()
    return {**_head(world, person, type_, args), **fields, "MsgId": int(msg_id)}


def event(world: World, person: Person, name: str, args: Fields, **fields: Any) -> Fields:
    """An event; it bears no MsgId."""
    return {**_head(world, person, "event", args), "Event": name, **fields}


def _head(world: World, person: Person, type_: str, args: Fields) -> Fields:
    return {
        "ToUserName": world.settings.original_id,
        "FromUserName": person.openid,
        "CreateTime": int(args.get("create_time") or world.clock.now()),
        "MsgType": type_,
    }


def listed(items: list[Fields]) -> Fields | list[Fields]:
    """The platform's `List`: the object itself when single, repeated when many."""
    return items[0] if len(items) == 1 else items
