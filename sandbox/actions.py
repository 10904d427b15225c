"""What a person does with the phone: changes the platform's state and says which messages the back end gets."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.chat import Link
from sandbox.incoming import UNSUPPORTED, Fields, event, message
from sandbox.media import Media
from sandbox.person import BRIEF_ACTION, USER_MESSAGE, Person
from sandbox.world import World


class Impossible(Exception):
    """The phone does not let the person do this; answered with HTTP 409 and the text."""


@dataclass(frozen=True)
class Act:
    """Messages to deliver, in order, and a page that the phone opens."""

    messages: tuple[Fields, ...] = ()
    opens: str = ""
    hint: str = field(default="")


def need(args: Fields, name: str) -> str:
    """A required text argument; raises Impossible."""
    value = args.get(name)
    if not isinstance(value, str) or not value:
        raise Impossible(f"{name} is missing")
    return value


def in_chat(world: World, person: Person, allowance: tuple[int, float] | None) -> None:
    """Require a follower and, unless None, refresh what the account may send them."""
    if not person.followed:
        raise Impossible(f"{person.name} does not follow the account")
    if allowance:
        person.active_at, person.typing = world.clock.now(), False
        person.window = person.window.refreshed(world.clock.now(), *allowance)


def follow(world: World, person: Person, args: Fields) -> Act:
    """Follow the account, by scanning a code where `scene` is given; nothing when already following."""
    if person.followed:
        return Act(hint="already following")
    scene = str(args.get("scene") or "")
    person.followed, person.followed_at, person.follow_scene = True, world.clock.now(), scene
    in_chat(world, person, BRIEF_ACTION)
    world.show(person, "system", "note", "user", "扫码关注了公众号" if scene else "关注了公众号", scene=scene)
    world.journal.publish("phone", person.json())
    code = {"EventKey": f"qrscene_{scene}", "Ticket": _ticket(world, scene)} if scene else {"EventKey": ""}
    return Act((event(world, person, "subscribe", args, **code),))


def unfollow(world: World, person: Person, args: Fields) -> Act:
    """Unfollow: the account may send nothing any more."""
    in_chat(world, person, None)
    person.followed, person.window = False, type(person.window)()
    world.show(person, "system", "note", "user", "取消了关注")
    world.journal.publish("phone", person.json())
    return Act((event(world, person, "unsubscribe", args, EventKey=""),))


def _ticket(world: World, scene: str) -> str:
    code = world.codes.find(scene=scene) or world.codes.create(scene, None)
    return code.ticket


def scan(world: World, person: Person, args: Fields) -> Act:
    """Scan `scene`, `ticket`, or `url` (a code's content, or any page); an expired code does nothing."""
    scene, url = str(args.get("scene") or ""), str(args.get("url") or "")
    if not scene:
        code = world.codes.find(ticket=str(args.get("ticket") or ""), url=url)
        if code is None and url.startswith(("http://", "https://")):
            return Act(opens=url)
        if code is None or not world.codes.is_valid(code):
            world.show(person, "system", "note", "user", "二维码已过期")
            return Act(hint="unknown or expired code")
        scene = code.scene
    if not person.followed:
        return follow(world, person, {**args, "scene": scene})
    in_chat(world, person, BRIEF_ACTION)
    world.show(person, "system", "note", "user", "扫描了二维码", scene=scene)
    return Act((event(world, person, "SCAN", args, EventKey=scene, Ticket=_ticket(world, scene)),))


def text(world: World, person: Person, args: Fields) -> Act:
    """Type a text; with `menu_id` it is a tapped choice, which allows the account fewer messages."""
    content = need(args, "content")
    menu_id = args.get("menu_id")
    in_chat(world, person, USER_MESSAGE if menu_id is None else BRIEF_ACTION)
    world.show(person, "me", "text", "user", content)
    tapped = {} if menu_id is None else {"bizmsgmenuid": str(menu_id)}
    return Act((message(world, person, "text", args, Content=content, **tapped),))


def tap(world: World, person: Person, args: Fields) -> Act:
    """Tap the link with this `label` or `content` in the newest message that has it."""
    label, content = args.get("label"), args.get("content")
    link = _find_link(person, label, content)
    if link is None:
        raise Impossible(f"no message has a link {label or content!r}")
    if link.content is None:
        return Act(opens=link.href)
    return text(world, person, {**args, "content": link.content, "menu_id": link.menu_id or "0"})


def _find_link(person: Person, label: Any, content: Any) -> Link | None:
    for entry in reversed(person.entries):
        for link in entry.links:
            if (label is not None and link.label == label) or (content is not None and link.content == content):
                return link
    return None


def sent_media(world: World, args: Fields, type_: str) -> Media:
    """The file a person sends: `data` (base64) with `content_type`, or a tiny default."""
    if not args.get("data"):
        return world.media.add_default(type_)
    return world.media.add(
        type_, args.get("content_type") or "application/octet-stream", base64.b64decode(args["data"])
    )


def media_url(world: World, media: Media) -> str:
    """Where a picture can be fetched without a token."""
    return f"http://{world.settings.host}:{world.settings.port}/mmbiz/{media.id}"


def image(world: World, person: Person, args: Fields) -> Act:
    """Send a photo."""
    in_chat(world, person, USER_MESSAGE)
    media = sent_media(world, args, "image")
    world.show(person, "me", "image", "user", media_id=media.id)
    return Act((message(world, person, "image", args, PicUrl=media_url(world, media), MediaId=media.id),))


def voice(world: World, person: Person, args: Fields) -> Act:
    """Send a voice message; `recognition` is passed on where the account has it switched on."""
    in_chat(world, person, USER_MESSAGE)
    media = sent_media(world, args, "voice")
    heard = str(args.get("recognition") or "")
    recognized = {"Recognition": heard} if world.settings.recognition or "recognition" in args else {}
    world.show(person, "me", "voice", "user", heard, media_id=media.id)
    return Act(
        (message(world, person, "voice", args, MediaId=media.id, Format="amr", MediaId16K=media.id, **recognized),)
    )


def video(world: World, person: Person, args: Fields) -> Act:
    """Send a film; `short` makes it a shortvideo."""
    in_chat(world, person, USER_MESSAGE)
    film, thumb = sent_media(world, args, "video"), world.media.add_default("thumb")
    world.show(person, "me", "video", "user", media_id=film.id)
    type_ = "shortvideo" if args.get("short") else "video"
    return Act((message(world, person, type_, args, MediaId=film.id, ThumbMediaId=thumb.id),))


def location(world: World, person: Person, args: Fields) -> Act:
    """Send a place: `latitude`, `longitude`, `label`."""
    in_chat(world, person, USER_MESSAGE)
    label = str(args.get("label") or "")
    world.show(person, "me", "location", "user", label)
    place = {"Location_X": str(args.get("latitude", 39.9)), "Location_Y": str(args.get("longitude", 116.4))}
    return Act((message(world, person, "location", args, **place, Scale=16, Label=label),))


def link(world: World, person: Person, args: Fields) -> Act:
    """Share a page: `title`, `description`, `url`."""
    in_chat(world, person, USER_MESSAGE)
    shared = {name.capitalize(): str(args.get(name) or "") for name in ("title", "description", "url")}
    world.show(person, "me", "link", "user", shared["Title"], url=shared["Url"])
    return Act((message(world, person, "link", args, **shared),))


def unsupported(world: World, person: Person, args: Fields) -> Act:
    """Send a sticker, file or card, which arrives as a fixed text."""
    in_chat(world, person, USER_MESSAGE)
    world.show(person, "me", "unsupported", "user", "[不支持的消息]")
    return Act((message(world, person, "text", args, Content=UNSUPPORTED),))


def raw(world: World, person: Person, args: Fields) -> Act:
    """Any XML `fields` at all, over the usual head; for types nobody knows."""
    fields = args.get("fields")
    if not isinstance(fields, dict):
        raise Impossible("fields is missing")
    head = event(world, person, "", args)
    del head["Event"]
    return Act(({**head, **fields},))


Action = Callable[[World, Person, Fields], Act]
ACTIONS: dict[str, Action] = {
    "follow": follow,
    "unfollow": unfollow,
    "scan": scan,
    "text": text,
    "tap": tap,
    "image": image,
    "voice": voice,
    "video": video,
    "location": location,
    "link": link,
    "unsupported": unsupported,
    "raw": raw,
}
