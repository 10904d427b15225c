"""Handing in and reopening ratings. What is handed in stands among the inputs of the cycle in the same transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from fractions import Fraction

from tortoise.transactions import in_transaction

from config.clock import SHANGHAI
from config.refusals import BadInput, Refusal
from models.claims import VETO
from models.cycles import Cycle, CycleSubject
from models.people import Person
from models.ratings import DRAFT, SUBMITTED, Rating, RatingValue, list_values
from models.runs import Publication
from scoring.numbers import show
from scoring.rounds import SELF, Round, rounds_of
from services.audit import record
from services.cycles.cycles import lock_cycle, scheme_of
from services.cycles.inputs import InputRow, put_in
from services.cycles.subjects import load_subjects
from services.day_words import find_day
from services.entitlements import Actor
from services.notices.notices import plan_notice
from services.ratings.raters import require_rater_of_all
from services.ratings.rating_rules import (
    NONE,
    Line,
    canonical_lines,
    faults_of_sheet,
    fingerprint_of,
    total_of,
    veto_slot,
    wide_deviations,
)
from services.ratings.reopenings import find_begun, find_hearer, require_reopener
from services.requests.claims import ClaimSpec, file_claim

DEVIATION = "deviation"


async def submit_rating(
    cycle_id: int,
    subject: str,
    round_key: str,
    lines: Sequence[Line],
    *,
    now: datetime,
    actor: str,
    reason: str = "",
    source: str = "chat",
) -> Rating:
    """Hand in a whole sheet, in the rater's own name. The same sheet again is the one that stands.

    Points become inputs of the cycle (an indicator each, or their exact total), declared vetoes unconfirmed claims. `reason`:
    needed where another value stood before; a self-rating has to be reopened first, whoever of the branch gave it. Raises `BadInput`
    with every fault, `Refusal`: `published`, `exempt`, `no_such_round`, `submitted`, and those of `require_rater`.
    """
    given = {subject: lines}
    (made,) = await _submit(cycle_id, round_key, given, now=now, actor=actor, reason=reason.strip(), source=source)
    return made


async def submit_many(
    cycle_id: int, round_key: str, scores: Sequence[tuple[str, str]], *, now: datetime, actor: str, reason: str = ""
) -> None:
    """One score for each of several subjects (key, points) of a round with one line: all of them or none."""
    given = {subject: [Line(f"scores.{round_key}", points)] for subject, points in scores}
    await _submit(cycle_id, round_key, given, now=now, actor=actor, reason=reason.strip(), source="chat")


@dataclass(frozen=True, slots=True)
class _HandIn:
    """One sheet on its way: what stood of this rater's before, and what is handed in now."""

    subject: CycleSubject
    round: Round
    lines: Sequence[Line]
    rating: Rating
    is_same: bool


async def _submit(
    cycle_id: int,
    round_key: str,
    given: Mapping[str, Sequence[Line]],
    *,
    now: datetime,
    actor: str,
    reason: str,
    source: str,
) -> list[Rating]:
    async with in_transaction():
        cycle = await lock_cycle(cycle_id)
        rated = [(*one, lines) for one, lines in zip(await _open(cycle, given, round_key), given.values(), strict=True)]
        rater = await require_rater_of_all(cycle, [(subject, round) for subject, round, _ in rated], actor)
        checked = [(subject, round, await _checked(cycle, subject, round, lines)) for subject, round, lines in rated]
        sheets = await _hand_ins(checked, rater, reason)
        rows = [row for one in sheets for row in _rows(one, reason or one.rating.reopen_reason)]
        await put_in(cycle, rows, actor=actor, now=now, source=source, why_not=None)
        for one in sheets:
            if not one.is_same:
                await _store(one, reason, now)
                await _declare(cycle, one, now, actor)
                detail = {"subject": one.subject.key, "round": round_key, "version": one.rating.version}
                await record(now, actor, "submit_rating", f"rating:{one.rating.id}", detail | {"reason": reason})
    return [one.rating for one in sheets]


