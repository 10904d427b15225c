"""What the web process answers where nobody is: unknown addresses, wrong methods, bodies that are too large. One place for all doors."""

import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from aiohttp import web

from handlers.pages.rendering import HEADERS, render

_log = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class _Said(NamedTuple):
    """A code for programs, and what people read."""

    code: str
    title: str
    say: str


_WORDS = {
    404: _Said(
        "not_found",
        "请在公众号里办理",
        "这里没有网页，也可能是链接不完整。签到、投票、看任务都在公众号里办，请关注公众号后回复「帮助」。",
    ),
    405: _Said(
        "method_not_allowed",
        "请在公众号里办理",
        "这个地址不能这样打开。请回到公众号，从收到的链接进入。",
    ),
    413: _Said("too_large", "内容太大", "发来的内容太大，没有收下。请分几次发，或换一个小一些的文件。"),
}


@web.middleware
async def answer_strays(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A page for browsers, the contract's JSON (§3) under /api, one sentence for whatever else; the platform's callback as it is."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        said = _WORDS.get(error.status)
        if said is None or request.path == "/wechat":
            raise
        answer = _answer(request, error.status, said)
        if "Allow" in error.headers:
            answer.headers["Allow"] = error.headers["Allow"]
        return answer


def _answer(request: web.Request, status: int, said: _Said) -> web.Response:
    if request.path.startswith("/api/"):
        ref = secrets.token_hex(4)
        # Without the address: one that was mistyped may hold somebody's link.
        _log.info("nobody is there", extra={"action": said.code, "ref": ref})
        body = {"error": {"code": said.code, "say": said.say, "ref": ref}}
        return web.json_response(body, status=status, headers=HEADERS)
    if "text/html" in request.headers.get("Accept", ""):
        return render("page_message.html", status, name="brief", title=said.title, say=said.say)
    return web.Response(status=status, text=said.say, headers=HEADERS)
