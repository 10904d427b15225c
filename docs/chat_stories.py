"""What is done in the chat manual, section by section; all of it really happens, on a fresh database and an empty Redis."""

from collections.abc import Awaitable, Callable

from docs.chat_calendar import tell_calendar
from docs.chat_duties import tell_duties
from docs.chat_evaluations import evaluate
from docs.chat_hall import DELEGATES, HOST, LEADERS, MASSES, NOW, SECRETARIES, meeting, roster, small_meeting
from docs.chat_ratings import rate
from docs.chat_records import record
from docs.chat_reports import comment, opine, report
from docs.chat_results import answer_complaint, tell_results
from docs.transcripts import Transcript
from services.meetings.meetings import import_meeting, scene_of
from services.people.handouts import issue_codes
from services.people.roster import import_roster
from services.runtime import Runtime

_VOTER, _LATE, _THIRD, _WAVERER = DELEGATES[:4]
_WRONG = "ACDE-FGHJ"


class Hall:
    """A transcript, with what the office handed out: codes by name, scenes of the two meetings."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.talk = Transcript(rt, NOW)
        self.codes: dict[str, str] = {}
        self.scene = ""
        self.small_scene = ""

    async def prepare(self) -> None:
        """Roster, codes and the first meeting."""
        await import_roster(roster(), now=NOW, actor="docs")
        issued = await issue_codes(self.rt.settings, org=None, renew=False, now=NOW, actor="docs")
        self.codes = {one.name: one.code for one in issued}
        self.scene = scene_of(await import_meeting(meeting(), now=NOW, actor="docs"))

    async def bring_in(self, *names: str) -> None:
        """These people are bound and checked in, without being shown."""
        for name in names:
            await self.talk.quietly(name, "绑定", name, self.codes[name])
            await self.talk.quietly_scan(name, self.scene)


async def tell_all(rt: Runtime) -> Transcript:
    """The whole manual's conversations."""
    hall = Hall(rt)
    await hall.prepare()
    for story in STORIES:
        await story(hall)
    return hall.talk


async def binding(hall: Hall) -> None:
    """Following, 绑定, and what can go wrong with it."""
    talk = hall.talk
    talk.title("关注和绑定", "绑定码由组织部门发给本人：`zhiping roster codes`。大小写、空格、有没有横线都不要紧。")
    await talk.follow(_VOTER)
    await talk.say(_VOTER, f"绑定 {_VOTER} {hall.codes[_VOTER]}", "取消")
    await talk.say(_VOTER, "绑定", "陆立下", "在哪里领绑定码？", "上一步", _VOTER, _WRONG, hall.codes[_VOTER], "绑定")
    talk.note("连输三次错码，停 15 分钟；同一个姓名一天输错十次，停到次日。")
    await talk.quietly(_LATE, "绑定", _LATE, _WRONG, "ACDE-FGHK")
    await talk.say(_LATE, "ACDE-FGHM")
    talk.later(minutes=16)
    await talk.say(_LATE, "绑定", "取消")


async def checking_in(hall: Hall) -> None:
    """签到 by scanning: bound, unknown, and not a voter."""
    talk = hall.talk
    talk.title(
        "签到", "扫会场的签到码就是签到。还没有绑定的人，扫码后先问姓名和绑定码，绑定成功同时签到，不用再扫一次。"
    )
    await talk.say(_VOTER, "签到")
    await talk.scan(_VOTER, hall.scene)
    await talk.scan(_THIRD, hall.scene)
    await talk.say(_THIRD, _THIRD, hall.codes[_THIRD].lower().replace("-", " "))
    talk.note("名册里的人都能扫码列席；不在投票类别里的，不能投票。")
    await hall.bring_in(SECRETARIES[0])
    await talk.scan(SECRETARIES[0], hall.scene)
    talk.note("会议文件里没有的码：")
    await talk.scan(_VOTER, "m.nothing")


async def commenting(hall: Hall) -> None:
    """点评, before the vote."""
    await hall.bring_in(HOST, *LEADERS, *MASSES, _WAVERER)
    await comment(hall.talk, HOST, LEADERS[0])


async def opening(hall: Hall) -> None:
    """主持 up to 开始投票."""
    talk = hall.talk
    talk.title("主持：开始投票", "会议文件里写明谁是主持人。每个动作都要再确认一次。")
    await talk.say(_VOTER, "投票", "主持")
    await talk.say(HOST, "主持", "开始投票", "确认")


async def steering(hall: Hall) -> None:
    """大屏: its address, and what it shows."""
    talk = hall.talk
    talk.title(
        "大屏", "主持人在会场电脑上打开地址，在手机上翻页。不管它时，大屏随会议自动切换：签到码、投票进度、结果。"
    )
    await talk.say(HOST, "大屏", "下一位", "显示结果", "自动显示", "换地址", "确认")


async def voting(hall: Hall) -> None:
    """投票 from the statement to 已计入, with every detour."""
    talk = hall.talk
    talk.title("投票", "选项可以点、可以回复序号，也可以回复文字；全角数字、句号都认得。点选等于发出那个词。")
    await talk.say(_VOTER, "投票", "好", "不错", "2", "上一步", "弃权", "改1", "较好", "提交", "确认", "确认", "投票")
    talk.title("投到一半", "问帮助、看任务都不丢进度；选择题里任何认得的词都会先得到回答。进度只保留 30 分钟。")
    await talk.say(_THIRD, "投票", "一般", "帮助", "任务", "继续", "好", "取消", "投票")
    talk.title("还不能投票")
    await talk.quietly(_LATE, "绑定", _LATE, hall.codes[_LATE])
    await talk.say(_LATE, "投票", "任务")
    await talk.say("过路人", "投票", "任务")
    await talk.say(SECRETARIES[0], "投票")


