"""A phone that talks to the chat's routes through the real reception, on real Redis and PostgreSQL, with its own clock."""

import itertools
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.dispatcher import Dispatcher
from bot.inbox import Inbox, Kept, New, Note, Place
from bot.messages import InMessage
from bot.names import Names
from bot.reception import Delivery, Reception
from bot.sessions import Drafts, Sessions
from handlers.chat import FLOWS, ROUTES, contact_of
from handlers.chat.accounts import ways_out
from models.accounts import Account
from models.people import Person
from services import drafts
from services.ballots.desks import Desks
from services.notices.burdens import Meter
from services.notices.rations import Contact, granted
from services.runtime import Runtime

_numbers = itertools.count(1)
_LINK = re.compile(r'<a href="weixin://bizmsgmenu\?msgmenucontent=([^"&]*)&msgmenuid=([^"]*)">([^<]*)</a>')


class Phone:
    """One person's phone. `now` may be moved; `meter` counts what it is asked."""

    def __init__(self, rt: Runtime, openid: str, now: datetime = datetime(2022, 1, 18, 1, 0, tzinfo=UTC)) -> None:
        self.openid = openid
        self.now = now
        self.meter = meter = Meter()
        self._last: InMessage | None = None
        self._heard = ""

        async def save(person: str, flow: str, draft: Mapping[str, Any]) -> None:
            await drafts.save_draft(person, flow, draft, self.now)

        settings = rt.settings
        sessions = Sessions(rt.redis, Desks(settings.ballot_key).key)
        kept = Drafts(drafts.load_draft, save, drafts.drop_draft, drafts.list_drafts)
        dispatcher = Dispatcher(ROUTES, sessions, kept, rt, FLOWS, ways_out=ways_out)
        self._reception = Reception(
            settings.wechat_app_id,
            Names(settings.session_key),
            Inbox(rt.redis),
            sessions,
            dispatcher,
            rt.wechat.send_text,
            lambda: self.now,
            _note_of,
            lambda seen, now: meter.count(seen.openid, seen.is_question, seen.seconds, now),
        )

    async def say(self, text: str) -> str:
        """Type a text; what is answered."""
        return await self._send(kind="text", text=text)

    async def tap(self, label: str) -> str:
        """Tap the link of the last answer that reads so."""
        says, menu_id = next((one[1], one[2]) for one in _LINK.finditer(self._heard) if one[3] == label)
        return await self._send(kind="text", text=says, menu_id=menu_id)

    async def show(self, media_id: str) -> str:
        """Send a photo."""
        return await self._send(kind="image", media_id=media_id, detail={"MediaId": media_id})

    async def speak(self, recognition: str) -> str:
        """Send a voice message of which the platform made this text."""
        return await self._send(
            kind="voice", media_id="v", recognition=recognition, detail={"Recognition": recognition}
        )

    async def locate(self, label: str) -> str:
        """Send a place on the map."""
        return await self._send(kind="location", detail={"Label": label})

    async def scan(self, scene: str) -> str:
        """Scan a code."""
        return await self._send(kind="event", event="scan", event_key=scene, scene=scene)

    async def follow(self) -> str:
        """Follow without a scanned code."""
        return await self._send(kind="event", event="subscribe")

    async def unfollow(self) -> str:
        """Unfollow."""
        return await self._send(kind="event", event="unsubscribe")

    async def consent(self, template_id: str, status: str = "accept", event: str = "subscribe_msg_popup_event") -> str:
        """Answer the dialog of a subscription notice, or change one's mind in the settings."""
        place = "SubscribeMsgPopupEvent.List" if "popup" in event else "SubscribeMsgChangeEvent.List"
        detail = {f"{place}.TemplateId": template_id, f"{place}.SubscribeStatusString": status}
        return await self._send(kind="event", event=event, detail=detail)

    async def repeat(self) -> str:
        """The platform delivers the last message once more."""
        assert self._last is not None
        return await self._reception.receive(self._last, Delivery()) or ""

    async def _send(self, **fields: Any) -> str:
        number = next(_numbers)
        created = int(self.now.timestamp()) + number
        message = InMessage(self.openid, "gh_test", created, msg_id=str(number), wire_type=fields["kind"], **fields)
        self._last = message
        self._heard = await self._reception.receive(message, Delivery()) or ""
        return self._heard


async def bound_phone(rt: Runtime, staff_no: str, now: datetime) -> Phone:
    """The phone of somebody of the roster, bound to them as 绑定 does it."""
    openid = f"o-{staff_no}"
    await Account.create(openid=openid, person=await Person.get(staff_no=staff_no), bound_at=now, consent="1")
    return Phone(rt, openid, now)


def _note_of(message: InMessage, now: datetime) -> Note | None:
    contact = contact_of(message)
    return granted(contact, now) if contact else None


async def grant(rt: Runtime, openid: str, kind: Contact, now: datetime) -> None:
    """The ration of messages that an action of this kind grants, as a message leaves it behind."""
    inbox, note = Inbox(rt.redis), granted(kind, now)
    place = Place(Names(rt.settings.session_key).person(openid), str(next(_numbers)))
    new = await inbox.enter(place)
    assert isinstance(new, New)
    assert await inbox.leave(new, Kept(b"n", b"", 1000), note)
    await rt.redis.delete(*place.keys)
