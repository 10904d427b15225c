"""A small back end on the real Redis: flows and handlers whose effects the tests can count."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from redis.asyncio import Redis

from bot.callback import Callback
from bot.client import Outcome, Status
from bot.conversation import CONFIRMATION, Again, Ask, Caller, Choice, Flow, Said, Start, Step
from bot.dispatcher import Dispatcher
from bot.inbox import Inbox
from bot.messages import InMessage
from bot.names import Names
from bot.reception import Reception
from bot.routes import Match, Route
from bot.sessions import Drafts, Sessions
from config import clock
from config.refusals import Refusal
from tests.integration.bot.phone import APP, CRYPTOR

GRADES = (Choice("好", "好"), Choice("较好", "较好"), Choice("差", "差"))


class DatabaseFault(Exception):
    """Looks like a driver's error: a SQLSTATE, and a text that quotes values."""

    sqlstate = "23505"


@dataclass
class World:
    """What tests look at and turn."""

    ran: Counter[str] = field(default_factory=Counter)
    running: Counter[str] = field(default_factory=Counter)
    most_at_once: int = 0
    cast: list[dict[str, Any]] = field(default_factory=list)
    sent: list[tuple[str, str]] = field(default_factory=list)
    drafts: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    desk_keys: dict[str, bytes] = field(default_factory=lambda: {"p1": b"k" * 32, "p2": b"q" * 32})
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    callers: list[Caller] = field(default_factory=list)
    refuse: str = ""
    is_refused_for_good: bool = False
    again: str = ""
    shut: str = ""
    nothing: str = ""
    shift: timedelta = timedelta()
    is_slow: bool = False
    vote: Any = None
    before_answer: Any = None

    def now(self) -> datetime:
        return clock.now() + self.shift

    async def send_text(self, openid: str, text: str) -> Outcome:
        self.sent.append((openid, text))
        return Outcome(Status.SENT, 0)

    async def desk_key(self, realm: str) -> bytes | None:
        return self.desk_keys.get(realm)

    async def load_draft(self, person: str, flow: str) -> dict[str, Any] | None:
        return self.drafts.get((person, flow))

    async def save_draft(self, person: str, flow: str, draft: Any) -> None:
        self.drafts.pop((person, flow), None)
        self.drafts[person, flow] = dict(draft)

    async def list_drafts(self, person: str) -> list[dict[str, Any]]:
        return [draft for (whose, _), draft in reversed(self.drafts.items()) if whose == person]

    async def drop_draft(self, person: str, flow: str) -> None:
        self.drafts.pop((person, flow), None)


async def load_form(rt: World, caller: Caller) -> dict[str, Any] | Said:
    if rt.nothing and caller.args:
        return Said(rt.nothing)
    if rt.shut:
        raise Refusal("not_entitled", rt.shut, is_final=True)
    if caller.args.get("scene") == "m.closed":
        return Said("会议已结束。")
    if rt.before_answer:
        await rt.before_answer()
    return {"pair": (1, 2), **caller.args}


async def finish_form(rt: World, caller: Caller, context: Any, answers: Any) -> Said | Again | Start:
    rt.ran["form"] += 1
    rt.callers.append(caller)
    if rt.refuse:
        raise Refusal("no", rt.refuse, is_final=rt.is_refused_for_good)
    if rt.again:
        return Again(rt.again, "请再写一次：")
    if answers["text"] == "转投票":
        return Start(rt.vote, {"poll": "p1"})
    return Said(f"收到：{answers['text']}（{context['pair']}）")


FORM = Flow(
    name="登记",
    version="1",
    ttl=timedelta(days=3),
    load=load_form,
    steps=(
        Step("text", lambda c, a: Ask("请写内容：")),
        Step("grade", lambda c, a: Ask("选一个：", GRADES)),
        Step("confirm", lambda c, a: Ask(f"确认提交？{a['text']}", CONFIRMATION)),
    ),
    done=finish_form,
)


async def load_vote(rt: World, caller: Caller) -> dict[str, Any] | Said:
    if "nobody" in caller.openid:
        raise Refusal("stranger", "请先绑定。")
    return {"realm": caller.args["poll"], "people": ["甲书记", "乙书记", "丙书记"]}


def vote_steps(context: Any) -> tuple[Step, ...]:
    def confirm(c: Any, a: Any) -> Ask:
        return Ask(
            "您的选票：" + "，".join(f"{name}：{a[f'q{n}']}" for n, name in enumerate(c["people"])), CONFIRMATION
        )

    people = enumerate(context["people"])
    return (
        *(Step(f"q{n}", lambda c, a, n=n, name=name: Ask(f"{name}?", GRADES)) for n, name in people),
        Step("confirm", confirm),
    )


