"""The tables at the head of the chat manual, made from the table of routes and the menu."""

import re
from collections.abc import Iterable, Iterator

from bot.routes import Route
from bot.words import BACK, CANCEL, CONFIRM, CONTINUE, HELP
from handlers.chat import ROUTES
from handlers.chat.menu import menu

_WITHIN = {
    CANCEL: "退出正在办的事，不留内容",
    BACK: "回到前一题（也可说 上一题）",
    CONTINUE: "接着办没有办完的事；长回复的下文",
    CONFIRM: "提交最后核对过的内容",
    HELP: "说明现在在办什么、能做什么",
}


def word_tables() -> list[str]:
    """Markdown blocks: every word that is understood, the words within a flow, the menu."""
    return [
        "## 认得的词",
        _table(("回复", "也可以说", "做什么"), _rows()),
        "办事当中还认得：",
        _table(("回复", "做什么"), _WITHIN.items()),
        "菜单按钮发出的就是这些词：",
        _table(
            ("菜单", "里面"),
            ((one["name"], " ".join(sub["key"] for sub in one["sub_button"])) for one in menu()["button"]),
        ),
    ]


def _rows() -> Iterator[tuple[str, str, str]]:
    for route in ROUTES:
        if route.words and route.help:
            yield route.words[0], " ".join((*route.words[1:], *_patterns(route))), route.help
        elif route.pattern:
            yield " ".join(_patterns(route)), "", "主持人：只有一场能办时可不写编号；各需再回复一次 确认"


def _patterns(route: Route) -> list[str]:
    """The Chinese words of a pattern, with the number that may follow."""
    text = route.pattern.pattern if route.pattern else ""
    numbered = "[会议编号]" if "<id>" in text else "[周期编号]" if "<cycle>" in text else ""
    return [word + numbered for word in re.findall(r"[\u4e00-\u9fff]+", text)]


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
