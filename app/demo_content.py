"""What the demo holds: the roster, a meeting ready to open, phones on the simulator. Filled through the doors that customers use."""

import hashlib
from datetime import datetime

from app.demo_data import Demo, DemoPerson, make_demo, meeting_file, roster_workbook
from app.resources import open_runtime
from config.clock import now as read_clock
from config.settings import Settings
from handlers.chat.menu import menu
from models.accounts import Account
from models.meetings import DRAFT, Meeting
from models.people import Person
from sandbox.phones import Sandbox
from services.handouts import issue_codes
from services.meetings import import_meeting, scene_of
from services.roster import import_roster
from services.runtime import Runtime
from services.screens import address_of, open_screen

_ACTOR = "demo"


async def fill(settings: Settings, sandbox_url: str) -> str:
    """Fill in what is missing, register phones and codes on the simulator; the guide that is printed. Repeatable."""
    now, demo = read_clock(), make_demo()
    async with open_runtime(settings) as rt:
        if not await Person.filter(staff_no=demo.people[-1].staff_no).exists():
            await import_roster(roster_workbook(demo), now=now, actor=_ACTOR)
        meeting = await _ready_meeting(demo, now)
        await rt.wechat.create_menu(menu())
        async with Sandbox(sandbox_url) as sandbox:
            await sandbox.scene(f"会场签到码:{meeting.title}", scene_of(meeting))
            issued = await issue_codes(settings, org=None, renew=False, now=now, actor=_ACTOR)
            codes = {one.staff_no: one.code for one in issued}
            for role, person in _cast(demo):
                await _register(rt, sandbox, role, person, codes.get(person.staff_no, ""))
        screen = await open_screen(meeting, now=now, actor=_ACTOR)
    host = dict(_cast(demo))["主持人"]
    return _guide(host, meeting, address_of(settings, screen.screen))


async def _ready_meeting(demo: Demo, now: datetime) -> Meeting:
    hosted = Meeting.filter(roles__role="host", roles__person__staff_no=dict(_cast(demo))["主持人"].staff_no)
    ready = await hosted.filter(state=DRAFT, closes_at__gt=now).order_by("-id").first()
    return ready or await import_meeting(meeting_file(demo, now), now=now, actor=_ACTOR)


def _cast(demo: Demo) -> list[tuple[str, DemoPerson]]:
    """Whose phones are there: role and person."""
    leaders, delegates, masses = demo.of("demo-0"), demo.of("demo-117"), demo.of("demo-2")
    return [
        ("主持人", leaders[1]),
        ("党员代表", delegates[4]),
        ("群众代表", masses[0]),
        ("领导", leaders[0]),
        ("述职书记", demo.secretaries()[0]),
    ]


async def _register(rt: Runtime, sandbox: Sandbox, role: str, person: DemoPerson, code: str) -> None:
    """A phone with the same openid at every start, so that who was bound stays bound."""
    openid = "demo_" + hashlib.sha256(f"{rt.settings.wechat_app_id}{person.staff_no}".encode()).hexdigest()[:23]
    row = await Person.get(staff_no=person.staff_no)
    bound = await Account.exists(openid=openid, person=row)
    note = f"{role},已绑定" if bound else f"{role},绑定码 {code}"
    await sandbox.phone(person.name, note, openid=openid, following=bound)


def _guide(host: DemoPerson, meeting: Meeting, screen: str) -> str:
    return f"""  会场大屏  {screen}

  试一试(两分钟):
    1. 打开手机页面,在每部手机上点 扫一扫,选「会场签到码」,报姓名、绑定码(都写在手机顶上),就签到了。
    2. 主持人 {host.name} 的手机:点菜单 更多 → 主持,再点 开始投票、确认。
    3. 三部手机各发 投票,逐人点选,最后 确认(主持人是领导班子成员,也投票;三类人都有票才能计分)。
    4. 主持人发 结束投票,确认,即见结果。命令行:.venv/bin/zhiping meeting result {meeting.id}
"""
