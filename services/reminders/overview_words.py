"""An overview in words and as a picture: for the morning's message, for 简报, and for whoever asks where the figures come from. Pure."""

from fractions import Fraction

from services.meetings.canvas import BODY, HEAD, INK, RED, SMALL, SOFT, Page, paint
from services.meetings.statements import Statement
from services.reminders.overviews import Summary

_LISTED = 30


def overview_text(summary: Summary) -> str:
    """The three statements, with who must act."""
    head = f"「{summary.cycle.title}」{summary.heading}"
    parts = [f"{mark}、{_with_who(one)}" for mark, one in zip("一二三", summary.statements, strict=True)]
    return "\n".join([head, *parts])


def _with_who(one: Statement) -> str:
    """Nobody is named while nothing is counted."""
    return f"{one.say}\n谁来办：{one.who}" if one.who else one.say


def overview_reasons(summary: Summary) -> str:
    """Where the figures come from, and the missing by name."""
    lines = [f"「{summary.cycle.title}」的数怎么来："]
    for one in summary.statements:
        lines += [f"· {one.title}：{one.means}", *(f"  {why}" for why in one.why)]
    for (whose, names), rounds in _by_names(summary).items():
        label = f"{whose}{''.join(rounds)}"
        more = f" 等 {len(names)} 个" if len(names) > _LISTED else ""
        lines.append(f"{label}还差：{'、'.join(names[:_LISTED]) or '没有'}{more}")
    return "\n".join(lines)


def _by_names(summary: Summary) -> dict[tuple[str, tuple[str, ...]], list[str]]:
    """Which kind of subject and who of them is missing, and in which rounds: the same people are named once."""
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for label, names in summary.missing:
        whose, mark, round_label = label.partition("「")
        found.setdefault((whose, names), []).append(f"{mark}{round_label}")
    return found


def draw_overview(summary: Summary, day: str) -> bytes:
    """The overview as PNG, in the order of the statements, a bar for each round; call it in a thread."""
    page = Page()
    page.title(summary.cycle.title, f"{summary.heading} · {day}")
    for number, statement in enumerate(summary.statements, 1):
        page.statement(number, statement)
    page.rule()
    page.write("各轮评到多少", HEAD, RED, is_bold=True)
    for label, found, of in summary.bars:
        page.write_right(f"{found}/{of}", BODY, INK)
        page.write(label, BODY)
        page.bar(Fraction(found, of) if of else Fraction(0))
        page.skip(16)
    page.write("回复 进展 随时可看。有意见：在公众号回复「投诉建议」。", SMALL, SOFT)
    page.skip(48)
    return paint(page.layout())
