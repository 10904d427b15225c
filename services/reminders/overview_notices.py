"""Who is told the overview of which cycle this morning, and in what words; it goes out as the one digest of who reads it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from config.clock import SHANGHAI
from models.cycles import Cycle
from models.notices import DIGEST, Notice, count_unreached, insert_many
from models.people import list_holders_of
from services.cycles.stages import list_running, stage_days_of
from services.entitlements import LEADERS, OFFICE, READ_ALL, SET_UP, Actor, Scope, find_actor, list_holders
from services.reminders.overview_words import overview_text
from services.reminders.overviews import Summary, Tally, due_slot, keep_told, keep_work, read_summary
from services.trees import Tree, load_tree

_SLOT = ":overview:"
_NAMED = 10


@dataclass(frozen=True, slots=True)
class Telling:
    """This morning's overviews: the running cycles, the slot of each that is told, who reads which (person id -> cycle ids).

    `keepers`: of the readers those who set up the cycles, the office.
    """

    cycles: Mapping[int, Cycle]
    slots: Mapping[int, str]
    readers: Mapping[int, tuple[int, ...]]
    keepers: frozenset[int]
    tree: Tree


def cycle_of(notice: Notice) -> int | None:
    """The cycle whose overview a digest brings, None where it brings none."""
    _, mark, number = notice.slot.partition(_SLOT)
    return int(number) if mark else None


async def list_tellings(now: datetime) -> Telling:
    """Which overviews are due this morning, and who may read them (leaders and office, by the table of entitlements)."""
    today = now.astimezone(SHANGHAI).date()
    cycles = await list_running(now)
    days = await stage_days_of(cycles)
    slots = {one.id: slot for one in cycles if (slot := await due_slot(one, days[one.id], today))}
    tree = await load_tree()
    actors = await list_holders(READ_ALL, await list_holders_of((*LEADERS, *OFFICE))) if slots else []
    told = [one for one in cycles if one.id in slots]
    readers = {actor.person_id: _readable(actor, told, tree, READ_ALL) for actor in actors if actor.person_id}
    keepers = frozenset(one.person_id for one in actors if one.person_id and _readable(one, told, tree, SET_UP))
    return Telling(
        {one.id: one for one in cycles}, slots, {one: those for one, those in readers.items() if those}, keepers, tree
    )


def _readable(actor: Actor, cycles: list[Cycle], tree: Tree, act: str) -> tuple[int, ...]:
    return tuple(one.id for one in cycles if Scope(tree, one.organisation_id).may(actor, act))


async def list_readable(staff_no: str, now: datetime) -> list[Cycle]:
    """The running cycles whose overview that person may read, the newest first."""
    actor, tree = await find_actor(staff_no), await load_tree()
    cycles = await list_running(now)
    readable = _readable(actor, cycles, tree, READ_ALL)
    return [one for one in reversed(cycles) if one.id in readable]


async def tell_overviews(telling: Telling, own: Mapping[int, str], tally: Tally, now: datetime) -> int:
    """Keep the figures of every running cycle, and plan what its readers are told; how many notices.

    `own`: what each reader has to do themselves, which comes first. A repeat on the same day adds only what is missing.
    """
    for cycle in telling.cycles.values():
        await keep_work(cycle, tally, telling.tree)
    summaries = {one: await read_summary(telling.cycles[one], now, slot) for one, slot in telling.slots.items()}
    for one, summary in summaries.items():
        await keep_told(summary, telling.slots[one], tally.today)
    extra = {
        one: "\n".join([await section(summary, now) for section in OFFICE_SECTIONS])
        for one, summary in summaries.items()
    }
    found = []
    for person_id, cycle_ids in telling.readers.items():
        parts = [own.get(person_id, "")]
        for one in cycle_ids:
            parts += [overview_text(summaries[one]), extra[one] if person_id in telling.keepers else ""]
        text = "\n\n".join(filter(None, parts))
        slot = f"{tally.today}{_SLOT}{cycle_ids[0]}"
        found.append(Notice(id=uuid4(), kind=DIGEST, person_id=person_id, slot=slot, text=text, due_at=now))
    await insert_many(found)
    return len(found)


async def _missing(summary: Summary, now: datetime) -> str:
    """S0-04: who is not assessed yet, by name."""
    lines = []
    for label, names in summary.missing:
        if names:
            more = f" 等 {len(names)} 个" if len(names) > _NAMED else ""
            lines.append(f"{label}还差：{'、'.join(names[:_NAMED])}{more}")
    return "\n".join(lines)


async def _unreached(summary: Summary, now: datetime) -> str:
    """Whom nothing reaches."""
    count = await count_unreached(now - timedelta(days=8))
    return f"推送不到、也没看过 任务 的 {count} 人，名单：zhiping notice undelivered" if count else ""


OFFICE_SECTIONS: tuple[Callable[[Summary, datetime], Awaitable[str]], ...] = (_missing, _unreached)
"""What the office is told beside the three statements; a line here is a section more."""
