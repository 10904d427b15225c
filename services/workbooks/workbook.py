"""Reading the sheets of an .xlsx file that people bring, with every fault named by sheet, row and column."""

import re
import unicodedata
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import WINDOWS_EPOCH

from config.refusals import BadInput
from services.workbooks.workbook_limits import check_package, not_a_workbook

MAX_ROWS = 50_000
MAX_COLUMNS = 100
_LAST_ROW = 1_048_576  # of any sheet; bounds what a lying row number can cost


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Something wrong in one place. `row` 0 is the sheet as a whole; ordered as a person walks through the file."""

    sheet: str
    row: int
    column: str
    say: str

    def __str__(self) -> str:
        place = f"第 {self.row} 行" if self.row else ""
        return f"「{self.sheet}」{place}{f'「{self.column}」' if self.column else ''}：{self.say}"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as Excel stores it: `kind` is openpyxl's data type (s n d b e f), `shape` its number format."""

    value: Any = None
    kind: str = "n"
    shape: str = "General"

    @property
    def is_blank(self) -> bool:
        """Nothing in it that a person would see."""
        return self.value is None or (isinstance(self.value, str) and not clean(self.value))


BLANK = Cell()


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is not blank: its number in Excel, and its cells by column name."""

    number: int
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: the names of its columns, its rows without the blank ones, and what is wrong with its form.

    `is_complete`: every column that it must have is there, once; else no rows are read, for each would only repeat that.
    """

    name: str
    is_complete: bool
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Workbook:
    """The sheets that were asked for, and the day from which this file counts its dates."""

    sheets: Mapping[str, Sheet]
    epoch: datetime = field(default=WINDOWS_EPOCH)


def clean(text: str) -> str:
    """Text without invisible characters and surrounding space; inner white space is one space each."""
    visible = "".join(c if unicodedata.category(c) not in ("Cc", "Cf") else " " if c.isspace() else "" for c in text)
    return re.sub(r"\s+", " ", visible).strip()


def read_workbook(content: bytes, wanted: Mapping[str, tuple[str, ...]]) -> Workbook:
    """The sheets named by `wanted` (sheet -> columns it must have). A missing sheet or column is a fault of the `Sheet`.

    Raises `BadInput` where the content is no workbook, too large, or not safe to unpack (`services.workbooks.workbook_limits`).
    """
    with _opened(content) as (book, merged):
        found = {clean(sheet.title): sheet for sheet in book.worksheets}
        sheets = {name: _read(name, found.get(name), columns, merged) for name, columns in wanted.items()}
        return Workbook(sheets, book.epoch)


def read_cells(content: bytes) -> dict[str, dict[str, Cell]]:
    """Every filled cell of every sheet: sheet -> address (`D5`) -> cell; a formula is its text. Raises `BadInput` as `read_workbook`."""
    with _opened(content) as (book, merged):
        found: dict[str, dict[str, Cell]] = {}
        for sheet in book.worksheets:
            if sheet._worksheet_path not in merged:
                raise not_a_workbook()  # a sheet in a part that was not checked
            sheet.reset_dimensions()
            found[clean(sheet.title)] = {
                f"{get_column_letter(column)}{number}": cell
                for number, row in _filled(sheet)
                for column, cell in enumerate(row, 1)
                if not cell.is_blank
            }
        return found


@contextmanager
def _opened(content: bytes) -> Iterator[tuple[Any, Mapping[str, list[str]]]]:
    """The workbook and its merged ranges by part, once it is known to be safe."""
    merged = check_package(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of drop-down lists and styles, which do not matter here
            yield load_workbook(BytesIO(content), read_only=True, keep_links=False), merged
    except BadInput:
        raise
    except Exception:
        # openpyxl lets through whatever its parsers stumble over (KeyError, TypeError, AttributeError …).
        raise not_a_workbook() from None


def _read(name: str, source: Any, wanted: tuple[str, ...], merged: Mapping[str, list[str]]) -> Sheet:
    if source is not None and source._worksheet_path not in merged:
        raise not_a_workbook()  # a sheet in a part that was not checked
    if source is None:
        return Sheet(name, False, faults=(Fault(name, 0, "", "缺少这张工作表，请补上（工作表的名字要一字不差）"),))
    source.reset_dimensions()  # what a file says of its own size may be wrong
    rows = _filled(source)
    header = next(rows, (0, ()))
    columns = tuple(_heading(cell) for cell in header[1])
    faults = tuple(_header_faults(name, header[0], columns, wanted))
    body = () if faults else tuple(_rows(name, rows, columns))
    merges = tuple(_merge_faults(name, source, merged))
    return Sheet(name, not faults, tuple(filter(None, columns)), body, faults + merges)


def _filled(source: Any) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    """The rows that are not blank, with their numbers."""
    before = None
    for number, row in enumerate(source.iter_rows(max_row=_LAST_ROW, max_col=MAX_COLUMNS), start=1):
        if row is before:
            continue  # openpyxl gives one and the same tuple for all rows that are not in the file: maybe a million
        before = row
        cells = tuple(BLANK if c.value is None else Cell(c.value, c.data_type, c.number_format) for c in row)
        if not all(cell.is_blank for cell in cells):
            yield number, cells


def _heading(cell: Cell) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", clean(str(cell.value)))) if not cell.is_blank else ""


def _header_faults(sheet: str, row: int, columns: tuple[str, ...], wanted: tuple[str, ...]) -> Iterator[Fault]:
    missing = [column for column in wanted if column not in columns]
    if missing:
        yield Fault(sheet, row, "", f"缺少列：{'、'.join(missing)}。第一个有内容的行须是表头，上面不要有标题")
    for column in sorted({column for column in columns if column and columns.count(column) > 1}):
        yield Fault(sheet, row, column, "表头里出现了两次，请只留一列")


def _merge_faults(sheet: str, source: Any, merged: Mapping[str, list[str]]) -> Iterator[Fault]:
    # Only the part's path tells which sheet a merged range is in, and openpyxl offers it under this name alone.
    for cells in merged.get(source._worksheet_path, ()):
        row = re.search(r"\d+", cells)
        yield Fault(sheet, int(row[0]) if row else 0, "", f"{cells} 是合并的单元格：请取消合并，并把内容填到每一行")


def _rows(sheet: str, rows: Iterable[tuple[int, tuple[Cell, ...]]], columns: tuple[str, ...]) -> Iterator[Row]:
    for count, (number, cells) in enumerate(rows):
        if count >= MAX_ROWS:
            raise BadInput([str(Fault(sheet, 0, "", f"超过 {MAX_ROWS} 行，请分成几个文件导入"))])
        named = {column: cell for column, cell in zip(columns, cells, strict=True) if column}
        if any(not cell.is_blank for cell in named.values()):
            yield Row(number, named)
