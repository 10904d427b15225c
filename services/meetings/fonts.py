"""The font of pictures: Noto Sans SC from npm, as set-up installs it, else Debian's. Without one nothing starts that makes pictures."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

from config.refusals import Refusal

_NPM = Path(__file__).parents[2] / "node_modules" / "@expo-google-fonts" / "noto-sans-sc"
_DEBIAN = Path("/usr/share/fonts/opentype/noto")


@dataclass(frozen=True, slots=True)
class Face:
    """A font file for each weight; `index`: which of the fonts in it (Debian's collections hold Simplified Chinese third)."""

    regular: Path
    bold: Path
    index: int


FACES = (
    Face(_NPM / "400Regular" / "NotoSansSC_400Regular.ttf", _NPM / "700Bold" / "NotoSansSC_700Bold.ttf", 0),
    Face(_DEBIAN / "NotoSansCJK-Regular.ttc", _DEBIAN / "NotoSansCJK-Bold.ttc", 2),
)
_MISSING = (
    "没有找到中文字体，不能画小结图片："
    "请运行 make setup（装 npm 包 @expo-google-fonts/noto-sans-sc），或安装 Debian 软件包 fonts-noto-cjk。"
)
# A code point that no font has, so that its picture is the font's own sign for what is missing.
_NOBODY = "\U0010fffe"
_GETA = "〓"
"""What Chinese typesetters set for a character that they do not have."""


def require_font() -> Face:
    """The first face that is whole on this machine. Raises `Refusal`."""
    for face in FACES:
        if face.regular.is_file() and face.bold.is_file():
            return face
    raise Refusal("no_font", _MISSING)


class Type:
    """One weight of a face at one size, in pixels."""

    def __init__(self, font: ImageFont.FreeTypeFont) -> None:
        self.font = font
        self._nothing = _shape(font, _NOBODY)

    def has(self, character: str) -> bool:
        """Whether the font can draw it."""
        return character.isspace() or _shape(self.font, character) != self._nothing

    def drawable(self, text: str) -> str:
        """The text with 〓 for what the font does not have: never an empty box."""
        return "".join(character if self.has(character) else _GETA for character in text if character.isprintable())

    def width(self, text: str) -> float:
        """How wide the text is."""
        return self.font.getlength(text)

    def wrap(self, text: str, width: float) -> list[str]:
        """The text in lines no wider than that; between any two characters but before closing marks, numbers stay whole."""
        lines, line = [], ""
        for word in _words(text):
            if line and self.width(line + word) > width:
                lines.append(line)
                line = ""
            line += word
        return [*lines, line]


@lru_cache
def type_of(size: int, is_bold: bool) -> Type:
    """Raises `Refusal` where there is no font."""
    face = require_font()
    return Type(ImageFont.truetype(face.bold if is_bold else face.regular, size, index=face.index))


@lru_cache(maxsize=8192)
def _shape(font: ImageFont.FreeTypeFont, character: str) -> int:
    """A number that differs for different pictures."""
    mask = font.getmask(character)
    return hash((mask.size, bytes(mask)))


_CLOSING = frozenset("，。；：、！？」』）》”’…,.;:!?)%")
_OPENING = frozenset("「『（《“‘(")


def _words(text: str) -> list[str]:
    """Pieces between which a line may end."""
    words: list[str] = []
    for character in text:
        joins = words and (
            character in _CLOSING or words[-1][-1] in _OPENING or (_is_narrow(character) and _is_narrow(words[-1][-1]))
        )
        if joins:
            words[-1] += character
        else:
            words.append(character)
    return words


def _is_narrow(character: str) -> bool:
    return character.isascii() and not character.isspace()
