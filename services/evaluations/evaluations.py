"""Evaluations outside meetings (民主测评): opened and closed by the clock, counted into their cycle, watched by the office.

The votes themselves go the way of all polls: services.polls.polls.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.transactions import in_transaction

from config.clock import SHANGHAI
from config.refusals import BadInput, Refusal
from models.cycles import Cycle, CycleSubject
from models.evaluations import Evaluation
from models.meetings import CLOSED, DRAFT, OPEN
from models.people import Post
from models.polls import Poll, count_turnout, wait_for_casts
from services.audit import CLOCK, COMMAND, record
from services.ballots import counting
from services.ballots.disclosure import rounded_turnout
from services.cycles.inputs import Entered
from services.entitlements import OFFICE, SET_UP, list_holders, require, scope_of
from services.evaluations.evaluation_imports import ACCEPT_SMALL, voted_on
from services.meetings.electorates import electorate_of_branch
from services.meetings.results import scored_rows
from services.notices.notices import plan_notice
from services.polls.gathering import gather_evaluation
from services.polls.openings import SAFE_CLASS, Terms, check_electorate, create_poll
from services.polls.polls import clean_up_or_put_off, one_of_many
from services.runtime import Runtime


async def open_evaluation(rt: Runtime, evaluation_id: int, *, now: datetime, actor: str) -> Poll:
    """Open a branch's vote: freeze roll, subjects and rules, make the keys. Open already: nothing happens.

    Raises `Refusal`: `closed`, `no_subject`, `double_voter`, `empty_class`, `small_class` unless the file accepts it (A35).
    """
    async with in_transaction():
        evaluation = await _lock(evaluation_id, actor)
        if evaluation.state == OPEN:
            return await Poll.get(evaluation=evaluation)
        if evaluation.state == CLOSED:
            raise Refusal("closed", f"「{evaluation.title}」已经结束，不能再次开始。")
        terms = await _terms(evaluation)
        accept = "" if evaluation.accepts_small else ACCEPT_SMALL
        check_electorate(terms.electorate, evaluation.min_class, file="测评文件", accept=accept)
        poll = await create_poll(rt, terms, now, evaluation=evaluation)
        evaluation.state, evaluation.trouble = OPEN, ""
        await evaluation.save(update_fields=["state", "trouble"])
        detail = {"entitled": len(terms.electorate.people), "small": terms.is_small}
        await record(now, actor, "open_poll", f"evaluation:{evaluation.id}", detail)
    return poll


async def _lock(evaluation_id: int, actor: str) -> Evaluation:
    """The evaluation, held until the caller's transaction ends, for whoever may set up its cycle, or the clock."""
    evaluation = await Evaluation.filter(id=evaluation_id).select_for_update().first()
    if evaluation is None:
        raise Refusal("no_such_evaluation", f"没有编号为 {evaluation_id} 的测评，请核对编号。", 404)
    await evaluation.fetch_related("cycle", "organisation")
    await require(COMMAND if actor == CLOCK else actor, evaluation.cycle, SET_UP)
    return evaluation


async def _terms(evaluation: Evaluation) -> Terms:
    subjects = await CycleSubject.filter(cycle_id=evaluation.cycle_id).order_by("position").select_related("person")
    own = voted_on(subjects, evaluation.about).get(evaluation.organisation_id, [])
    if not own:
        raise Refusal("no_subject", f"「{evaluation.title}」没有要测评的对象（不在考核范围，或不列入）。")
    return Terms(
        evaluation.title,
        {"subjects": [_subject(one) for one in own], **evaluation.form},
        await electorate_of_branch(evaluation.organisation.code, evaluation.classes),
        evaluation.min_class,
        evaluation.cycle.scheme_sha256,
        evaluation.closes_at,
    )


def _subject(one: CycleSubject) -> dict[str, Any]:
    """As a poll's form has it: `note` tells people of one name apart, `person` is who cannot vote on it."""
    who = {"note": one.person.staff_no, "person": one.person_id} if one.person else {"note": one.key.partition(":")[2]}
    return {"id": one.key, "name": one.name, **who}


