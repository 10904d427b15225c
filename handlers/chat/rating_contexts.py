"""What a sheet's conversation knows from the start: the lines with what stands beside each, as JSON."""

from collections.abc import Iterator, Mapping
from typing import Any

from handlers.chat.rating_steps import clip, joined
from models.people import Person
from models.ratings import SUBMITTED, RatingValue
from scoring.numbers import show
from scoring.rounds import SELF, Item
from services.ratings.rating_sheets import Sheet

_KEPT = ("points", "text", "problems", "reason", "records")


def context_of(person: Person, sheet: Sheet) -> dict[str, Any]:
    """The context of `handlers.chat.rating_steps`."""
    round, mine = sheet.round, sheet.mine
    return {
        "actor": person.staff_no,
        "cycle": sheet.cycle.id,
        "title": sheet.cycle.title,
        "subject": sheet.subject.key,
        "name": sheet.subject.name,
        "round": round.key,
        "label": round.label,
        "total": round.total,
        "items": [_item(sheet, item) for item in round.items],
        "kept": {one.slot: {name: getattr(one, name) for name in _KEPT} for one in sheet.kept},
        "vetoes": [{"id": one.id, "title": one.title} for one in round.vetoes],
        "records": [{"id": one.id, "label": clip(one.label)} for one in sheet.records],
        "own": {slot: one.points for slot, one in sheet.own.items() if one.points is not None},
        "limit": None if sheet.limit is None else show(sheet.limit),
        "standing": dict(sheet.standing),
        "has_reason": mine is not None and mine.state != SUBMITTED,
        "is_handed_in": mine is not None and mine.state == SUBMITTED,
    }


def _item(sheet: Sheet, item: Item) -> dict[str, Any]:
    return {
        "slot": item.slot,
        "label": item.label,
        "low": None if item.low is None else show(item.low),
        "high": None if item.high is None else show(item.high),
        "wants_problem": item.wants_problem,
        "is_problem": item.is_problem,
        "beside": [*_aspects(sheet, item), *_beside(sheet, item)],
    }


def _aspects(sheet: Sheet, item: Item) -> Iterator[str]:
    """Told once, with the first line of those that share them."""
    first = next(one for one in sheet.round.items if one.aspects == item.aspects)
    if item.aspects and first == item:
        yield f"这一组从以下方面打分：{'、'.join(item.aspects)}。"


def _beside(sheet: Sheet, item: Item) -> Iterator[str]:
    if item.slot in sheet.last:
        yield f"{sheet.last_year} 年自评：{_words(sheet.last[item.slot])}"
    if item.is_problem and sheet.promises:
        yield f"上年述职时的承诺：{'；'.join(map(clip, sheet.promises[:3]))}"
    yield from _others(sheet, item)
    if item.slot in sheet.own and (told := _words(sheet.own[item.slot], points=False)):
        yield f"自评说明：{told}"
    proofs = sheet.own[item.slot].records if item.slot in sheet.own else []
    titles = {one.id: one.label for one in sheet.records}
    if proofs and sheet.round.key != SELF:
        yield "佐证：" + "；".join(clip(titles.get(one, f"记录 {one}")) for one in proofs[:3])


def _others(sheet: Sheet, item: Item) -> Iterator[str]:
    """「自评 5；全面考评 3（比自评 -2）」."""
    compared = sheet.compared
    found = next((one for one in compared.items if one.slot == item.slot), None) if compared else None
    if found is None or compared is None:
        return
    shown = []
    for key, points in found.points.items():
        away = found.deviation(key)
        apart = f"（比自评 {'+' if away > 0 else ''}{show(away)}）" if away and key != SELF else ""
        shown.append(f"{compared.rounds[key]} {show(points)}{apart}")
    if shown:
        yield "；".join(shown)


def _words(value: RatingValue, *, points: bool = True) -> str:
    told: Mapping[str, str] = {
        "points": f"{value.points} 分" if points and value.points is not None else "",
        "text": clip(value.text) if value.text else "",
        "problems": f"问题：{clip(value.problems)}" if value.problems else "",
    }
    return joined(told.values())
