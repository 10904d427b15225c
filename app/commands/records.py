"""`zhiping record …`: what the branches recorded, for the office: listed, shown, handed out as an archive. Each returns the exit code."""

import json
from argparse import Namespace
from datetime import timedelta
from pathlib import Path
from typing import Any

from app.commands.opening import writing
from app.commands.tables import AS_JSON, BY, ID, Line, argument, day
from app.resources import open_runtime
from config.clock import SHANGHAI, now
from config.record_kinds import record_kinds
from config.refusals import BadInput
from config.settings import Settings
from services.records.record_archives import STATES, list_codes, list_views, text_of, visible_lines, write_archive
from services.records.record_reviews import RecordView, read_one

_YEAR = timedelta(days=365)


async def show_all(settings: Settings, options: Namespace) -> int:
    """`zhiping record list`."""
    async with open_runtime(settings):
        views = await _views(options)
    if options.as_json:
        print(json.dumps([_as_json(view) for view in views], ensure_ascii=False))
    for view in [] if options.as_json else views:
        print(_line(view))
    if not views and not options.as_json:
        print("这段时间没有记录。")
    return 0


async def show(settings: Settings, options: Namespace) -> int:
    """`zhiping record show`."""
    async with open_runtime(settings):
        view = await read_one(options.id, actor=options.by, now=now())
        text = json.dumps(_as_json(view), ensure_ascii=False) if options.as_json else await text_of(view)
    print(text.rstrip())
    return 0


async def export(settings: Settings, options: Namespace) -> int:
    """`zhiping record export`: a zip with a list and a folder for each record."""
    if options.file.exists():
        raise BadInput([f"{options.file}：文件已经在了，请换一个名字，或先移走"])
    async with open_runtime(settings) as rt:
        views = await _views(options)
        with writing(options.file):
            archived = await write_archive(rt.files, views, options.file)
    missing = f"，还有 {archived.missing} 个没有取到" if archived.missing else ""
    print(f"已存到 {options.file}：{archived.records} 条记录，{archived.files} 个文件{missing}。")
    return 0


async def _views(options: Namespace) -> list[RecordView]:
    today = now().astimezone(SHANGHAI).date()
    until = options.until or today
    places = await list_codes(options.org) if options.org else None
    return await list_views(
        places, options.since or until - _YEAR, until, kinds=_kinds(options.kind), actor=options.by, now=now()
    )


def _kinds(word: str | None) -> list[str] | None:
    """The kind of a word, such as 主题党日, or of its key."""
    if word is None:
        return None
    found = [kind.key for kind in record_kinds().values() if word in (kind.key, kind.title, *kind.words)]
    if not found:
        raise BadInput(
            [f"--kind：没有「{word}」这种记录，有的是：{'、'.join(k.title for k in record_kinds().values())}"]
        )
    return found


def _line(view: RecordView) -> str:
    record = view.record
    there = f"  实到 {record.present}/{record.expected}" if record.expected else ""
    head = f"{record.id}  {record.held_on}  {view.kind.title}  {record.organisation.name}"
    return visible_lines(f"{head}  {record.topic}{there}  照片 {view.photos}  {STATES[record.state]}")


def _as_json(view: RecordView) -> dict[str, Any]:
    record = view.record
    return {
        "id": record.id,
        "kind": record.kind,
        "organisation": record.organisation.code,
        "held_on": record.held_on.isoformat(),
        **{name: getattr(record, name) for name in ("topic", "place", "host", "procedure", "minutes", "answers")},
        "expected": record.expected,
        "present": record.present,
        "absent": [{"name": name, "word": word} for name, word in view.absent],
        "photos": view.photos,
        "files": [one.name for one in view.files],
        "state": record.state,
        "reason": record.reason,
        "kept_by": record.kept_by.staff_no,
        "kept_at": record.kept_at.isoformat(),
    }


_CHOSEN = (
    argument("--org", metavar="CODE", help="只要这个组织及其下级的"),
    argument("--kind", metavar="KIND", help="只要这一种，如 主题党日"),
    argument("--since", type=day, metavar="DATE", help="从这一天起（默认一年前）"),
    argument("--until", type=day, metavar="DATE", help="到这一天止（默认今天）"),
    BY,
)
RECORD_COMMANDS = (
    Line("list", "列出支部的记录", show_all, (*_CHOSEN, AS_JSON)),
    Line("show", "看一条记录的全文和经过", show, (ID, BY, AS_JSON)),
    Line(
        "export",
        "存成档案：目录和每次活动一个文件夹",
        export,
        (argument("file", type=Path, metavar="FILE.zip"), *_CHOSEN),
    ),
)