async def close_evaluation(rt: Runtime, evaluation_id: int, *, now: datetime, actor: str) -> Evaluation:
    """Close a branch's vote: wait for casts under way, count, destroy ballots and keys, then take the counts into the cycle.

    Closed already: nothing happens. Raises `Refusal`: `not_open`; `too_few` before the end that voters were told, as long as so few
    have voted that the counts would be their ballots. Killed midway, all of it is as before, or the worker takes the counts
    later. Where the cycle does not take them the close stands, and the office is told why.
    """
    poll = await Poll.get_or_none(evaluation_id=evaluation_id)
    async with in_transaction():
        if poll is not None:
            await wait_for_casts(poll.id)
        evaluation = await _lock(evaluation_id, actor)
        if poll is None:
            raise Refusal("not_open", f"「{evaluation.title}」还没有开始投票。")
        if evaluation.state != OPEN:
            return evaluation
        await _check_turnout(poll, now)
        await counting.count_and_destroy(rt.settings.ballot_key, poll.id, now)
        evaluation.state, evaluation.trouble = CLOSED, ""
        await evaluation.save(update_fields=["state", "trouble"])
        await record(now, actor, "close_poll", f"evaluation:{evaluation.id}", {})
    await clean_up_or_put_off(rt, now)
    await _gather_or_tell(evaluation, now)
    return evaluation


async def _check_turnout(poll: Poll, now: datetime) -> None:
    """Nobody closes right after the one who has just voted, to read that ballot (T3). How few they are is not told."""
    if poll.closes_at is None or now >= poll.closes_at:
        return
    entitled, _, voted = await count_turnout(poll.id)
    least = _step(poll)
    if voted < min(least, entitled):
        say = f"还没有到截止时间，投票的不到 {least} 人，现在结束会看出个人的选择。到时间会自动结束。"
        raise Refusal("too_few", say)


def _step(poll: Poll) -> int:
    """What turnout is rounded to before the close; small classes that a file accepts do not make it finer."""
    return max(poll.min_class, SAFE_CLASS)


async def gather(evaluation_id: int, *, now: datetime, actor: str, reason: str = "") -> Entered:
    """Take the counts once more by hand, after the office has put right what was in the way. See `services.polls.gathering`."""
    await get_evaluation(evaluation_id)
    return await gather_evaluation(evaluation_id, now=now, actor=actor, reason=reason)


async def _gather_or_tell(evaluation: Evaluation, now: datetime) -> None:
    try:
        await gather_evaluation(evaluation.id, now=now, actor=COMMAND)
    except (Refusal, BadInput) as no:
        evaluation.trouble = no.say if isinstance(no, Refusal) else "；".join(no.faults[:5]) + "。"
        say = f"计票结果没有进入考核：{evaluation.trouble}办好后用 zhiping evaluation gather {evaluation.id} 再取。"
        await _in_trouble(evaluation, "evaluation_not_gathered", say, now)
    else:
        await evaluation.refresh_from_db()


async def _in_trouble(evaluation: Evaluation, kind: str, say: str, now: datetime) -> None:
    """Keep why it stands still, and tell the office: once a day and cycle, for a hundred branches may have the same trouble."""
    async with in_transaction():
        await evaluation.save(update_fields=["trouble"])
        cycle = await Cycle.get(id=evaluation.cycle_id)
        slot = f"cycle:{cycle.id}:{now.astimezone(SHANGHAI):%m%d}"
        text = f"「{evaluation.title}」{say}别的测评是否也有问题：zhiping evaluation list。"
        for person_id in await _office_of(cycle):
            await plan_notice(kind, person_id, slot, text, now)


async def _office_of(cycle: Cycle) -> list[int]:
    scope = await scope_of(cycle)
    people = await Post.filter(title__in=OFFICE).values_list("person_id", flat=True)
    actors = await list_holders(SET_UP, [int(str(one)) for one in people])
    return [one.person_id for one in actors if one.person_id is not None and scope.may(one, SET_UP)]


async def open_due(rt: Runtime, now: datetime) -> None:
    """Open what the clock opens: its time has come, its end has not. What cannot be opened, or was missed, is told to the office."""
    for evaluation in await Evaluation.filter(state=DRAFT, opens_at__lte=now, closes_at__gt=now):
        with one_of_many("open_due", f"evaluation:{evaluation.id}"):
            await _open_by_clock(rt, evaluation, now)
    for evaluation in await Evaluation.filter(state=DRAFT, closes_at__lte=now).exclude(trouble=_MISSED):
        with one_of_many("miss_due", f"evaluation:{evaluation.id}"):
            evaluation.trouble = _MISSED
            await _in_trouble(evaluation, "evaluation_missed", _MISSED, now)


