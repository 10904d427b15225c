"""A workbook that came back, against what was handed out: every cell that differs, and what of it can be entered. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from math import isclose

from config.refusals import BadInput
from scoring.faults import BadInput as NoNumber
from scoring.numbers import read_decimal, show
from services.sheets.sheet_books import ABOUT, FORMAT, HANDED_OUT
from services.workbooks.sheet_pages import Entry, Formula, Page, Value, printable
from services.workbooks.workbook import BLANK, Cell, clean

NOT_OURS = "这不是支评导出的工作簿，或「说明」页被改动：请用 zhiping sheets export 或 template 导出的文件"
_NOT_IN_FORMULAS = re.compile(r"[\s'$]|_xlfn\.")
Cells = Mapping[str, Mapping[str, Cell]]


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell that differs. `subject` and `slot` where it is an input; else `why` says why it is not taken."""

    sheet: str
    cell: str
    was: str | None
    now: str | None
    subject: str = ""
    slot: str = ""
    why: str = ""

    @property
    def at(self) -> str:
        """Where it stands: 「党员登记表」E5."""
        return f"「{self.sheet}」{self.cell}"

    def __str__(self) -> str:
        change = f"{self.at}：{shown(self.was)} → {shown(self.now)}"
        return f"{change}（{self.why}）" if self.why else change


def shown(text: str | None) -> str:
    """What stands in a cell, for people."""
    return "空" if text is None else text if len(text) <= 60 else text[:60] + "…"


@dataclass(frozen=True, slots=True)
class Identity:
    """What a workbook says that it is: `kind` run or template, of a cycle; of a run (0 in a template) with these inputs.

    handed_out: when a template was made.
    """

    kind: str
    cycle: int
    run: int
    inputs: str
    handed_out: datetime | None


def identify(cells: Cells) -> Identity:
    """Which workbook it is. Raises `BadInput` where it is none of ours."""
    about = cells.get(ABOUT, {})
    facts = {_text(about.get(f"A{row}", BLANK)): _text(about.get(f"B{row}", BLANK)) or "" for row in range(3, 30)}
    cycle, run = facts.get("周期", ""), facts.get("计算", "")
    if facts.get("格式") != FORMAT or not _is_number(cycle) or not (run == "" or _is_number(run)):
        raise BadInput([NOT_OURS])
    return Identity(
        facts.get("种类", ""), int(cycle), int(run or 0), facts.get("输入", ""), _instant(facts.get(HANDED_OUT, ""))
    )


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def find_differences(pages: Iterable[Page], cells: Cells) -> list[Difference]:
    """Every cell that is not as it was handed out, page by page. Raises `BadInput` where rows or sheets moved."""
    found: list[Difference] = []
    for page in pages:
        if page.title not in cells:
            raise BadInput([f"缺少工作表「{page.title}」：请从导出的文件重新填写"])
        _check_rows(page, cells[page.title])
        found += _differing(page, cells[page.title])
    return found


def _check_rows(page: Page, there: Mapping[str, Cell]) -> None:
    """Formulas name cells by place: rows that were sorted or cut out cannot be told from changed ones."""
    for (row, column), entry in page.entries.items():
        if column == "id" and _text(there.get(page.here(row, column), BLANK)) != clean(str(entry.value)):
            at = f"「{page.title}」{page.here(row, column)}"
            raise BadInput([f"{at} 的编号应是「{entry.value}」：行的次序或编号被改动，请从导出的文件重新填写"])


def _differing(page: Page, there: Mapping[str, Cell]) -> Iterator[Difference]:
    slots = {page.here(row, column): row for (row, column), entry in page.entries.items() if entry.slot}
    expected = page.cells()
    for address in [*expected, *(one for one in there if one not in expected)]:
        entry, cell = expected.get(address, Entry(None)), there.get(address, BLANK)
        if not _is_same(entry.value, cell):
            was = _was(entry.value)
            if entry.slot:
                now = read_input(entry.slot, cell)
                yield Difference(page.title, address, was, now, slots[address], entry.slot, unfit(cell))
            else:
                yield Difference(page.title, address, was, _text(cell), why=_why(entry.value, cell))


def _why(value: Value, cell: Cell) -> str:
    if not isinstance(value, Formula):
        return "不是录入项，没有采用"
    return (
        "公式被改动，没有采用"
        if cell.kind == "f"
        else "公式被改成了数值，没有采用"
        if not cell.is_blank
        else "公式被删去"
    )


def unfit(cell: Cell) -> str:
    """Why what stands in an input cell cannot be read, empty where it can."""
    says = {"f": "是公式，请改填数值", "e": "是错误值，请改正", "b": "是逻辑值，请改填数值", "d": "是日期，请改填数值"}
    return "" if cell.is_blank else says.get(cell.kind, "")


def _is_same(value: Value, cell: Cell) -> bool:
    if isinstance(value, Formula):
        return cell.kind == "f" and _plain(str(value)) == _plain(_text(cell) or "")
    if isinstance(value, int | Fraction):
        return cell.kind != "f" and _is_near(float(value), _text(cell) or "")
    return cell.kind != "f" and (clean(printable(value)) if value else "") == (_text(cell) or "")


def _is_near(number: float, text: str) -> bool:
    """Whether a text is that number, of which programs keep fifteen digits."""
    try:
        return isclose(number, float(unicodedata.normalize("NFKC", text)), rel_tol=5e-15)
    except ValueError:
        return False


def _plain(formula: str) -> str:
    """A formula however a program spells it."""
    return _NOT_IN_FORMULAS.sub("", formula).upper()


def read_number(text: str) -> Fraction | None:
    """The decimal that a text is, None where it is none."""
    try:
        return read_decimal(text, "")
    except NoNumber:
        return None


def _was(value: Value) -> str | None:
    if isinstance(value, Fraction):
        return show(value)
    return None if value is None else str(value)


def _text(cell: Cell) -> str | None:
    """What a cell holds as text, a number as the shortest decimal that it is; None where it is blank."""
    if cell.is_blank:
        return None
    value = getattr(cell.value, "text", cell.value)  # openpyxl wraps some formulas
    if isinstance(value, float):
        return f"{Decimal(repr(value)).normalize():f}"
    if cell.kind == "f" or not isinstance(value, str):
        return str(value)
    return clean(value)


def read_input(slot: str, cell: Cell) -> str | None:
    """What stands in an input cell, as it is stored; what is no number stays as it is, for the fault to quote."""
    text = _text(cell)
    if text is None or slot.startswith("facts."):
        return text
    number = read_number(unicodedata.normalize("NFKC", text))
    return text if number is None else show(number)
