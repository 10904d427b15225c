"""Draws for cross review and random samples: seed and ratio given by the office, kept with the names, repeated by whoever doubts it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from tortoise.transactions import in_transaction

from config.refusals import BadInput, Refusal
from models.assignments import Draw
from models.cycles import Cycle, CycleSubject
from models.people import Person, Post
from scoring.draws import draw_groups, draw_reviews, draw_sample
from scoring.numbers import show
from scoring.rounds import SELF, rounds_of
from services.audit import record
from services.cycles.cycles import get_cycle, lock_cycle, scheme_of
from services.entitlements import ASSIGN, HEADS, require
from services.ratings.assignments import Homes, Wanted, concerns, homes_of, put_assignments, require_no_ratings

MOST_SEED = 200
_HEADLESS = "headless"


@dataclass(frozen=True, slots=True)
class DrawRule:
    """What to draw in a round. `groups`: so many groups, each reviewed by another (S0-12); `ratio`: so large a sample of those to
    be rated, of each group where there are groups (S0-13). `raters`: staff numbers, where no group rates another.
    """

    round: str
    seed: str
    groups: int | None = None
    ratio: Fraction | None = None
    raters: tuple[str, ...] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A draw as it was made; `assignments`: new ones, or those that stand; `same` were there already, `dropped` taken away.
    `headless`: subjects of reviewing groups that nobody leads, so that nobody reviews for them."""

    draw: Draw
    assignments: int
    same: int = 0
    dropped: int = 0
    headless: tuple[str, ...] = field(default=())


async def draw_assignments(cycle_id: int, rule: DrawRule, *, now: datetime, actor: str, reason: str = "") -> Drawn:
    """Draw who rates whom, store it with seed and names, and assign. The same draw again is the one that stands.

    A second, different draw for the round, or one that takes away what was assigned by hand, is refused without a reason; any draw
    where somebody rated already. Raises `BadInput`, `Refusal`: `drawn`, `rated`, `not_entitled`.
    """
    async with in_transaction():
        cycle = await lock_cycle(cycle_id)
        await require(actor, cycle, ASSIGN)
        subjects = await _subjects(cycle, rule)
        names, heads = [one.key for one in subjects], await _heads(subjects)
        headless = tuple(one for one in subjects if rule.groups and one.key not in heads)
        plain = _plain(rule, headless)
        standing = await Draw.get_or_none(cycle_id=cycle.id, round=rule.round, replaced_at=None)
        if standing is not None and _is_same(standing, plain, names):
            return Drawn(standing, await standing.assignments.all().count())
        await require_no_ratings(cycle, rule.round)
        if standing is not None:
            await _replace(standing, reason, now)
        found = repeat(plain, names)
        made = await Draw.create(
            cycle=cycle,
            round=rule.round,
            rule=plain,
            names=names,
            found=found,
            reason=reason,
            drawn_by=actor,
            drawn_at=now,
        )
        wanted = await _wanted(rule, found, subjects, heads)
        done = await put_assignments(cycle, wanted, replace=True, draw_id=made.id)
        if done.dropped and not reason.strip():
            raise BadInput([f"reason：会撤下 {done.dropped} 条原来的分派，请写明理由"])
        await record(
            now,
            actor,
            "draw",
            f"draw:{made.id}",
            {"cycle": cycle.id, "round": rule.round, "rule": plain, "reason": reason},
        )
    return Drawn(made, done.new, done.same, done.dropped, tuple(one.name for one in headless))