async def _hand_ins(
    checked: Sequence[tuple[CycleSubject, Round, list[Line]]], rater: Actor, reason: str
) -> list[_HandIn]:
    """Each sheet with the rater's own that stands for its subject and round; raises `Refusal` where that must be reopened first."""
    ids, rounds = [subject.id for subject, _, _ in checked], [round.key for _, round, _ in checked]
    there = await Rating.filter(subject_id__in=ids, round__in=rounds, rater_id=rater.person_id)
    before = {(one.subject_id, one.round): one for one in there}
    found = []
    for subject, round, sheet in checked:
        mine = before.get((subject.id, round.key))
        is_same = mine is not None and mine.state == SUBMITTED and mine.fingerprint == fingerprint_of(sheet)
        if mine is not None and not is_same:
            _check_reopened(mine, round, reason)
        if round.key == SELF and not is_same:
            await _check_nobody_else(subject, rater)
        made = Rating(subject_id=subject.id, round=round.key, rater_id=rater.person_id, version=0, reopen_reason="")
        found.append(_HandIn(subject, round, sheet, await _carried_on(mine or made, subject), is_same))
    return found


async def _carried_on(rating: Rating, subject: CycleSubject) -> Rating:
    """Of a branch whoever hands in carries on why the sheet that stood last was reopened, whoever gave it."""
    begun = await find_begun(subject, rating.round) if rating.state != SUBMITTED or not rating.version else None
    if begun is not None:
        rating.reopen_reason = begun.reopen_reason
    return rating


async def _check_nobody_else(subject: CycleSubject, rater: Actor) -> None:
    """A branch rates itself once, whoever of its heads does it: the second one does not replace what the first has declared."""
    there = Rating.filter(subject_id=subject.id, round=SELF, state=SUBMITTED).exclude(rater_id=rater.person_id)
    other = await there.select_related("rater").first()
    if other is not None:
        day, name = f"{other.submitted_at.astimezone(SHANGHAI):%Y-%m-%d}", other.rater.name
        say = f"「{subject.name}」的自评 {day} 已由{name}提交；要改请由{name}或接任的同志回复 重开自评，或请组织部门退回。"
        raise Refusal("submitted", say)


async def reopen_rating(rating_id: int, *, reason: str, now: datetime, actor: str) -> Rating:
    """Take a sheet back to be filled in anew, by the rater or the office, with a reason; a branch's self-rating also by who leads it
    since its rater does no more. What it gave stands until it is handed in again.

    One that is open already stays as it is. Whoever hands it in again is told when it was not they. Raises `Refusal`: `no_such_rating`,
    `not_entitled`, `published`; `BadInput` without a reason.
    """
    async with in_transaction():
        found = await Rating.filter(id=rating_id).select_related("subject", "rater").first()
        if found is None:
            raise Refusal("no_such_rating", f"没有编号为 {rating_id} 的评分，请核对编号。", 404)
        cycle = await lock_cycle(found.subject.cycle_id)
        await _check_not_published(cycle)
        await found.refresh_from_db(fields=["state"])
        await require_reopener(cycle, found, actor)
        if not reason.strip():
            raise BadInput(["reason：请写明重开的理由"])
        if found.state == DRAFT:
            return found
        found.state, found.reopened_at, found.reopened_by, found.reopen_reason = DRAFT, now, actor, reason.strip()
        await found.save(update_fields=["state", "reopened_at", "reopened_by", "reopen_reason"])
        await record(now, actor, "reopen_rating", f"rating:{found.id}", {"reason": reason.strip()})
        await _tell_rater(cycle, found, now, actor)
    return found


async def _tell_rater(cycle: Cycle, found: Rating, now: datetime, actor: str) -> None:
    word = "自评" if found.round == SELF else "打分"
    hearer = await Person.get_or_none(id=await find_hearer(cycle, found) or 0)
    if hearer is not None and hearer.staff_no != actor:
        whose = "您给" if hearer.id == found.rater_id else ""
        text = f"「{cycle.title}」{whose}{found.subject.name}的{word}被退回：{found.reopen_reason}。请回复 {word} 修改后重新提交。"
        await plan_notice("rating", hearer.id, f"rating:{found.id}:{found.version}", text, now)