_MISSED = "投票时间已过，还没有开始过。请更正 opens_at、closes_at 后重新导入。"


async def _open_by_clock(rt: Runtime, evaluation: Evaluation, now: datetime) -> None:
    try:
        await open_evaluation(rt, evaluation.id, now=now, actor=CLOCK)
    except Refusal as refusal:
        if evaluation.trouble != refusal.say:
            evaluation.trouble = refusal.say
            say = f"没有按时开始投票：{refusal.say}更正后会自动开始。"
            await _in_trouble(evaluation, "evaluation_not_opened", say, now)


async def close_due(rt: Runtime, now: datetime) -> None:
    """Close what the clock closes, and take the counts that a crash kept from their cycle."""
    for poll in await Poll.filter(state=OPEN, closes_at__lte=now, evaluation_id__not_isnull=True):
        assert poll.evaluation_id is not None, "by the filter"
        with one_of_many("close_due", f"evaluation:{poll.evaluation_id}"):
            await _close_by_clock(rt, poll.evaluation_id, now)
    for evaluation in await Evaluation.filter(state=CLOSED, gathered_at=None, trouble=""):
        with one_of_many("gather_due", f"evaluation:{evaluation.id}"):
            await _gather_or_tell(evaluation, now)


async def _close_by_clock(rt: Runtime, evaluation_id: int, now: datetime) -> None:
    try:
        await close_evaluation(rt, evaluation_id, now=now, actor=CLOCK)
    except Refusal as refusal:
        evaluation = await Evaluation.get(id=evaluation_id)
        if evaluation.trouble != refusal.say:
            evaluation.trouble = refusal.say
            await _in_trouble(evaluation, "evaluation_not_closed", f"没有按时结束投票：{refusal.say}", now)


async def get_evaluation(evaluation_id: int) -> Evaluation:
    """The evaluation with its organisation and cycle. Raises `Refusal`."""
    evaluation = await Evaluation.get_or_none(id=evaluation_id).select_related("organisation", "cycle")
    if evaluation is None:
        raise Refusal("no_such_evaluation", f"没有编号为 {evaluation_id} 的测评，请核对编号。", 404)
    return evaluation


@dataclass(frozen=True, slots=True)
class Progress:
    """How an evaluation stands: who may vote, and how many have, before the close in steps of `min_class`, at least 5; never who."""

    evaluation: Evaluation
    entitled: int
    voted: int


async def list_evaluations(cycle_id: int | None = None) -> list[Progress]:
    """All evaluations, or those of a cycle, the newest cycle first, then by organisation."""
    wanted = Evaluation.all() if cycle_id is None else Evaluation.filter(cycle_id=cycle_id)
    found = await wanted.select_related("organisation", "cycle").order_by("-cycle_id", "organisation__code", "about")
    return [await progress_of(one) for one in found]


async def progress_of(evaluation: Evaluation) -> Progress:
    """The progress of one. Before the opening: of those who would be on the roll as the roster stands now."""
    poll = await Poll.get_or_none(evaluation_id=evaluation.id)
    if poll is None:
        electorate = await electorate_of_branch(evaluation.organisation.code, evaluation.classes)
        return Progress(evaluation, len(electorate.people), 0)
    entitled, _, voted = await count_turnout(poll.id)
    return Progress(evaluation, entitled, voted if poll.state == CLOSED else rounded_turnout(voted, _step(poll)))


async def evaluation_result(evaluation_id: int) -> dict[str, Any]:
    """The JSON of `zhiping evaluation result`: turnout always; scores, exact and by class, from the close on."""
    progress = await progress_of(await get_evaluation(evaluation_id))
    evaluation = progress.evaluation
    poll = await Poll.get_or_none(evaluation_id=evaluation.id)
    subjects: list[dict[str, Any]] = []
    if poll is not None and poll.state == CLOSED:
        rows = zip(poll.form["subjects"], await scored_rows(poll, "score"), strict=True)
        subjects = [{"id": one["id"], "name": one["name"], **row} for one, row in rows]
    return {
        "id": evaluation.id,
        "title": evaluation.title,
        "organisation": evaluation.organisation.code,
        "about": evaluation.about,
        "state": evaluation.state,
        "turnout": {"entitled": progress.entitled, "voted": progress.voted},
        "subjects": subjects,
        "gathered": evaluation.gathered_at is not None,
        "trouble": evaluation.trouble,
    }
