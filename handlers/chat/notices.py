"""任务: what a person can do now, and what they have been told."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from bot.conversation import Caller, Choice, Said
from bot.messages import InMessage
from bot.routes import Handler, Match
from handlers.chat.accounts import BIND_FIRST
from services.accounts import find_person
from services.notices import read_notices
from services.runtime import Runtime

TaskSource = Callable[[Runtime, int, datetime], Awaitable[list[str]]]
"""`async (rt, person_id, now)`: what the person can do now, one Chinese line each, naming the word to reply with."""

_NOTHING = "现在没有要您办的事，也没有新通知。"


def show_tasks(sources: tuple[TaskSource, ...]) -> Handler:
    """The handler of 任务 that lists what `sources` give, then the notices; showing a notice marks it read."""

    async def show(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said:
        person = await find_person(caller.openid)
        if person is None:
            return BIND_FIRST
        open_things = [line for source in sources for line in await source(rt, person.id, caller.at)]
        notices = await read_notices(person.id, caller.at)
        return Said(_page(open_things, notices), (Choice("帮助", "帮助"),))

    return show


def _page(open_things: list[str], notices: list[str]) -> str:
    parts = [_section("您现在可以办：", open_things), _section("通知：", notices)]
    return "\n\n".join(filter(None, parts)) or _NOTHING


def _section(title: str, lines: list[str]) -> str:
    return "\n".join([title, *(f"· {line}" for line in lines)]) if lines else ""
