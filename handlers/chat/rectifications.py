"""整改: the list of what is to be put right, the nearest last day first, and what waits for verification."""

import re
from collections.abc import Sequence

from bot.conversation import Caller, Choice, Said, Start
from bot.messages import InMessage
from bot.routes import Match, Route
from config.clock import SHANGHAI
from handlers.chat.accounts import BIND_FIRST
from handlers.chat.rectification_plans import MORE, OPEN, PLAN
from handlers.chat.rectification_steps import CHECK, REPORT
from models.rectifications import RectificationItem
from services.people.accounts import find_person
from services.rectifications.lateness import Lateness, lateness_of
from services.rectifications.rectification_lists import Worklist, list_items
from services.rectifications.rectification_views import STATE_WORDS, view_item
from services.runtime import Runtime

_LISTED, _PROBLEM = 8, 18
_FLOWS = {"plan": PLAN, "report": REPORT, "check": CHECK}
_NEW = Choice("新增整改", "新增问题")
_NOTHING = "现在没有要您办的整改事项。"


async def show_items(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said | Start:
    """整改: the person's list; 整改<编号>: what can be done with that item now; 整改后面<n>: the list from there on."""
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    if number := match.args.get("item"):
        view = await view_item(int(number), person)
        return Start(_FLOWS[view.act], {"item": number}) if view.act else Said(view.text, MORE)
    work = await list_items(person)
    late = await lateness_of(work.mine, caller.at.astimezone(SHANGHAI).date())
    return _page(work, late, int(match.args.get("skip", "0")))


def _page(work: Worklist, late: Lateness, skip: int) -> Said:
    entries = [*((one, "") for one in work.mine), *((one, "核实：") for one in work.to_verify)]
    shown = entries[skip : skip + _LISTED]
    choices = [Choice(f"整改{one.id}", f"{lead}{_line(one, late)}") for one, lead in shown]
    rest = len(entries) - skip - len(shown)
    if rest > 0:
        choices.append(Choice(f"整改后面{skip + len(shown)}", f"看后面 {rest} 项"))
    if work.may_open:
        choices.append(_NEW)
    return Said(_head(work.mine, work.to_verify, late), tuple(choices))


def _head(mine: Sequence[RectificationItem], to_verify: Sequence[RectificationItem], late: Lateness) -> str:
    overdue = sum(map(late.is_late, mine))
    said = f"，其中 {overdue} 项已超过时限" if overdue else ""
    own = f"整改清单 {len(mine)} 项{said}，最近到期的在前。" if mine else ""
    waiting = f"等您核实 {len(to_verify)} 项。" if to_verify else ""
    return f"{own}{waiting}点一项就能办：" if own or waiting else _NOTHING


def _line(item: RectificationItem, late: Lateness) -> str:
    problem = item.problem if len(item.problem) <= _PROBLEM else f"{item.problem[:_PROBLEM]}…"
    if item.due_on is None:
        return f"{problem}（{late.state_of(item)}）"
    state = "已超时限" if late.is_late(item) else STATE_WORDS[item.state]
    return f"{problem}（{item.due_on.month}月{item.due_on.day}日，{state}）"


ROUTES = (
    Route(
        to=show_items,
        words=("整改",),
        pattern=re.compile(r"整改\s*(?:(?P<item>[0-9]{1,9})|后面(?P<skip>[0-9]{1,5}))"),
        help="看整改清单，定措施、报进展、核实销号",
    ),
    Route(to=OPEN, words=("新增整改",), help="把一个问题列入整改清单"),
)
FLOWS = (PLAN, REPORT, CHECK)