async def closing(hall: Hall) -> None:
    """主持 from the watching to the publishing."""
    talk = hall.talk
    for name in (*LEADERS, *MASSES):
        await talk.quietly(name, "投票", "好", "较好", "确认")
    talk.title("主持：看进度、结束、公布", "结束前，已投人数按 5 人取整；只有「结束投票」的确认里有准确的人数。")
    await talk.quietly(_THIRD, "好", "好", "确认")
    await talk.quietly(_WAVERER, "投票", "差")
    await talk.say(HOST, "主持", "结束投票", "确认", "公布结果", "确认", "会议办结", "确认")
    talk.note("没有投完的人接着选：")
    await talk.say(_WAVERER, "好", "投票", "任务")
    await talk.scan(_LATE, hall.scene)
    talk.title("简报", "投票一结束，会议文件里的领导收到测评小结，随时回复 简报 再看；网页里每个数都有依据。")
    await talk.say(LEADERS[0], "简报")


async def small_class(hall: Hall) -> None:
    """A class too small to be hidden: the host accepts, the voters are told; and two polls at once."""
    talk = hall.talk
    small = await import_meeting(small_meeting(), now=talk.now, actor="docs")
    hall.scene = hall.small_scene = scene_of(small)
    talk.title("人太少的投票", "一类人太少、结果可能看出个人选择时，主持人要明确 接受，投票人在第一题之前被告知。")
    await talk.say(HOST, "开始投票", "确认", "接受")
    await talk.quietly_scan(LEADERS[0], hall.scene)
    await talk.say(LEADERS[0], "投票", "取消")
    talk.title("同时有几项测评")
    other = await import_meeting(meeting().replace("2021年度".encode(), "年中".encode()), now=talk.now, actor="docs")
    await talk.say(HOST, "主持")
    await talk.quietly(HOST, f"开始投票{other.id}", "确认")
    await talk.quietly_scan(LEADERS[0], scene_of(other))
    await talk.say(LEADERS[0], "投票", "2", "取消", "任务")
    talk.note("主持人有几场可以结束的会议时：")
    await talk.say(HOST, "结束投票", "取消")


async def evaluating(hall: Hall) -> None:
    """民主测评 over the days: one ballot for a whole branch."""
    await evaluate(hall.rt, hall.talk, _VOTER)


async def recording(hall: Hall) -> None:
    """主题党日 and the other records."""
    await hall.bring_in(SECRETARIES[1])
    await record(hall.talk, SECRETARIES[0], SECRETARIES[1], HOST)


async def rating(hall: Hall) -> None:
    """自评 and 打分."""
    await rate(hall.talk, SECRETARIES[1], HOST)


async def complaining(hall: Hall) -> None:
    """投诉建议, bound and not, by text and with a photo."""
    talk = hall.talk
    talk.title("投诉建议", "谁都可以提，不用绑定。写到一半离开，回复 继续 或 投诉建议 接着写，草稿留 90 天。")
    await talk.say("过路人", "投诉建议", "签到处的网络不好，扫码要等很久。", "确认")
    await talk.say(_VOTER, "投诉建议", "会场座位太挤")
    await talk.say(_VOTER, "附一张照片")
    await talk.show(_VOTER)
    await talk.say(_VOTER, "上一步", "不附照片", "确认")


async def reporting(hall: Hall) -> None:
    """述职, 审核, 材料."""
    secretary, leader = SECRETARIES[0], LEADERS[0]
    await report(hall.talk, secretary, HOST, leader)
    await opine(hall.talk, secretary, HOST)


async def answering(hall: Hall) -> None:
    """答复投诉."""
    await answer_complaint(hall.talk, HOST)


async def results(hall: Hall) -> None:
    """免评, 申报, 公示, 结果, 异议."""
    await tell_results(hall.talk, HOST, LEADERS[0], _VOTER, _LATE)


async def duties(hall: Hall) -> None:
    """整改, 约谈, 履职."""
    await tell_duties(hall.talk, SECRETARIES[0], HOST)


async def calendar(hall: Hall) -> None:
    """任务, 阶段, 进展."""
    await tell_calendar(hall.talk, SECRETARIES[0], HOST)


async def lost(hall: Hall) -> None:
    """What the chat says when it does not know what is meant, and after an unfollow."""
    talk = hall.talk
    talk.title("帮助，和没有看懂的话")
    await talk.say(_VOTER, "帮助", "今天天气怎么样", "取消", "确认", "任务")
    talk.title(
        "取消关注", "绑定和草稿随即删除，考核记录保留。回来要用新的绑定码：`zhiping roster codes` 会再列出这个人。"
    )
    await talk.unfollow(_VOTER)
    await talk.say(_VOTER, "任务")


STORIES: tuple[Callable[[Hall], Awaitable[None]], ...] = (
    binding,
    checking_in,
    commenting,
    opening,
    steering,
    voting,
    closing,
    small_class,
    evaluating,
    recording,
    reporting,
    complaining,
    answering,
    results,
    duties,
    rating,
    calendar,
    lost,
)
