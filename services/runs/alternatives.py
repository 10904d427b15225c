"""What a stored run would have been under other settings or another version of its scheme; nothing is stored."""

import json
from collections.abc import Mapping
from typing import Any

from config.refusals import BadInput, Refusal
from models.inputs import Input
from models.runs import ScoreRun
from scoring import faults
from scoring.alternatives import Alternative, compare_alternative
from services.cycles.cycles import scheme_of
from services.runs.runs import get_run

_OF_BALLOTS = ("ballots", "classes")


async def what_if_run(run_id: int, settings: Mapping[str, Any], other_text: bytes | None) -> Alternative:
    """The run against the same inputs with `settings` set (null takes one away) and under another scheme file.

    Raises `BadInput` where they cannot be evaluated, `Refusal` `hidden_classes` where other weights or points could tell how a
    class voted that is too small to be shown: by asking twice its score could be worked out.
    """
    run = await get_run(run_id)
    await _check_hidden(run, settings, other_text)
    try:
        return compare_alternative(
            run.cycle.scheme_text, json.loads(run.document), settings=settings, other_text=other_text
        )
    except faults.BadInput as error:
        raise BadInput([str(error)]) from error


async def _check_hidden(run: ScoreRun, settings: Mapping[str, Any], other_text: bytes | None) -> None:
    declared = scheme_of(run.cycle).settings
    if other_text is None and not any(declared[name].needed in _OF_BALLOTS for name in settings if name in declared):
        return
    counted = await Input.filter(subject__cycle_id=run.cycle_id, slot__startswith="ballots.")
    if any(one.hidden for one in counted):
        say = "有人数很少、不单独公布的类别：换一套选项分值、各类票权重或方案来试算，会推算出这些人怎样投的，不能试算。"
        raise Refusal("hidden_classes", say, 403)
