"""绑定: who somebody is; and what happens when they follow and unfollow."""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

from bot.conversation import (
    Again,
    Answers,
    Ask,
    Caller,
    Choice,
    Context,
    Elsewhere,
    Flow,
    Incoming,
    Invalid,
    Said,
    Start,
    Step,
)
from bot.forgetting import forget_person
from bot.messages import InMessage
from bot.names import Names
from bot.replies import plain
from bot.routes import Match, Route
from config.refusals import Refusal
from models.people import Person
from services.people.accounts import bind_account, find_lock, find_person, is_bound, unlink_account
from services.people.codes import ends_in_code, read_code, split_code
from services.runtime import Runtime

After = Callable[[Runtime, int, str, datetime], Awaitable[Said]]
"""`async (rt, person_id, scene, now)`: what a scanned code leads to once its person is known; what is said to them then."""

# Agreed to by binding. Whoever changes it gives services.people.accounts.CONSENT a new value (a test holds them together).
PRIVACY = (
    "【隐私说明】绑定只保存您的微信标识与名册中您本人的对应关系、绑定时间，用来确认您的身份、参会和投票资格，并给您发通知；"
    "保存到您取消关注为止；考核和操作记录（不含微信标识）按规定留存。回复姓名即表示同意，不同意请回复 取消。"
)
_BOTH = "张三 ACDE-FGHJ"
_WHERE = "绑定码由组织部门或所在支部发到您手上，8 位，形如 ACDE-FGHJ，只能用一次；没有领到的，请向他们要。"
BIND_FIRST = Said(
    "您还没有绑定身份。绑定只需姓名和绑定码，绑定后就能签到、投票、看任务：",
    (Choice("绑定", "绑定"), Choice("帮助", "帮助")),
)
"""What answers a stranger who wants something that needs a name."""


def binding_changed(word: str, undone: str = "没有记下") -> Said:
    """What answers somebody who is another person now than when the flow of that word began."""
    return Said(f"您的微信绑定在这期间变了，{undone}。请重新回复 {word}。", (Choice(word, word),))


_NEXT = (Choice("任务", "任务"), Choice("帮助", "帮助"))


