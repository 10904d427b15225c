"""`zhiping follow-up …`: interviews and what else follows from results, titles held. Each prints, and returns the exit code."""

import json
from argparse import Namespace
from typing import Any
from uuid import uuid4

from app.commands.tables import AS_JSON, BY, ID, REASON, Line, argument, day, row_number
from app.resources import open_runtime
from config.clock import now
from config.refusals import Refusal
from config.settings import Settings
from models.follow_ups import FollowUp
from models.organisations import Organisation
from models.people import Person
from services.cycles.cycles import get_cycle
from services.rectifications.commendations import may_be_commended, may_be_excellent
from services.rectifications.follow_ups import (
    BY_HAND,
    KIND_WORDS,
    STATE_WORDS,
    list_follow_ups,
    open_follow_up,
    record_follow_up,
)
from services.rectifications.rectifications import Act
from services.rectifications.titles import list_titles


async def show_all(settings: Settings, options: Namespace) -> int:
    """`zhiping follow-up list`."""
    async with open_runtime(settings):
        if options.cycle is not None:
            await get_cycle(options.cycle)
        found = await list_follow_ups(options.cycle)
    found = [one for one in found if not options.open or one.state == "open"]
    if options.as_json:
        print(json.dumps([_as_json(one) for one in found], ensure_ascii=False))
        return 0
    for one in found:
        whose = one.person.name if one.person else one.organisation.name
        done = f"，{one.done_on} {one.outcome}" if one.done_on else ""
        print(f"{one.id}  {KIND_WORDS[one.kind]}  {whose}  {one.reason}（{STATE_WORDS[one.state]}{done}）")
    if not found:
        print("没有结果运用事项。")
    return 0


def _as_json(one: FollowUp) -> dict[str, Any]:
    row = {"id": one.id, "kind": one.kind, "organisation": one.organisation.code, "state": one.state}
    person = {"person": one.person.staff_no if one.person else None, "cycle": one.cycle_id}
    basis = {"reason": one.reason, "clause": one.clause, "fact": one.fact, "after": one.after_id}
    done = {"done_on": str(one.done_on) if one.done_on else None, "outcome": one.outcome, "by": one.recorded_by}
    return row | person | basis | done


async def open_one(settings: Settings, options: Namespace) -> int:
    """`zhiping follow-up open`."""
    async with open_runtime(settings):
        organisation_id, person_id = await _about(options.about)
        made = await open_follow_up(
            _act(options),
            kind=options.kind,
            organisation_id=organisation_id,
            person_id=person_id,
            reason=options.reason,
            year=options.year,
        )
    print(f"已登记{KIND_WORDS[made.kind]}，编号 {made.id}。")
    return 0


async def record_one(settings: Settings, options: Namespace) -> int:
    """`zhiping follow-up record`."""
    async with open_runtime(settings):
        made = await record_follow_up(options.id, done_on=options.on, outcome=options.outcome, act=_act(options))
    print(f"{KIND_WORDS[made.kind]}已登记：{made.done_on}，{made.outcome}")
    return 0


async def titles(settings: Settings, options: Namespace) -> int:
    """`zhiping follow-up titles`: who held a title before this cycle; those that stand are checked again in it."""
    async with open_runtime(settings):
        found = await list_titles(await get_cycle(options.cycle))
    rows = [
        {
            "id": one.subject.key,
            "name": one.subject.name,
            "title": one.title,
            "awarded": one.awarded,
            "revoked": one.revoked,
        }
        for one in found
    ]
    if options.as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for row in rows:
        state = f"{row['revoked']} 年取消" if row["revoked"] else "有效，今年复查复验"
        print(f"{str(row['id']).partition(':')[2]}  {row['name']}  {row['title']}（{row['awarded']} 年命名，{state}）")
    if not rows:
        print("没有往年命名的。")
    return 0


async def check(settings: Settings, options: Namespace) -> int:
    """`zhiping follow-up check`: whether somebody may be commended and rated 优秀 for a year; exit 1 where not."""
    async with open_runtime(settings):
        organisation_id, person_id = await _about(options.about)
        commended = await may_be_commended(options.year, organisation_id=organisation_id, person_id=person_id)
        excellent = await may_be_excellent(options.year, organisation_id=organisation_id, person_id=person_id)
    for what, verdict in (("评先评优", commended), ("年度考核优秀", excellent)):
        print(f"{what}：{'可以' if verdict.may else '不可以'}")
        print("".join(f"  {reason}\n" for reason in verdict.reasons), end="")
    return 0 if commended.may and excellent.may else 1


async def _about(name: str) -> tuple[int, int | None]:
    """An organisation by code, else a person by staff number: (organisation, person)."""
    organisation = await Organisation.get_or_none(code=name)
    if organisation is not None:
        return organisation.id, None
    person = await Person.get_or_none(staff_no=name)
    if person is None:
        raise Refusal("no_such_subject", f"名册里没有编码或工号为「{name}」的组织或人。", 404)
    return person.organisation_id, person.id


def _act(options: Namespace) -> Act:
    return Act(options.by, now(), f"command:{uuid4()}")


_ABOUT = argument("about", metavar="CODE|STAFF_NO", help="组织编码或工号")
_YEAR = argument("--year", default="", metavar="YYYY", help="哪一年度")
FOLLOW_UP_COMMANDS = (
    Line(
        "list",
        "列出约谈、书记调整、取消称号、问责等事项",
        show_all,
        (
            argument("--cycle", type=row_number, metavar="CYCLE", help="只列这个考核周期的"),
            argument("--open", action="store_true", help="只列待办的"),
            AS_JSON,
        ),
    ),
    Line("open", "人工提出一项", open_one, (argument("kind", choices=BY_HAND), _ABOUT, REASON, _YEAR, BY)),
    Line(
        "record",
        "登记办结的日期和结果",
        record_one,
        (
            ID,
            argument("--on", type=day, required=True, metavar="YYYY-MM-DD", help="哪天办的"),
            argument("--outcome", required=True, metavar="TEXT", help="结果"),
            BY,
        ),
    ),
    Line(
        "titles",
        "往年命名的称号，今年要复查复验的",
        titles,
        (argument("cycle", type=row_number, metavar="CYCLE"), AS_JSON),
    ),
    Line(
        "check",
        "能不能评先评优、确定为年度优秀，以及理由",
        check,
        (_ABOUT, argument("--year", required=True, metavar="YYYY", help="哪一年度")),
    ),
)