async def cast(rt: World, caller: Caller, context: Any, answers: Any) -> Said:
    rt.ran["cast"] += 1
    rt.cast.append(dict(answers))
    if rt.is_slow:
        await rt.gate.wait()
    return Said("您的票已计入。")


VOTE = Flow(
    name="投票",
    version="1",
    ttl=timedelta(minutes=30),
    load=load_vote,
    steps=vote_steps,
    done=cast,
    secret=True,
    keep_draft=False,
    late_text="请回复 投票 继续。",
)


async def start_vote(rt: World, caller: Caller, message: InMessage, match: Match) -> Start:
    return Start(rt.vote, {"poll": match.args.get("poll", "p1")})


async def slow(rt: World, caller: Caller, message: InMessage, match: Match) -> Said:
    rt.ran["slow"] += 1
    await rt.gate.wait()
    return Said("慢慢来的答复")


async def count(rt: World, caller: Caller, message: InMessage, match: Match) -> Said:
    """Tells how many ran at once for this person."""
    rt.running[caller.openid] += 1
    rt.most_at_once = max(rt.most_at_once, rt.running[caller.openid])
    for _ in range(20):
        await asyncio.get_running_loop().run_in_executor(None, int)  # let everything else run
    rt.running[caller.openid] -= 1
    rt.ran["count"] += 1
    return Said(f"第{rt.ran['count']}次")


async def crash(rt: World, caller: Caller, message: InMessage, match: Match) -> Said:
    raise ValueError(f"cannot handle {message.text} of {caller.openid}")


async def break_database(rt: World, caller: Caller, message: InMessage, match: Match) -> Said:
    try:
        raise DatabaseFault("duplicate key value （oPerson, 较好）")
    except DatabaseFault as fault:
        raise RuntimeError("wrapped 较好") from fault


async def refuse(rt: World, caller: Caller, message: InMessage, match: Match) -> Said:
    raise Refusal("no", "现在不行，请明天再来。")


async def long_story(rt: World, caller: Caller, message: InMessage, match: Match) -> Said:
    return Said("\n".join(f"第{n:04}行，一段不短的说明文字" for n in range(150)), (Choice("登记", "登记"),))


async def note(rt: World, caller: Caller, message: InMessage, match: Match) -> None:
    rt.ran[message.event or message.kind] += 1


async def photo(rt: World, caller: Caller, message: InMessage, match: Match) -> Said:
    rt.ran["photo"] += 1
    return Said("照片收到。")


async def ways_out(rt: World, caller: Caller) -> tuple[str, ...]:
    return () if caller.openid == "nobody" else ("登记",)


ROUTES = (
    Route(to=FORM, words=("登记", "报名"), help="登记一件事"),
    Route(to=start_vote, words=("投票",), help="投票"),
    Route(to=start_vote, pattern=re.compile(r"投票\s*(?P<poll>p[0-9])")),
    Route(to=FORM, scene="m."),
    Route(to=slow, words=("慢",)),
    Route(to=count, words=("数",)),
    Route(to=crash, words=("崩",)),
    Route(to=break_database, words=("库",)),
    Route(to=refuse, words=("拒",)),
    Route(to=long_story, words=("长",), help="长文"),
    Route(to=note, event="unsubscribe"),
    Route(to=photo, media="image"),
)


@asynccontextmanager
async def serve(
    redis: Redis, world: World, *, mode: str = "safe", budget_s: float = 4.5, vote: Flow = VOTE, port: int | None = None
) -> AsyncIterator[TestClient]:
    """The callback on a port of its own."""
    world.vote = vote
    sessions = Sessions(redis, world.desk_key)
    drafts = Drafts(world.load_draft, world.save_draft, world.drop_draft, world.list_drafts)
    dispatcher = Dispatcher(ROUTES, sessions, drafts, world, (vote,), ways_out=ways_out)
    names = Names((b"s" * 32,))
    reception = Reception(APP, names, Inbox(redis), sessions, dispatcher, world.send_text, world.now)
    callback = Callback(CRYPTOR, mode, reception, clock.now, budget_s)
    app = web.Application()
    app.add_routes(callback.routes())

    async def finish(_: web.Application) -> None:
        world.gate.set()
        await callback.finish()

    app.on_shutdown.append(finish)
    server = TestServer(app, port=port)
    await server.start_server(auto_decompress=False)  # as app.serve does
    async with TestClient(server) as client:
        yield client
