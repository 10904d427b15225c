"""`zhiping public-notice …` and `zhiping objection …`: for the office. Each prints, and returns the exit code."""

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

from app.commands.opening import read_file
from app.commands.tables import AS_JSON, BY, ID, REASON, TEXT, Line, argument, day, row_number
from app.resources import open_runtime
from config.clock import now, shown
from config.refusals import BadInput
from config.settings import Settings
from models.objections import CORRECTED, RECEIVED, UPHELD, Objection
from models.public_notices import PublicNotice
from services.public_notices.notice_contents import paste_text, period_of, read_content
from services.public_notices.objections import OUTCOMES, answer_objection, list_objections, reference_of, say_answered
from services.public_notices.public_notices import (
    TextSpec,
    address_of,
    day_of,
    end_notice,
    get_notice,
    list_notices,
    open_result_notice,
    open_text_notice,
)

_STATES = {"open": "公示中", "closed": "已结束", "replaced": "已被更正替换", "withdrawn": "已撤回"}


async def put_up(settings: Settings, options: Namespace) -> int:
    """`zhiping public-notice open`: a published run, or with --title and --file a text."""
    async with open_runtime(settings):
        if (options.run is None) == (options.file is None):
            raise BadInput(["run：写明已公布的计算编号，或用 --file 给出要公示的文本，二者取一"])
        if options.run is not None:
            notice = await open_result_notice(
                options.run, days=options.days, from_day=options.start, now=now(), actor=options.by
            )
        else:
            spec = TextSpec(options.org or "", options.title or "", _paragraphs(options.file), options.cycle)
            notice = await open_text_notice(
                spec, days=options.days, from_day=options.start, now=now(), actor=options.by
            )
        channels = (await read_content(notice, notice.from_day)).channels
    if options.as_json:
        print(json.dumps(_row(settings, notice), ensure_ascii=False))
        return 0
    print(f"「{notice.title}」公示编号 {notice.id}：{period_of(notice)}。\n网页：{address_of(settings, notice)}")
    if channels:
        print(f"文件规定的渠道：{'、'.join(channels)}")
    print(f"贴到报告栏、网站的文本：zhiping public-notice text {notice.id}")
    return 0


def _paragraphs(path: Path) -> tuple[str, ...]:
    try:
        return tuple(read_file(path).decode("utf-8-sig").splitlines())
    except UnicodeDecodeError:
        raise BadInput([f"{path}：文件不是 UTF-8 编码的文本，请另存为 UTF-8，一段一行"]) from None


async def show_all(settings: Settings, options: Namespace) -> int:
    """`zhiping public-notice list`."""
    async with open_runtime(settings):
        rows = [_row(settings, one) for one in await list_notices()]
    if options.as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for row in rows:
        print(f"{row['id']}  {row['from']}—{row['to']}  {_STATES[row['state']]}  {row['title']}\n    {row['address']}")
    if not rows:
        print("还没有公示。")
    return 0


def _row(settings: Settings, notice: PublicNotice) -> dict[str, Any]:
    facts = {"id": notice.id, "title": notice.title, "run": notice.run_id, "cycle": notice.cycle_id}
    days = {"from": notice.from_day.isoformat(), "to": notice.to_day.isoformat()}
    return facts | days | {"state": notice.state, "address": address_of(settings, notice)}


async def close(settings: Settings, options: Namespace) -> int:
    """`zhiping public-notice close`."""
    async with open_runtime(settings):
        notice = await end_notice(options.id, reason=options.reason, now=now(), actor=options.by)
    print(f"「{notice.title}」{_STATES[notice.state]}。")
    return 0


async def text(settings: Settings, options: Namespace) -> int:
    """`zhiping public-notice text`: to be pasted for the channels that are not ours."""
    async with open_runtime(settings):
        notice = await get_notice(options.id)
        # As on its first day: the text is prepared before.
        print(paste_text(await read_content(notice, max(notice.from_day, min(day_of(now()), notice.to_day)))))
    return 0


async def show_objections(settings: Settings, options: Namespace) -> int:
    """`zhiping objection list`."""
    async with open_runtime(settings):
        rows = [_objection(one) for one in await list_objections(open_only=options.open)]
    if options.as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for row in rows:
        print(f"{row['id']}  {row['reference']}  {row['name']}  {row['notice']}  {_outcome(row)}\n  {row['text']}")
    if not rows:
        print("没有异议。")
    return 0


def _outcome(row: dict[str, Any]) -> str:
    return "待答复" if row["outcome"] == RECEIVED else f"{OUTCOMES[row['outcome']]}：{row['answer']}"


def _objection(one: Objection) -> dict[str, Any]:
    return {
        "id": one.id,
        "reference": reference_of(one),
        "notice_id": one.notice_id,
        "notice": one.notice.title,
        "staff_no": one.person.staff_no,
        "name": one.person.name,
        "received": shown(one.received_at),
        "text": _printable(one.text),
        "outcome": one.outcome,
        "answer": one.answer,
    }


def _printable(text: str) -> str:
    """What anybody sent must not steer the terminal of who reads it."""
    return "".join(character if character.isprintable() else " " for character in text)


async def answer(settings: Settings, options: Namespace) -> int:
    """`zhiping objection answer`."""
    async with open_runtime(settings):
        made = await answer_objection(
            options.id, outcome=options.outcome, answer=options.text, now=now(), actor=options.by
        )
        print(f"已答复（{OUTCOMES[made.outcome]}）。{await say_answered(made)}")
    return 0


PUBLIC_NOTICE_COMMANDS = (
    Line(
        "open",
        "公示已公布的结果，或一段文本（如述职报告摘要）",
        put_up,
        (
            argument("run", type=row_number, nargs="?", metavar="RUN", help="已公布的计算编号"),
            argument("--days", type=int, help="公示多少天；考核文件或设置已定的不用写"),
            argument("--from", type=day, dest="start", metavar="DAY", help="从哪一天开始，默认今天"),
            argument("--file", type=Path, metavar="FILE.txt", help="要公示的文本，一段一行"),
            argument("--title", help="文本的标题"),
            argument("--org", metavar="CODE", help="文本由哪个组织公示"),
            argument("--cycle", type=row_number, metavar="CYCLE", help="文本属于哪个考核周期"),
            BY,
            AS_JSON,
        ),
    ),
    Line("list", "列出公示", show_all, (AS_JSON,)),
    Line("close", "结束到期的公示；提前撤回要写理由", close, (ID, BY, REASON)),
    Line("text", "打印公示文本，贴到报告栏、网站", text, (ID,)),
)
OBJECTION_COMMANDS = (
    Line("list", "列出异议", show_objections, (argument("--open", action="store_true", help="只列待答复的"), AS_JSON)),
    Line("answer", "答复一条异议", answer, (ID, argument("outcome", choices=(UPHELD, CORRECTED)), TEXT, BY)),
)
