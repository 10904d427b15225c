"""Async client of the simulator's control API, for tests, benches and the demo."""

import base64
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp
from yarl import URL


class SandboxError(Exception):
    """The simulator refused: status and its reason."""

    def __init__(self, status: int, say: str) -> None:
        super().__init__(f"{status}: {say}")
        self.status = status


@dataclass(frozen=True)
class Link:
    """A tappable part of a message; `content` is what a tap sends, None for web links."""

    label: str
    href: str
    content: str | None
    menu_id: str | None


@dataclass(frozen=True)
class Attempt:
    """One delivery to the back end. `outcome`: answered, timeout, refused, lost; `repeat`: made after an answer."""

    number: int
    outcome: str
    status: int
    ms: int
    repeat: bool
    kind: str
    text: str


@dataclass(frozen=True)
class Saw:
    """What the person saw: `kind` is reply, nothing or failure (`reason` says why); `opens` a page that opened."""

    kind: str
    text: str
    links: tuple[Link, ...]
    type: str
    reason: str
    opens: str
    deliveries: tuple[Attempt, ...]


@dataclass(frozen=True)
class Message:
    """One line of the chat: `sender` me, account, system; `via` user, reply, custom, template, subscribe, notice."""

    n: int
    sender: str
    kind: str
    via: str
    text: str
    links: tuple[Link, ...]
    extra: dict[str, Any]


def _links(items: list[dict[str, Any]]) -> tuple[Link, ...]:
    return tuple(Link(**item) for item in items)


def _attempt(item: dict[str, Any]) -> Attempt:
    names = ("number", "outcome", "status", "ms", "repeat")
    return Attempt(**{name: item[name] for name in names}, kind=item["answer"]["kind"], text=item["answer"]["text"])


def _saw(body: dict[str, Any]) -> Saw:
    saw = body["saw"] or {"kind": "pending"}
    return Saw(
        kind=saw["kind"],
        text=saw.get("text", ""),
        links=_links(saw.get("links", [])),
        type=saw.get("type", ""),
        reason=saw.get("reason") or body["hint"],
        opens=body["opens"],
        deliveries=tuple(_attempt(item) for item in body["deliveries"]),
    )


class Sandbox:
    """The simulator at `base_url`; use as an async context manager. Calls raise SandboxError."""

    def __init__(self, base_url: str) -> None:
        self._base = base_url.rstrip("/")
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=120)
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._http:
            await self._http.close()

    def _client(self) -> aiohttp.ClientSession:
        if self._http is None:
            raise RuntimeError("use `async with Sandbox(...)`")
        return self._http

    async def call(
        self, method: str, path: str, body: dict[str, Any] | None = None, **query: str | int
    ) -> dict[str, Any]:
        """One call of the control API; `path` begins after /sim."""
        async with self._client().request(method, f"{self._base}/sim{path}", json=body or {}, params=query) as response:
            answer: dict[str, Any] = await response.json()
            if response.status >= 400:
                raise SandboxError(response.status, answer.get("error", ""))
            return answer

    async def redirect_of(self, url: str, **query: str) -> str:
        """The Location of a page of the platform, not followed; "" when it does not redirect."""
        target = URL(self._base).join(URL(url).relative() if URL(url).is_absolute() else URL(url))
        async with self._client().get(target.update_query(query), allow_redirects=False) as response:
            return response.headers.get("Location", "")

    async def phone(self, name: str, note: str = "", *, openid: str = "", following: bool = False) -> "Phone":
        """A new person with a new phone, who does not follow yet; with an `openid`, one who was here before."""
        given = {"name": name, "note": note, "openid": openid, "following": following}
        body = await self.call("POST", "/phones", given)
        return Phone(self, body["id"], body["openid"], body["mp_openid"], name, note)

    async def phones(self) -> list["Phone"]:
        """All people."""
        items = (await self.call("GET", "/phones"))["phones"]
        names = ("id", "openid", "mp_openid", "name", "note")
        return [Phone(self, **{name: item[name] for name in names}) for item in items]

    async def faults(self, **body: Any) -> dict[str, Any]:
        """`deliveries={...}` (with `phone=ID` for one), `api={...}`, `tokens="expire"|"replace"`, `clear=True`."""
        return await self.call("POST", "/faults", body)

    async def advance(self, seconds: float) -> None:
        """Move the platform's clock."""
        await self.call("POST", "/clock", {"advance": seconds})

    async def set_clock(self, iso: str) -> None:
        """Set the platform's clock to an ISO 8601 instant with offset."""
        await self.call("POST", "/clock", {"set": iso})

    async def scene(self, name: str, scene: str) -> None:
        """Offer a code for scanning on the phones page."""
        await self.call("POST", "/scenes", {"name": name, "scene": scene})

    async def page(self, name: str, url: str) -> None:
        """Offer a page to open beside the phones."""
        await self.call("POST", "/pages", {"name": name, "url": url})

    async def template(self, template_id: str, title: str, keys: list[str], **more: Any) -> None:
        """Give the account a template; `account` oa or mp, `kind` template or subscribe, `labels`."""
        await self.call("POST", "/templates", {"template_id": template_id, "title": title, "keys": keys, **more})

    async def settings(self, **changes: Any) -> dict[str, Any]:
        """Change settings; answers those that are not secret."""
        return await self.call("PATCH", "/settings", changes)

    async def verify_url(self, **options: Any) -> dict[str, Any]:
        """The GET handshake: {"ok", "status", "reason"}."""
        return await self.call("POST", "/verify-url", options)

    async def log(self, after: int = 0) -> list[dict[str, Any]]:
        """What the platform sent and got."""
        lines: list[dict[str, Any]] = (await self.call("GET", "/log", after=after))["log"]
        return lines

    async def menu(self) -> dict[str, Any] | None:
        """The menu as phones show it."""
        menu: dict[str, Any] | None = (await self.call("GET", "/menu"))["menu"]
        return menu

    async def reset(self) -> None:
        """Forget everything but the settings."""
        await self.call("POST", "/reset")


