"""What the demo holds: the roster, a meeting ready to open, phones on the simulator. Filled through the doors that customers use."""

import hashlib
from datetime import datetime

from app.demo.data import Demo, DemoPerson, make_demo, meeting_file, roster_workbook
from app.demo.files import VOTING_BRANCH, staff
from app.demo.year import fill_year
from app.resources import open_runtime
from config.clock import now as read_clock
from config.settings import Settings
from handlers.chat.menu import menu
from models.accounts import Account
from models.meetings import DRAFT, OPEN, Meeting
from models.people import Person
from sandbox.phones import Sandbox
from services.meetings.meetings import import_meeting, scene_of
from services.meetings.screens import address_of, open_screen
from services.people.handouts import issue_codes
from services.people.roster import import_roster
from services.runtime import Runtime

_ACTOR = "demo"


async def fill(settings: Settings, sandbox_url: str) -> str:
    """Fill in what is missing, register phones and codes on the simulator; the guide that is printed. Repeatable."""
    now, demo = read_clock(), make_demo()
    async with open_runtime(settings) as rt:
        meeting = await fill_organisation(rt, demo, now)
        await rt.wechat.create_menu(menu())
        async with Sandbox(sandbox_url) as sandbox:
            await sandbox.scene(f"会场签到码：{meeting.title}", scene_of(meeting))
            issued = await issue_codes(settings, org=None, renew=False, now=now, actor=_ACTOR)
            codes = {one.staff_no: one.code for one in issued}
            for role, person in _cast(demo):
                await _register(rt, sandbox, role, person, codes.get(person.staff_no, ""))
            await sandbox.phone("路过的人", "陌生人，不在名册里", openid=_openid(rt, "nobody"))
            screen = address_of(settings, (await open_screen(meeting, now=now, actor=_ACTOR)).screen)
            await sandbox.page("会场大屏", screen)
    return _guide(meeting, screen)


async def fill_organisation(rt: Runtime, demo: Demo, now: datetime) -> Meeting:
    """The roster, a meeting that is not over, the year: what is missing of them. The meeting."""
    if not await Person.filter(staff_no=demo.people[-1].staff_no).exists():
        await import_roster(roster_workbook(demo), now=now, actor=_ACTOR)
    meeting = await _ready_meeting(demo, now)
    await fill_year(rt, demo, now)
    return meeting


async def _ready_meeting(demo: Demo, now: datetime) -> Meeting:
    """The meeting that is not over yet, or a new one."""
    hosted = Meeting.filter(roles__role="host", roles__person__staff_no=dict(_cast(demo))["主持人"].staff_no)
    ready = await hosted.filter(state__in=(DRAFT, OPEN), closes_at__gt=now).order_by("-id").first()
    return ready or await import_meeting(meeting_file(demo, now), now=now, actor=_ACTOR)


def _cast(demo: Demo) -> list[tuple[str, DemoPerson]]:
    """Whose phones are there: role and person."""
    leaders, delegates, masses = demo.of("demo-0"), demo.of("demo-117"), demo.of("demo-2")
    return [
        ("党员代表", delegates[4]),
        ("主持人", leaders[1]),
        ("群众代表", masses[0]),
        ("支部书记", demo.secretaries()[0]),
        ("领导", leaders[0]),
        ("党员", demo.of(VOTING_BRANCH)[6]),
        ("组织部", staff(demo, "组织部")[0]),
        ("考核组", staff(demo, "考核组")[0]),
    ]


async def _register(rt: Runtime, sandbox: Sandbox, role: str, person: DemoPerson, code: str) -> None:
    """A phone with the same openid at every start, so that who was bound stays bound."""
    openid = _openid(rt, person.staff_no)
    row = await Person.get(staff_no=person.staff_no)
    bound = await Account.exists(openid=openid, person=row)
    note = f"{role}，已绑定" if bound else f"{role}，绑定码 {code}"
    await sandbox.phone(person.name, note, openid=openid, following=bound)


def _openid(rt: Runtime, staff_no: str) -> str:
    return "demo_" + hashlib.sha256(f"{rt.settings.wechat_app_id}{staff_no}".encode()).hexdigest()[:23]


def _guide(meeting: Meeting, screen: str) -> str:
    return f"""  会场大屏  {screen}

  试一试（两分钟）：打开手机页面，照左边的卡片走：投一票 → 主持一场 → 收票看结果 → 记一次主题党日。
  一年的事（六十秒起）：拿起 支部书记、党员、组织部、考核组、领导 的手机，绑定后发「任务」，都有事可办。
  每一步都写着在哪部手机上点什么，也可以点「替我做」。三类人都有票才能计分，卡片会带到。
  命令行看结果：.venv/bin/zhiping meeting result {meeting.id}
"""
