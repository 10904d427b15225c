"""点名: a code for an activity, and what scanning it says. Nobody has to: naming who was absent does as well."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from bot.conversation import Caller, Choice, Flow, Page, Said, Start
from bot.messages import InMessage
from bot.routes import Match, Route
from handlers.chat.accounts import BIND_FIRST
from models.organisations import Organisation
from services.people.accounts import find_person
from services.records.musters import SCENE_PREFIX, address_of, arrive, find_muster, make_muster
from services.records.records import list_kept_places
from services.runtime import Runtime

_KIND = "theme_day"
_NOT_A_KEEPER = Said("点名码由党支部的书记、副书记、委员来发。到会的人扫码即可，不用做别的。")


async def muster(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said:
    """点名: the code of the branch's activity of today, and how many have scanned it."""
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    places = await list_kept_places(person.staff_no)
    if not places:
        return _NOT_A_KEEPER
    made = await make_muster(caller.key, places[0], _KIND, actor=person.staff_no, now=caller.at)
    standing = await find_muster([places[0]], _KIND, caller.at)
    organisation = await Organisation.get(id=places[0])
    count = len(standing.arrived) if standing else 0
    page = Page(address_of(rt.settings, made), "打开点名码")
    return Said(
        f"{organisation.name}今天的点名码，24 小时内有效。已扫码 {count} 人。\n"
        "到的人扫一下；没带手机的不用扫，记录时说谁没来就行。活动后回复 主题党日，名单会自动带出。",
        (Choice("主题党日", "主题党日"),),
        page,
    )


async def arrive_by_scene(rt: Runtime, person_id: int, scene: str, now: datetime) -> Said:
    """Somebody scanned a muster's code; what answers it."""
    arrived = await arrive(scene.removeprefix(SCENE_PREFIX), person_id, now)
    listed = "" if arrived.is_expected else "您不在这个支部的应到名单里，算列席。"
    return Said(f"已记您到场：{arrived.organisation} {arrived.title}。{listed}")


Scanned = Callable[[Runtime, Caller, InMessage, Match], Coroutine[Any, Any, Said | Start]]


def arrive_handler(bind: Flow) -> Scanned:
    """The handler of a scanned muster; who is not bound yet goes through `bind` first and is then there."""

    async def scanned(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said | Start:
        person = await find_person(caller.openid)
        if person is None:
            return Start(bind, {"scene": match.args["scene"]})
        return await arrive_by_scene(rt, person.id, match.args["scene"], caller.at)

    return scanned


def routes(bind: Flow) -> tuple[Route, ...]:
    """The routes of musters; `bind` is the flow that makes strangers known."""
    return (
        Route(to=arrive_handler(bind), scene=SCENE_PREFIX),
        Route(to=muster, words=("点名",), help="活动点名码，到的人扫一下（支部用）"),
    )
