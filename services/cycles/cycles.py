"""Cycles: made from a file with a frozen scheme and a roster snapshot; their settings, set by the office and audited."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from tortoise.transactions import in_transaction

from config.refusals import BadInput, Refusal
from config.scheme_files import read_scheme_file
from models.cycles import Cycle, CycleSubject
from models.organisations import Organisation, lock_roster
from models.people import SECRETARY, Person, Post
from models.stages import StageDate
from scoring import faults
from scoring.loading import load_scheme
from scoring.rounds import rounds_of
from scoring.scheme import Scheme
from scoring.settings import read_settings
from scoring.stages import faults_of_days
from services.audit import record
from services.cycles import schemes
from services.cycles.cycle_files import CycleFile, read_cycle_file
from services.cycles.snapshots import Seat, Snapshot, take_snapshot
from services.entitlements import SET_UP, require
from services.trees import load_tree


@dataclass(frozen=True, slots=True)
class NewCycle:
    """A cycle just made; `left_out`: sentences on offices that nobody holds; `missing`: settings still to be set."""

    cycle: Cycle
    subjects: int
    exempt: int
    left_out: tuple[str, ...]
    missing: tuple[str, ...]


async def create_cycle(content: bytes, *, now: datetime, actor: str) -> NewCycle:
    """Make the cycle that a file describes, with the scheme and the roster as they are now.

    Raises `BadInput` with every fault; a repeat is refused with `cycle_exists`.
    """
    file = read_cycle_file(content)
    scheme = schemes.require(file.scheme, "scheme")
    _check_settings(scheme, file.settings)
    set_days = {key: days for key, (days, _) in file.stages.items()}
    if wrong := list(faults_of_days(scheme.stages, int(file.year), set_days)):
        raise BadInput(wrong)
    async with in_transaction():
        await lock_roster()
        taken = await _take_snapshot(file, scheme)
        if taken.faults:
            raise BadInput(taken.faults)
        cycle = await _insert(file, scheme, now, actor)
        await require(actor, cycle, SET_UP)
        await CycleSubject.bulk_create(_rows(cycle, taken.seats), 1000)
        await StageDate.bulk_create(_stage_dates(cycle, file))
        exempt = sum(seat.exempt is not None for seat in taken.seats)
        detail = {"scheme_sha256": scheme.sha256, "subjects": len(taken.seats), "exempt": exempt}
        await record(now, actor, "create_cycle", f"cycle:{cycle.id}", detail | {"settings": dict(file.settings)})
    missing = tuple(missing_settings(scheme, cycle.settings))
    return NewCycle(cycle, len(taken.seats), exempt, tuple(taken.left_out), missing)


async def _take_snapshot(file: CycleFile, scheme: Scheme) -> Snapshot:
    people = await Person.all().select_related("organisation").order_by("organisation__code", "staff_no")
    posts = await Post.filter(title=SECRETARY).select_related("person")
    secretaries = {post.organisation_id: post.person for post in posts}
    return take_snapshot(file, scheme, await load_tree(), people, secretaries)


async def _insert(file: CycleFile, scheme: Scheme, now: datetime, actor: str) -> Cycle:
    organisation = await Organisation.get(code=file.organisation)
    # Safe under the roster's lock, which every maker of a cycle holds.
    before = await Cycle.get_or_none(scheme=file.scheme, year=file.year, organisation=organisation)
    if before is not None:
        raise Refusal("cycle_exists", f"「{organisation.name}」{file.year} 年的这项考核已经建立（编号 {before.id}）。")
    found = read_scheme_file(file.scheme)
    assert found is not None, "it was loaded"
    return await Cycle.create(
        title=file.title,
        scheme=file.scheme,
        scheme_sha256=scheme.sha256,
        scheme_text=found[1].decode(),
        year=file.year,
        organisation=organisation,
        settings=dict(file.settings),
        created_at=now,
        created_by=actor,
    )


def _stage_dates(cycle: Cycle, file: CycleFile) -> list[StageDate]:
    return [
        StageDate(cycle=cycle, stage=key, **days._asdict(), reason=reason, by=cycle.created_by, at=cycle.created_at)
        for key, (days, reason) in file.stages.items()
    ]


def _rows(cycle: Cycle, seats: list[Seat]) -> list[CycleSubject]:
    return [
        CycleSubject(
            cycle=cycle,
            position=position,
            key=seat.key,
            kind=seat.kind,
            name=seat.name,
            status=seat.status,
            parent=seat.parent,
            organisation_id=seat.organisation_id,
            person_id=seat.person_id,
            exempt=seat.exempt,
        )
        for position, seat in enumerate(seats)
    ]


async def get_cycle(cycle_id: int) -> Cycle:
    """The cycle. Raises `Refusal`."""
    return _present(await Cycle.get_or_none(id=cycle_id), cycle_id)


async def lock_cycle(cycle_id: int) -> Cycle:
    """The cycle, held until the caller's transaction ends: what is put into it waits. Raises `Refusal`."""
    return _present(await Cycle.filter(id=cycle_id).select_for_update().first(), cycle_id)


