"""公示: what is on public notice now, for everybody bound, and the page that anybody may open."""

import re
from dataclasses import replace

from bot.conversation import Caller, Choice, Page, Said
from bot.messages import InMessage
from bot.routes import Match, Route
from config.settings import Settings
from handlers.chat.accounts import BIND_FIRST
from models.public_notices import PublicNotice, list_running
from services.people.accounts import find_person
from services.public_notices.notice_contents import Band, read_content
from services.public_notices.public_notices import address_of, day_of
from services.runtime import Runtime

_NONE = Said(
    "现在没有公示。有公示时，在这里能看到内容和网页。", (Choice("结果", "结果"), Choice("投诉建议", "投诉建议"))
)
_THEN = (Choice("异议", "异议"), Choice("结果", "结果"))
_NAMES = 8  # of a band: with more, the ways on (异议, 结果) of a notice with five bands fall behind 继续看下文


async def show_notices(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said:
    """公示: the one that runs, or a list of several; 公示<编号>: that one."""
    if await find_person(caller.openid) is None:
        return BIND_FIRST
    running = await list_running(day_of(caller.at))
    if number := match.args.get("notice"):
        running = [one for one in running if one.id == int(number)]
    if not running:
        return _NONE
    if len(running) > 1:
        return Said("正在公示：", tuple(Choice(f"公示{one.id}", one.title) for one in running[:9]))
    content = await read_content(running[0], day_of(caller.at))
    parts = [f"{content.title}\n{content.state}{content.period}。"]
    for group in content.groups:
        parts.append("\n".join([f"{group.title}：", *map(_band, group.bands)]))
    parts += [*content.paragraphs[:3], content.how]
    return Said("\n\n".join(parts), _THEN, page_of(rt.settings, running[0]))


def _band(band: Band) -> str:
    """The first names, those of a branch behind its name; the rest stands on the page."""
    more = f"等 {band.count}" if len(band.people) > _NAMES else ""
    shown = replace(band, people=band.people[:_NAMES])
    rows = [(branch, "、".join(one.name for one in people)) for branch, people in shown.by_branch()]
    return f"{band.title}：{'；'.join(f'{branch}：{names}' if branch else names for branch, names in rows)}{more}"


def page_of(settings: Settings, notice: PublicNotice) -> Page:
    """The page of a notice, as a link reads."""
    return Page(address_of(settings, notice), "打开公示网页（可以转发）")


ROUTES = (
    Route(
        to=show_notices,
        words=("公示",),
        pattern=re.compile(r"公示\s*(?P<notice>[0-9]{1,9})"),
        help="正在公示的结果和报告摘要",
    ),
)
