"""Putting the product together: the only place that knows everything."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.callback import Callback
from bot.crypto import Cryptor
from bot.dispatcher import Dispatcher
from bot.inbox import Inbox, Note
from bot.messages import InMessage
from bot.names import Names
from bot.patience import patiently
from bot.reception import Exchange, Reception
from bot.sessions import Drafts, Sessions
from config import clock
from config.refusals import Refusal
from config.settings import Settings
from handlers import api, pages
from handlers.chat import FLOWS, ROUTES, contact_of
from handlers.chat.accounts import ways_out
from handlers.runtime import RUNTIME
from handlers.strays import answer_strays
from models.database import is_passing
from services import drafts
from services.ballots.desks import Desks, find_unreadable_polls
from services.notices.burdens import Meter
from services.notices.rations import granted
from services.runtime import Runtime


async def refuse_unreadable_polls(settings: Settings) -> None:
    """No process may start whose BALLOT_KEY cannot close a poll that is open. Raises `Refusal`."""
    titles = await find_unreadable_polls(settings.ballot_key)
    if titles:
        raise Refusal(
            "unreadable_poll",
            f"BALLOT_KEY 打不开正在进行的投票：{'、'.join(titles)}。请补上投票开始时使用的密钥，用逗号分隔。",
        )


def make_web_app(rt: Runtime) -> web.Application:
    """The web process: the platform's callback, the doors for programs and the pages."""
    meter = Meter()
    callback = _make_callback(rt, meter)
    app = web.Application(middlewares=[answer_strays])
    app[RUNTIME] = rt
    app.add_routes([*callback.routes(), *api.URLS, *pages.URLS])
    pages.go_live(app, rt, clock.now)

    async def finish(_: web.Application) -> None:
        await callback.finish()
        await meter.flush()

    app.on_shutdown.append(finish)
    return app


def _make_callback(rt: Runtime, meter: Meter) -> Callback:
    settings = rt.settings
    flushes: set[asyncio.Task[None]] = set()

    def observe(exchange: Exchange, now: datetime) -> None:
        meter.count(exchange.openid, exchange.is_question, exchange.seconds, now)
        if meter.is_full(now):
            flushes.add(task := asyncio.create_task(meter.flush()))
            task.add_done_callback(flushes.discard)

    def note_of(message: InMessage, now: datetime) -> Note | None:
        contact = contact_of(message)
        return granted(contact, now) if contact is not None else None

    desks = Desks(settings.ballot_key)
    sessions = Sessions(rt.redis, lambda realm: patiently(lambda: desks.key(realm), is_passing))
    kept = Drafts(drafts.load_draft, _save_draft, drafts.drop_draft, drafts.list_drafts)
    dispatcher = Dispatcher(ROUTES, sessions, kept, rt, FLOWS, is_passing, ways_out)
    reception = Reception(
        settings.wechat_app_id,
        Names(settings.session_key),
        Inbox(rt.redis),
        sessions,
        dispatcher,
        rt.wechat.send_text,
        clock.now,
        note_of,
        observe,
    )
    token, aes_key = settings.wechat_token.get_secret_value(), settings.wechat_aes_key.get_secret_value()
    cryptor = Cryptor(token, aes_key, settings.wechat_app_id)
    return Callback(cryptor, settings.mode, reception, clock.now)


async def _save_draft(person: str, flow: str, draft: Mapping[str, Any]) -> None:
    await drafts.save_draft(person, flow, draft, clock.now())
