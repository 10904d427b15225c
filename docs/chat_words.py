"""The tables at the head of the chat manual, made from the table of routes, the flows, the menu, and what the transcripts show."""

import re
from collections.abc import Iterable, Iterator, Mapping

from bot.conversation import Flow
from bot.routes import Route
from bot.words import BACK, CANCEL, CONFIRM, CONTINUE, HELP
from docs.transcripts import Transcript
from handlers.chat import FLOWS, ROUTES
from handlers.chat.menu import menu

ALL_FLOWS = {flow.name: flow for flow in (*FLOWS, *(route.to for route in ROUTES if isinstance(route.to, Flow)))}
_WITHIN = {
    CANCEL: "退出正在办的事，不留内容",
    BACK: "回到前一题（也可说 上一题）",
    CONTINUE: "接着办没有办完的事；长回复的下文",
    CONFIRM: "提交最后核对过的内容",
    HELP: "说明现在在办什么、能做什么",
}


def word_tables(talk: Transcript) -> list[str]:
    """Markdown blocks: every word that is understood, the words within a flow, the flows by name, the menu; each with its story."""
    return [
        "## 认得的词",
        _table(("回复", "也可以说", "做什么", "例子"), _rows(talk.words)),
        "办事当中还认得：",
        _table(("回复", "做什么"), _WITHIN.items()),
        "菜单按钮发出的就是这些词：",
        _table(
            ("菜单", "里面"),
            ((one["name"], " ".join(sub["key"] for sub in one["sub_button"])) for one in menu()["button"]),
        ),
        "取消、继续、帮助时，聊天里这样称呼正在办的事：",
        _table(
            ("正在办的事", "回复什么开始", "例子"),
            ((one.name, one.start_word, _link(talk.flows.get(one.name))) for one in ALL_FLOWS.values()),
        ),
    ]


def _rows(told: Mapping[str, str]) -> Iterator[tuple[str, str, str, str]]:
    for route in ROUTES:
        if route.help:
            words = [*route.words, *_completed(route)]
            told_as = next((told[word] for word in (*route.words, *_words_of(route)) if word in told), None)
            yield words[0], " ".join(words[1:]), route.help, _link(told_as)


def _completed(route: Route) -> list[str]:
    """With what follows them: a number, or words of the person's own."""
    follows = "[编号]" if route.pattern and "[0-9]" in route.pattern.pattern else "……"
    return [f"{word}{follows}" for word in _words_of(route)]


def _words_of(route: Route) -> list[str]:
    """The words that a pattern begins with."""
    begins = (
        re.match(r"\((?:\?:|\?P<\w+>)([^()]+)\)|[\u4e00-\u9fff]+", route.pattern.pattern) if route.pattern else None
    )
    return (begins[1] or begins[0]).split("|") if begins else []


def _link(title: str | None) -> str:
    """To a section of the same page, as Markdown's readers name it."""
    return f"[{title}](#{re.sub(r'[，：、（）]', '', title).replace(' ', '-')})" if title else ""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
