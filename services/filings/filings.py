"""Filings (材料): any paper of any scheme, written, handed in, sent back with a reason, passed. What they say: filing_rules."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tortoise.transactions import in_transaction

from config.refusals import BadInput, Refusal
from models.cycles import Cycle, CycleSubject
from models.filings import Filing, FilingStep
from services.audit import record
from services.cycles.cycles import get_cycle, scheme_of
from services.cycles.subjects import find_subject
from services.entitlements import READ_ALL, READ_REPORT, find_actor, find_handed_over, require, scope_of
from services.filings.filing_news import tell_move
from services.filings.filing_promises import find_promises
from services.filings.filing_rules import act_of, acts_on, paper_of, wrong_in
from services.filings.filing_sheets import (
    Move,
    Sheet,
    check_about,
    check_fresh,
    check_mover,
    check_return,
    check_way,
    find_sizes,
    is_return,
    sheet_of,
)


async def open_filing(
    cycle_id: int, paper: str, subject: str | None = None, *, about: str = "", now: datetime, actor: str
) -> Sheet:
    """The filing, begun where there is none yet; a repeat gives the same one. Promises of last year come with it (S4-34c).

    Raises `Refusal`: `no_such_paper`, `no_such_subject`, `exempt`, `not_entitled`, `name_needed`.
    """
    async with in_transaction():
        cycle = await get_cycle(cycle_id)
        known = paper_of(scheme_of(cycle), paper)
        found = await find_subject(cycle.id, subject) if subject else None
        await require(actor, cycle, act_of(paper, "writer"), found)
        check_about(cycle, known, found, about)
        if found is not None and found.exempt is not None:
            raise Refusal("exempt", f"「{found.name}」不列入本次考核（{found.exempt}），不用写{known.title}。")
        filing = Filing(
            cycle=cycle,
            paper=paper,
            subject=found,
            about=about[:64],
            source_key=f"{cycle.id}:{paper}:{found.key if found else ''}:{about[:64]}",
            promises=await find_promises(cycle, known, found),
            made_by=actor,
            made_at=now,
            changed_at=now,
        )
        await Filing.bulk_create([filing], ignore_conflicts=True)
        return await _sheet(await Filing.get(source_key=filing.source_key), cycle)


async def write_parts(
    filing_id: int,
    parts: Mapping[str, Sequence[str]],
    *,
    add: bool = False,
    version: int | None = None,
    key: str = "",
    now: datetime,
    actor: str,
) -> Sheet:
    """Replace the entries of these parts, or `add` to them. The same `key` again, or what stands already, changes nothing.

    `version`: the one that was read, where entries are replaced. Raises `Refusal`: `handed_in`, `stale`, `not_entitled`;
    `BadInput` with every fault.
    """
    async with in_transaction():
        sheet = await _lock(filing_id)
        await require(actor, sheet.cycle, act_of(sheet.paper.key, "writer"), sheet.subject)
        filing = sheet.filing
        if key and filing.written_key == key:
            return sheet
        if not sheet.is_being_written:
            raise Refusal("handed_in", f"{sheet.paper.title}已经交了，现在是「{filing.state}」，退回以后才能再改。")
        await check_fresh(filing, version)
        await _write(sheet, {**filing.filled, **_merged(filing.filled if add else {}, parts)}, key, now)
    return sheet


def _merged(before: Mapping[str, list[str]], parts: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    given = {name: [entry.strip() for entry in entries if entry.strip()] for name, entries in parts.items()}
    return {name: [*before.get(name, []), *entries] for name, entries in given.items()}


async def _write(sheet: Sheet, filled: Mapping[str, list[str]], key: str, now: datetime) -> None:
    faults = [*wrong_in(sheet.paper, filled), *find_sizes(filled)]
    if faults:
        raise BadInput(faults)
    parts = [[part.name, filled[part.name]] for part in sheet.paper.parts if filled.get(part.name)]
    filing = sheet.filing
    if parts == filing.parts:
        return
    filing.parts, filing.written_key, filing.changed_at, filing.version = parts, key[:64], now, filing.version + 1
    await filing.save(update_fields=["parts", "written_key", "changed_at", "version"])


async def move_filing(filing_id: int, move: Move, *, now: datetime, actor: str) -> Sheet:
    """Take a filing to its next state: hand it in, pass it on, send it back. A repeat (same `key`, or same mover) changes nothing.

    Raises `Refusal`: `stale` where somebody moved or changed it since it was looked at, `wrong_state`, `not_entitled`,
    `name_needed`, `same_person`; `BadInput` with what is missing.
    """
    async with in_transaction():
        sheet = await _lock(filing_id)
        return await _move(sheet, move, now, actor)


async def _move(sheet: Sheet, move: Move, now: datetime, actor: str) -> Sheet:
    filing = sheet.filing
    steps = await FilingStep.filter(filing_id=filing.id).order_by("-id")
    last = steps[0] if steps else None
    if last is not None and last.to_state == move.to == filing.state and last.by == actor:
        return sheet
    if move.key and await FilingStep.filter(filing_id=filing.id, source_key=move.key[:64]).exists():
        return sheet
    await check_fresh(filing, move.version)
    check_way(sheet, move.to)
    await _require(sheet, actor)
    if refusal := check_mover(sheet, steps, actor):
        raise refusal
    if sheet.is_being_written and sheet.missing:
        raise BadInput(list(sheet.missing))
    check_return(sheet, move)
    goes_back = is_return(sheet, move.to)
    step = FilingStep(
        filing=filing,
        version=filing.version + 1,
        from_state=filing.state,
        to_state=move.to,
        by=actor,
        at=now,
        reason=move.reason.strip(),
        part=move.part,
        note=move.note.strip(),
        parts=filing.parts,
        source_key=move.key[:64] if move.key else None,
    )
    await step.save()
    filing.state, filing.version, filing.changed_at = move.to, filing.version + 1, now
    await filing.save(update_fields=["state", "version", "changed_at"])
    await record(now, actor, "move_filing", f"filing:{filing.id}", {"from": step.from_state, "to": move.to})
    await tell_move(sheet.cycle, sheet.paper, sheet.subject, filing, step, is_return=goes_back)
    return sheet


async def file_paper(
    cycle_id: int,
    paper: str,
    subject: str | None,
    parts: Mapping[str, Sequence[str]],
    *,
    about: str = "",
    key: str | None = None,
    now: datetime,
    actor: str,
) -> Sheet:
    """Begin, write and hand in at once, or nothing of it. A repeat (same subject, `about` and content) changes nothing."""
    async with in_transaction():
        opened = await open_filing(cycle_id, paper, subject, about=about, now=now, actor=actor)
        sheet = await _lock(opened.filing.id)
        filled = {name: list(entries) for name, entries in _merged({}, parts).items() if entries}
        if not sheet.is_being_written and sheet.filing.filled == filled:
            return sheet
        if not sheet.is_being_written:
            raise Refusal("handed_in", f"{_named(sheet)}已经交了，现在是「{sheet.filing.state}」，退回以后才能再改。")
        await _write(sheet, filled, key or "", now)
        return await _move(sheet, Move(sheet.state.then[0], key=key), now, actor)


def _named(sheet: Sheet) -> str:
    return f"{sheet.subject.name}的{sheet.paper.title}" if sheet.subject else sheet.paper.title


async def _require(sheet: Sheet, actor: str) -> None:
    await require(actor, sheet.cycle, act_of(sheet.paper.key, sheet.state.hand), sheet.subject)


async def _lock(filing_id: int) -> Sheet:
    """The filing, held until the caller's transaction ends."""
    return await _sheet(_present(await Filing.filter(id=filing_id).select_for_update().first(), filing_id))


