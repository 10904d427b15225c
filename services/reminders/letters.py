"""What is sent to somebody for a notice: its own text, or for the kinds named here something fuller. `LETTERS` is the one table."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from bot.conversation import Page
from bot.replies import render
from config.clock import shown
from config.settings import Settings
from models.meetings import Meeting
from models.notices import DIGEST, Notice
from scoring.numbers import two_places
from services.cycles.cycles import get_cycle
from services.meetings.briefs import NOTICE, Brief, address_of, read_brief
from services.meetings.meetings import get_meeting
from services.meetings.pictures import draw_brief
from services.reminders.overview_notices import cycle_of
from services.reminders.overview_words import draw_overview
from services.reminders.overviews import read_summary
from services.runtime import Runtime

TEXT_BYTES = 2048
"""UTF-8 bytes that the platform takes as one text (wechat-platform §3.1)."""
_THING = 20
"""Characters that a `thing` key of a template takes."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template message or subscription notice: the ways that are left where no window is open."""

    template_id: str
    data: Mapping[str, str]
    url: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A customer-service message; after it perhaps a picture (`picture` draws it, as PNG), or a template message in its place,
    or a subscription notice, which uses up a consent.

    `text` is without markup; `page` is where it leads.
    """

    text: str
    page: Page | None = None
    picture: Callable[[], bytes] | None = None
    template: Template | None = None
    subscription: Template | None = None


async def compose_letter(rt: Runtime, notice: Notice) -> Letter:
    """What to send for the notice."""
    compose = LETTERS.get(notice.kind)
    return await compose(rt, notice) if compose else Letter(notice.text)


async def _brief(rt: Runtime, notice: Notice) -> Letter:
    meeting = await get_meeting(int(notice.slot.rpartition(":")[2]))
    brief = await read_brief(meeting)
    page = page_of(rt.settings, meeting.id)
    return Letter(
        brief_text(brief, page), page, partial(draw_brief, brief), _template(rt.settings, meeting, notice, page.address)
    )


async def _digest(rt: Runtime, notice: Notice) -> Letter:
    values = {"事项": notice.text.partition("\n")[0][:_THING], "时间": shown(notice.due_at)}
    return Letter(
        notice.text,
        picture=await _overview_picture(notice),
        template=_filled(rt.settings.wechat_template_digest, values),
        subscription=_filled(rt.settings.wechat_subscription_digest, values),
    )


async def _overview_picture(notice: Notice) -> Callable[[], bytes] | None:
    cycle_id = cycle_of(notice)
    if cycle_id is None:
        return None
    summary = await read_summary(await get_cycle(cycle_id), notice.due_at)
    return partial(draw_overview, summary, notice.slot[:10])


LETTERS: Mapping[str, Callable[[Runtime, Notice], Awaitable[Letter]]] = {NOTICE: _brief, DIGEST: _digest}


def page_of(settings: Settings, meeting_id: int) -> Page:
    """The page of a meeting's summary, as a link reads."""
    return Page(address_of(settings, meeting_id), "打开小结网页：各位得分、每个数怎么来")


def brief_text(brief: Brief, page: Page, limit: int = TEXT_BYTES) -> str:
    """The summary as text, to be shown with its page.

    Where both would be longer than `limit` bytes, scores and then notes are left to picture and page.
    """
    state = "" if brief.is_final else "（投票未结束）"
    statements = [
        f"{mark}、{one.say}\n{one.means}\n谁来办：{one.who}"
        for mark, one in zip("一二三", brief.statements, strict=True)
    ]
    notes = [f"注：{note}" for note in brief.notes]
    scores = [_scores(brief)] if brief.is_final else []
    head = f"「{brief.meeting.title}」测评小结{state}"
    bodies = ([*statements, *scores, *notes], [*statements, *notes], statements)
    texts = ["\n\n".join([head, *body]) for body in bodies]
    return next((text for text in texts if len(render(text, page=page).encode()) <= limit), texts[-1])


def _scores(brief: Brief) -> str:
    lines = [
        f"{place}. {one.name} {'没有得分' if one.score is None else two_places(one.score)}"
        for place, one in enumerate(brief.reporters, 1)
    ]
    return "\n".join(["得分（按述职顺序，不是名次）：", *lines])


def _template(settings: Settings, meeting: Meeting, notice: Notice, address: str) -> Template | None:
    values = {
        "会议": meeting.title[:_THING],
        "事项": "测评小结已出，点开查看",
        "时间": shown(notice.due_at),
    }
    return _filled(settings.wechat_template_brief, values, address)


def _filled(setting: str, values: Mapping[str, str], address: str = "") -> Template | None:
    """A template as a setting describes it (`ID thing1=事项 time2=时间`), None where it is not set."""
    template_id, *fields = setting.split() or [""]
    if not template_id:
        return None
    return Template(
        template_id, {key: values[what] for key, _, what in (one.partition("=") for one in fields)}, address
    )
