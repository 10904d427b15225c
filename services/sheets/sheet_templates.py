"""A workbook for those who score: one sheet for each kind, a row for each subject, yellow cells for what they may enter."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from fractions import Fraction
from string import ascii_uppercase
from typing import Any

from tortoise.expressions import Q

from config.refusals import BadInput, Refusal
from models.cycles import Cycle, CycleSubject
from models.inputs import Input, list_standing
from scoring import faults
from scoring.scheme import Scheme
from services.cycles.cycles import get_cycle, scheme_of
from services.cycles.inputs import WhyNot
from services.entitlements import Actor, find_actor
from services.ratings.raters import entry_rule
from services.sheets.sheet_books import HANDED_OUT, TEMPLATE, make_about
from services.sheets.sheet_columns import slots_of
from services.sheets.sheet_differences import Cells, Difference, read_input, unfit
from services.sheets.sheet_material import KIND_WORDS
from services.workbooks.sheet_pages import FIRST_ROW, Column, Page, write_workbook
from services.workbooks.workbook import BLANK, Cell, clean

_COUNTED = "计票结果"
_ID, _NAME, _PARENT = "编号", "名称", "上级"


async def make_template(cycle_id: int, component: str | None, *, now: datetime, actor: str) -> bytes:
    """The workbook of what an actor may enter in a cycle (of one component), with the values that are there already.

    Raises `BadInput` for an unknown component, `Refusal` `nothing_to_enter` where the actor may enter nothing of it.
    """
    cycle = await get_cycle(cycle_id)
    scheme = scheme_of(cycle)
    _check_component(scheme, component)
    subjects = await CycleSubject.filter(cycle_id=cycle.id).order_by("position")
    entry = _Entry(cycle, scheme, await find_actor(actor), await entry_rule(cycle), component)
    entry.names = {one.key: one.name for one in subjects}
    entry.standing = {(one.subject_id, one.slot): one.value for one in await list_standing(cycle.id)}
    kinds = [kind for kind in scheme.track_of if any(one.kind == kind for one in subjects)]
    assessed = [one for one in subjects if one.exempt is None]
    pages = [page for kind in kinds if (page := entry.page(kind, assessed)) is not None]
    if not pages:
        raise Refusal("nothing_to_enter", "这个周期里没有您可以录入的项目。")
    return write_workbook(
        [make_about(TEMPLATE, cycle.id, "", [("考核", cycle.title), (HANDED_OUT, now.isoformat())]), *pages]
    )


def _check_component(scheme: Scheme, component: str | None) -> None:
    known = [slot.partition(".")[2] for track in scheme.tracks for slot in slots_of(track)]
    if component is not None and component not in known:
        raise BadInput([f"component：没有「{faults.clip(component)}」这一项{faults.suggest(component, known)}"])


async def _handed_out(cycle: Cycle, at: datetime) -> dict[tuple[int, str], Any]:
    """The values that stood when a template was handed out: inputs are replaced, never overwritten."""
    there = Q(replaced_at=None) | Q(replaced_at__gt=at)
    rows = await Input.filter(there, subject__cycle_id=cycle.id, entered_at__lte=at).order_by("id")
    return {(one.subject_id, one.slot): one.value for one in rows}


class _Entry:
    """What one actor may enter in a cycle: just what the import takes from them."""

    def __init__(self, cycle: Cycle, scheme: Scheme, actor: Actor, why_not: WhyNot, component: str | None) -> None:
        self.cycle, self.scheme, self.actor, self.why_not, self.component = cycle, scheme, actor, why_not, component
        self.names: Mapping[str, str] = {}
        self.standing: Mapping[tuple[int, str], Any] = {}

    def page(self, kind: str, subjects: list[CycleSubject]) -> Page | None:
        """The sheet of a kind with the slots and subjects that are the actor's; None where there are none."""
        slots = {
            slot: heading
            for slot, heading in slots_of(self.scheme.track_of[kind]).items()
            if self.component in (None, slot.partition(".")[2])
        }
        rows = {one.key: one for one in subjects if one.kind == kind and any(self._may(one, slot) for slot in slots)}
        mine = [slot for slot in slots if any(self._may(one, slot) for one in rows.values())]
        if not mine:
            return None
        columns = [Column("id", _ID, width=18), Column("name", _NAME, width=24), Column("parent", _PARENT, width=24)]
        page = Page(title_of(kind), [*columns, *(Column(slot, slots[slot], width=16) for slot in mine)], rows)
        for one in rows.values():
            page.put(one.key, "id", one.key)
            page.put(one.key, "name", one.name)
            page.put(one.key, "parent", self.names.get(one.parent or ""))
            for slot in mine:
                self._put(page, one, slot)
        return page

    def _may(self, subject: CycleSubject, slot: str) -> bool:
        return not self.why_not(self.actor, slot, subject)

    def _put(self, page: Page, subject: CycleSubject, slot: str) -> None:
        key = slot.partition(".")[2]
        if slot.startswith("scores.") and self.standing.get((subject.id, f"ballots.{key}")) is not None:
            page.put(subject.key, slot, _COUNTED)
        elif self._may(subject, slot):
            value = self.standing.get((subject.id, slot))
            page.put(subject.key, slot, value if value is None or slot.startswith("facts.") else Fraction(value), slot)