def _present(filing: Filing | None, filing_id: int) -> Filing:
    if filing is None:
        raise Refusal("no_such_filing", f"没有编号为 {filing_id} 的材料，请核对编号。", 404)
    return filing


async def _sheet(filing: Filing, cycle: Cycle | None = None) -> Sheet:
    cycle = cycle or await get_cycle(filing.cycle_id)
    subject = await CycleSubject.get_or_none(id=filing.subject_id) if filing.subject_id else None
    return sheet_of(filing, cycle, subject)


async def read_filing(filing_id: int, actor: str) -> Sheet:
    """A filing, for those who write, review or decide it, for who may read all. Raises `Refusal`: `no_such_filing`, `not_entitled`."""
    sheet = await _sheet(_present(await Filing.get_or_none(id=filing_id), filing_id))
    found, scope = await find_actor(actor), await scope_of(sheet.cycle)
    readers = {*acts_on(sheet.paper.key), READ_REPORT, READ_ALL}
    if not found.is_command and not any(scope.may(found, act, sheet.subject) for act in readers):
        handed_over = await find_handed_over(scope, found, act_of(sheet.paper.key, "writer"), sheet.subject)
        raise handed_over or Refusal("not_entitled", "您没有看这份材料的权限，请联系组织部门。", 403)
    return sheet


async def hold_for_writer(filing_id: int, actor: str) -> None:
    """Hold the filing, for its writer, who may add files until it is settled. Raises `Refusal`: `not_entitled`, `settled`."""
    sheet = await _lock(filing_id)
    await require(actor, sheet.cycle, act_of(sheet.paper.key, "writer"), sheet.subject)
    if not sheet.state.then:
        raise Refusal("settled", f"{_named(sheet)}已经是「{sheet.filing.state}」，不能再加文件。")


async def list_filings(cycle_id: int, *, paper: str = "", state: str = "") -> list[Sheet]:
    """The filings of a cycle, by paper, then in the order of the cycle's subjects. Raises `Refusal` `no_such_cycle`, `no_such_paper`."""
    cycle = await get_cycle(cycle_id)
    if paper:
        paper_of(scheme_of(cycle), paper)
    wanted = {"cycle_id": cycle.id} | ({"paper": paper} if paper else {}) | ({"state": state} if state else {})
    rows = await Filing.filter(**wanted).select_related("subject").order_by("paper", "subject__position", "id")
    return [sheet_of(one, cycle, one.subject) for one in rows]


async def list_steps(filing_id: int) -> list[FilingStep]:
    """Every move of a filing, the first one first, with the paper as it was then."""
    return await FilingStep.filter(filing_id=filing_id).order_by("id")
