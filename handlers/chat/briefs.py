"""简报: a leader's summary of a meeting or (进展) of a cycle's year, now; and what a host hears of whom it reached."""

import re
from collections.abc import Sequence

from bot.conversation import Caller, Choice, Said
from bot.messages import InMessage
from bot.routes import Match, Route
from handlers.chat.accounts import BIND_FIRST
from models.cycles import Cycle
from models.meetings import Meeting
from services.meetings.briefs import Reach, find_led_meetings, find_reach, read_brief, require_reader
from services.meetings.meeting_names import names_apart
from services.meetings.meetings import LEADER
from services.people.accounts import find_person
from services.reminders.letters import brief_text, page_of
from services.reminders.overview_notices import list_readable
from services.reminders.overview_words import overview_reasons, overview_text
from services.reminders.overviews import read_summary
from services.runtime import Runtime

_NOTHING = Said("简报只给会议的领导看，您现在不是任何会议的领导。如果应该是，请联系组织部门核对会议文件里的领导名单。")
_NOT_RUNNING = Said("这项考核现在没有进展可看：已经结束，或不归您看。正在进行的：", (Choice("进展", "进展"),))
_OFFERED = 8


async def show_brief(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said:
    """简报: the summary of the nearest meeting that the person leads, and the others to choose; 简报<编号>: that one."""
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    meetings = await find_led_meetings(person.id, caller.at)
    if number := match.args.get("id"):
        meeting = await require_reader(int(number), person.id, LEADER)
    elif meetings:
        meeting = meetings[0]
    else:
        return await show_overview(rt, caller, message, match)
    names = names_apart([meeting, *(one for one in meetings if one.id != meeting.id)])
    others = tuple(Choice(f"简报{one.id}", f"简报：{names[one.id]}") for one in meetings if one.id != meeting.id)
    others += _offered(await list_readable(person.staff_no, caller.at))
    page = page_of(rt.settings, meeting.id)
    return Said(brief_text(await read_brief(meeting), page), others, page)


async def show_overview(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said:
    """进展: how far the year of a cycle is; 进展<编号>: of that one, 进展说明<编号>: where its figures come from."""
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    cycles = await list_readable(person.staff_no, caller.at)
    wanted = match.args.get("cycle")
    chosen = next((one for one in cycles if wanted in (None, str(one.id))), None)
    if chosen is None:
        return _NOT_RUNNING if cycles else _NOTHING
    summary = await read_summary(chosen, caller.at)
    others = _offered([one for one in cycles if one.id != chosen.id])
    if match.args.get("why"):
        return Said(overview_reasons(summary), (Choice(f"进展{chosen.id}", "回到进展"), *others))
    return Said(overview_text(summary), (Choice(f"进展说明{chosen.id}", "这些数怎么来"), *others))


def _offered(cycles: Sequence[Cycle]) -> tuple[Choice, ...]:
    return tuple(Choice(f"进展{one.id}", f"进展：{one.title}") for one in cycles[:_OFFERED])


async def reach_text(meeting: Meeting) -> str:
    """For the host of a closed meeting: which leaders have the summary, and who must be told by mouth. Empty where it has no leaders."""
    reach = await find_reach(meeting)
    count = sum(map(len, (reach.delivered, reach.under_way, reach.listed, reach.unbound)))
    return f"\n\n小结：领导 {count} 人，{'，'.join(_ways(reach))}。" if count else ""


def _ways(reach: Reach) -> list[str]:
    ways = [f"{len(reach.delivered)} 人已送达"] if reach.delivered else []
    if reach.under_way:
        ways.append(f"{len(reach.under_way)} 人正在发送")
    if reach.listed:
        ways.append(f"{len(reach.listed)} 人在 任务 里（{_names(reach.listed)}），请提醒他们回复 简报")
    if reach.unbound:
        ways.append(f"{len(reach.unbound)} 人没有绑定公众号，收不到（{_names(reach.unbound)}）")
    return ways


def _names(people: tuple[str, ...]) -> str:
    return "、".join(people)


ROUTES = (
    Route(
        to=show_brief,
        words=("简报",),
        pattern=re.compile(r"简报\s*(?P<id>[0-9]{1,9})"),
        help="会议的测评小结（领导用）",
    ),
    Route(
        to=show_overview,
        words=("进展",),
        pattern=re.compile(r"进展(?P<why>说明)?\s*(?P<cycle>[0-9]{1,9})"),
        help="一项考核全年走到哪步、谁还没办（领导、组织部门用）",
    ),
)
