"""材料: which paper to write, of which subject or stage; then the same flow as 述职 writes it part by part."""

import re
from datetime import timedelta
from typing import Any

from bot.conversation import Again, Answers, Ask, Caller, Choice, Context, Flow, Incoming, Invalid, Said, Start, Step
from bot.messages import InMessage
from bot.routes import Match, Route
from bot.words import normal
from config.clock import SHANGHAI
from config.refusals import BadInput
from handlers.chat.accounts import BIND_FIRST
from handlers.chat.filings import writing_flow
from services.filings.filing_views import heading_of
from services.filings.filings import open_filing
from services.filings.paper_lists import PaperLine, list_begun, list_papers
from services.people.accounts import find_person
from services.runtime import Runtime

PAPER_FLOW = writing_flow("材料")
_OFFERED = 12
_NONE = Said("现在没有要您写的材料。督查记录、综合评价意见等由组织部门写，登记表、总结由支部写；有疑问请联系组织部门。")


async def write_paper(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said | Start:
    """材料: what the person has begun, or a new one; 材料<编号>: go on with that one."""
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    if number := match.args.get("id"):
        return Start(PAPER_FLOW, {"filing": number})
    begun = await list_begun(person.staff_no, caller.at)
    if not begun:
        return Start(CHOOSE)
    choices = (Choice(f"材料{one.filing.id}", f"{heading_of(one)}（{one.filing.state}）") for one in begun[:_OFFERED])
    return Said("接着写，还是写新的？", (*choices, Choice("写新材料", "写新材料")))


async def _load(rt: Runtime, caller: Caller) -> Context | Said:
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    lines = await list_papers(person.staff_no, caller.at)
    return {"actor": person.staff_no, "papers": [_plain(one) for one in lines[:40]]} if lines else _NONE


def _plain(line: PaperLine) -> dict[str, Any]:
    return {
        "cycle": line.cycle.id,
        "paper": line.paper.key,
        "label": f"{line.paper.title}（{line.cycle.title}）",
        "kind": line.paper.kind,
        "about": line.paper.about,
        "subjects": line.subjects,
        "stages": line.stages,
    }


def _ask_paper(context: Context, answers: Answers) -> Ask:
    return Ask("写哪一种材料？", tuple(Choice(str(n), one["label"]) for n, one in enumerate(context["papers"])))


def _paper(context: Context, answers: Answers) -> dict[str, Any]:
    papers: list[dict[str, Any]] = context["papers"]
    number = int(answers.get("paper", 0))
    return papers[number] if number < len(papers) else papers[0]


def _has_one_paper(context: Context, answers: Answers) -> bool:
    return len(context["papers"]) == 1


def _needs_no_subject(context: Context, answers: Answers) -> bool:
    """Nobody is asked of whom, where there is one only."""
    paper = _paper(context, answers)
    return bool(paper["about"] != "subject") or len(paper["subjects"]) == 1


def _subject(context: Context, answers: Answers) -> str | None:
    """The chosen subject's key, or the only one's; None where the paper is about none."""
    said: str | None = answers.get("subject")
    return said or next(iter(_paper(context, answers)["subjects"]), None)


def _ask_subject(context: Context, answers: Answers) -> Ask:
    paper = _paper(context, answers)
    names = paper["subjects"]
    if not 0 < len(names) <= _OFFERED:
        return Ask(f"{paper['label']}：写谁的？请回复姓名、名称或编号。")
    return Ask(f"{paper['label']}：写谁的？", tuple(Choice(key, name) for key, name in names.items()))


def _read_subject(incoming: Incoming, context: Context, answers: Answers) -> str:
    said, names = normal(incoming.text), _paper(context, answers)["subjects"]
    if not names and said:
        return incoming.text.strip()[:80]
    found = [key for key, name in names.items() if said in (normal(name), normal(key), normal(key.partition(":")[2]))]
    if len(found) != 1:
        raise Invalid("名单里没有，或有几个同名的：请回复编号（工号或组织编码）。")
    return str(found[0])


def _is_about_no_stage(context: Context, answers: Answers) -> bool:
    return bool(_paper(context, answers)["about"] != "stage")


def _ask_stage(context: Context, answers: Answers) -> Ask:
    stages = _paper(context, answers)["stages"]
    return Ask("写哪个步骤的？", tuple(Choice(key, title) for key, title in stages.items()))


async def _done(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Said | Again | Start:
    paper = _paper(context, answers)
    # Records that are kept again and again have one paper a day.
    day = caller.at.astimezone(SHANGHAI).date().isoformat() if paper["kind"] == "archive" else ""
    try:
        sheet = await open_filing(
            paper["cycle"],
            paper["paper"],
            _subject(context, answers),
            about=answers.get("stage", day),
            now=caller.at,
            actor=context["actor"],
        )
    except BadInput as bad:
        return Said(bad.say)
    return Start(PAPER_FLOW, {"filing": str(sheet.filing.id)})


CHOOSE = Flow(
    name="写新材料",
    version="1",
    ttl=timedelta(days=1),
    load=_load,
    steps=(
        Step("paper", _ask_paper, None, _has_one_paper),
        Step("subject", _ask_subject, _read_subject, _needs_no_subject),
        Step("stage", _ask_stage, None, _is_about_no_stage),
    ),
    done=_done,
    keep_draft=False,
)

ROUTES = (
    Route(
        to=write_paper,
        words=("材料",),
        pattern=re.compile(r"材料\s*(?P<id>[0-9]{1,9})"),
        help="写督查记录、综合评价意见、登记表、总结等材料",
    ),
    Route(to=CHOOSE, words=("写新材料",), help="从可以写的材料里选一种"),
)
