"""The summary of a meeting as a picture: reporters in the order of the meeting, never ranked."""

from config.clock import shown
from scoring.numbers import two_places
from services.meetings.briefs import Brief
from services.meetings.canvas import BODY, EDGE, HEAD, INK, INNER, RED, SMALL, SOFT, Layout, Page, Words, cut, paint
from services.meetings.statements import Reported, empty_classes


def lay_out(brief: Brief) -> Layout:
    """What stands where. Raises `Refusal` where there is no font."""
    page = Page()
    state = "测评小结" if brief.is_final else "测评小结（投票未结束）"
    page.title(brief.meeting.title, f"{state} · {shown(brief.meeting.starts_at)}")
    for number, statement in enumerate(brief.statements, 1):
        page.statement(number, statement)
    page.rule()
    page.write("各位述职人现场测评得分" if brief.is_final else "述职人", HEAD, RED, is_bold=True)
    page.write("按述职顺序排列，不是名次。", SMALL, SOFT)
    page.skip(14)
    for reporter in brief.reporters:
        _reporter(page, reporter, brief)
    _foot(page, brief)
    return page.layout()


def _reporter(page: Page, one: Reported, brief: Brief) -> None:
    if one.score is not None:
        page.write_right(two_places(one.score), HEAD, INK)
    grade = f" · 组织定：{one.grade}" if one.grade else ""
    room = INNER - 180
    name = cut(one.name, BODY, room * 0.6, is_bold=True)
    words = Words(EDGE, page.y + 4, name, BODY, INK, True)
    note = cut(f"{one.organisation} · {one.mode}{grade}", SMALL, room - (words.right - EDGE) - 20)
    page.parts += [words, Words(words.right + 20, page.y + 10, note, SMALL, SOFT)]
    page.skip(64)
    if one.score is not None:
        page.bar(one.score / brief.top)
    elif brief.is_final:
        page.write(f"没有得分：{empty_classes(one.empty)}", SMALL, SOFT)
    page.skip(22)


def _foot(page: Page, brief: Brief) -> None:
    page.rule()
    for note in brief.notes:
        page.write(f"注：{note}", SMALL, SOFT)
        page.skip(8)
    page.write("点开小结网页可以看每个数怎么来。有意见：在公众号回复「投诉建议」。", SMALL, SOFT)
    page.skip(48)


def draw_brief(brief: Brief) -> bytes:
    """The summary as PNG; half a second of computing at most, so call it in a thread. Raises `Refusal` where there is no font."""
    return paint(lay_out(brief))