def binding_flow(after: After) -> Flow:
    """The flow 绑定. Begun with args `scene` (a scanned code), it goes on to `after` in the answer that says 绑定成功.

    Who scanned several codes first is checked in to all of them.
    """

    async def done(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Said | Again | Start:
        try:
            person = await bind_account(
                rt.settings, caller.openid, answers["name"], answers["code"], caller.at, partial(_forget, rt)
            )
        except Refusal as refusal:
            return Again("code", refusal.say) if refusal.code == "wrong_code" else Said(refusal.say)
        scanned = dict.fromkeys(args["scene"] for args in (*caller.also, caller.args) if "scene" in args)
        then = [await _go_on(after, rt, person, scene, caller.at) for scene in scanned]
        lines = [f"绑定成功。{_who(person)}，您好。", *(one.text for one in then)]
        # What a code leads to comes first; two codes may lead to the same.
        ways = dict.fromkeys(choice for one in then for choice in one.choices)
        return Said("\n".join(lines), (*ways, *_NEXT))

    return Flow(
        name="绑定",
        version="2",
        ttl=timedelta(days=1),
        load=_load,
        steps=(Step("name", _ask_name, _read_name), Step("code", _ask_code, _read_code)),
        done=done,
        keep_draft=False,
        sole=True,
    )


def routes(bind: Flow) -> tuple[Route, ...]:
    """The routes of accounts; `bind` is made by `binding_flow`."""
    return (
        Route(
            to=bind,
            words=("绑定",),
            pattern=re.compile(r"(?P<at_once>绑定)[\s,:;、+].+"),
            help="用姓名和绑定码确认您的身份",
        ),
        Route(to=welcome, event="subscribe"),
        Route(to=leave, event="unsubscribe"),
    )


async def ways_out(rt: Runtime, caller: Caller) -> tuple[str, ...]:
    """What to offer to whoever was not understood: whom we know their work, a stranger the binding."""
    return ("任务",) if await is_bound(caller.openid) else ("绑定",)


async def welcome(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said:
    """A follow without a scanned code: what can be done here."""
    return Said(
        "您好，这里是「支评」，党支部考核评议的办事助手：签到、投票、看任务、提意见都在这里。第一次来，请先绑定身份（约一分钟）：",
        (Choice("绑定", "绑定"), Choice("帮助", "帮助"), Choice("投诉建议", "投诉建议")),
    )


async def leave(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> None:
    """An unfollow: the link to the person goes, with all that was under way; nothing can be said."""
    await unlink_account(rt.settings, caller.openid, caller.at)
    await _forget(rt, caller.openid)


async def _load(rt: Runtime, caller: Caller) -> Context | Said:
    person = await find_person(caller.openid)
    if person is not None:
        return Said(f"您已经绑定为{_who(person)}，不用再绑定。", _NEXT)
    lock = await find_lock(rt.settings, caller.openid, caller.at)
    return Said(lock.say) if lock is not None else {name: name in caller.args for name in ("scene", "at_once")}


def _ask_name(context: Context, answers: Answers) -> Ask:
    before = "第一次来，先绑定身份，绑定好就自动签到。" if context["scene"] else ""
    # Whoever sent all in one message has not seen what they agree to, and nothing of that message is kept.
    if context["at_once"]:
        before = f"请先看下面的说明；刚才发的没有保存，同意的话请再发一次，如 {_BOTH}，也可以分两次发。"
    return Ask(f"{before}请回复您的姓名。\n\n{PRIVACY}")


def _read_name(incoming: Incoming, context: Context, answers: Answers) -> str | Elsewhere:
    name = incoming.text.strip()
    if incoming.media is not None or not name:
        raise Invalid("请用文字回复您的姓名。")
    if both := split_code(name):
        return _name_and_code(*both)
    if name.startswith("绑定") or ends_in_code(name):
        raise Invalid(f"请回复您的姓名；和绑定码一起发也行，如 {_BOTH}。")
    if incoming.known:
        raise Invalid(f"绑定好就能办「{plain(name)[:20]}」。请先回复您的姓名；暂时不绑定，请回复 取消。")
    return _checked(name)


def _name_and_code(name: str, code: str) -> Elsewhere:
    return Elsewhere({"name": _checked(name), "code": code})


def _checked(name: str) -> str:
    if len(name) > 64:
        raise Invalid("姓名太长了，请只回复姓名，与名册上的一致。")
    return name


def _ask_code(context: Context, answers: Answers) -> Ask:
    return Ask(f"{plain(answers['name'])}，您好。请回复您的绑定码。\n{_WHERE}")


def _read_code(incoming: Incoming, context: Context, answers: Answers) -> str | Elsewhere:
    """Whatever has a letter or digit in it is a try; a question or a photo is none."""
    if incoming.media is None and (both := split_code(incoming.text)):
        return _name_and_code(*both)
    if incoming.media is not None or incoming.known or not read_code(incoming.text):
        raise Invalid("这不像绑定码，没有算作一次尝试。姓名写错了请回复 上一步，暂时不绑定请回复 取消。")
    return incoming.text.strip()[:64]


async def _forget(rt: Runtime, openid: str) -> None:
    await forget_person(rt.redis, Names(rt.settings.session_key).person(openid))


async def _go_on(after: After, rt: Runtime, person: Person, scene: str, now: datetime) -> Said:
    """The binding stands whatever comes of the scanned code."""
    try:
        return await after(rt, person.id, scene, now)
    except Refusal as refusal:
        return Said(refusal.say)


def _who(person: Person) -> str:
    return f"{person.name}（{person.organisation.name}）"
