"""The lists of binding codes that are handed to people on paper."""

from dataclasses import dataclass
from datetime import datetime

from tortoise.transactions import in_transaction

from config.refusals import BadInput
from config.settings import Settings
from models.accounts import (
    BindingFailure,
    create_codes,
    list_codes,
    list_open_codes,
    list_used_up,
    renew_codes,
)
from models.organisations import list_below
from models.people import Person, fold_names, list_people
from services.audit import record
from services.people.accounts import hash_name
from services.people.codes import make_code


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A line of the list. `code` reads `ACDE-FGHJ`."""

    staff_no: str
    name: str
    organisation: str
    code: str


async def issue_codes(
    settings: Settings, *, org: str | None, renew: bool, now: datetime, actor: str
) -> list[IssuedCode]:
    """The unused codes of everybody, or of the organisation with code `org` and all below it; by organisation, then number.

    The same codes again until used; who is bound has none. `renew` gives everybody selected a new code and ends the lock
    that wrong codes have put on their names. Raises `BadInput` for an unknown organisation.
    """
    async with in_transaction():
        people = await list_people(await _organisations(org))
        ids = [person.id for person in people]
        await create_codes(ids)
        await list_codes(ids)  # held, so that none is used while it is replaced
        await renew_codes(ids if renew else await list_used_up(ids))
        if renew:
            await _unlock(settings, people)
        action = "renew_codes" if renew else "issue_codes"
        await record(now, actor, action, f"organisation:{org or ''}", {"people": len(people)})
        generations = {code.person_id: code.generation for code in await list_open_codes(ids)}
    return [_issued(settings, person, generations[person.id]) for person in people if person.id in generations]


async def _organisations(org: str | None) -> list[str] | None:
    if org is None:
        return None
    codes = await list_below(org)
    if not codes:
        raise BadInput([f"没有编码为「{org}」的组织，请核对后再试"])
    return codes


async def _unlock(settings: Settings, people: list[Person]) -> None:
    folded = await fold_names(list({person.name for person in people}))
    hashes = [hash_name(settings, name) for name in folded]
    await BindingFailure.filter(name_hash__in=hashes).delete()


def _issued(settings: Settings, person: Person, generation: int) -> IssuedCode:
    code = make_code(settings.session_key[0], person.id, generation)
    return IssuedCode(person.staff_no, person.name, person.organisation.name, code)