async def _open(cycle: Cycle, names: Collection[str], round_key: str) -> list[tuple[CycleSubject, Round]]:
    """Each subject with its round of that key, in the order of the names."""
    subjects, scheme = await load_subjects(cycle.id, names), scheme_of(cycle)
    await _check_not_published(cycle)
    found = []
    for name in names:
        subject = subjects.one(name)
        _check_assessed(subject)
        round = rounds_of(scheme, subject.kind).get(round_key)
        if round is None:
            raise Refusal("no_such_round", f"「{cycle.title}」对「{subject.name}」没有这一轮打分。", 404)
        found.append((subject, round))
    return found


async def require_open(cycle: Cycle, subject: CycleSubject) -> None:
    """Raise `Refusal` where the subject is rated no more: `published`, `exempt`."""
    await _check_not_published(cycle)
    _check_assessed(subject)


def _check_assessed(subject: CycleSubject) -> None:
    if subject.exempt is not None:
        raise Refusal("exempt", f"「{subject.name}」不列入本次考核：{subject.exempt}。")


async def _check_not_published(cycle: Cycle) -> None:
    if await Publication.filter(cycle_id=cycle.id).exists():
        raise Refusal("published", f"「{cycle.title}」的结果已经公布，不能再打分；有出入请联系组织部门。")


async def _checked(cycle: Cycle, subject: CycleSubject, round: Round, lines: Sequence[Line]) -> list[Line]:
    wrong = list(faults_of_sheet(round, lines))
    if wrong:
        raise BadInput(wrong)
    if round.key != SELF and round.is_sheet:
        wide = wide_deviations(await points_of(subject.id, SELF), lines, limit_of(cycle))
        labels = [item.label for item in round.items if item.slot in wide]
        if labels:
            raise BadInput([f"{label}：与自评相差较大，请写一句理由" for label in labels])
    return canonical_lines(round, lines)


def limit_of(cycle: Cycle) -> Fraction | None:
    """From which difference the office wants a reason; None where it has set nothing (S0-39d gives no number)."""
    value = cycle.settings.get(DEVIATION)
    return None if value is None else Fraction(str(value))


async def points_of(subject_id: int, round_key: str) -> dict[str, str]:
    """Slot → points of the newest sheet handed in for the subject in a round."""
    newest = (
        await Rating.filter(subject_id=subject_id, round=round_key, state=SUBMITTED)
        .order_by("-submitted_at", "-id")
        .first()
    )
    values = await list_values([newest.id]) if newest else []
    return {one.slot: one.points for one in values if one.points is not None}


def _check_reopened(before: Rating, round: Round, reason: str) -> None:
    if before.state == SUBMITTED and (round.key == SELF or not reason.strip()):
        day = f"{before.submitted_at.astimezone(SHANGHAI):%Y-%m-%d}"
        how = "要改请回复 重开自评，写明理由后修改" if round.key == SELF else "要改请写明理由"
        raise Refusal("submitted", f"这一份 {day} 已经提交；{how}。")


async def _store(one: _HandIn, reason: str, now: datetime) -> None:
    made = one.rating
    made.state, made.submitted_at, made.fingerprint = SUBMITTED, now, fingerprint_of(one.lines)
    made.version, made.reopen_reason = made.version + 1, reason or made.reopen_reason
    await made.save()
    await RatingValue.filter(rating_id=made.id).delete()
    values = [RatingValue(rating_id=made.id, **asdict(line) | {"records": list(line.records)}) for line in one.lines]
    await RatingValue.bulk_create(values, 1000)


def _rows(one: _HandIn, reason: str) -> list[InputRow]:
    """What the sheet puts into the cycle: the exact total where the round is one score, else the lines with points themselves."""
    key = one.subject.key
    if one.round.total:
        return [InputRow(key, one.round.total, show(total_of(one.lines)), reason)]
    return [
        InputRow(key, line.slot, line.points, line.reason or reason) for line in one.lines if line.points is not None
    ]


async def _declare(cycle: Cycle, one: _HandIn, now: datetime, actor: str) -> None:
    """Declared vetoes as claims that another person will confirm or reject (S0-21); the same one again is the first."""
    words = {line.slot: line.text for line in one.lines}
    for veto in one.round.vetoes:
        told = words[veto_slot(veto)]
        if told != NONE:
            day = find_day(told, now.astimezone(SHANGHAI).date(), ahead=False)
            spec = ClaimSpec(one.subject.key, VETO, f"自行申报：{told}", veto.id, on=day.day if day else None)
            await file_claim(cycle.id, spec, now=now, actor=actor)
