"""Who answers a message: global words, then the flow in hand, then the routes, then help."""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import replace
from typing import Any

from bot.conversation import Caller, Choice, Flow, Incoming, Media, Said, Start, flow_tag
from bot.inbox import Place
from bot.messages import InMessage
from bot.patience import IsPassing, patiently
from bot.routes import Match, Route, find_route
from bot.runner import Answer, Runner, Visit, said
from bot.sessions import Desk, Drafts, Sessions
from bot.words import CONTINUE, HELP, global_word, is_labelled, normal, number_of, same_word
from config.refusals import Refusal

_log = logging.getLogger(__name__)

WaysOut = Callable[[Any, Caller], Awaitable[Collection[str]]]
MEDIA_KINDS = {"image", "voice", "video", "location", "link"}


async def _only_help(rt: Any, caller: Caller) -> Collection[str]:
    return ()


class Dispatcher:
    """Holds the routes. `rt` is passed through to flows and handlers and never looked at.

    `flows`: those that are started only by handlers or by other flows, so that they are known after a restart, too.
    `is_passing(error)`: the database was away for a moment, so the message is tried again. `ways_out(rt, caller)`: the words that,
    beside 帮助, are offered to this person where nothing else answers them.
    """

    def __init__(
        self,
        routes: Iterable[Route],
        sessions: Sessions,
        drafts: Drafts,
        rt: Any,
        flows: Iterable[Flow] = (),
        is_passing: IsPassing = lambda _: False,
        ways_out: WaysOut = _only_help,
    ) -> None:
        self._routes = tuple(routes)
        self._ways_out = ways_out
        self._rt = rt
        self._is_passing = is_passing
        reachable = [*flows, *(route.to for route in self._routes if isinstance(route.to, Flow))]
        by_name = {flow.name: flow for flow in reachable}
        if any(by_name[flow.name] is not flow for flow in reachable):
            raise ValueError("two flows have one name")
        self._runner = Runner(by_name, sessions, drafts)

    async def respond(self, message: InMessage, caller: Caller, place: Place, desk: Desk) -> Answer:
        """What to say, and the desk to keep. Never raises: a bug is logged once, and the person gets its reference."""
        visit = Visit(self._rt, caller, place, desk, message.created_at)
        try:
            # Whatever a message writes bears a repeat: the platform repeats it, too.
            return await patiently(lambda: self._respond(visit, message), self._is_passing)
        except Refusal as refusal:
            return self._runner.leave_waiting(said(desk, Said(refusal.say)))
        except Exception as error:
            return replace(said(desk, Said(_report(error, place))), desk=desk)

    async def _respond(self, visit: Visit, message: InMessage) -> Answer:
        word = _word(message, visit.desk)
        route = find_route(self._routes, message, word)
        if route is None and (labelled := _labelled(message, visit.desk)):
            word, route = labelled, find_route(self._routes, message, labelled)
        if message.kind == "event" and not word:
            return await self._by_route(visit, message, route) if route else Answer(visit.desk)
        if message.menu_id.startswith("f."):
            return await self._by_link(visit, message)
        return await self._by_word(visit, message, word, route)

    async def _by_word(self, visit: Visit, message: InMessage, word: str, route: tuple[Route, Match] | None) -> Answer:
        meant = global_word(word)
        if meant == CONTINUE and visit.desk.rest:
            return _the_rest(visit.desk)
        entry = visit.desk.top
        tapped, media = _tap_id(message, word), _media(message)
        sent_at, behind = message.created_at, visit.desk.behind
        incoming = Incoming(word or message.text, tapped, media, route is not None, sent_at, behind)
        if entry is not None:
            answer = await self._runner.go_on(visit, entry, incoming)
            if answer is not None:
                return answer
        if visit.desk.lost and (route is None or meant):
            return self._runner.tell_lost(visit.desk)
        if route is not None:
            answer = await self._by_route(visit, message, route)
            if media is None or answer.text is not None:
                return answer
            # The route has no use for this photo: then it is the flow's to say what it would like instead.
            answer = await self._runner.go_on(visit, entry, replace(incoming, known=False)) if entry else None
            if answer is not None:
                return answer
        return await self._without_route(visit, message, meant)

    async def _by_link(self, visit: Visit, message: InMessage) -> Answer:
        """A choice of some flow was tapped: of the one in hand, of one that waits, or of one that is gone."""
        instance = message.menu_id.split(".")[2] if message.menu_id.count(".") >= 3 else ""
        found = next((entry for entry in visit.desk.stack if entry.instance == instance), visit.desk.top)
        if found is not None:
            answer = await self._runner.go_on(
                visit, found, Incoming(message.text, message.menu_id, sent_at=message.created_at)
            )
            if answer is not None:
                return answer
        if visit.desk.lost:
            return self._runner.tell_lost(visit.desk)
        tag = message.menu_id.split(".")[1]
        flows = [flow for flow in self._runner.flows.values() if flow_tag(flow.name) == tag]
        if not flows:
            return await self._show_ways_out(visit, "这道题已经结束。")
        flow = flows[0]
        again = Choice(flow.start_word, f"再办「{flow.name}」")
        say = f"这道题已经结束：「{flow.name}」已经办完，或停得太久、进度已经清除。"
        return await self._show_ways_out(visit, say, again)

    async def _by_route(self, visit: Visit, message: InMessage, found: tuple[Route, Match]) -> Answer:
        route, match = found
        if isinstance(route.to, Flow):
            return await self._runner.start(visit, Start(route.to, match.args))
        result = await route.to(visit.rt, visit.caller, message, match)
        if result is None:
            return Answer(visit.desk)
        if isinstance(result, Start):
            return await self._runner.start(visit, result)
        return self._runner.leave_waiting(said(visit.desk, result))

    async def _without_route(self, visit: Visit, message: InMessage, meant: str) -> Answer:
        if meant == CONTINUE:
            resumed = await self._runner.resume_draft(visit)
            if resumed is not None:
                return resumed
        if meant == HELP:
            return await self._help(visit, message)
        if meant:
            return await self._show_ways_out(visit, "现在没有正在办理的事项。")
        # It may be the word of a choice that stood under a question long answered.
        return await self._show_ways_out(visit, "没有看懂您的意思。如果是回答前面的题，那道题已经结束了。")

    async def _help(self, visit: Visit, message: InMessage) -> Answer:
        """The 帮助 route's answer where there is one, else the list of words."""
        found = find_route([route for route in self._routes if HELP in route.words], message, HELP)
        return await self._by_route(visit, message, found) if found else said(visit.desk, self._word_list())

    async def _show_ways_out(self, visit: Visit, say: str, *more: Choice) -> Answer:
        """One sentence, and the few words that lead this person on from anywhere: never the whole list."""
        words = {HELP, *await self._ways_out(visit.rt, visit.caller)}
        routes = [route for route in self._routes if words & set(route.words)]
        ways = (Choice(route.words[0], "：".join(filter(None, (route.words[0], route.help)))) for route in routes)
        return self._runner.leave_waiting(said(visit.desk, Said(f"{say}可以点：", (*more, *ways))))

    def _word_list(self) -> Said:
        listed = [route for route in self._routes if route.words and route.help]
        choices = tuple(Choice(route.words[0], f"{route.words[0]}：{route.help}") for route in listed)
        return Said("您可以点选，或回复其中的词：", choices)


