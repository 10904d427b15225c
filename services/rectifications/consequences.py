"""What a published result brings about by itself: rectification items, follow-ups, bars. Within the publishing transaction, once."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tortoise.models import Model

from models.cycles import Cycle, CycleSubject
from models.follow_ups import OPEN, STANDING, FollowUp, insert_follow_ups
from models.follow_ups import WITHDRAWN as DROPPED
from models.people import SECRETARY, Post
from models.rectifications import FEEDBACK, PLANNING, WITHDRAWN, RectificationItem, insert_items
from models.runs import RunSubject, ScoreRun
from scoring.consequences import CONSEQUENCE_WORDS, Consequence
from services.cycles.cycles import scheme_of
from services.entitlements import WORK_OFF
from services.notices.notices import plan_notice
from services.rectifications.titles import REVOKE, list_titles
from services.successors import find_successors

RECTIFY, NO_AWARDS = "rectify", "no_awards"
# They hold by themselves.
BARS = (NO_AWARDS, "no_annual_excellent")


@dataclass(slots=True)
class _Opening:
    """What a run brings about, before it is stored."""

    cycle: Cycle
    now: datetime
    actor: str
    items: list[RectificationItem] = field(default_factory=list)
    follow_ups: list[FollowUp] = field(default_factory=list)


async def open_consequences(cycle: Cycle, run: ScoreRun, *, now: datetime, actor: str) -> None:
    """Open what follows from the run, each (cycle, subject, consequence) once; withdraw what an earlier publication opened,
    nobody has begun and no longer follows. Within the caller's transaction, which holds the cycle. A repeat changes nothing.
    """
    subjects = {one.key: one for one in await CycleSubject.filter(cycle_id=cycle.id)}
    heads = await _secretaries(subjects.values())
    holders = {one.subject.key for one in await list_titles(cycle) if one.revoked is None}
    opening = _Opening(cycle, now, actor)
    for row in await RunSubject.filter(run_id=run.id).order_by("position"):
        result = json.loads(row.result)
        for name in result["consequences"]:
            if name != REVOKE or row.key in holders:
                _open(opening, subjects[row.key], name, result, heads)
    await insert_items(opening.items)
    await insert_follow_ups(opening.follow_ups)
    await _align(opening)
    await _tell(opening)


async def _secretaries(subjects: Iterable[CycleSubject]) -> dict[int, int]:
    """Organisation → its secretary now."""
    posts = await Post.filter(title=SECRETARY, organisation_id__in={one.organisation_id for one in subjects})
    return {post.organisation_id: post.person_id for post in posts}


def _open(
    opening: _Opening, subject: CycleSubject, name: Consequence, result: Mapping[str, Any], heads: Mapping[int, int]
) -> None:
    clause, fact = _basis(result, name)
    key = f"result:{opening.cycle.id}:{subject.id}:{name}"
    reason = f"「{opening.cycle.title}」{subject.name}：{_outcome(result)}"
    if name == RECTIFY:
        opening.items.append(
            RectificationItem(
                source_key=key,
                organisation_id=subject.organisation_id,
                person_id=subject.person_id,
                cycle_id=opening.cycle.id,
                source=FEEDBACK,
                problem=reason,
                consequence=name,
                clause=clause,
                fact=fact,
                opened_by=opening.actor,
                opened_at=opening.now,
            )
        )
        return
    about = _about(opening.cycle, subject, name, fact)
    for suffix, person in _concerned(subject, name, heads):
        opening.follow_ups.append(
            FollowUp(
                source_key=f"{key}{suffix}",
                kind=name,
                organisation_id=subject.organisation_id,
                person_id=person,
                cycle_id=opening.cycle.id,
                reason=f"{reason}{about}",
                clause=clause,
                fact=fact,
                state=STANDING if name in BARS else OPEN,
                opened_by=opening.actor,
                opened_at=opening.now,
            )
        )


def _concerned(subject: CycleSubject, name: Consequence, heads: Mapping[int, int]) -> Iterator[tuple[str, int | None]]:
    """Whom it hits: the subject; a bar from awards the branch's secretary as well (S0-29)."""
    yield "", subject.person_id
    head = heads.get(subject.organisation_id)
    if name == NO_AWARDS and subject.person_id is None and head is not None:
        yield ":secretary", head


