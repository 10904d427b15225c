"""Reading who rates whom: a workbook with a sheet 分派, or YAML; every fault at once. No database."""

from collections.abc import Iterator
from typing import Any

from config.refusals import BadInput
from scoring import faults, reading
from services.ratings.assignments import Task
from services.workbooks.workbook import Row, clean, read_workbook

SHEET = "分派"
COLUMNS = ("轮次", "对象编号", "工号")
_KEYS = ("round", "subject", "raters")
_MOST_LINES = 20_000


def read_assignments(content: bytes, *, is_workbook: bool) -> list[Task]:
    """The tasks of a file, in its order. YAML: a list of {round, subject, raters: [staff numbers]}. Raises `BadInput`."""
    return list(_of_workbook(content) if is_workbook else _of_yaml(content))


def _of_workbook(content: bytes) -> Iterator[Task]:
    sheet = read_workbook(content, {SHEET: COLUMNS}).sheets[SHEET]
    if sheet.faults:
        raise BadInput([str(fault) for fault in sheet.faults])
    empty = [row for row in sheet.rows if any(row.cells[name].is_blank for name in COLUMNS)]
    if empty:
        raise BadInput([f"「{SHEET}」第 {row.number} 行：{'、'.join(COLUMNS)}都要填" for row in empty])
    for row in sheet.rows:
        round, subject, staff_no = (_text(row, name) for name in COLUMNS)
        yield Task(round, subject, staff_no, f"「{SHEET}」第 {row.number} 行")


def _text(row: Row, name: str) -> str:
    value = row.cells[name].value
    return clean(str(int(value)) if isinstance(value, float) and value.is_integer() else str(value))


def _of_yaml(content: bytes) -> Iterator[Task]:
    try:
        given = reading.read_yaml(content)
    except faults.BadInput as error:
        raise BadInput([str(error)]) from error
    if not isinstance(given, list) or not all(_is_line(one) for one in given) or len(given) > _MOST_LINES:
        raise BadInput(["应是列表，每项写 round、subject、raters（工号的列表）"])
    for number, one in enumerate(given, 1):
        for staff_no in one["raters"]:
            yield Task(str(one["round"]), str(one["subject"]), str(staff_no), f"第 {number} 项")


def _is_line(one: Any) -> bool:
    return isinstance(one, dict) and set(one) == {*_KEYS} and isinstance(one["raters"], list)
