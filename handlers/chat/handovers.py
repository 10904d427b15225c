"""交接: for the office, what nobody can go on with since a post has changed hands or an organisation was merged."""

from bot.conversation import Caller, Choice, Said
from bot.messages import InMessage
from bot.routes import Match, Route
from handlers.chat.accounts import BIND_FIRST
from services.entitlements import SET_UP, find_actor, holds_post_for
from services.people.accounts import find_person
from services.reminders.handovers import WORD, Vacancy, list_vacancies
from services.runtime import Runtime

# One reply holds about so much.
_SHOWN, _LINES = 6, 4
_THEN = (Choice("任务", "任务"),)
_NOT_OFFICE = Said("这里列出没有人接手的事，由组织部门核定。要您办的事，请回复 任务。", _THEN)
_NONE = Said("职务变动以后，事情都有人接手。", _THEN)
_HOW = (
    "怎么办：把接任的人写进名册再导入，支部的事就到他手上。并入别的支部的，把它的组织类型改为「部门」，上级编码写合并后的支部。"
    "写明由某人负责的，由支部回复 整改 另定责任人；分派的评分用 zhiping assign import 改人；述职由谁写，由组织部门核定。"
)


async def show_handovers(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said:
    """交接: by organisation, with what can be done about it."""
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    actor = await find_actor(person.staff_no)
    if not holds_post_for(actor, SET_UP):
        return _NOT_OFFICE
    found = await list_vacancies(actor, caller.at)
    if not found:
        return _NONE
    parts = [_part(one) for one in found[:_SHOWN]]
    more = [f"还有 {len(found) - _SHOWN} 个组织，办完前面的再看。"] if len(found) > _SHOWN else []
    return Said("\n\n".join([*parts, *more, _HOW]), _THEN)


def _part(one: Vacancy) -> str:
    lines = [f"· {what}" for what in one.what[:_LINES]]
    more = [f"· 还有 {len(one.what) - _LINES} 件"] if len(one.what) > _LINES else []
    return "\n".join([f"{one.organisation}（{len(one.what)} 件）", *lines, *more])


ROUTES = (Route(to=show_handovers, words=(WORD,), help="职务变动以后没有人接手的事（组织部门用）"),)