def _present(cycle: Cycle | None, cycle_id: int) -> Cycle:
    if cycle is None:
        raise Refusal("no_such_cycle", f"没有编号为 {cycle_id} 的考核周期，请核对编号。", 404)
    return cycle


def scheme_of(cycle: Cycle) -> Scheme:
    """The scheme that the cycle froze, whatever ships now."""
    return _load(cycle.scheme_text)


def require_round(cycle: Cycle, key: str) -> None:
    """That something is rated in this round of the cycle. Raises `Refusal` `no_such_round`, with the rounds that there are."""
    scheme = scheme_of(cycle)
    known = list(dict.fromkeys(one for kind in scheme.track_of for one in rounds_of(scheme, kind)))
    if key not in known:
        raise Refusal("no_such_round", f"没有「{faults.clip(key)}」这一轮{faults.suggest(key, known)}", 404)


@lru_cache(maxsize=16)
def _load(text: str) -> Scheme:
    return load_scheme(text)


def missing_settings(scheme: Scheme, settings: Mapping[str, Any]) -> list[str]:
    """A sentence for each setting that is always needed and not set."""
    return [refusal.say for refusal in read_settings(scheme.settings, settings, "settings").lacking]


async def change_settings(
    cycle_id: int, changes: Mapping[str, Any], *, now: datetime, actor: str, reason: str
) -> Cycle:
    """Set the named settings (null takes one away), with a reason; audited with what was before. A repeat changes nothing.

    Runs already made stay as they are. Raises `BadInput` for a setting that the scheme does not know or cannot use.
    """
    async with in_transaction():
        cycle = await lock_cycle(cycle_id)
        await require(actor, cycle, SET_UP)
        if not reason.strip():
            raise BadInput(["reason：请写明改设置的理由"])
        await apply_settings(cycle, changes, now=now, actor=actor, reason=reason)
    return cycle


async def apply_settings(cycle: Cycle, changes: Mapping[str, Any], *, now: datetime, actor: str, reason: str) -> None:
    """Within the caller's transaction, which holds the cycle: check, store and audit changed settings."""
    settings = {name: value for name, value in {**cycle.settings, **changes}.items() if value is not None}
    _check_settings(scheme_of(cycle), settings)
    if settings == cycle.settings:
        return
    detail = {"before": cycle.settings, "after": settings, "reason": reason}
    cycle.settings = settings
    await cycle.save(update_fields=["settings"])
    await record(now, actor, "change_settings", f"cycle:{cycle.id}", detail)


def _check_settings(scheme: Scheme, settings: Mapping[str, Any]) -> None:
    try:
        read_settings(scheme.settings, dict(settings), "settings")
    except faults.BadInput as error:
        raise BadInput([str(error)]) from error
