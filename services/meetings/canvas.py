"""A picture for a phone, 1080 px wide: first laid out as data (what stands where), then painted."""

import io
from dataclasses import dataclass
from fractions import Fraction

from PIL import Image, ImageDraw

from services.meetings.fonts import type_of
from services.meetings.statements import Statement, typeset

WIDTH = 1080
EDGE = 64
INNER = WIDTH - 2 * EDGE
PAPER, INK, SOFT, RED, GOLD, LINE = "#fbf8f2", "#1a1a1a", "#5d5047", "#9c1a1c", "#d9a94a", "#e6dccb"
TITLE, HEAD, BODY, SMALL = 52, 40, 34, 28


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


class Page:
    """A page that grows downwards."""

    def __init__(self) -> None:
        self.parts: list[Words | Bar] = []
        self.y = 0.0

    def write(self, text: str, size: int, color: str = INK, *, is_bold: bool = False) -> None:
        """A paragraph at the left edge."""
        face = type_of(size, is_bold)
        for line in face.wrap(face.drawable(typeset(text)), INNER):
            self.parts.append(Words(EDGE, self.y, line, size, color, is_bold))
            self.y += round(size * 1.5)

    def write_right(self, text: str, size: int, color: str) -> None:
        """One line at the right edge, level with what follows."""
        face = type_of(size, True)
        line = face.drawable(text)
        self.parts.append(Words(WIDTH - EDGE - face.width(line), self.y, line, size, color, True))

    def rule(self) -> None:
        """A thin line across."""
        self.parts.append(Bar(EDGE, self.y, INNER, 2, LINE))
        self.y += 34

    def skip(self, pixels: int) -> None:
        """Leave that much empty."""
        self.y += pixels

    def title(self, text: str, above: str) -> None:
        """The coloured head of the picture: a small line, and below it the title."""
        face = type_of(TITLE, True)
        lines = face.wrap(face.drawable(text), INNER)
        height = 150 + round(TITLE * 1.4) * len(lines)
        self.parts += [Bar(0, 0, WIDTH, height, RED), Bar(0, height, WIDTH, 8, GOLD)]
        self.parts.append(Words(EDGE, 44, above, SMALL, "#f3dfc0"))
        for place, line in enumerate(lines):
            self.parts.append(Words(EDGE, 92 + place * round(TITLE * 1.4), line, TITLE, "#ffffff", True))
        self.y = height + 52

    def statement(self, number: int, one: Statement) -> None:
        """One statement: what is, what it means, who must act."""
        self.write(f"{'一二三'[number - 1]}、{one.title}", HEAD, RED, is_bold=True)
        self.write(one.say, BODY, is_bold=True)
        self.write(one.means, BODY, SOFT)
        if one.who:
            self.write(f"谁来办：{one.who}", BODY)
        self.skip(30)

    def bar(self, ratio: Fraction) -> None:
        """A bar over the whole width, filled from the left."""
        self.parts.append(Bar(EDGE, self.y, INNER, 18, LINE, "track"))
        self.parts.append(Bar(EDGE, self.y, float(INNER * ratio), 18, RED, "score"))
        self.skip(30)

    def layout(self) -> Layout:
        """What has been put on the page."""
        return Layout(tuple(self.parts), round(self.y))


def cut(text: str, size: int, room: float, *, is_bold: bool = False) -> str:
    """What fits on one line, with … where something had to go."""
    face = type_of(size, is_bold)
    line = face.drawable(text)
    if face.width(line) <= room:
        return line
    while line and face.width(f"{line}…") > room:
        line = line[:-1]
    return f"{line}…"


def paint(layout: Layout) -> bytes:
    """PNG of a layout, in few colours: far below the platform's 2 MB."""
    image = Image.new("RGB", (WIDTH, layout.height), PAPER)
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
