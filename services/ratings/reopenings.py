"""Sheets that were given back: who may take one back, and who hands it in again where its rater holds the post no more."""

from collections.abc import Collection, Sequence

from config.refusals import Refusal
from models.cycles import Cycle, CycleSubject
from models.people import list_holders_of
from models.ratings import DRAFT, SUBMITTED, Rating
from scoring.rounds import SELF, Round, rounds_of
from services.cycles.cycles import scheme_of
from services.entitlements import (
    ASSIGN,
    OFFICE,
    SELF_RATE,
    Actor,
    find_actor,
    find_handed_over,
    list_holders,
    posts_for,
)
from services.ratings.raters import Raters, raters_of, raters_of_all
from services.successors import find_successors


async def require_reopener(cycle: Cycle, rating: Rating, staff_no: str) -> None:
    """Its rater as long as they rate there, then whoever rates the branch itself now, or the office. Raises `Refusal` `not_entitled`."""
    actor, raters = await find_actor(staff_no), await raters_of(cycle)
    if raters.scope.may(actor, ASSIGN):
        return
    is_rater = actor.person_id == rating.rater_id
    if (is_rater or not await _still_rates(raters, cycle, rating)) and _may(raters, cycle, rating, actor, is_rater):
        return
    handed_over = await find_handed_over(raters.scope, actor, SELF_RATE, rating.subject) if is_rater else None
    raise handed_over or Refusal("not_entitled", "只能由打分的本人、接任的同志或组织部门重开。", 403)


def _may(raters: Raters, cycle: Cycle, rating: Rating, actor: Actor, is_rater: bool) -> bool:
    """What another has given of their own judgement nobody takes back but they; the branch's self-rating belongs to the branch."""
    round = _round(cycle, rating)
    return round is not None and (is_rater or round.key == SELF) and raters.may(actor, round, rating.subject)


async def _still_rates(raters: Raters, cycle: Cycle, rating: Rating) -> bool:
    round = _round(cycle, rating)
    return round is not None and raters.may(await find_actor(rating.rater.staff_no), round, rating.subject)


def _round(cycle: Cycle, rating: Rating) -> Round | None:
    return rounds_of(scheme_of(cycle), rating.subject.kind).get(rating.round)


async def find_begun(subject: CycleSubject, round_key: str) -> Rating | None:
    """The self-rating of an organisation that was given back last, which whoever comes next goes on with, whoever gave it."""
    if round_key != SELF or subject.person_id is not None:
        return None
    return await Rating.filter(subject_id=subject.id, round=SELF, state=DRAFT).order_by("-reopened_at", "-id").first()


async def find_hearer(cycle: Cycle, rating: Rating) -> int | None:
    """Who is told that a sheet was given back: its rater, of a branch's self-rating who leads it now; else it is told under 任务."""
    if await _still_rates(await raters_of(cycle), cycle, rating):
        return rating.rater_id
    if rating.round != SELF or rating.subject.person_id is not None:
        return None
    successors = await find_successors(SELF_RATE, [rating.subject.organisation_id])
    return successors.who(rating.subject.organisation_id)


async def list_reopened(
    cycles: Collection[Cycle], person_ids: Sequence[int] | None
) -> list[tuple[Rating, tuple[int, ...]]]:
    """Sheets of others' judgement that wait to be handed in again, each with who does it: its rater, or where they rate no more,
    those of these people (None: of everybody) who do, the office left out. Another's newer sheet settles it then.
    """
    waiting = Rating.filter(subject__cycle_id__in=[one.id for one in cycles], state=DRAFT).exclude(round=SELF)
    rows = await waiting.select_related("subject", "rater").order_by("id")
    if not rows:
        return []
    by_id = {one.id: one for one in cycles}
    raters = await raters_of_all([by_id[one] for one in {row.subject.cycle_id for row in rows}])
    found: list[tuple[Rating, tuple[int, ...]]] = []
    for row in rows:
        own, cycle = raters[row.subject.cycle_id], by_id[row.subject.cycle_id]
        if person_ids is not None and row.rater_id in person_ids and await _still_rates(own, cycle, row):
            found.append((row, (row.rater_id,)))
        elif not await _still_rates(own, cycle, row) and not await _is_settled(row):
            found.append((row, await _others(own, cycle, row, person_ids)))
    return found


async def _is_settled(row: Rating) -> bool:
    newer = Rating.filter(subject_id=row.subject_id, round=row.round, state=SUBMITTED)
    return await newer.filter(submitted_at__gte=row.reopened_at or row.submitted_at).exists()


async def _others(raters: Raters, cycle: Cycle, row: Rating, person_ids: Sequence[int] | None) -> tuple[int, ...]:
    round = _round(cycle, row)
    if round is None:
        return ()
    if round.key in raters.assigned:
        named = sorted(person for subject, person in raters.assigned[round.key] if subject == row.subject_id)
        return tuple(one for one in named if person_ids is None or one in person_ids)
    titles = [title for title in posts_for(round.act()).split("、") if title not in OFFICE]
    ids = await list_holders_of(titles) if person_ids is None else person_ids
    actors = [one for one in await list_holders(round.act(), ids) if {title for title, _ in one.posts} & {*titles}]
    may = [one for one in actors if raters.may(one, round, row.subject)]
    return tuple(one.person_id for one in may if one.person_id is not None)
