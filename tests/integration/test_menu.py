"""帮助 tells everybody the words that are of use to them first, and nobody those of other posts."""

import re

from bot.replies import MAX_BYTES
from handlers.chat import ROUTES
from handlers.chat.menu import WORDS_OF_POSTS
from services.runtime import Runtime
from tests.integration.chatting import Phone
from tests.integration.cycles import MEMBER, OFFICE, SECRETARY, make_cycle, phone_of


def words_in(said: str) -> set[str]:
    """The words that an answer offers, as links and in the line of others."""
    others = re.search(r"还可以回复：(.+?)。", said)
    return {*re.findall(r">(?:\d+ )?([^<：]+)：", said), *(others[1].split("、") if others else ())}


def test_every_word_of_a_post_is_a_word_of_the_chat() -> None:
    known = {word for route in ROUTES for word in route.words}
    assert set(WORDS_OF_POSTS) <= known


async def test_a_stranger_is_told_to_bind(rt: Runtime) -> None:
    said = await Phone(rt, "o-1").say("帮助")
    assert words_in(said) == {"绑定", "签到", "投诉建议"}, (
        "every other word would only answer that one has to bind first"
    )


async def test_a_member_is_not_told_the_words_of_others(rt: Runtime) -> None:
    await make_cycle()
    said = await (await phone_of(rt, MEMBER)).say("帮助")
    assert {"任务", "投票", "自评", "结果", "公示", "异议", "投诉建议"} <= words_in(said)
    assert not words_in(said) & {*WORDS_OF_POSTS, "主持", "简报"}


async def test_a_secretary_and_the_office_find_their_work_in_one_screen(rt: Runtime) -> None:
    await make_cycle()
    secretary = await (await phone_of(rt, SECRETARY)).say("帮助")
    assert {"主题党日", "述职", "整改", "自评"} <= words_in(secretary)
    assert not words_in(secretary) & {"认定", "阶段", "点评"}
    tappable = re.findall(r">\d ([^<：]+)：", secretary)
    assert tappable[:6] == ["任务", "投票", "主题党日", "自评", "打分", "述职"]
    assert "绑定" not in words_in(secretary)
    office = await (await phone_of(rt, OFFICE)).say("帮助")
    assert {"审核", "阶段", "审批免评", "答复投诉"} <= words_in(office)
    assert max(len(secretary.encode()), len(office.encode())) <= MAX_BYTES
    assert "继续看下文" not in secretary + office
