"""One subject's published result as a page: what came of it, every step with its clause, how far the next line is, who decided."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from config.refusals import Refusal
from config.settings import Settings
from models.cycles import Cycle, CycleSubject
from models.people import Person
from models.runs import RunSubject
from scoring.explain import FLAG_WORDS, Sheet
from scoring.publication import Measure
from services.cycles.cycles import scheme_of
from services.runs.explanations import list_decisions, sheet_of_subject
from services.runs.standings import Standing, list_standings

_NOT_YOURS = "这里看不到这份结果：只有本人、支部书记、领导和组织部门能看，并且要在公布以后。"


@dataclass(frozen=True, slots=True)
class ResultPage:
    """`result`: the subject's figures (contract §4), None where it was refused. `uses`: what the document has results be used for.
    `own`: the subjects of this cycle that are the reader's, this one among them."""

    cycle: Cycle
    subject: CycleSubject
    published_at: datetime | None
    result: dict[str, Any] | None
    sheet: Sheet
    decisions: tuple[str, ...]
    uses: tuple[str, ...]
    own: tuple[CycleSubject, ...]


def address_of(settings: Settings, subject: CycleSubject) -> str:
    """The page of a subject's result."""
    return f"{settings.site}{path_of(subject)}"


def path_of(subject: CycleSubject) -> str:
    """The same without the site."""
    return f"/explain/{subject.cycle_id}/{quote(subject.key)}"


async def read_result_page(person_id: int, cycle_id: int, key: str) -> ResultPage:
    """The page of a subject for this reader. Raises `Refusal` `not_readable`: not theirs, not there, or not published yet."""
    standing, subject = await _require(person_id, cycle_id, key)
    run, cycle = standing.run, standing.cycle
    assert run is not None
    row = await RunSubject.get_or_none(run_id=run.id, key=subject.key)
    sheet = await sheet_of_subject(run, cycle, subject)
    decisions = await list_decisions(run, scheme_of(cycle), [subject])
    return ResultPage(
        cycle=cycle,
        subject=subject,
        published_at=standing.published_at,
        result=json.loads(row.result) if row is not None else None,
        sheet=sheet,
        decisions=tuple(decisions.get(subject.key, [])),
        uses=tuple(map(_use, scheme_of(cycle).measures)),
        own=standing.own,
    )


async def _require(person_id: int, cycle_id: int, key: str) -> tuple[Standing, CycleSubject]:
    person = await Person.get(id=person_id)
    for standing in await list_standings(person):
        if standing.cycle.id == cycle_id and standing.run is not None:
            found = next((one for one in standing.own if one.key == key), None)
            if found is None and standing.sees_all:
                found = await CycleSubject.get_or_none(cycle_id=cycle_id, key=key)
            if found is not None:
                return standing, found
    raise Refusal("not_readable", _NOT_YOURS, 403)


def _use(one: Measure) -> str:
    """「考核结果：党组织书记，作为评先评优、选拔任用的重要依据(三(六))」 (S4-26)."""
    told = f"，{'、'.join(one.told_to)}" if one.told_to else ""
    return f"{one.trigger}：{one.about}，{'、'.join(one.does)}{told}（{one.clause}）"


def flag_words(result: dict[str, Any]) -> list[str]:
    """What is still open or special about a result, in words."""
    return [FLAG_WORDS.get(flag, flag) for flag in result["flags"]]