def title_of(kind: str) -> str:
    """The sheet of a kind."""
    return f"{KIND_WORDS[kind]}录入"


async def read_template(cycle: Cycle, cells: Cells, handed_out: datetime) -> list[Difference]:
    """The cells that say something other than when they were handed out. Rows may be sorted; an empty cell takes nothing away.

    Raises `BadInput` for rows and columns that are not of the template.
    """
    scheme = scheme_of(cycle)
    subjects = {one.key: one for one in await CycleSubject.filter(cycle_id=cycle.id)}
    standing = await _handed_out(cycle, handed_out)
    found: list[Difference] = []
    wrong: list[str] = []
    for kind in (kind for kind in scheme.track_of if title_of(kind) in cells):
        sheet = _Filled(
            title_of(kind), cells[title_of(kind)], {v: k for k, v in slots_of(scheme.track_of[kind]).items()}
        )
        wrong += sheet.faults
        for at, key, slot, cell in sheet.filled():
            subject = subjects.get(key)
            if subject is None:
                wrong.append(f"「{sheet.title}」{at}：考核名单里没有「{faults.clip(key)}」")
                continue
            was, now = standing.get((subject.id, slot)), read_input(slot, cell)
            if was != now:
                found.append(Difference(sheet.title, at, was, now, key, slot, unfit(cell)))
    if wrong:
        raise BadInput(wrong)
    return found


class _Filled:
    """A filled sheet: its columns by heading, its rows by 编号."""

    def __init__(self, title: str, cells: Mapping[str, Cell], slots: Mapping[str, str]) -> None:
        self.title, self.cells = title, cells
        heads = {address[:-1]: cell for address, cell in cells.items() if _row_of(address) == 1}
        letters = {letter: clean(str(cell.value)) for letter, cell in heads.items()}
        self.slots = {letter: slots[heading] for letter, heading in letters.items() if heading in slots}
        self.ids = [letter for letter, heading in letters.items() if heading == _ID]
        known = {*slots, _ID, _NAME, _PARENT}
        strange = {letter: heading for letter, heading in letters.items() if heading not in known}
        self.faults = [f"「{title}」{at}1：不认识的列「{faults.clip(heading)}」" for at, heading in strange.items()]
        if len(self.ids) != 1:
            self.faults.append(f"「{title}」：应有一列「{_ID}」，请用导出的模板填写")

    def filled(self) -> Iterator[tuple[str, str, str, Cell]]:
        """Address, subject, slot and cell of all that is filled in."""
        last = max(map(_row_of, self.cells), default=0)
        for row in range(FIRST_ROW, last + 1) if not self.faults else ():
            key = clean(str(self.cells.get(f"{self.ids[0]}{row}", BLANK).value or ""))
            for letter, slot in self.slots.items():
                cell = self.cells.get(f"{letter}{row}", BLANK)
                if not cell.is_blank and cell.value != _COUNTED:
                    yield f"{letter}{row}", key, slot, cell


def _row_of(address: str) -> int:
    return int(address.lstrip(ascii_uppercase))
