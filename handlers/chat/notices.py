"""任务: what a person has to do, the nearest last day first, and what they have been told."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from bot.conversation import Caller, Choice, Said
from bot.messages import InMessage
from bot.routes import Handler, Match
from config.clock import SHANGHAI
from handlers.chat.accounts import BIND_FIRST
from services.dues import Due
from services.notices.notices import read_notices
from services.people.accounts import find_person
from services.reminders.agenda import list_agenda
from services.reminders.planning import lines_of
from services.runtime import Runtime


class OpenThing(NamedTuple):
    """A line of 任务 that is no due. `word`: what it is done with; empty where nothing can be done from the phone yet."""

    text: str
    word: str


TaskSource = Callable[[Runtime, int, datetime], Awaitable[list[OpenThing]]]
"""`async (rt, person_id, now)`: what only the person themselves may be shown, such as the votes they have not cast yet."""

_NOTHING = "现在没有要您办的事，也没有新通知。"
_SHOWN = 9


def show_tasks(sources: tuple[TaskSource, ...]) -> Handler:
    """The handler of 任务: the agenda, with what `sources` give in place of its polls, then the notices, which become read."""

    async def show(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said:
        person = await find_person(caller.openid)
        if person is None:
            return BIND_FIRST
        # A poll stands in the agenda of everybody on its roll; here it is left out once the person has voted.
        dues = [due for due in await list_agenda(caller.at, [person.id]) if not due.is_poll]
        open_things = [one for source in sources for one in await source(rt, person.id, caller.at)]
        notices = await read_notices(person.id, caller.at)
        return Said(_page(dues, open_things, notices, caller.at), _choices(open_things, dues))

    return show


def _page(dues: Sequence[Due], open_things: Sequence[OpenThing], notices: Sequence[str], now: datetime) -> str:
    today = now.astimezone(SHANGHAI).date()
    lines = [*(one.text for one in open_things), *lines_of(dues, today)]
    more = f"\n还有 {len(lines) - _SHOWN} 行，办完前面的再看。" if len(lines) > _SHOWN else ""
    parts = [_section("您现在可以办：", lines[:_SHOWN]) + more, _section("通知：", notices)]
    return "\n\n".join(filter(None, parts)) or _NOTHING


def _section(title: str, lines: Sequence[str]) -> str:
    return "\n".join([title, *(f"· {line}" for line in lines)]) if lines else ""


def _choices(open_things: Sequence[OpenThing], dues: Sequence[Due]) -> tuple[Choice, ...]:
    """The words that the things are done with, each once, in the order of the things."""
    words = [*(one.word for one in open_things), *(due.word for due in dues)]
    return tuple(Choice(word, word) for word in (*list(dict.fromkeys(filter(None, words)))[:_SHOWN], "帮助"))
