"""Taking the counted ballots of a closed meeting or evaluation into a cycle, with the points and weights that were frozen with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.transactions import in_transaction

from config.refusals import BadInput, Refusal
from models.cycles import Cycle, CycleSubject
from models.evaluations import Evaluation
from models.meetings import CLOSED, Meeting, Reporter
from models.polls import BallotCount, Poll
from scoring.forms import ABSTAIN, BallotForm
from scoring.scheme import Scheme
from services.ballots.ballot_forms import option_words
from services.ballots.disclosure import hidden_classes
from services.cycles.cycles import apply_settings, lock_cycle, scheme_of
from services.cycles.inputs import Entered, InputRow, by_posts, put_in
from services.entitlements import SET_UP, require, scope_of
from services.meetings.meetings import get_meeting

# class → item → option → number of ballots, as in contract §4
Ballots = dict[str, dict[str, dict[str, int]]]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was taken from a meeting; `unknown`: reporters who are no subject of the cycle."""

    entered: Entered
    unknown: tuple[str, ...]


async def gather_meeting(
    cycle_id: int, meeting_id: int, component: str, *, now: datetime, actor: str, reason: str = ""
) -> Gathered:
    """Take the counts of a closed meeting as ballots of `component`. The same meeting again changes nothing.

    A reporter is the secretary or member of the cycle, else stands for their branch or unit. Raises `Refusal`: `not_closed`,
    `no_reporter`, `other_points` where the cycle has other points or weights; `BadInput` where the inputs do not fit.
    """
    meeting = await get_meeting(meeting_id)
    poll = await Poll.get_or_none(meeting=meeting)
    if meeting.state != CLOSED or poll is None:
        raise Refusal("not_closed", f"「{meeting.title}」的投票还没有结束，结束后才能取计票结果。")
    async with in_transaction():
        cycle = await lock_cycle(cycle_id)
        await require(actor, cycle, SET_UP)
        await _adopt_rules(cycle, poll, component, now=now, actor=actor, source=f"meeting:{meeting.id}")
        rows, unknown = await _rows(cycle, meeting, poll, component, reason)
        if not rows:
            raise Refusal("no_reporter", f"「{meeting.title}」的述职人都不在这个考核周期里，请核对周期和会议编号。")
        posts = by_posts(await scope_of(cycle))
        entered = await put_in(cycle, rows, actor=actor, now=now, source=f"meeting:{meeting.id}", why_not=posts)
    return Gathered(entered, unknown)


async def gather_evaluation(evaluation_id: int, *, now: datetime, actor: str, reason: str = "") -> Entered:
    """Take the counts of a closed evaluation, each under its own subject. A repeat changes nothing.

    Raises `Refusal`: `not_closed`, `other_points`; `BadInput` where the inputs do not fit, as where a score stands there already.
    """
    async with in_transaction():
        # The cycle first, as an import of evaluations locks them.
        cycle = await lock_cycle((await Evaluation.get(id=evaluation_id)).cycle_id)
        evaluation = await Evaluation.filter(id=evaluation_id).select_for_update().get()
        poll = await Poll.get_or_none(evaluation_id=evaluation_id)
        if evaluation.state != CLOSED or poll is None:
            raise Refusal("not_closed", f"「{evaluation.title}」的投票还没有结束，结束后才能取计票结果。")
        await require(actor, cycle, SET_UP)
        source = f"evaluation:{evaluation.id}"
        await _adopt_rules(cycle, poll, evaluation.component, now=now, actor=actor, source=source)
        counts = await read_ballots(evaluation.id)
        rows = [
            _row(poll, one["id"], evaluation.component, counts[one["id"]], reason, one["name"])
            for one in poll.form["subjects"]
        ]
        posts = by_posts(await scope_of(cycle))
        entered = await put_in(cycle, rows, actor=actor, now=now, source=source, why_not=posts)
        evaluation.gathered_at, evaluation.trouble = now, ""
        await evaluation.save(update_fields=["gathered_at", "trouble"])
    return entered


async def read_ballots(evaluation_id: int) -> dict[str, Ballots]:
    """The counts of a closed evaluation by the key of the subject, as they go into the cycle."""
    poll = await Poll.get(evaluation_id=evaluation_id)
    counts = await _counts(poll)
    return {one["id"]: counts[number] for number, one in enumerate(poll.form["subjects"])}