def _word(message: InMessage, desk: Desk) -> str:
    """What was said in words: typed, tapped (the link names the word), pressed in the menu, or chosen by number."""
    if message.event == "click":
        return message.event_key
    if message.menu_id.startswith("w."):
        return message.menu_id[2:]
    number = number_of(message.text) if desk.offered and _is_free(desk) else 0
    return desk.offered[number - 1] if 0 < number <= len(desk.offered) else message.text


def _labelled(message: InMessage, desk: Desk) -> str:
    """The word offered last whose label was typed, or whose number with label or word; else an empty string."""
    offered = zip(desk.offered, desk.labels, strict=False) if _is_free(desk) and message.text else ()
    text = message.text
    return next(
        (
            word
            for number, (word, label) in enumerate(offered, 1)
            if same_word(text, label) or any(is_labelled(text, number, one) for one in (label, word))
        ),
        "",
    )


def _is_free(desk: Desk) -> bool:
    return desk.top is None or desk.top.paused


def _tap_id(message: InMessage, word: str) -> str:
    """Not empty where nothing was typed, so that no free-text question takes it for its answer."""
    typed = message.kind == "text" and not message.menu_id and normal(word) == normal(message.text)
    return "" if typed or message.kind in MEDIA_KINDS else "w"


def _media(message: InMessage) -> Media | None:
    return Media(message.kind, message.media_id, message.detail) if message.kind in MEDIA_KINDS else None


def _the_rest(desk: Desk) -> Answer:
    """The next part of a long answer; its choices are in it as links."""
    return Answer(desk, desk.rest, realm=desk.rest_realm, is_rendered=True)


def _report(error: Exception, place: Place) -> str:
    """Log a bug once, without the exception's text, which may quote a message, a statement or its values."""
    reference = secrets.token_hex(4)
    frames = [f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)]
    extra = {"action": "message_failed", "ref": reference, "person": place.person, "error": type(error).__name__}
    _log.error("a message failed", extra={**extra, "sqlstate": _sqlstate(error), "where": frames[-6:]})
    return f"系统出错，编号 {reference}，请稍后再试或回复 投诉建议。"


def _sqlstate(error: BaseException | None) -> str | None:
    while error is not None:
        state = getattr(error, "sqlstate", None)
        if isinstance(state, str):
            return state
        error = error.__cause__ or error.__context__
    return None
