"""投票: what a voter is told, asked and answered. A secret flow: nothing typed here is ever stored in the clear (design §5)."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.conversation import (
    CONFIRMATION,
    Again,
    Answers,
    Ask,
    Caller,
    Choice,
    Context,
    Flow,
    Incoming,
    Invalid,
    Said,
    Start,
    Step,
)
from bot.messages import InMessage
from bot.routes import Match, Route
from bot.words import normal
from handlers.chat.accounts import BIND_FIRST
from handlers.chat.evaluations import EVALUATE
from handlers.chat.notices import OpenThing
from handlers.chat.poll_ballots import SMALL, STATEMENT, cast, load_ballot, why_not
from models.polls import Poll, list_receipts
from services.ballots.ballot_forms import option_words
from services.people.accounts import find_person
from services.polls.polls import find_ballots
from services.runtime import Runtime

_CHANGE = re.compile(r"(?:改|修改)(?:第)?\s*([0-9]{1,3})(?:题|项|个)?")
_CONFIRM = "confirm"
_TO_DO: Mapping[str, str] = {"may_vote": "回复 投票 开始", "absent": "请先扫会场签到码，再回复 投票"}
_NOTHING_TO_CONFIRM = Said("现在没有等您确认的内容。回复 帮助 看看能做什么。")
_RECENT = timedelta(days=1)


async def _load(rt: Runtime, caller: Caller) -> Context | Said:
    loaded = await load_ballot(caller)
    if isinstance(loaded, Said):
        return loaded
    ballot, sealing = loaded
    form = ballot.poll.form
    subjects = [{"name": one["name"], "note": one["note"]} for one in form["subjects"]]
    return {**sealing, "subjects": subjects, "items": form["items"], "options": option_words(form)}


def _steps(context: Context) -> tuple[Step, ...]:
    return (
        *(_question(context, number) for number in range(_questions(context))),
        Step(_CONFIRM, _ask_confirm, _read_confirm),
    )


def _questions(context: Context) -> int:
    return len(context["subjects"]) * len(context["items"])


def _key(number: int) -> str:
    return f"q{number}"


def _question(context: Context, number: int) -> Step:
    def ask(_: Context, answers: Answers) -> Ask:
        subject = context["subjects"][number // len(context["items"])]
        item = context["items"][number % len(context["items"])]
        # Only the first question carries the statement, and only until it is answered.
        is_first = number == 0 and not answers
        before = f"{STATEMENT}\n{SMALL if context['small'] else ''}\n「{context['title']}」\n" if is_first else ""
        head = f"第 {number + 1}/{_questions(context)} 题\n{subject['name']}（{subject['note']}）\n{item}："
        return Ask(head, tuple(Choice(word, word) for word in context["options"]), before)

    return Step(_key(number), ask)


def _ask_confirm(context: Context, answers: Answers) -> Ask:
    lines = [f"{place + 1}. {text}" for place, text in enumerate(_lines(context, answers))]
    return Ask(
        f"「{context['title']}」您的选票：\n"
        + "\n".join(lines)
        + "\n\n回复 确认 提交，提交后不能更改。要改某一题，回复 改 加题号，如：改1",
        CONFIRMATION,
    )


def _lines(context: Context, answers: Answers) -> list[str]:
    several = len(context["items"]) > 1
    return [
        f"{context['subjects'][number // len(context['items'])]['name']}"
        f"{'·' + context['items'][number % len(context['items'])] if several else ''}：{answers[_key(number)]}"
        for number in range(_questions(context))
    ]


def _read_confirm(incoming: Incoming, context: Context, answers: Answers) -> str:
    """「改3」 instead of 确认: `done` then asks that question again."""
    found = _CHANGE.fullmatch(normal(incoming.text))
    if found and 1 <= int(found[1]) <= _questions(context):
        return _key(int(found[1]) - 1)
    raise Invalid(f"没有提交。请回复 确认 提交，或回复 改 加题号（1—{_questions(context)}）更改，或回复 取消。")


async def _done(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Said | Again:
    if answers[_CONFIRM] in answers:
        return Again(answers[_CONFIRM], "请重新选择：")
    choices = [context["options"].index(answers[_key(number)]) for number in range(_questions(context))]
    return await cast(caller, context, choices)


VOTE = Flow(
    name="投票",
    version="1",
    ttl=timedelta(minutes=30),
    load=_load,
    steps=_steps,
    done=_done,
    secret=True,
    keep_draft=False,
    late_text="请回复 投票 继续。",
)


async def _load_polls(rt: Runtime, caller: Caller) -> Context | Said:
    person = await find_person(caller.openid)
    ballots = [one for one in await find_ballots(person.id) if one.state == "may_vote"] if person else []
    if not ballots:
        return Said(why_not([]))
    return {"polls": [_listed(one.poll) for one in ballots]}


def _listed(poll: Poll) -> dict[str, Any]:
    return {"id": str(poll.id), "title": poll.title, "is_evaluation": poll.evaluation_id is not None}


def _ask_which(context: Context, _: Answers) -> Ask:
    choices = tuple(Choice(one["id"], one["title"]) for one in context["polls"])
    return Ask(f"有 {len(choices)} 项测评等您投票，先投哪一项？", choices)


async def _start_chosen(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Start:
    chosen = next(one for one in context["polls"] if one["id"] == answers["poll"])
    return Start(EVALUATE if chosen.get("is_evaluation") else VOTE, {"poll": chosen["id"]})


CHOOSE_POLL = Flow(
    name="选择测评",
    word="投票",
    version="1",
    ttl=timedelta(minutes=30),
    load=_load_polls,
    steps=(Step("poll", _ask_which),),
    done=_start_chosen,
    keep_draft=False,
)


async def vote(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said | Start:
    """投票: into the one ballot that waits, or to the list of several, or why there is none."""
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    ballots = await find_ballots(person.id)
    waiting = [one for one in ballots if one.state == "may_vote"]
    if not waiting:
        return Said("\n".join([*await _receipts(person.id, caller.at), why_not(ballots)]))
    if len(waiting) > 1:
        return Start(CHOOSE_POLL)
    poll = waiting[0].poll
    return Start(VOTE if poll.evaluation_id is None else EVALUATE, {"poll": str(poll.id)})


async def confirm_again(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said:
    """确认 outside any flow: most often sent once more after casting. Says of each ballot, by name, whether it is counted."""
    person = await find_person(caller.openid)
    if person is None:
        return _NOTHING_TO_CONFIRM
    ballots = await find_ballots(person.id)
    lines = [f"「{one.poll.title}」：您的票已计入，不用再确认。" for one in ballots if one.state == "has_voted"]
    waiting = [f"「{one.poll.title}」您还没有投票：{_TO_DO[one.state]}。" for one in ballots if one.state in _TO_DO]
    lines += [*await _receipts(person.id, caller.at), *waiting]
    return Said("\n".join(lines)) if lines else _NOTHING_TO_CONFIRM


async def _receipts(person_id: int, now: datetime) -> list[str]:
    """Of polls closed within a day: whether the person's ballot is in the count. Never how it was filled."""
    told = {True: "已结束，您的票已计入。", False: "已结束，没有您的票。"}
    return [f"「{one.poll.title}」{told[one.has_voted]}" for one in await list_receipts(person_id, now - _RECENT)]


async def poll_tasks(rt: Runtime, person_id: int, now: object) -> list[OpenThing]:
    """What stands under 任务 for a voter."""
    ballots = await find_ballots(person_id)
    return [
        OpenThing(f"「{one.poll.title}」正在投票：{_TO_DO[one.state]}", "投票" if one.state == "may_vote" else "")
        for one in ballots
        if one.state in _TO_DO
    ]


ROUTES = (
    Route(to=vote, words=("投票",), help="会议投票和民主测评"),
    Route(to=confirm_again, words=("确认",)),
)
FLOWS = (VOTE, CHOOSE_POLL, EVALUATE)
