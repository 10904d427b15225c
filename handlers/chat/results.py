"""结果: one's own published result with its explanation; for leaders and the office a whole cycle."""

import json
import re
from typing import Any

from bot.conversation import Caller, Choice, Page, Said
from bot.messages import InMessage
from bot.routes import Match, Route
from config.clock import shown
from config.settings import Settings
from handlers.chat.accounts import BIND_FIRST
from models.cycles import CycleSubject
from services.cycles.subjects import find_subject
from services.people.accounts import find_person
from services.runs.explanations import explain_run, explain_subjects
from services.runs.result_pages import address_of
from services.runs.standings import Standing, list_standings
from services.runtime import Runtime

_NOTHING = Said("目前没有与您有关的考核结果。列入考核名单后，结果一经公布就能在这里看到。")
_LISTED, _WARNED = 9, 5
_THEN = (Choice("公示", "公示"), Choice("投诉建议", "投诉建议"))


async def show_results(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said:
    """结果: the one cycle that concerns the person, or a list of several; 结果<编号>: that cycle; then a subject by name or code, for
    who sees all."""
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    standings = await list_standings(person)
    if number := match.args.get("cycle"):
        standings = [one for one in standings if one.cycle.id == int(number)]
    if not standings:
        return _NOTHING
    if len(standings) > 1:
        standings.sort(key=lambda one: one.published_at is None)  # what can be read stands first
        choices = (Choice(f"结果{one.cycle.id}", f"{one.cycle.title}（{_state(one)}）") for one in standings[:_LISTED])
        return Said("看哪一项考核的结果？", tuple(choices))
    return await _page(rt.settings, standings[0], match.args.get("subject"))


def _state(standing: Standing) -> str:
    return "已公布" if standing.published_at else "未公布"


async def _page(settings: Settings, standing: Standing, subject: str | None) -> Said:
    run, title = standing.run, standing.cycle.title
    if run is None:
        return Said(f"「{title}」还没有公布结果。公布以后回复 结果，可以看到得分、等次和每一步的依据。")
    at = standing.published_at
    head = f"「{title}」" + (f"结果，{shown(at)} 公布。" if at else "尚未公布，以下仅供内部核对。")
    page = None
    if standing.sees_all and subject:
        parts = await explain_run(run, subject)
        page = _page_of(settings, await find_subject(run.cycle_id, subject))
    else:
        overview = await _overview(standing, json.loads(run.outcome)) if standing.sees_all else []
        sheets = await explain_subjects(run, standing.own)
        # A sheet fills a message: what came of each is told first.
        heads = [sheet.partition("\n")[0] for sheet in sheets] if len(sheets) > 1 else []
        parts = [*overview, "\n".join(heads), *sheets]
        page = _page_of(settings, standing.own[0]) if standing.own else None
    return Said("\n\n".join(filter(None, [head, *parts])), _THEN, page)


def _page_of(settings: Settings, subject: CycleSubject) -> Page:
    return Page(address_of(settings, subject), "打开结果说明网页（可打印）")


async def _overview(standing: Standing, outcome: dict[str, Any]) -> list[str]:
    rows = [
        f"{_KINDS[one['kind']]} {one['label']}：{one['count']}/{one['of']}（{one['percent']}）"
        for one in outcome["summary"]
    ]
    parts = ["\n".join(rows)] if rows else []
    if outcome["refusals"]:
        parts.append(f"还有 {len({one['id'] for one in outcome['refusals']})} 个缺少评分条件，没有结果。")
    parts += await _warnings(standing.cycle.id, outcome["warnings"][:_WARNED])
    first = await CycleSubject.filter(cycle_id=standing.cycle.id).order_by("position").first()
    word = f"结果{standing.cycle.id}"
    how = f"看其中一个的依据：回复 {word} 加空格和名称，如：{word} {first.name}" if first else ""
    return [*parts, *filter(None, [how])]


async def _warnings(cycle_id: int, warnings: list[dict[str, Any]]) -> list[str]:
    """Each with the name of whom it is about."""
    about = [one["id"] for one in warnings if "id" in one]
    names = {one.key: one.name for one in await CycleSubject.filter(cycle_id=cycle_id, key__in=about)} if about else {}
    whose = (f"{names[one['id']]}，" if one.get("id") in names else "" for one in warnings)
    return [f"提示：{who}{one['say']}" for who, one in zip(whose, warnings, strict=True)]


_KINDS = {"branch": "党支部", "member": "党员", "secretary": "书记", "unit": "单位"}

ROUTES = (
    Route(
        to=show_results,
        words=("结果",),
        pattern=re.compile(r"结果\s*(?P<cycle>[0-9]{1,9})(?:\s+(?P<subject>\S{1,80}))?"),
        help="看已公布的考核结果和依据",
    ),
)
