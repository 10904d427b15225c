"""A stored run as the official tables: a workbook whose formulas give the engine's figures when they are computed."""

import json

from config.clock import shown
from models.runs import ScoreRun
from services.cycles.cycles import scheme_of
from services.runs.runs import get_run, read_result
from services.sheets.sheet_books import RUN, make_about, make_book
from services.sheets.sheet_material import make_material
from services.workbooks.sheet_pages import Page, write_workbook


async def export_run(run_id: int) -> bytes:
    """The workbook of a run; the same run gives the same cells. Raises `Refusal` for an unknown run."""
    return write_workbook(await pages_of(await get_run(run_id)))


async def pages_of(run: ScoreRun) -> list[Page]:
    """The pages of a run (with its cycle loaded), as they are handed out."""
    result = await read_result(run)
    material = make_material(scheme_of(run.cycle), json.loads(run.document), result["subjects"])
    about = make_about(
        RUN,
        run.cycle_id,
        str(run.id),
        [
            ("考核", run.cycle.title),
            ("方案", f"{run.cycle.scheme} {run.scheme_sha256}"),
            ("输入", run.inputs_sha256),
            ("计算于", shown(run.computed_at)),
        ],
    )
    return make_book(material, about)
