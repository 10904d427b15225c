"""The one table that leads a message to a flow or a handler. `handlers.chat` writes it, `app.build` hands it in."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from bot.conversation import Caller, Flow, Said, Start
from bot.messages import InMessage
from bot.words import normal


@dataclass(frozen=True, slots=True)
class Match:
    """How a route was met. `value`: the word, scene, event or media kind; `args`: the scene, or a pattern's named groups."""

    value: str
    args: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Any, Caller, InMessage, Match], Awaitable[Said | Start | None]]
"""`async (rt, caller, message, match)`; None says nothing. May raise `config.refusals.Refusal`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One line of the table: any of the ways in leads `to` a flow (its `load` gets `match.args` as `caller.args`) or a handler.

    `words`: typed, tapped or a menu key; the first one is shown. `pattern`: for typed text, `fullmatch` on the normal form.
    `scene`: prefix of a scanned scene. `event`: lower-case name of an event. `media`: image voice video location link.
    `help`: what the first word is for; routes without it, or without words, are not listed under 帮助.
    """

    to: Flow | Handler
    words: tuple[str, ...] = ()
    pattern: re.Pattern[str] | None = None
    scene: str = ""
    event: str = ""
    media: str = ""
    help: str = ""


def find_route(routes: Iterable[Route], message: InMessage, word: str) -> tuple[Route, Match] | None:
    """The first route that takes the message; `word` is what was typed, tapped or pressed in the menu, else empty."""
    table = tuple(routes)
    wanted = normal(word)
    ways = (_by_scene(message), _by_event(message), _by_word(wanted), _by_pattern(wanted), _by_media(message))
    for way in ways:
        for route in table:
            match = way(route)
            if match is not None:
                return route, match
    return None


_Way = Callable[[Route], Match | None]


def _by_scene(message: InMessage) -> _Way:
    def way(route: Route) -> Match | None:
        met = route.scene and message.scene.startswith(route.scene)
        return Match(message.scene, {"scene": message.scene}) if met else None

    return way


def _by_event(message: InMessage) -> _Way:
    return lambda route: Match(route.event) if route.event and route.event == message.event.lower() else None


def _by_word(wanted: str) -> _Way:
    return lambda route: Match(wanted) if wanted and wanted in _normal_words(route.words) else None


@lru_cache(maxsize=1024)
def _normal_words(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(normal, words))


def _by_pattern(wanted: str) -> _Way:
    def way(route: Route) -> Match | None:
        found = route.pattern.fullmatch(wanted) if wanted and route.pattern else None
        return Match(wanted, {k: v for k, v in found.groupdict().items() if v is not None}) if found else None

    return way


def _by_media(message: InMessage) -> _Way:
    return lambda route: Match(message.kind) if route.media and route.media == message.kind else None
