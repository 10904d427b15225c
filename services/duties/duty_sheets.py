"""The yearly coverage of duties as a table: each bearer, what was done how often, what is missing, with the clause."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from models.cycles import Cycle
from services.duties.duties import list_lines
from services.workbooks.sheet_pages import Column, Page, write_workbook


@dataclass(frozen=True, slots=True)
class Coverage:
    """One count of one duty of one bearer. `missing` 0 where nothing is; `by` None where the document states no period."""

    duty: str
    clause: str
    who: str
    what: str
    done: int
    wanted: int
    missing: int
    by: date | None


async def list_coverage(cycle: Cycle, today: date) -> list[Coverage]:
    """Every count of every duty, in the order of the scheme, by bearer."""
    found = []
    for line in await list_lines(cycle, today):
        missing = {one.what: max(one.missing, 0) for one in line.owed}
        duty = line.burden.duty
        for what, done in line.done.items():
            wanted = line.wanted[what]
            found.append(
                Coverage(duty.title, duty.clause, line.burden.name, what, done, wanted, missing.get(what, 0), line.by)
            )
    return found


def coverage_workbook(cycle: Cycle, rows: Sequence[Coverage]) -> bytes:
    """The table as an .xlsx file, with a line that says how many are done of how many."""
    keys = [str(number) for number in range(len(rows))]
    page = Page(f"{cycle.year}年履职情况", _COLUMNS, [*keys, "sum"])
    for key, row in zip(keys, rows, strict=True):
        values = (("duty", row.duty), ("clause", row.clause), ("who", row.who), ("what", row.what))
        figures = (("done", row.done), ("wanted", row.wanted), ("missing", row.missing))
        for column, value in (*values, *figures, ("by", str(row.by) if row.by else "未规定")):
            page.put(key, column, value)
    page.put("sum", "duty", "合计")
    page.put("sum", "what", coverage_text(rows))
    return write_workbook([page])


def coverage_text(rows: Sequence[Coverage]) -> str:
    """「已完成 3/8 项」: a figure never without its denominator."""
    return f"已完成 {sum(not row.missing for row in rows)}/{len(rows)} 项"


_COLUMNS = (
    *(Column("duty", "职责", width=26), Column("clause", "条款", width=16), Column("who", "谁", width=20)),
    *(Column("what", "项目", width=20), Column("done", "已做"), Column("wanted", "应做"), Column("missing", "还差")),
    Column("by", "截止"),
)