@dataclass(frozen=True)
class Phone:
    """One person's phone. Every action takes `wait=False` and, to make messages collide, `msg_id`, `create_time`."""

    sandbox: Sandbox
    id: str
    openid: str
    mp_openid: str
    name: str
    note: str = ""

    async def do(self, action: str, *, wait: bool = True, **args: Any) -> Saw:
        """Any action of the control API."""
        given = {name: value for name, value in args.items() if value is not None}
        return _saw(await self.sandbox.call("POST", f"/phones/{self.id}/{action}", given, wait=int(wait)))

    async def follow(self, scene: str | None = None, **more: Any) -> Saw:
        """Follow, by scanning where `scene` is given."""
        return await self.do("follow", scene=scene, **more)

    async def unfollow(self, **more: Any) -> Saw:
        """Unfollow."""
        return await self.do("unfollow", **more)

    async def scan(
        self, scene: str | None = None, *, ticket: str | None = None, url: str | None = None, **more: Any
    ) -> Saw:
        """Scan a code: its scene, its ticket, or the address it contains."""
        return await self.do("scan", scene=scene, ticket=ticket, url=url, **more)

    async def text(self, content: str, menu_id: str | None = None, **more: Any) -> Saw:
        """Type a text."""
        return await self.do("text", content=content, menu_id=menu_id, **more)

    async def tap(self, label: str | None = None, *, content: str | None = None, **more: Any) -> Saw:
        """Tap a link in the newest message that has it."""
        return await self.do("tap", label=label, content=content, **more)

    async def menu(self, key: str | None = None, *, name: str | None = None, **more: Any) -> Saw:
        """Tap a menu entry by key (or url) or by name."""
        return await self.do("menu", key=key, name=name, **more)

    async def image(self, data: bytes | None = None, content_type: str = "image/jpeg", **more: Any) -> Saw:
        """Send a photo; a tiny one by default."""
        return await self.do("image", data=_encoded(data), content_type=content_type, **more)

    async def voice(self, recognition: str | None = None, data: bytes | None = None, **more: Any) -> Saw:
        """Send a voice message."""
        return await self.do("voice", recognition=recognition, data=_encoded(data), content_type="audio/amr", **more)

    async def video(self, **more: Any) -> Saw:
        """Send a film."""
        return await self.do("video", **more)

    async def location(self, label: str = "", latitude: float = 39.9, longitude: float = 116.4, **more: Any) -> Saw:
        """Send a place."""
        return await self.do("location", label=label, latitude=latitude, longitude=longitude, **more)

    async def link(self, title: str, description: str = "", url: str = "", **more: Any) -> Saw:
        """Share a page."""
        return await self.do("link", title=title, description=description, url=url, **more)

    async def unsupported(self, **more: Any) -> Saw:
        """Send something the platform does not pass on."""
        return await self.do("unsupported", **more)

    async def raw(self, fields: dict[str, Any], **more: Any) -> Saw:
        """Have any XML fields delivered."""
        return await self.do("raw", fields=fields, **more)

    async def event(self, event: str, fields: dict[str, Any] | None = None, **more: Any) -> Saw:
        """Have any event delivered."""
        return await self.do("event", event=event, fields=fields, **more)

    async def consent(self, *template_ids: str, status: str = "accept", **more: Any) -> Saw:
        """Answer the subscription dialog."""
        return await self.do("consent", template_ids=list(template_ids), status=status, **more)

    async def authorize(self, url: str) -> str:
        """Open a web authorization page, agree, and give the address it leads back to; on its official host, too."""
        return await self.sandbox.redirect_of(url, sim_phone=self.id)

    async def login_code(self) -> str:
        """What wx.login gives the mini-program."""
        return str((await self.sandbox.call("POST", f"/phones/{self.id}/code"))["code"])

    async def phone_code(self) -> str:
        """What getPhoneNumber gives the mini-program."""
        return str((await self.sandbox.call("POST", f"/phones/{self.id}/code", {"purpose": "phone"}))["code"])

    async def upload(self, data: bytes | None = None, content_type: str = "image/jpeg") -> str:
        """A media_id from the JS-SDK's uploadImage."""
        body = {"data": _encoded(data), "content_type": content_type}
        return str((await self.sandbox.call("POST", f"/phones/{self.id}/upload", body))["media_id"])

    async def messages(self, after: int = 0) -> list[Message]:
        """The chat as the phone shows it, from line `after` + 1 on."""
        items = (await self.sandbox.call("GET", f"/phones/{self.id}/messages", after=after))["messages"]
        names = ("n", "sender", "kind", "via", "text", "extra")
        return [Message(**{name: item[name] for name in names}, links=_links(item["links"])) for item in items]

    async def change(self, **flags: Any) -> None:
        """name, note, blocked, snapshot, high_risk."""
        await self.sandbox.call("PATCH", f"/phones/{self.id}", flags)


def _encoded(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()
