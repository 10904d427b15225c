"""Archives of records (S1-16: 真实规范记录、单独归档): a folder for each activity with its text, photos, voice, files; a list of all."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from openpyxl import Workbook

from config.clock import shown
from config.refusals import Refusal
from models.media import STORED, MediaItem
from models.organisations import Organisation, list_below
from models.records import KEPT, RETURNED, REVIEWED, RecordStep, records_of
from services.actors import name_actors
from services.attachments import attachment_lines, attachments, put_file
from services.characters import visible
from services.entitlements import find_actor
from services.files import Files
from services.records.record_reviews import RecordView, view_record
from services.records.records import may_see
from services.trees import load_tree

STATES = {KEPT: "待审", REVIEWED: "已审", RETURNED: "退回"}
_COLUMNS = ("编号", "日期", "类别", "组织", "主题", "地点", "应到", "实到", "照片", "状态", "记录人", "目录")
_WIDTHS = (8, 12, 16, 24, 40, 20, 6, 6, 6, 8, 12, 30)
_EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "audio/amr": "amr", "audio/speex": "speex"}


@dataclass(frozen=True, slots=True)
class Archived:
    """What an archive holds. `missing`: files that have not come from the platform, or are lost."""

    records: int
    files: int
    missing: int


async def list_codes(code: str) -> list[int]:
    """The ids of an organisation and of all below it. Raises `Refusal` `no_such_organisation`."""
    codes = await list_below(code)
    if not codes:
        raise Refusal("no_such_organisation", f"名册中没有组织编码「{code}」，请核对。", 404)
    return [one.id for one in await Organisation.filter(code__in=codes)]


async def list_views(
    organisation_ids: Sequence[int] | None,
    since: date,
    until: date,
    *,
    kinds: Sequence[str] | None = None,
    actor: str,
    now: datetime,
) -> list[RecordView]:
    """The records of that time that the actor may see, by day; what they may not know of is left out."""
    found, tree = await find_actor(actor), await load_tree()
    records = records_of(organisation_ids, since, until, kinds).select_related("organisation", "kept_by", "concerns")
    return [await view_record(one, found, tree, now) for one in await records if may_see(one, found, tree)]


async def write_archive(files: Files, views: Sequence[RecordView], target: Path) -> Archived:
    """Write a zip to `target`: 目录.xlsx, and for each record its folder. Photos that are not there are named in its text."""
    written = missing = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("目录.xlsx", list_workbook(views))
        for view in views:
            folder, lost = folder_of(view), 0
            for name, sha256 in [*await _media(view), *attachments(view.files)]:
                if put_file(archive, f"{folder}/{name}", files, sha256):
                    written += 1
                else:
                    lost += 1
            archive.writestr(f"{folder}/记录.txt", (await text_of(view, lost)).encode("utf-8-sig"))
            missing += lost
    return Archived(len(views), written, missing)


async def _media(view: RecordView) -> list[tuple[str, str | None]]:
    """File names and content: photos and voice each counted from 1, in the order in which they came."""
    items = await MediaItem.filter(record_id=view.record.id).order_by("position", "received_at", "id")
    named: list[tuple[str, str | None]] = []
    for kind, word in (("image", "照片"), ("voice", "语音")):
        of_kind = [item for item in items if item.kind == kind]
        named += [
            (f"{word}{n}.{_extension(item)}", item.sha256 if item.state == STORED else None)
            for n, item in enumerate(of_kind, 1)
        ]
    return named


def _extension(item: MediaItem) -> str:
    return _EXTENSIONS.get((item.content_type or "").partition(";")[0].strip().lower(), "bin")


def list_workbook(views: Iterable[RecordView]) -> bytes:
    """The list of records as a workbook; what people wrote is text there, never a formula."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "目录"
    sheet.append(list(_COLUMNS))
    for letter, width in zip("ABCDEFGHIJKL", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    for number, view in enumerate(views, 2):
        for column, value in enumerate(_row(view), 1):
            cell = sheet.cell(number, column, value)
            if isinstance(value, str):
                cell.data_type = "s"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _row(view: RecordView) -> tuple[str | int, ...]:
    record = view.record
    words = (record.topic, record.place)
    topic, place = (visible(one) for one in words)
    who = (view.kind.title, record.organisation.name)
    counts = (record.expected, record.present, view.photos)
    told = (STATES[record.state], record.kept_by.name, folder_of(view))
    return (record.id, record.held_on.isoformat(), *who, topic, place, *counts, *told)


def folder_of(view: RecordView) -> str:
    """The record's own folder: day, kind, number. Nothing in it was written by a person."""
    return f"{view.record.held_on.isoformat()} {view.kind.title} {view.record.id}"


async def text_of(view: RecordView, missing: int = 0) -> str:
    """The whole record as text, with its history; times as in China."""
    record = view.record
    absent = "、".join(f"{name}（{word}）" if word else name for name, word in view.absent)
    done = record.answers.get("checks", {})
    names = await name_actors({step.by for step in view.steps})
    lines = [
        f"{view.kind.title}（编号 {record.id}）",
        f"依据：{view.kind.source.clause}（{view.kind.source.fact}）",
        f"组织：{record.organisation.name}",
        f"日期：{record.held_on.isoformat()}",
        f"主题：{record.topic}",
        f"地点：{record.place}" if record.place else "",
        f"主持：{record.host}" if record.host else "",
        f"{view.kind.concerns}：{record.concerns.name}" if record.concerns else "",
        f"{record.answers['stage']}" if record.answers.get("stage") else "",
        f"应到 {record.expected}，实到 {record.present}{f'，缺席：{absent}' if absent else ''}"
        if record.expected
        else "",
        f"程序：{record.procedure}" if record.procedure else "",
        f"记录：{record.minutes}" if record.minutes else "",
        *(f"{'✓' if done.get(check.key) else '✗'} {check.label}" for check in view.kind.checks),
        f"说明：{record.answers['remark']}" if record.answers.get("remark") else "",
        f"照片 {view.photos} 张，语音 {view.voices} 段{f'，其中 {missing} 个没有取到' if missing else ''}",
        *await attachment_lines(view.files),
        f"状态：{STATES[record.state]}{f'，{record.reason}' if record.reason else ''}",
        *(_step(step, names[step.by]) for step in view.steps),
    ]
    return "\n".join(filter(None, map(visible_lines, lines))) + "\n"


def _step(step: RecordStep, by: str) -> str:
    return f"{shown(step.at)} {by} {_ACTS.get(step.act, step.act)} {step.reason}".rstrip()


_ACTS = {
    "kept": "记录",
    "changed": "修改",
    "accepted": "收下",
    "returned": "退回",
    "photo": "补照片",
    "dropped": "拿掉照片",
}


def visible_lines(text: str) -> str:
    """The same without what steers terminals; line breaks stay."""
    return "\n".join(visible(line) for line in text.split("\n"))
