"""What voters of every poll are told and answered: the secrecy statement, why they cannot vote now, that their ballot is counted."""

from uuid import UUID

from bot.conversation import Caller, Choice, Context, Said
from config.refusals import Refusal
from handlers.chat.accounts import BIND_FIRST
from services.ballots.ballot_forms import Form
from services.people.accounts import find_person
from services.polls.polls import Ballot, cast_ballot, find_ballots

STATEMENT = (
    "【投票前请先看】这是聊天票（乙级）：\n"
    "· 提交时即加密封存，结束前不开封、不统计；\n"
    "· 结束时只留下各类别、各选项的票数，选票和密钥随即销毁，此后查不出哪张票是谁的；"
    "但某一类只有一两张票、或意见完全一致时，从票数能推知；\n"
    "· 它不是完全匿名：您的选择会经过微信平台和本系统；同时掌握封存密钥和数据库（或投票期间备份）的人，技术上能看到。"
)
SMALL = "· 请注意：本次有的类别投票人很少，从结果可能推知个别人的选择。\n"


async def load_ballot(caller: Caller) -> tuple[Ballot, Context] | Said:
    """The ballot of the poll that the flow was started for, and what casting it needs of the flow's context; or why its person
    cannot vote.
    """
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    ballots = await find_ballots(person.id)
    wanted = [one for one in ballots if str(one.poll.id) == caller.args["poll"]]
    if not wanted or wanted[0].state != "may_vote":
        return Said(why_not(wanted))
    return wanted[0], _sealing(wanted[0], is_last=_count_waiting(ballots) == 1)


def why_not(ballots: list[Ballot]) -> str:
    """One sentence for a person who cannot vote now, and what can be done instead."""
    states = {one.state for one in ballots}
    if "absent" in states:
        return "您还没有签到：请先用微信扫一扫会场的签到码，再回复 投票。"
    if "has_voted" in states:
        return "您已投过票，不用再投。结果在投票结束后公布。"
    return "现在没有需要您投票的测评。会议投票由主持人宣布开始，开始后请再回复 投票；也可回复 任务 看要办的事。"


def _count_waiting(ballots: list[Ballot]) -> int:
    return sum(one.state == "may_vote" for one in ballots)


def _sealing(ballot: Ballot, *, is_last: bool) -> Context:
    poll = ballot.poll
    return {
        "realm": str(poll.id),
        "title": poll.title,
        "person": ballot.person_id,
        "class_no": ballot.class_no,
        "public_key": bytes(poll.public_key or b"").hex(),
        "small": poll.is_small,
        "is_last": is_last,
    }


async def cast(caller: Caller, context: Context, choices: list[int], form: Form | None = None) -> Said:
    """Cast, and say so, or why not. Who has not checked in may come back: that `Refusal` is raised on."""
    try:
        await cast_ballot(
            UUID(context["realm"]),
            context["person"],
            context["class_no"],
            bytes.fromhex(context["public_key"]),
            choices,
            caller.key,
            openid=caller.openid,
            now=caller.at,
            form=form,
        )
    except Refusal as refusal:
        if refusal.code in ("absent", "invalid_ballot"):
            raise
        return Said(refusal.say)
    return await _counted(context)


async def _counted(context: Context) -> Said:
    """Most people have one ballot: nothing is looked up for them while the whole hall confirms."""
    text = "您的票已计入，现已封存。结果在投票结束后公布。"
    more = 0 if context.get("is_last") else _count_waiting(await find_ballots(context["person"]))
    return Said(f"{text}\n还有 {more} 项等您投票：", (Choice("投票", "投票"),)) if more else Said(text)