def repeat(rule: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """What the seed gives for these names, in whatever order they come: Pure.

    `groups` with `reviews` between them, `sample`, and `reviewers`: each rated name → the one of the reviewing group that rates it.
    """
    seed, ratio = str(rule["seed"]), rule["ratio"]
    found: dict[str, Any] = {}
    if rule["groups"]:
        groups = draw_groups(names, int(rule["groups"]), seed)
        reviews = draw_reviews(len(groups), seed)
        found = {"groups": [list(one) for one in groups], "reviews": [reviews[n] for n in range(len(groups))]}
    if ratio is not None:
        pools = found.get("groups") or [list(names)]
        found["sample"] = sorted(one for pool in pools for one in draw_sample(pool, Fraction(ratio), seed))
    if "groups" in found:
        found["reviewers"] = dict(_reviewers(found, rule.get(_HEADLESS, ())))
    return found


def _reviewers(found: Mapping[str, Any], headless: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each rated name to one of the group that reviews its group: in drawn order, in turn, without those that nobody leads."""
    rated = set(found.get("sample", (one for group in found["groups"] for one in group)))
    for group, reviewed in zip(found["groups"], found["reviews"], strict=True):
        leading = [one for one in group if one not in headless]
        chosen = [one for one in found["groups"][reviewed] if one in rated]
        if leading:
            yield from ((one, leading[n % len(leading)]) for n, one in enumerate(chosen))


async def verify_draws(cycle_id: int) -> list[tuple[Draw, bool]]:
    """Every draw of the cycle, the standing ones first, each with whether seed and names give again what was stored."""
    await get_cycle(cycle_id)
    draws = await Draw.filter(cycle_id=cycle_id).order_by("replaced_at", "id")
    ordered = sorted(draws, key=lambda one: (one.replaced_at is not None, one.id))
    return [(one, repeat(one.rule, one.names) == one.found) for one in ordered]


def _plain(rule: DrawRule, headless: Sequence[CycleSubject]) -> dict[str, Any]:
    ratio = None if rule.ratio is None else show(rule.ratio)
    drawn = {"seed": rule.seed, "groups": rule.groups, "ratio": ratio, "raters": sorted(rule.raters), "kind": rule.kind}
    return drawn | {_HEADLESS: sorted(one.key for one in headless)}


def _is_same(standing: Draw, rule: Mapping[str, Any], names: Sequence[str]) -> bool:
    """Whether somebody asks for the draw that stands; who leads what may have changed since."""
    asked = {**rule, _HEADLESS: standing.rule.get(_HEADLESS)}
    return ({_HEADLESS: None} | standing.rule, sorted(standing.names)) == (asked, sorted(names))


async def _subjects(cycle: Cycle, rule: DrawRule) -> list[CycleSubject]:
    """The assessed subjects drawn from. Raises `BadInput` for a rule that cannot be drawn."""
    if not 0 < len(rule.seed.strip()) <= MOST_SEED:
        raise BadInput([f"seed：请写明种子（不超过 {MOST_SEED} 字），并在抽取之前公布或当场产生"])
    if rule.groups is None and rule.ratio is None:
        raise BadInput(["groups、ratio：请写明分几组，或按多大比例抽取；文件没有写的，由组织部定"])
    if (rule.groups is None) != bool(rule.raters):
        raise BadInput(["raters：不分组时请写明由谁打分（工号）；分组时由互评的组打分，不写"])
    scheme = scheme_of(cycle)
    kinds = [kind for kind in scheme.track_of if rule.round != SELF and rule.round in rounds_of(scheme, kind)]
    kinds = [kind for kind in kinds if rule.kind in ("", kind)]
    found = await CycleSubject.filter(cycle_id=cycle.id, exempt=None, kind__in=kinds).order_by("position")
    if not found:
        raise BadInput([f"round：没有哪个对象有「{rule.round}」这一轮"])
    if len({one.kind for one in found}) > 1:
        raise BadInput([f"kind：请写明抽哪一种对象：{'、'.join(sorted({one.kind for one in found}))}"])
    if rule.groups is not None and not 2 <= rule.groups <= len(found):
        raise BadInput([f"groups：{len(found)} 个对象分不成 {rule.groups} 组"])
    return found


async def _replace(standing: Draw, reason: str, now: datetime) -> None:
    if not reason.strip():
        seed = standing.rule["seed"]
        raise Refusal("drawn", f"这一轮已经抽过（种子「{seed}」），不能再抽；确需重抽，请写明理由（--reason）。")
    standing.replaced_at = now
    await standing.save(update_fields=["replaced_at"])


async def _wanted(
    rule: DrawRule, found: Mapping[str, Any], subjects: Sequence[CycleSubject], heads: Mapping[str, int]
) -> Wanted:
    by_key = {one.key: one for one in subjects}
    if "groups" in found:
        _check_led(found, by_key, heads)
        _check_own(found, by_key, heads, await homes_of(await Person.filter(id__in=set(heads.values()))))
        pairs = {(by_key[rated].id, heads[rater]) for rated, rater in found["reviewers"].items()}
    else:
        raters = await _people(rule.raters)
        rated, homes = [by_key[key] for key in found["sample"]], await homes_of(raters)
        pairs = {(one.id, rater.id) for one in rated for rater in raters if not concerns(one, rater.id, homes)}
    return {rule.round: frozenset(pairs)}


def _check_led(found: Mapping[str, Any], by_key: Mapping[str, CycleSubject], heads: Mapping[str, int]) -> None:
    for number, group in enumerate(found["groups"], 1):
        if not any(key in heads for key in group):
            names = "、".join(by_key[key].name for key in group)
            raise BadInput([f"第 {number} 组没有一位书记，没有人能打分：{names}"])


def _check_own(
    found: Mapping[str, Any], by_key: Mapping[str, CycleSubject], heads: Mapping[str, int], homes: Homes
) -> None:
    """One person may lead two of those drawn from, or belong to one that they do not lead: then no seed makes them rate it."""
    for rated, rater in found["reviewers"].items():
        if concerns(by_key[rated], heads[rater], homes):
            names = by_key[rated].name, by_key[rater].name
            raise BadInput(
                [f"「{names[0]}」抽到由「{names[1]}」评，而打分的书记也是「{names[0]}」的人；请另定种子，公布后再抽"]
            )


async def _people(staff_nos: Sequence[str]) -> list[Person]:
    found = await Person.filter(staff_no__in=list(staff_nos))
    unknown = sorted(set(staff_nos) - {one.staff_no for one in found})
    if unknown:
        raise BadInput([f"raters：名册中没有工号 {'、'.join(unknown)}"])
    return found


async def _heads(subjects: Sequence[CycleSubject]) -> dict[str, int]:
    """Subject key → who leads it: the secretary, else a deputy; the assessed person where it is one."""
    organisations = [one.organisation_id for one in subjects if one.person_id is None]
    posts = await Post.filter(organisation_id__in=organisations, title__in=HEADS).order_by("-id")
    by_organisation = {one.organisation_id: one for one in sorted(posts, key=lambda one: -HEADS.index(one.title))}
    found = {one.key: one.person_id for one in subjects if one.person_id is not None}
    return found | {
        one.key: by_organisation[one.organisation_id].person_id
        for one in subjects
        if one.person_id is None and one.organisation_id in by_organisation
    }
