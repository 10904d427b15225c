"""What the cells of a roster mean: codes, names, words, posts and dates, read strictly. Pure."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

from openpyxl.utils.datetime import from_excel

from models.people import SECRETARY
from services.characters import has_control
from services.workbooks.workbook import BLANK, Cell, Fault, Row, clean

AS_TEXT = "请把该列设为文本格式后重新填写"
_PLAIN_NUMBERS = ("General", "0", "@", "0_ ", "0_);[Red]\\(0\\)")
# A post is a word of its own; which organisation it is in says the column 组织编码.
_WITH_ORGANISATION = re.compile(r"(?:党委|党总支|总支|党支部|支部)(书记|副书记|委员)")
_PARTY_OFFICES = (SECRETARY, "委员")
_NOT_BETWEEN_HAN = re.compile(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])")
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]0?0:00(?::00)?)?")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")


class Unfit(ValueError):
    """A cell that cannot be used; the text says what to do."""


@dataclass(slots=True)
class RowReader:
    """Reads the cells of one row; what does not fit is noted in `faults` and reads as empty.

    `epoch`: the day from which the workbook counts; `today`: no date of joining lies behind it.
    """

    sheet: str
    row: Row
    epoch: datetime
    today: date
    faults: list[Fault] = field(default_factory=list)
    numbers: set[str] = field(default_factory=set)  # columns whose code Excel holds as a number

    def code(self, column: str, *, required: bool = True) -> str:
        """A code such as 组织编码 or 工号, at most 64 characters."""
        cell = self._cell(column)
        if not isinstance(cell.value, str | bool) and not cell.is_blank:
            self.numbers.add(column)
        return self._try(
            column, required, lambda: _short(unicodedata.normalize("NFKC", _code(cell)).replace(" ", ""), 64)
        )

    def name(self, column: str, length: int) -> str:
        """A name as it is shown: without the spaces that align 「张　三」."""
        cell = self._cell(column)
        return self._try(column, True, lambda: _short(_NOT_BETWEEN_HAN.sub("", _text(cell)), length))

    def text(self, column: str, length: int) -> str:
        """An optional text as it stands."""
        cell = self._cell(column)
        return self._try(column, False, lambda: _short(_text(cell), length))

    def one_of(self, column: str, words: tuple[str, ...]) -> str:
        """One of the words."""
        cell = self._cell(column)
        return self._try(column, True, lambda: _one_of(unicodedata.normalize("NFKC", _text(cell)), words))

    def posts(self, column: str) -> tuple[str, ...]:
        """Posts, several separated by 、 (or a comma), each once."""
        cell = self._cell(column)
        text = self._try(column, False, lambda: unicodedata.normalize("NFKC", _text(cell)))
        titles = [clean(part).replace(" ", "") for part in re.split(r"[、,;]", text)]
        return tuple(dict.fromkeys(self._try(column, True, partial(_post, title)) for title in titles if title))

    def day(self, column: str) -> date | None:
        """An optional date in any form that Excel knows, between 1921 and today."""
        cell = self._cell(column)
        try:
            return None if cell.is_blank else _plausible(_day(_checked(cell), self.epoch), self.today, column)
        except Unfit as unfit:
            self._note(column, str(unfit))
            return None

    def _cell(self, column: str) -> Cell:
        return self.row.cells.get(column, BLANK)

    def _note(self, column: str, say: str) -> None:
        self.faults.append(Fault(self.sheet, self.row.number, column, say))

    def _try(self, column: str, required: bool, read: Callable[[], str]) -> str:
        try:
            value = "" if self._cell(column).is_blank else read()
        except Unfit as unfit:
            self._note(column, str(unfit))
            return ""
        if required and not value:
            self._note(column, "是空的，请填写")
        return value


def is_party_office(title: str) -> bool:
    """书记, 副书记, 委员, and their kinds (第一书记, 组织委员 …), and 党员."""
    return title == "党员" or title.endswith(_PARTY_OFFICES)


def _checked(cell: Cell) -> Cell:
    if cell.kind == "f":
        raise Unfit("是公式，请复制后「选择性粘贴」为数值")
    if cell.kind == "e":
        raise Unfit("单元格里是错误值，请改正")
    if cell.kind == "b":
        raise Unfit(f"是逻辑值，{AS_TEXT}")
    if isinstance(cell.value, str) and has_control(cell.value):
        raise Unfit("有看不见的控制字符，请删去后重新填写")
    return cell


def _text(cell: Cell) -> str:
    if not isinstance(_checked(cell).value, str):
        raise Unfit(f"不是文字，{AS_TEXT}")
    return clean(cell.value)


def _code(cell: Cell) -> str:
    """Text as it is; a number only where it shows as just its digits, since Excel drops leading zeros and rounds long ones."""
    value = _checked(cell).value
    if isinstance(value, str):
        return clean(value)
    if not isinstance(value, int | float) or value != int(value) or not 0 <= value < 10**15:
        raise Unfit(f"不是编码，{AS_TEXT}")
    if cell.shape not in _PLAIN_NUMBERS:
        raise Unfit(f"存成了数字 {int(value)}，与显示的可能不同，{AS_TEXT}")
    return str(int(value))


def _short(text: str, length: int) -> str:
    if len(text) > length:
        raise Unfit(f"太长，最多 {length} 个字")
    return text


def _one_of(text: str, words: tuple[str, ...]) -> str:
    if text not in words:
        raise Unfit(f"「{text[:20]}」不认识，可填：{' '.join(words)}")
    return text


def _post(title: str) -> str:
    named = _WITH_ORGANISATION.fullmatch(title)
    if named:
        raise Unfit(f"「{title}」请写成「{named[1]}」，在哪个组织由「组织编码」说明")
    return _short(title, 32)


def _day(cell: Cell, epoch: datetime) -> date:
    value = cell.value
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = clean(str(value)) if isinstance(value, str | int) else ""
    parts = _DATE.fullmatch(unicodedata.normalize("NFKC", text)) or _COMPACT_DATE.fullmatch(text)
    try:
        if parts:
            return date(*map(int, parts.groups()))
        if isinstance(value, int | float):
            return _serial(value, epoch)
    except (ValueError, OverflowError):
        pass
    raise Unfit("不是日期，请写成 2001-07-01 的样子")


def _serial(value: float, epoch: datetime) -> date:
    """Excel's own count of days, in a cell that is not shown as a date."""
    day = from_excel(value, epoch)
    if not isinstance(day, datetime):
        raise ValueError
    return day.date()


def _plausible(day: date, today: date, column: str) -> date:
    if day.year < 1921 or day > today:
        raise Unfit(f"读出来是 {day.isoformat()}，不可能是{column}；请写成 2001-07-01 的样子")
    return day
