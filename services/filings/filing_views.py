"""A filing as it is shown on a phone while somebody writes or reviews it."""

from typing import Any

from models.filings import FilingStep
from services.cycles.cycles import scheme_of
from services.filings.filing_rules import REPORT, empty_parts, missing_line
from services.filings.filing_sheets import Sheet
from services.filings.report_words import guidance_of, remarks_on


def heading_of(sheet: Sheet) -> str:
    """Whose paper it is, and of what: 「2021年度述职评议」测四零零一 述职报告."""
    name = f"{sheet.subject.name} " if sheet.subject else ""
    return f"「{sheet.cycle.title}」{name}{sheet.paper.title}"


def parts_of(sheet: Sheet) -> list[dict[str, Any]]:
    """Each part: name, bounds, choices, role, and the entries that stand in it."""
    filled = sheet.filing.filled
    return [
        {
            "name": part.name,
            "low": part.low,
            "high": part.high,
            "choices": list(part.choices),
            "role": part.role,
            "entries": filled.get(part.name, []),
        }
        for part in sheet.paper.parts
    ]


def full_text(sheet: Sheet) -> str:
    """The whole paper to read; before it the promises of the year before."""
    blocks = [promises_text(sheet)] if sheet.filing.promises else []
    for name, entries in sheet.filing.filled.items():
        lines = [f"{n}. {entry}" for n, entry in enumerate(entries, 1)] if len(entries) > 1 else list(entries)
        blocks.append("\n".join([f"【{name}】", *lines]))
    return "\n\n".join(blocks) or "（还没有写）"


def promises_text(sheet: Sheet) -> str:
    """What was promised the year before; empty where nothing was."""
    lines = [f"{n}. {promise}" for n, promise in enumerate(sheet.filing.promises, 1)]
    return "\n".join(["【上年度整改承诺】", *lines]) if lines else ""


def return_text(step: FilingStep | None, sheet: Sheet) -> str:
    """Why it came back, where it is being written anew; else empty."""
    if step is None or not sheet.is_being_written or step.to_state != sheet.filing.state:
        return ""
    part = f"「{step.part}」" if step.part else ""
    return f"退回意见：{part}{'，'.join(filter(None, (step.reason, step.note)))}"


def missing_text(sheet: Sheet) -> str:
    """What keeps it from being handed in, on one line; empty where nothing does."""
    return missing_line(sheet.paper, sheet.filing.filled)


def first_empty(sheet: Sheet, after: int = -1) -> int | None:
    """The place of the next part that needs entries, behind `after` first, then from the beginning; None where none does."""
    names = [part.name for part in sheet.paper.parts]
    places = [names.index(part.name) for part in empty_parts(sheet.paper, sheet.filing.filled)]
    return next((place for place in places if place > after), places[0] if places else None)


def advice_on(sheet: Sheet) -> tuple[str, ...]:
    """What the document asks of the paper; nothing where it asks nothing of this one."""
    return guidance_of(scheme_of(sheet.cycle)) if sheet.paper.key == REPORT else ()


def remarks_of(sheet: Sheet) -> tuple[str, ...]:
    """What the writer of a report may want to look at again."""
    return remarks_on(sheet.paper, sheet.filing.filled) if sheet.paper.key == REPORT else ()