def _outcome(result: Mapping[str, Any]) -> str:
    band = result["band"] or "未定档"
    return f"{band}（{result['score']} 分）" if result["score"] is not None else str(band)


def _basis(result: Mapping[str, Any], name: Consequence) -> tuple[str, str]:
    """Clause and fact of the rule that gave it, from the trace."""
    word = CONSEQUENCE_WORDS[name]
    steps = (step for step in result["trace"] if word in str(step["say"]).split("、"))
    step = next(steps, None)
    return (str(step["clause"])[:64], str(step["fact"])) if step is not None else ("", "")


def _about(cycle: Cycle, subject: CycleSubject, name: Consequence, fact: str) -> str:
    """Whom the rule means, where the scheme says it is another than the subject (S2-30)."""
    rules = scheme_of(cycle).track_of[subject.kind].consequences
    said = next((rule.about[name] for rule in rules if rule.fact == fact and name in rule.about), "")
    return f"；对象：{said}" if said else ""


async def _align(opening: _Opening) -> None:
    """After a corrected result: what is owed again comes back, what no longer follows and nobody has begun is withdrawn.

    What nobody has begun says what the result says now.
    """
    mine = f"result:{opening.cycle.id}:"
    keys = [one.source_key for one in opening.items]
    items = RectificationItem.filter(source_key__startswith=mine)
    await items.filter(source_key__in=keys, state=WITHDRAWN).update(state=PLANNING)
    await items.exclude(source_key__in=keys).filter(state=PLANNING).update(state=WITHDRAWN)
    follow_ups = FollowUp.filter(source_key__startswith=mine)
    for bar in (False, True):
        fitting = follow_ups.filter(kind__in=BARS) if bar else follow_ups.exclude(kind__in=BARS)
        kept = [one.source_key for one in opening.follow_ups if (one.kind in BARS) == bar]
        await fitting.filter(source_key__in=kept, state=DROPPED).update(state=STANDING if bar else OPEN)
        await fitting.exclude(source_key__in=kept).filter(state__in=(OPEN, STANDING)).update(state=DROPPED)
    items_now = {one.source_key: one for one in opening.items}
    for item in await items.filter(source_key__in=keys, state=PLANNING):
        await _say_anew(item, items_now[item.source_key], ("problem", "clause", "fact"))
    follow_ups_now = {one.source_key: one for one in opening.follow_ups}
    for found in await follow_ups.filter(source_key__in=list(follow_ups_now), state__in=(OPEN, STANDING)):
        await _say_anew(found, follow_ups_now[found.source_key], ("reason", "clause", "fact"))


async def _say_anew(stored: Model, wanted: Model, names: Sequence[str]) -> None:
    changed = [name for name in names if getattr(stored, name) != getattr(wanted, name)]
    for name in changed:
        setattr(stored, name, getattr(wanted, name))
    if changed:
        await stored.save(update_fields=changed)


async def _tell(opening: _Opening) -> None:
    """One notice to everybody who has something to plan: of an organisation's item whoever leads it."""
    successors = await find_successors(WORK_OFF, {one.organisation_id for one in opening.items})
    counts: dict[int, int] = {}
    for item in opening.items:
        planner = item.person_id or successors.who(item.organisation_id)
        if planner is not None:
            counts[planner] = counts.get(planner, 0) + 1
    for person, count in counts.items():
        say = f"「{opening.cycle.title}」公布后，有 {count} 项需要您定整改措施和期限。回复 整改 就能办。"
        await plan_notice("rectification", person, f"opened:{opening.cycle.id}", say, opening.now)
