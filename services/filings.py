"""Filings (材料): any paper of any scheme, written, handed in, sent back with a reason, passed. What they say: services.filing_rules."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.transactions import in_transaction

from config.clock import shown
from config.refusals import BadInput, Refusal
from models.cycles import Cycle, CycleSubject
from models.filings import Filing, FilingStep
from models.people import Person
from scoring.papers import Paper
from scoring.procedures import State
from services.audit import record
from services.cycles import get_cycle, scheme_of
from services.entitlements import READ_ALL, READ_REPORT, find_actor, require, scope_of
from services.filing_news import tell_move
from services.filing_promises import find_promises
from services.filing_rules import act_of, acts_on, missing_in, paper_of, reasons_of, states_of, wrong_in
from services.subjects import find_subject

MAX_ENTRY, MAX_ENTRIES = 5000, 50
MAX_NOTE = 500


@dataclass(frozen=True, slots=True)
class Sheet:
    """A filing with all that stands around it: its cycle, its paper in the scheme, its present state, whom it is about."""

    filing: Filing
    cycle: Cycle
    paper: Paper
    states: Mapping[str, State]
    subject: CycleSubject | None

    @property
    def state(self) -> State:
        """The state in which it is."""
        return self.states[self.filing.state]

    @property
    def is_being_written(self) -> bool:
        """Whether its writer has it in hand."""
        return self.state.hand == "writer"

    @property
    def missing(self) -> tuple[str, ...]:
        """What keeps it from being handed in."""
        return missing_in(self.paper, self.filing.filled)


@dataclass(frozen=True, slots=True)
class Move:
    """Where a filing shall go. `version`: the one that was looked at, None where nobody looked; `key`: of the message that asks.

    `reason`: one of the scheme's, `part`: which is to be written anew, `note`: a sentence; all three for sending back.
    """

    to: str
    version: int | None = None
    reason: str = ""
    part: str = ""
    note: str = ""
    key: str | None = None


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
        _check_about(cycle, known, found, about)
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


def _check_about(cycle: Cycle, paper: Paper, subject: CycleSubject | None, about: str) -> None:
    stages = [stage.key for stage in scheme_of(cycle).stages]
    if paper.about == "subject" and subject is None:
        raise BadInput([f"subject:{paper.title}要写明是哪个对象的"])
    if paper.about == "stage" and about not in stages:
        raise BadInput([f"about:{paper.title}要写明是哪个阶段的：{'、'.join(stages)}"])


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
        await _check_fresh(filing, version)
        await _write(sheet, {**filing.filled, **_merged(filing.filled if add else {}, parts)}, key, now)
    return sheet


def _merged(before: Mapping[str, list[str]], parts: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    given = {name: [entry.strip() for entry in entries if entry.strip()] for name, entries in parts.items()}
    return {name: [*before.get(name, []), *entries] for name, entries in given.items()}


async def _write(sheet: Sheet, filled: Mapping[str, list[str]], key: str, now: datetime) -> None:
    faults = [*wrong_in(sheet.paper, filled), *_sizes(filled)]
    if faults:
        raise BadInput(faults)
    parts = [[part.name, filled[part.name]] for part in sheet.paper.parts if filled.get(part.name)]
    filing = sheet.filing
    if parts == filing.parts:
        return
    filing.parts, filing.written_key, filing.changed_at, filing.version = parts, key[:64], now, filing.version + 1
    await filing.save(update_fields=["parts", "written_key", "changed_at", "version"])


def _sizes(filled: Mapping[str, list[str]]) -> Iterable[str]:
    for name, entries in filled.items():
        if len(entries) > MAX_ENTRIES:
            yield f"「{name}」有 {len(entries)} 段，最多 {MAX_ENTRIES} 段"
        if longest := max((len(entry) for entry in entries if len(entry) > MAX_ENTRY), default=0):
            yield f"「{name}」有一段 {longest} 字，一段最多 {MAX_ENTRY} 字"


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
    last = await FilingStep.filter(filing_id=filing.id).order_by("-id").first()
    if last is not None and last.to_state == move.to == filing.state and last.by == actor:
        return sheet
    await _check_fresh(filing, move.version)
    _check_way(sheet, move.to)
    await _require(sheet, actor)
    if refusal := check_hands(sheet, last, actor):
        raise refusal
    if sheet.is_being_written and sheet.missing:
        raise BadInput(list(sheet.missing))
    _check_return(sheet, move)
    is_return = _is_return(sheet, move.to)
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
    await tell_move(sheet.cycle, sheet.paper, sheet.subject, filing, step, is_return=is_return)
    return sheet


async def _check_fresh(filing: Filing, version: int | None) -> None:
    if version is None or version == filing.version:
        return
    last = await FilingStep.filter(filing_id=filing.id).order_by("-id").first()
    if last is None or last.version <= version:
        raise Refusal("stale", "这份材料刚才又有改动，请重新打开看最新的内容。")
    mover = await Person.get_or_none(staff_no=last.by)
    who = mover.name if mover else "办理人"
    say = f"这份材料已由{who}于 {shown(last.at)} 办理：「{last.from_state}」转到「{last.to_state}」，您这一次没有生效。"
    raise Refusal("stale", say)


def _check_way(sheet: Sheet, to: str) -> None:
    then = sheet.state.then
    if to in then:
        return
    ways = f"可以转到「{'」或「'.join(then)}」" if then else "这是最后一步"
    raise Refusal("wrong_state", f"{sheet.paper.title}现在是「{sheet.filing.state}」，不能转到「{to}」；{ways}。")


def check_hands(sheet: Sheet, last: FilingStep | None, actor: str) -> Refusal | None:
    """Whoever hands in does not also receive, whoever reviewed does not also pass; the office moves its own opinions on.

    `last`: the newest move of the filing. None where the actor may go on.
    """
    if last is None or last.by != actor or sheet.is_being_written:
        return None
    if act_of(sheet.paper.key, sheet.states[last.from_state].hand) == act_of(sheet.paper.key, sheet.state.hand):
        return None
    return Refusal("same_person", "上一步也是您办的，这一步要由另一位同志来办。", 403)


def _is_return(sheet: Sheet, to: str) -> bool:
    return not sheet.is_being_written and sheet.states[to].hand == "writer"


def _check_return(sheet: Sheet, move: Move) -> None:
    reasons = reasons_of(scheme_of(sheet.cycle), sheet.paper)
    faults = []
    if len(move.note) > MAX_NOTE:
        faults.append(f"说明不超过 {MAX_NOTE} 字")
    if move.part and move.part not in {part.name for part in sheet.paper.parts}:
        faults.append(f"没有「{move.part}」这一部分")
    if _is_return(sheet, move.to):
        if reasons and move.reason not in reasons:
            faults.append(f"退回的理由应是：{'、'.join(reasons)}")
        if not move.note.strip():
            faults.append("退回时请用一句话说明怎样修改")
    if faults:
        raise BadInput(faults)


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


def sheet_of(filing: Filing, cycle: Cycle, subject: CycleSubject | None) -> Sheet:
    """A filing of which cycle and subject are at hand."""
    scheme = scheme_of(cycle)
    paper = paper_of(scheme, filing.paper)
    return Sheet(filing, cycle, paper, states_of(scheme, paper), subject)


async def read_filing(filing_id: int, actor: str) -> Sheet:
    """A filing, for those who write, review or decide it, for who may read all. Raises `Refusal`: `no_such_filing`, `not_entitled`."""
    sheet = await _sheet(_present(await Filing.get_or_none(id=filing_id), filing_id))
    found, scope = await find_actor(actor), await scope_of(sheet.cycle)
    readers = {*acts_on(sheet.paper.key), READ_REPORT, READ_ALL}
    if not found.is_command and not any(scope.may(found, act, sheet.subject) for act in readers):
        raise Refusal("not_entitled", "您没有看这份材料的权限，请联系组织部门。", 403)
    return sheet


async def list_filings(cycle_id: int, *, paper: str = "", state: str = "") -> list[Sheet]:
    """The filings of a cycle, by paper, then in the order of the cycle's subjects."""
    cycle = await get_cycle(cycle_id)
    wanted = {"cycle_id": cycle.id} | ({"paper": paper} if paper else {}) | ({"state": state} if state else {})
    rows = await Filing.filter(**wanted).select_related("subject").order_by("paper", "subject__position", "id")
    return [sheet_of(one, cycle, one.subject) for one in rows]


async def list_steps(filing_id: int) -> list[FilingStep]:
    """Every move of a filing, the first one first, with the paper as it was then."""
    return await FilingStep.filter(filing_id=filing_id).order_by("id")
