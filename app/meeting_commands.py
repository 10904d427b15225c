"""`zhiping meeting …`: what a host does, for scripts (contract §1, §5). Each prints, and returns the exit code."""

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import segno

from bot.tokens import WeChatError
from config.refusals import BadInput
from models.meetings import Meeting
from services.filings.report_digests import list_digests
from services.meetings.comments import Commented, find_commented
from services.meetings.conclusions import conclude_meeting
from services.meetings.meetings import get_meeting, import_meeting, publish_result, scene_of
from services.meetings.results import meeting_result
from services.polls.openings import SAFE_CLASS
from services.polls.polls import close_poll, open_poll
from services.runtime import Runtime

ACTOR = "command"
_LARGEST = 256 * 1024
_CODE_DAYS = 30


async def run_import(path: Path, now: datetime, as_json: bool) -> int:
    """Import a meeting file; prints `{"id", "scene"}`."""
    meeting = await import_meeting(_read(path), now=now, actor=ACTOR)
    _print_json({"id": meeting.id, "scene": scene_of(meeting)})
    if meeting.min_class < SAFE_CLASS:
        say = f"注意：min_class 是 {meeting.min_class}，小于 {SAFE_CLASS}，人数少的类别会被看出个人的选择；投票人会事先看到提示。"
        print(say, file=sys.stderr)
    if not as_json:
        print(
            f"「{meeting.title}」已导入。签到码：zhiping meeting code {meeting.id}；开始投票：zhiping meeting open {meeting.id}",
            file=sys.stderr,
        )
    return 0


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise BadInput([f"{path}:文件太大，会议文件不超过 256 KB"])
        return path.read_bytes()
    except OSError as error:
        raise BadInput([f"{path}:打不开（{error.strerror}）"]) from None


async def run_open(rt: Runtime, meeting_id: int, now: datetime, accept_small: bool) -> int:
    """Open a meeting's voting; exit 0 also where it is open already."""
    poll = await open_poll(rt, meeting_id, now=now, actor=ACTOR, accept_small=accept_small)
    print(f"「{poll.title}」正在投票。")
    return 0


async def run_close(rt: Runtime, meeting_id: int, now: datetime) -> int:
    """Close a meeting's voting; exit 0 also where it is closed already."""
    meeting = await close_poll(rt, meeting_id, now=now, actor=ACTOR)
    print(f"「{meeting.title}」投票已结束。结果：zhiping meeting result {meeting.id}")
    return 0


async def run_publish(meeting_id: int, now: datetime) -> int:
    """Publish the result of a closed meeting."""
    meeting = await publish_result(meeting_id, now=now, actor=ACTOR)
    print(f"「{meeting.title}」结果已公布。")
    return 0


async def run_conclude(meeting_id: int, now: datetime) -> int:
    """Wind a meeting up; refused while one reporter has not been commented on."""
    meeting = await conclude_meeting(meeting_id, now=now, actor=ACTOR)
    print(f"「{meeting.title}」已办结。")
    return 0


async def run_comments(meeting_id: int, as_json: bool) -> int:
    """What the leaders said to each reporter, in file order."""
    rows = await find_commented((await get_meeting(meeting_id)).id)
    if as_json:
        _print_json([_comments(one) for one in rows])
    for one in [] if as_json else rows:
        print(f"{one.name}（{one.reporter.mode}）")
        for said in one.comments:
            print(f"  {said.person.name}：问题：{said.problem}；方向：{said.direction}")
        if not one.comments:
            print("  还没有点评")
    return 0


def _comments(one: Commented) -> dict[str, Any]:
    said = [{"by": each.person.name, "problem": each.problem, "direction": each.direction} for each in one.comments]
    return {"name": one.name, "mode": one.reporter.mode, "comments": said}


async def run_digests(meeting_id: int, as_json: bool) -> int:
    """The summaries of the reports given on site, to be put on public notice; none before the close."""
    found = await list_digests((await get_meeting(meeting_id)).id)
    if as_json:
        _print_json([{"name": one.name, "title": one.title, "text": one.text} for one in found])
    elif found:
        print("\n\n".join(f"{one.title}\n{one.text}" for one in found))
    else:
        print("还没有可以公布的摘要：投票结束后，现场述职且报告已通过的才有。")
    return 0


async def run_result(meeting_id: int, as_json: bool) -> int:
    """The result, or before the close the turnout."""
    result = await meeting_result(await get_meeting(meeting_id))
    if as_json:
        _print_json(result)
        return 0
    turnout = result["turnout"]
    print(f"「{result['title']}」{_STATES[result['state']]}")
    print(f"应到 {turnout['entitled']} 人，签到 {turnout['present']} 人，已投 {turnout['voted']} 人")
    for row in result["reporters"]:
        print(f"  {row['name']}（{row['staff_no']}） {_score(row)}  {_classes(row)}".rstrip())
    return 0


_STATES = {"draft": "还没有开始投票", "open": "正在投票", "closed": "投票已结束"}


def _score(row: dict[str, Any]) -> str:
    if row["onsite"] is not None:
        return f"{row['onsite']} 分"
    return "无法计分：有类别没有有效票" if row.get("reason") else "—"


def _classes(row: dict[str, Any]) -> str:
    def one(name: str, found: dict[str, Any]) -> str:
        return (
            f"{name} 不单独公布"
            if found.get("suppressed")
            else f"{name} {found['score'] or '—'}（{found['ballots']} 票）"
        )

    return "，".join(one(name, found) for name, found in row["by_class"].items())


async def run_list(as_json: bool) -> int:
    """All meetings, newest first."""
    rows = [
        {
            "id": one.id,
            "title": one.title,
            "state": one.state,
            "starts_at": one.starts_at.isoformat(),
            "scene": scene_of(one),
        }
        for one in await Meeting.all().order_by("-id")
    ]
    if as_json:
        _print_json(rows)
    for row in [] if as_json else rows:
        print(f"{row['id']}  {row['title']}  {_STATES[str(row['state'])]}")
    return 0


async def run_code(rt: Runtime, meeting_id: int, picture: Path | None) -> int:
    """The check-in code: in the terminal, and as a picture (.svg or .png) to hang up in the hall."""
    meeting = await get_meeting(meeting_id)
    try:
        url = await rt.wechat.create_scene_code(scene_of(meeting), timedelta(days=_CODE_DAYS))
    except WeChatError as failure:
        print(f"微信平台没有给出签到码（{failure}），请稍后再试，或检查公众号设置。", file=sys.stderr)
        return 1
    code = segno.make(url, error="m")
    if picture is not None:
        try:
            code.save(str(picture), scale=12, border=4)
        except (OSError, ValueError):
            raise BadInput([f"{picture}:存不了，请核对路径；文件名须以 .svg 或 .png 结尾"]) from None
        print(f"签到码已存为 {picture},{_CODE_DAYS} 天内有效。")
        return 0
    code.terminal(compact=True)
    print(f"「{meeting.title}」签到码，{_CODE_DAYS} 天内有效。")
    return 0


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False))
