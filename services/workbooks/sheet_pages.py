"""Pages of a workbook that is handed out: cells named by row and column, so that formulas can name each other. Pure.

Row 1 holds the headings, row 2 the clause that each column rests on, the rows follow.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

FIRST_ROW = 3
_LONGEST_TITLE = 31  # Excel's limit
_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\']")
_HEAD = PatternFill("solid", fgColor="E7E6E6")
_INPUT = PatternFill("solid", fgColor="FFF2CC")


class Formula(str):
    """A cell that is computed; the text begins with `=`."""

    __slots__ = ()


Value = str | int | Fraction | Formula | None


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in a cell. `slot`: the input that it holds (`models.inputs.Input`) where people may change it."""

    value: Value
    slot: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `key` in code, `heading` and `basis` (clause and fact) on paper, `shape` its number format."""

    key: str
    heading: str
    basis: str = ""
    shape: str = "General"
    width: int = 12


class Page:
    """A sheet. Columns and rows are known before any cell, so that formulas may point ahead."""

    def __init__(self, title: str, columns: Sequence[Column], rows: Iterable[str]) -> None:
        self.title = clean_title(title)
        self.columns = tuple(columns)
        self.letters = {column.key: get_column_letter(n) for n, column in enumerate(columns, 1)}
        self.rows = {key: n for n, key in enumerate(rows, FIRST_ROW)}
        self.entries: dict[tuple[str, str], Entry] = {}

    def put(self, row: str, column: str, value: Value, slot: str = "") -> None:
        """Fill one cell; None with a slot is an empty cell to be filled in."""
        if value is not None or slot:
            self.entries[row, column] = Entry(value, slot)

    def here(self, row: str, column: str) -> str:
        """The cell for formulas of the same page: `D5`."""
        return f"{self.letters[column]}{self.rows[row]}"

    def cell(self, row: str, column: str) -> str:
        """The cell for formulas of any page."""
        return f"'{self.title}'!${self.letters[column]}${self.rows[row]}"

    def span(self, rows: Sequence[str], column: str) -> str:
        """The cells of one column from the first of the rows to the last, which stand together."""
        letter = self.letters[column]
        return f"'{self.title}'!${letter}${self.rows[rows[0]]}:${letter}${self.rows[rows[-1]]}"

    def cells(self) -> Mapping[str, Entry]:
        """Every cell of the page by its address: headings, clauses, entries."""
        found: dict[str, Entry] = {}
        for column in self.columns:
            found[f"{self.letters[column.key]}1"] = Entry(column.heading)
            if column.basis:
                found[f"{self.letters[column.key]}2"] = Entry(column.basis)
        return found | {self.here(*place): entry for place, entry in self.entries.items()}


def clean_title(title: str) -> str:
    """A title that Excel takes."""
    return _NOT_IN_TITLES.sub("", title)[:_LONGEST_TITLE]


def printable(text: str) -> str:
    """Text without the control characters that a workbook cannot hold."""
    return ILLEGAL_CHARACTERS_RE.sub("", text)


def write_workbook(pages: Iterable[Page]) -> bytes:
    """The pages as an .xlsx file, without computed values: whoever opens it computes them."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for page in pages:
        sheet = book.create_sheet(page.title)
        shapes = {page.letters[column.key]: column for column in page.columns}
        for address, entry in page.cells().items():
            _write(sheet[address], entry)
        for cell in (cell for row in sheet.iter_rows(min_row=FIRST_ROW) for cell in row):
            cell.number_format = shapes[cell.column_letter].shape
        _dress(sheet, page)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _write(cell: Cell, entry: Entry) -> None:
    value = entry.value
    cell.value = float(value) if isinstance(value, Fraction) else value
    if isinstance(value, str):
        cell.value = printable(value)
        # A name that begins with = is a name: only our own formulas compute.
        cell.data_type = "f" if isinstance(value, Formula) else "s"
    if entry.slot:
        cell.fill = _INPUT


def _dress(sheet: Worksheet, page: Page) -> None:
    """Headings that stay in view and repeat on paper, widths, the page's title in print."""
    for row in sheet.iter_rows(min_row=1, max_row=FIRST_ROW - 1):
        for cell in row:
            cell.fill, cell.alignment = _HEAD, Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=cell.row == 1, size=11 if cell.row == 1 else 8)
    for column in page.columns:
        sheet.column_dimensions[page.letters[column.key]].width = column.width
    sheet.freeze_panes = f"A{FIRST_ROW}"
    sheet.print_title_rows = f"1:{FIRST_ROW - 1}"
    header, fit = sheet.oddHeader, sheet.sheet_properties.pageSetUpPr
    if header is not None and fit is not None:  # every new sheet has both
        header.center.text, fit.fitToPage = page.title.replace("&", "&&"), True
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