async def _adopt_rules(cycle: Cycle, poll: Poll, component: str, *, now: datetime, actor: str, source: str) -> None:
    """Points and class weights were frozen when the voting opened; a cycle that counts otherwise cannot take these ballots.

    Points of other options may stand beside them: the ballots on branches and on members may have other words.
    """
    scheme = scheme_of(cycle)
    wanted = _frozen_rules(poll, _form_of(scheme, component))
    for name, value in wanted.items():
        if name not in scheme.settings:
            raise BadInput([f"component：方案「{cycle.scheme}」不用票数计分，不能取计票结果"])
        standing = cycle.settings.get(name, {})
        common = {key: standing.get(key, one) for key, one in value.items()} if name == "points" else standing or value
        if common != value:
            say = f"这次投票的{_NAMES[name]}与本周期已设置的不同。投票时告诉大家的规则不能改；请核对设置 {name}。"
            raise Refusal("other_points", say)
        wanted[name] = {**standing, **value}
    await apply_settings(cycle, wanted, now=now, actor=actor, reason=source)


def _form_of(scheme: Scheme, component: str) -> BallotForm | None:
    """The form that the scheme itself has for the component's ballots."""
    parts = (part for track in scheme.tracks for part in getattr(track.total, "parts", ()))
    keys = (part.form for part in parts if part.key == component and part.form is not None)
    return next((scheme.forms[key] for key in keys), None)


def _frozen_rules(poll: Poll, form: BallotForm | None) -> dict[str, Any]:
    """The settings that the poll was opened with, but for what the scheme's own form says."""
    wanted: dict[str, Any] = {}
    if form is None or not form.options:
        wanted["points"] = dict(poll.form["options"])
    if len(poll.classes) > 1 and not (form and any(group.weight is not None for group in form.raters)):
        wanted["class_weights"] = {one["name"]: one["weight"] for one in poll.classes}
    return wanted


_NAMES = {"points": "选项分值", "class_weights": "各类票权重"}


async def _rows(
    cycle: Cycle, meeting: Meeting, poll: Poll, component: str, reason: str
) -> tuple[list[InputRow], tuple[str, ...]]:
    reporters = await Reporter.filter(meeting=meeting).order_by("position").select_related("person")
    subjects = await CycleSubject.filter(cycle_id=cycle.id)
    people = {one.person_id: one.key for one in subjects if one.person_id is not None}
    organisations = {one.organisation_id: one.key for one in subjects if one.person_id is None}
    counts = await _counts(poll)
    rows: list[InputRow] = []
    unknown: list[str] = []
    for number, reporter in enumerate(reporters):
        person = reporter.person
        key = people.get(person.id) or organisations.get(person.organisation_id)
        if key is None:
            unknown.append(f"{person.name}（{person.staff_no}）")
            continue
        rows.append(_row(poll, key, component, counts[number], reason, person.name))
    return rows, tuple(unknown)


def _row(poll: Poll, key: str, component: str, ballots: Ballots, reason: str, name: str) -> InputRow:
    return InputRow(key, f"ballots.{component}", ballots, reason, name, _hidden(poll, ballots))


async def _counts(poll: Poll) -> dict[int, Ballots]:
    """Ballots by the number of the subject on the poll's form; every class and item is there, options that somebody chose."""
    classes = [one["name"] for one in poll.classes]
    found: dict[int, Ballots] = {
        number: {name: {item: {} for item in poll.form["items"]} for name in classes}
        for number, _ in enumerate(poll.form["subjects"])
    }
    known = {*option_words(poll.form), ABSTAIN}
    for row in await BallotCount.filter(poll=poll):
        assert row.option in known, "counted by the same form"
        found[row.subject_no][classes[row.class_no]][poll.form["items"][row.item_no]][row.option] = row.count
    return found


def _hidden(poll: Poll, ballots: Mapping[str, Mapping[str, Mapping[str, int]]]) -> tuple[str, ...]:
    """The classes that the meeting's own result does not show either (`services.meetings.results`)."""
    item = poll.form["items"][0]
    cast = {name: sum(items[item].values()) for name, items in ballots.items()}
    hidden = hidden_classes(cast, poll.min_class)
    return tuple(sorted(cast if hidden is None else hidden))
