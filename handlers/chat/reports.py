"""述职: the secretary's report, from the first sentence to handing it in; and where it is after that."""

import re

from bot.conversation import Caller, Choice, Said, Start
from bot.messages import InMessage
from bot.routes import Match, Route
from handlers.chat.accounts import BIND_FIRST
from handlers.chat.filings import writing_flow
from services.filings.filing_rules import REPORT
from services.filings.filings import open_filing
from services.filings.reports import Report, find_reports
from services.people.accounts import find_person
from services.runtime import Runtime

REPORT_FLOW = writing_flow("述职")
_NONE = Said("现在没有要您写的述职报告。述职报告由述职的书记（或副书记代为）撰写；如果应该有，请联系组织部门。")


async def write_report(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said | Start:
    """述职: go on with the one report that is to be written; with several, which one; 述职<编号>: that subject's."""
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    reports = await find_reports(person.staff_no)
    if number := match.args.get("id"):
        reports = [one for one in reports if one.subject.id == int(number)]
    owed = [one for one in reports if one.is_owed]
    if len(owed) == 1:
        return await _start(owed[0], person.staff_no, caller)
    if owed:
        choices = tuple(Choice(f"述职{one.subject.id}", f"{one.subject.name}（{one.cycle.title}）") for one in owed)
        return Said("写哪一份述职报告？", choices)
    return Said("\n".join(map(_standing, reports))) if reports else _NONE


async def _start(report: Report, actor: str, caller: Caller) -> Start:
    sheet = await open_filing(report.cycle.id, REPORT, report.subject.key, now=caller.at, actor=actor)
    return Start(REPORT_FLOW, {"filing": str(sheet.filing.id)})


def _standing(report: Report) -> str:
    assert report.filing is not None, "it would be owed"
    return f"「{report.cycle.title}」{report.subject.name}的述职报告已经提交，现在是「{report.filing.state}」。"


ROUTES = (
    Route(
        to=write_report,
        words=("述职",),
        pattern=re.compile(r"述职\s*(?P<id>[0-9]{1,9})"),
        help="写述职报告，写到一半可以接着写（书记用）",
    ),
)
