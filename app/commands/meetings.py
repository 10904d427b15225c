"""`zhiping meeting …`: what a host does, for scripts (contract §1, §5). Each prints, and returns the exit code."""

import json
import sys
from argparse import Namespace
from datetime import timedelta
from pathlib import Path

import segno

from app.commands.meeting_results import MEETING_RESULT_COMMANDS, STATES
from app.commands.opening import naming, read_file, writing
from app.commands.tables import AS_JSON, ID, Line, argument
from app.resources import open_runtime
from bot.tokens import WeChatError
from config.clock import now
from config.refusals import BadInput
from config.settings import Settings
from models.meetings import Meeting
from services.audit import COMMAND
from services.meetings.conclusions import conclude_meeting
from services.meetings.meetings import get_meeting, import_meeting, publish_result, scene_of
from services.polls.openings import SAFE_CLASS
from services.polls.polls import close_poll, open_poll

_CODE_DAYS = 30


async def take_in(settings: Settings, options: Namespace) -> int:
    """`zhiping meeting import`; prints `{"id", "scene"}`."""
    content = read_file(options.file)
    async with open_runtime(settings):
        with naming(options.file):
            meeting = await import_meeting(content, now=now(), actor=COMMAND)
    print(json.dumps({"id": meeting.id, "scene": scene_of(meeting)}, ensure_ascii=False))
    if meeting.min_class < SAFE_CLASS:
        say = f"注意：min_class 是 {meeting.min_class}，小于 {SAFE_CLASS}，人数少的类别会被看出个人的选择；投票人会事先看到提示。"
        print(say, file=sys.stderr)
    if not options.as_json:
        next_steps = f"签到码：zhiping meeting code {meeting.id}；开始投票：zhiping meeting open {meeting.id}"
        print(f"「{meeting.title}」已导入。{next_steps}", file=sys.stderr)
    return 0


async def show_all(settings: Settings, options: Namespace) -> int:
    """`zhiping meeting list`: newest first."""
    async with open_runtime(settings):
        meetings = await Meeting.all().order_by("-id")
    if options.as_json:
        print(json.dumps([_as_json(one) for one in meetings], ensure_ascii=False))
    for one in [] if options.as_json else meetings:
        print(f"{one.id}  {one.title}  {STATES[one.state]}")
    return 0


def _as_json(meeting: Meeting) -> dict[str, object]:
    return {
        "id": meeting.id,
        "title": meeting.title,
        "state": meeting.state,
        "starts_at": meeting.starts_at.isoformat(),
        "scene": scene_of(meeting),
    }


async def open_voting(settings: Settings, options: Namespace) -> int:
    """`zhiping meeting open`; exit 0 also where it is open already."""
    async with open_runtime(settings) as rt:
        poll = await open_poll(rt, options.id, now=now(), actor=COMMAND, accept_small=options.accept_small)
    print(f"「{poll.title}」正在投票。")
    return 0


async def close_voting(settings: Settings, options: Namespace) -> int:
    """`zhiping meeting close`; exit 0 also where it is closed already."""
    async with open_runtime(settings) as rt:
        meeting = await close_poll(rt, options.id, now=now(), actor=COMMAND)
    print(f"「{meeting.title}」投票已结束。结果：zhiping meeting result {meeting.id}")
    return 0


async def publish(settings: Settings, options: Namespace) -> int:
    """`zhiping meeting publish`, once it is closed."""
    async with open_runtime(settings):
        meeting = await publish_result(options.id, now=now(), actor=COMMAND)
    print(f"「{meeting.title}」结果已公布。")
    return 0


async def conclude(settings: Settings, options: Namespace) -> int:
    """`zhiping meeting conclude`; refused while one reporter has not been commented on."""
    async with open_runtime(settings):
        meeting = await conclude_meeting(options.id, now=now(), actor=COMMAND)
    print(f"「{meeting.title}」已办结。")
    return 0


async def show_code(settings: Settings, options: Namespace) -> int:
    """`zhiping meeting code`: in the terminal, or as a picture (.svg or .png) to hang up in the hall."""
    async with open_runtime(settings) as rt:
        meeting = await get_meeting(options.id)
        try:
            url = await rt.wechat.create_scene_code(scene_of(meeting), timedelta(days=_CODE_DAYS))
        except WeChatError as failure:
            print(f"微信平台没有给出签到码（{failure}），请稍后再试，或检查公众号设置。", file=sys.stderr)
            return 1
    code = segno.make(url, error="m")
    if options.picture is None:
        code.terminal(compact=True)
        print(f"「{meeting.title}」签到码，{_CODE_DAYS} 天内有效。")
    else:
        _save(code, options.picture)
        print(f"签到码已存为 {options.picture}，{_CODE_DAYS} 天内有效。")
    return 0


def _save(code: segno.QRCode, picture: Path) -> None:
    if picture.suffix.lower() not in (".svg", ".png"):
        raise BadInput([f"{picture}：文件名须以 .svg 或 .png 结尾"])
    with writing(picture):
        code.save(str(picture), scale=12, border=4)


_FILE = argument("file", type=Path, metavar="FILE.yaml")
_ACCEPT_SMALL = argument("--accept-small", action="store_true", help="投票人太少、无法隐去时仍然开始")
MEETING_COMMANDS = (
    Line("import", "导入会议文件", take_in, (_FILE, AS_JSON)),
    Line("list", "列出会议", show_all, (AS_JSON,)),
    Line("open", "开始投票", open_voting, (_ACCEPT_SMALL, ID)),
    Line("close", "结束投票", close_voting, (ID,)),
    Line("publish", "公布结果", publish, (ID,)),
    Line("conclude", "办结会议：每位述职人都有点评才行", conclude, (ID,)),
    *MEETING_RESULT_COMMANDS,
    Line(
        "code",
        "签到码：显示在终端，或存为图片",
        show_code,
        (argument("--picture", type=Path, metavar="FILE.svg|png", help="存成图片"), ID),
    ),
)
