"""The words of the chat as people find them: the menu at the bottom, and 帮助. `zhiping menu push` sends the menu to the platform."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.conversation import Caller, Choice, Said
from bot.messages import InMessage
from bot.routes import Handler, Match, Route
from models.people import Person
from services import entitlements as acts
from services.entitlements import find_actor, holds_post_for
from services.meetings.briefs import find_led_meetings
from services.meetings.meetings import find_hosted_meetings
from services.people.accounts import find_person
from services.runtime import Runtime

_MENU = {
    "要办的": ("任务", "投票", "签到", "主题党日", "自评"),
    "考核": ("打分", "述职", "审核", "点评", "整改"),
    "更多": ("结果", "公示", "异议", "投诉建议", "帮助"),
}
# Whom a word is of use to: holders of a post for one of these acts. A word that is not here is for everybody.
WORDS_OF_POSTS: Mapping[str, tuple[str, ...]] = {
    "主题党日": (acts.KEEP_RECORD,),
    "记录": (acts.KEEP_RECORD,),
    "点名": (acts.KEEP_RECORD,),
    "照片说明": (acts.KEEP_RECORD,),
    "审核": (acts.REVIEW_RECORD, acts.PRE_REVIEW, acts.READ_REPORT),
    "审核记录": (acts.REVIEW_RECORD,),
    "打分": ("scores.team", "scores.superior", "scores.committee"),
    "述职": (acts.WRITE_REPORT,),
    "点评": (acts.COMMENT,),
    "整改": (acts.WORK_OFF, acts.OPEN_ITEM, acts.VERIFY),
    "新增整改": (acts.OPEN_ITEM,),
    "履职": (acts.DO_DUTY,),
    "材料": (acts.WRITE_PAPER, "paper.self_report", "paper.cross_report"),
    "写新材料": (acts.WRITE_PAPER,),
    "约谈": (acts.FOLLOW_UP,),
    "重开自评": (acts.SELF_RATE,),
    "申报": (acts.CLAIM,),
    "认定": (acts.CONFIRM,),
    "审批免评": (acts.EXEMPT,),
    "答复异议": (acts.ANSWER,),
    "答复投诉": (acts.ANSWER,),
    "阶段": (acts.SET_UP,),
    "分派": (acts.ASSIGN,),
    "交接": (acts.SET_UP,),
}
_OF_HOSTS, _OF_LEADERS = ("主持", "大屏"), ("简报", "进展")
# What can be done without being bound; every other word would only answer that one has to bind first.
_OF_STRANGERS = ("绑定", "签到", "投诉建议")
# Links are long: more of them would not fit into one answer.
_TAPPABLE = 9


def menu() -> dict[str, Any]:
    """The menu as the platform's menu/create wants it."""
    return {
        "button": [
            {"name": name, "sub_button": [{"type": "click", "name": word, "key": word} for word in words]}
            for name, words in _MENU.items()
        ]
    }


def show_help(routes: Sequence[Route]) -> Handler:
    """The handler of 帮助: of these routes the words that are of use to the person, those of their posts first."""

    async def show(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said:
        person = await find_person(caller.openid)
        listed = {route.words[0]: route.help for route in routes if route.words and route.help}
        if person is None:
            return _page(_OF_STRANGERS, listed, "\n绑定以后，还能投票、看任务和结果。")
        words = await _fitting(listed, person, caller.at)
        others = "、".join(words[_TAPPABLE:])
        return _page(words[:_TAPPABLE], listed, f"\n还可以回复：{others}。" if others else "")

    return show


async def _fitting(words: Iterable[str], person: Person, now: datetime) -> list[str]:
    """The words for this person: what they have to do, then those of their posts, of these the menu's first, then all others'."""
    own = {*await _own_words(person, now), "自评"}
    special = {*WORDS_OF_POSTS, *_OF_HOSTS, *_OF_LEADERS}
    rest = [one for one in words if one != "绑定"]
    of_menu = [one for group in _MENU.values() for one in group]
    of_posts, of_all = (one for one in (*of_menu, *rest) if one in own), (one for one in rest if one not in special)
    return [one for one in dict.fromkeys(("任务", "投票", *of_posts, *of_all)) if one in rest]


async def _own_words(person: Person, now: datetime) -> set[str]:
    actor = await find_actor(person.staff_no)
    words = {word for word, wanted in WORDS_OF_POSTS.items() if any(holds_post_for(actor, act) for act in wanted)}
    hosts = _OF_HOSTS if await find_hosted_meetings(person.id, now) else ()
    leads = _OF_LEADERS if holds_post_for(actor, acts.READ_ALL) or await find_led_meetings(person.id, now) else ()
    return {*words, *hosts, *leads}


def _page(tappable: Sequence[str], listed: Mapping[str, str], also: str) -> Said:
    choices = tuple(Choice(word, f"{word}：{listed[word]}") for word in tappable)
    return Said(f"点下面的词，或者打字回复它，就能办。{also}", choices)
