"""The summary as a picture for a phone: 1080 px wide, reporters in the order of the meeting, never ranked.

First laid out as data (what stands where), then painted.
"""

import io
from dataclasses import dataclass
from fractions import Fraction

from PIL import Image, ImageDraw

from config.clock import shown
from scoring.numbers import two_places
from services.briefs import Brief
from services.fonts import type_of
from services.statements import Reported, Statement, empty_classes, typeset

WIDTH = 1080
_EDGE = 64
_INNER = WIDTH - 2 * _EDGE
_PAPER, _INK, _SOFT, _RED, _GOLD, _LINE = "#fbf8f2", "#1a1a1a", "#5d5047", "#9c1a1c", "#d9a94a", "#e6dccb"
_TITLE, _HEAD, _BODY, _SMALL = 52, 40, 34, 28


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text: left and top edge in pixels. It is drawable: `Type.drawable` has seen it."""

    x: float
    y: float
    text: str
    size: int
    color: str
    is_bold: bool = False

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + type_of(self.size, self.is_bold).width(self.text)


@dataclass(frozen=True, slots=True)
class Bar:
    """A filled rectangle; `role`: track, score or decoration."""

    x: float
    y: float
    width: float
    height: float
    color: str
    role: str = "decoration"


@dataclass(frozen=True, slots=True)
class Layout:
    """All that is painted, in order, and how high the picture is."""

    parts: tuple[Words | Bar, ...]
    height: int


class _Page:
    """A page that grows downwards."""

    def __init__(self) -> None:
        self.parts: list[Words | Bar] = []
        self.y = 0.0

    def write(self, text: str, size: int, color: str = _INK, *, is_bold: bool = False) -> None:
        """A paragraph at the left edge."""
        face = type_of(size, is_bold)
        for line in face.wrap(face.drawable(typeset(text)), _INNER):
            self.parts.append(Words(_EDGE, self.y, line, size, color, is_bold))
            self.y += round(size * 1.5)

    def write_right(self, text: str, size: int, color: str) -> None:
        """One line at the right edge, level with what follows."""
        face = type_of(size, True)
        line = face.drawable(text)
        self.parts.append(Words(WIDTH - _EDGE - face.width(line), self.y, line, size, color, True))

    def rule(self) -> None:
        """A thin line across."""
        self.parts.append(Bar(_EDGE, self.y, _INNER, 2, _LINE))
        self.y += 34

    def skip(self, pixels: int) -> None:
        """Leave that much empty."""
        self.y += pixels


def lay_out(brief: Brief) -> Layout:
    """What stands where. Raises `Refusal` where there is no font."""
    page = _Page()
    _head(page, brief)
    for number, statement in enumerate(brief.statements, 1):
        _statement(page, number, statement)
    page.rule()
    page.write("各位述职人现场测评得分" if brief.is_final else "述职人", _HEAD, _RED, is_bold=True)
    page.write("按述职顺序排列，不是名次。", _SMALL, _SOFT)
    page.skip(14)
    for reporter in brief.reporters:
        _reporter(page, reporter, brief)
    _foot(page, brief)
    return Layout(tuple(page.parts), round(page.y))


def _head(page: _Page, brief: Brief) -> None:
    title = type_of(_TITLE, True)
    lines = title.wrap(title.drawable(brief.meeting.title), _INNER)
    height = 150 + round(_TITLE * 1.4) * len(lines)
    page.parts += [Bar(0, 0, WIDTH, height, _RED), Bar(0, height, WIDTH, 8, _GOLD)]
    state = "测评小结" if brief.is_final else "测评小结（投票未结束）"
    page.parts.append(Words(_EDGE, 44, f"{state} · {shown(brief.meeting.starts_at)}", _SMALL, "#f3dfc0"))
    for place, line in enumerate(lines):
        page.parts.append(Words(_EDGE, 92 + place * round(_TITLE * 1.4), line, _TITLE, "#ffffff", True))
    page.y = height + 52


def _statement(page: _Page, number: int, statement: Statement) -> None:
    page.write(f"{'一二三'[number - 1]}、{statement.title}", _HEAD, _RED, is_bold=True)
    page.write(statement.say, _BODY, is_bold=True)
    page.write(statement.means, _BODY, _SOFT)
    page.write(f"谁来办：{statement.who}", _BODY)
    page.skip(30)


def _reporter(page: _Page, one: Reported, brief: Brief) -> None:
    if one.score is not None:
        page.write_right(two_places(one.score), _HEAD, _INK)
    grade = f" · 组织定：{one.grade}" if one.grade else ""
    room = _INNER - 180
    name = _cut(one.name, _BODY, room * 0.6, is_bold=True)
    words = Words(_EDGE, page.y + 4, name, _BODY, _INK, True)
    note = _cut(f"{one.organisation} · {one.mode}{grade}", _SMALL, room - (words.right - _EDGE) - 20)
    page.parts += [words, Words(words.right + 20, page.y + 10, note, _SMALL, _SOFT)]
    page.skip(64)
    if one.score is not None:
        _bar(page, one.score / brief.top)
    elif brief.is_final:
        page.write(f"没有得分：{empty_classes(one.empty)}", _SMALL, _SOFT)
    page.skip(22)


def _bar(page: _Page, ratio: Fraction) -> None:
    page.parts.append(Bar(_EDGE, page.y, _INNER, 18, _LINE, "track"))
    page.parts.append(Bar(_EDGE, page.y, float(_INNER * ratio), 18, _RED, "score"))
    page.skip(30)


def _cut(text: str, size: int, room: float, *, is_bold: bool = False) -> str:
    """What fits on one line, with … where something had to go."""
    face = type_of(size, is_bold)
    line = face.drawable(text)
    if face.width(line) <= room:
        return line
    while line and face.width(f"{line}…") > room:
        line = line[:-1]
    return f"{line}…"


def _foot(page: _Page, brief: Brief) -> None:
    page.rule()
    for note in brief.notes:
        page.write(f"注：{note}", _SMALL, _SOFT)
        page.skip(8)
    page.write("点开小结网页可以看每个数怎么来。有意见：在公众号回复「投诉建议」。", _SMALL, _SOFT)
    page.skip(48)


def paint(layout: Layout) -> bytes:
    """PNG of a layout, in few colours: far below the platform's 2 MB."""
    image = Image.new("RGB", (WIDTH, layout.height), _PAPER)
    draw = ImageDraw.Draw(image)
    for part in layout.parts:
        if isinstance(part, Bar):
            if part.width >= 1:
                draw.rectangle((part.x, part.y, part.x + part.width - 1, part.y + part.height - 1), part.color)
        else:
            draw.text((part.x, part.y), part.text, part.color, type_of(part.size, part.is_bold).font)
    png = io.BytesIO()
    image.quantize(64).save(png, "PNG", optimize=True)
    return png.getvalue()


def draw_brief(brief: Brief) -> bytes:
    """The summary as PNG; half a second of computing at most, so call it in a thread. Raises `Refusal` where there is no font."""
    return paint(lay_out(brief))
