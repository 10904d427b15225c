"""分派: for the office, in which rounds somebody has to be named to rate, and how that is done."""

from itertools import groupby

from bot.conversation import Caller, Choice, Said
from bot.messages import InMessage
from bot.routes import Match, Route
from handlers.chat.accounts import BIND_FIRST
from services.day_words import shown_day
from services.entitlements import ASSIGN, find_actor, scope_of
from services.people.accounts import find_person
from services.ratings.assignment_dues import WORD, NamedRound, list_named_rounds
from services.runtime import Runtime

_THEN = (Choice("任务", "任务"), Choice("阶段", "阶段"))
_NONE = Said("现在没有要您分派打分人的考核。分派由组织部门办；您自己要打的分，回复 打分。", (Choice("打分", "打分"),))
_HOW = "名单请在电脑上分派：可以按名单导入，也可以按公布的种子抽取（命令 zhiping assign）。分派以后，被分派的人回复 打分 就能打。"


async def show_assignments(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said:
    """分派: each round of the running cycles that the office assigns."""
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    actor = await find_actor(person.staff_no)
    found = [one for one in await list_named_rounds(caller.at) if (await scope_of(one.cycle)).may(actor, ASSIGN)]
    if not found:
        return _NONE
    by_cycle = groupby(found, key=lambda one: one.cycle.title)
    parts = ["\n".join([f"「{title}」", *map(_line, rounds)]) for title, rounds in by_cycle]
    return Said("\n\n".join([*parts, _HOW]), _THEN)


def _line(one: NamedRound) -> str:
    when = f"（{shown_day(one.days.due)}截止）" if one.days.due is not None else ""
    if one.assigned:
        return f"{one.round.label}{when}：已分派 {one.assigned} 条"
    return f"{one.round.label}{when}：{'还没有分派' if one.is_open else '没有分派，已有得分或已办结'}"


ROUTES = (Route(to=show_assignments, words=(WORD,), help="互评、抽查分派给谁打分（组织部门用）"),)
