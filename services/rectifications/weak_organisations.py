"""The ledger of weak and lax organisations (软弱涣散, S0-27): marked with a reason, responsible unit and person, until they have turned."""

from dataclasses import dataclass

from tortoise.transactions import in_transaction

from config.refusals import BadInput, Refusal
from models.organisations import Organisation
from models.people import Person
from models.rectifications import WeakOrganisation
from services.audit import record
from services.entitlements import FOLLOW_UP, Place, require_in, scope_at
from services.rectifications.rectifications import MAX_TEXT, Act


@dataclass(frozen=True, slots=True)
class Mark:
    """Why an organisation stands in the ledger, who answers for it (unit, staff number), and how it is to turn."""

    reason: str
    unit: str
    responsible: str
    measure: str


async def mark_weak(organisation: str, mark: Mark, act: Act) -> WeakOrganisation:
    """Put the organisation (by code) into the ledger. While it stands there, another mark is the same one.

    Raises `Refusal` `not_entitled`, `no_such_organisation`, `no_such_person`; `BadInput` with every part that is missing.
    """
    async with in_transaction():
        found = await _find(organisation, act.actor)
        parts = {"事由": mark.reason, "责任单位": mark.unit, "转化措施": mark.measure}
        if missing := [name for name, text in parts.items() if not text.strip()]:
            raise BadInput([f"「{name}」还没有写" for name in missing])
        person = await Person.get_or_none(staff_no=mark.responsible)
        if person is None:
            raise Refusal("no_such_person", f"名册中没有工号为「{mark.responsible}」的人，请核对责任人。", 404)
        standing = await WeakOrganisation.get_or_none(organisation_id=found.id, cleared_at=None)
        if standing is not None:
            return standing
        made = await WeakOrganisation.create(
            organisation=found,
            reason=mark.reason.strip()[:MAX_TEXT],
            unit=mark.unit.strip()[:128],
            responsible=person,
            measure=mark.measure.strip()[:MAX_TEXT],
            marked_by=act.actor,
            marked_at=act.now,
        )
        await record(act.now, act.actor, "mark_weak", f"organisation:{found.id}", {"reason": made.reason})
    return made


async def clear_weak(organisation: str, outcome: str, act: Act) -> None:
    """Take it out of the ledger with what has changed. Where it does not stand there: nothing happens."""
    async with in_transaction():
        found = await _find(organisation, act.actor)
        if not outcome.strip():
            raise BadInput(["outcome：请写明转化的情况"])
        standing = WeakOrganisation.filter(organisation_id=found.id, cleared_at=None)
        if await standing.update(cleared_at=act.now, cleared_by=act.actor, outcome=outcome.strip()[:MAX_TEXT]):
            await record(act.now, act.actor, "clear_weak", f"organisation:{found.id}", {"outcome": outcome.strip()})


async def _find(code: str, actor: str) -> Organisation:
    """The organisation, held, so that two marks at once make one."""
    found = await Organisation.filter(code=code).select_for_update().first()
    if found is None:
        raise Refusal("no_such_organisation", f"名册中没有编码为「{code}」的组织，请核对。", 404)
    await require_in(await scope_at(found.id), actor, FOLLOW_UP, Place(found.id))
    return found
