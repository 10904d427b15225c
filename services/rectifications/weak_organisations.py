"""The ledger of weak and lax organisations (软弱涣散, S0-27): marked with a reason, responsible unit and person, until they have turned."""

from collections.abc import Iterator
from dataclasses import dataclass

from tortoise.transactions import in_transaction

from config.clock import shown
from config.refusals import BadInput, Refusal
from models.organisations import Organisation
from models.people import Person
from models.rectifications import WeakOrganisation
from services.audit import record
from services.entitlements import FOLLOW_UP, Place, require_in, scope_at
from services.rectifications.rectifications import MAX_TEXT, Act

_MAX_UNIT = 128


@dataclass(frozen=True, slots=True)
class Mark:
    """Why an organisation stands in the ledger, who answers for it (unit, staff number), and how it is to turn."""

    reason: str
    unit: str
    responsible: str
    measure: str


async def mark_weak(organisation: str, mark: Mark, act: Act) -> WeakOrganisation:
    """Put the organisation (by code) into the ledger. While it stands there, the same mark again is that one.

    Raises `Refusal` `marked` for another mark, which would be lost; `not_entitled`, `no_such_organisation`, `no_such_person`; `BadInput`
    with every part that is missing or too long.
    """
    async with in_transaction():
        found = await _find(organisation, act.actor)
        if faults := [*_faults(mark)]:
            raise BadInput(faults)
        person = await Person.get_or_none(staff_no=mark.responsible)
        if person is None:
            raise Refusal("no_such_person", f"名册中没有工号为「{mark.responsible}」的人，请核对责任人。", 404)
        standing = await WeakOrganisation.get_or_none(organisation_id=found.id, cleared_at=None)
        made = WeakOrganisation(
            organisation=found,
            reason=mark.reason.strip(),
            unit=mark.unit.strip(),
            responsible=person,
            measure=mark.measure.strip(),
            marked_by=act.actor,
            marked_at=act.now,
        )
        if standing is not None:
            return _same(standing, made, found)
        await made.save()
        await record(act.now, act.actor, "mark_weak", f"organisation:{found.id}", {"reason": made.reason})
    return made


def _faults(mark: Mark) -> Iterator[str]:
    for name, text, most in (
        ("事由", mark.reason, MAX_TEXT),
        ("责任单位", mark.unit, _MAX_UNIT),
        ("转化措施", mark.measure, MAX_TEXT),
    ):
        if not text.strip():
            yield f"「{name}」还没有写"
        elif len(text.strip()) > most:
            yield f"「{name}」有 {len(text.strip())} 字，最多 {most} 字"


def _same(standing: WeakOrganisation, made: WeakOrganisation, organisation: Organisation) -> WeakOrganisation:
    told = ("reason", "unit", "responsible_id", "measure")
    if any(getattr(standing, name) != getattr(made, name) for name in told):
        say = f"「{organisation.name}」已在软弱涣散台账中（{shown(standing.marked_at)} 列入），这一次没有记下；要改写，请先移出再重新列入。"
        raise Refusal("marked", say)
    return standing


async def clear_weak(organisation: str, outcome: str, act: Act) -> None:
    """Take it out of the ledger with what has changed; the same again changes nothing. Raises `Refusal` `not_marked` where it does not
    stand there, and as `mark_weak`."""
    async with in_transaction():
        found = await _find(organisation, act.actor)
        if not 0 < len(outcome.strip()) <= MAX_TEXT:
            raise BadInput([f"outcome：请写明转化的情况，不超过 {MAX_TEXT} 字"])
        last = await WeakOrganisation.filter(organisation_id=found.id).order_by("-id").first()
        if last is not None and last.cleared_at is not None and last.outcome == outcome.strip():
            return
        if last is None or last.cleared_at is not None:
            raise Refusal("not_marked", f"「{found.name}」不在软弱涣散台账中，没有可以移出的，请核对组织编码。")
        last.cleared_at, last.cleared_by, last.outcome = act.now, act.actor, outcome.strip()
        await last.save(update_fields=["cleared_at", "cleared_by", "outcome"])
        await record(act.now, act.actor, "clear_weak", f"organisation:{found.id}", {"outcome": outcome.strip()})


async def _find(code: str, actor: str) -> Organisation:
    """The organisation, held, so that two marks at once make one."""
    found = await Organisation.filter(code=code).select_for_update().first()
    if found is None:
        raise Refusal("no_such_organisation", f"名册中没有编码为「{code}」的组织，请核对。", 404)
    await require_in(await scope_at(found.id), actor, FOLLOW_UP, Place(found.id))
    return found
