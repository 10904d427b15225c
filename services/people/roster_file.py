"""The roster workbook as rows (contract §5): sheets 组织 and 人员. Pure."""

from dataclasses import dataclass
from datetime import date

from models.organisations import KINDS
from models.people import STATUSES
from services.people.roster_cells import RowReader
from services.workbooks.workbook import Fault, Sheet, read_workbook

ORGANISATIONS, PEOPLE = "组织", "人员"
ORG_CODE, ORG_NAME, PARENT, KIND = "组织编码", "组织名称", "上级编码", "组织类型"
STAFF_NO, NAME, STATUS, POSTS, JOINED = "工号", "姓名", "状态", "职务", "入党日期"
COLUMNS = {
    ORGANISATIONS: (ORG_CODE, ORG_NAME, PARENT, KIND),
    PEOPLE: (STAFF_NO, NAME, ORG_CODE, STATUS, POSTS),
}
_OPTIONAL = {ORGANISATIONS: (), PEOPLE: (JOINED,)}


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """A row of 组织. `numbers`: its columns whose code Excel holds as a number. Fields that were at fault are empty."""

    row: int
    code: str
    name: str
    parent: str
    kind: str
    numbers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A row of 人员."""

    row: int
    staff_no: str
    name: str
    organisation: str
    status: str
    posts: tuple[str, ...]
    joined_on: date | None
    numbers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RosterFile:
    """What the file says. `is_complete`: no sheet or column is missing. Without 入党日期 known dates stay as they are."""

    organisations: tuple[OrganisationRow, ...]
    people: tuple[PersonRow, ...]
    is_complete: bool
    has_joined_on: bool
    unused_columns: tuple[str, ...]
    faults: tuple[Fault, ...]


def read_roster(content: bytes, today: date) -> RosterFile:
    """The rows of the workbook and every fault within a row. Raises `BadInput` where it cannot be read at all."""
    book = read_workbook(content, COLUMNS)
    organisations, people = book.sheets[ORGANISATIONS], book.sheets[PEOPLE]
    org_cells = [RowReader(ORGANISATIONS, row, book.epoch, today) for row in organisations.rows]
    person_cells = [RowReader(PEOPLE, row, book.epoch, today) for row in people.rows]
    return RosterFile(
        organisations=tuple(_organisation(cells) for cells in org_cells),
        people=tuple(_person(cells) for cells in person_cells),
        is_complete=organisations.is_complete and people.is_complete,
        has_joined_on=JOINED in people.columns,
        unused_columns=(*_unused(organisations), *_unused(people)),
        faults=(
            *organisations.faults,
            *people.faults,
            *(fault for cells in (*org_cells, *person_cells) for fault in cells.faults),
        ),
    )


def _organisation(cells: RowReader) -> OrganisationRow:
    return OrganisationRow(
        row=cells.row.number,
        code=cells.code(ORG_CODE),
        name=cells.name(ORG_NAME, 128),
        parent=cells.code(PARENT, required=False),
        kind=cells.one_of(KIND, KINDS),
        numbers=frozenset(cells.numbers),
    )


def _person(cells: RowReader) -> PersonRow:
    return PersonRow(
        row=cells.row.number,
        staff_no=cells.code(STAFF_NO),
        name=cells.name(NAME, 64),
        organisation=cells.code(ORG_CODE),
        status=cells.one_of(STATUS, STATUSES),
        posts=cells.posts(POSTS),
        joined_on=cells.day(JOINED),
        numbers=frozenset(cells.numbers),
    )


def _unused(sheet: Sheet) -> tuple[str, ...]:
    known = (*COLUMNS[sheet.name], *_OPTIONAL[sheet.name])
    return tuple(f"{sheet.name}·{column}" for column in sheet.columns if column not in known)
