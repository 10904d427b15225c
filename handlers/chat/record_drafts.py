"""The draft of a record: what was said, in whatever order, with what was corrected, as it is shown before 确认. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter
from typing import Any

from bot.conversation import Answers, Context
from bot.replies import plain
from config.clock import SHANGHAI
from config.record_kinds import Check, RecordKind, record_kinds
from services.records.attendances import NOT_SCANNED
from services.records.record_reading import Named, Reading, read_missing, read_record

# Characters of the minutes and names of absent people that are shown: as many as fit beside the choices.
_WIDTHS = ((150, 12), (60, 6), (20, 3))
_ROOM = 800
"""UTF-8 bytes of a draft, so that it stands in one reply with all its choices below it (wechat-platform: 2048)."""
_ROOM_IN_DOUBT = 560
"""One choice more stands below it then."""
_MOST_SHOWN = 60
_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class Doubt:
    """What was said and does not agree with the draft: `say`, what mends it (`edit`, a step), what stands by the draft (`stand_by`)."""

    say: str
    edit: str
    stand_by: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A record as it would be kept now. `absent`: person id → word; `checks`: key → done; `notes`: what to look at, in Chinese.

    `doubts`: as long as there are any, 确认 alone does not do. `is_place_assumed`: nobody has said where it was.
    """

    kind: RecordKind
    held_on: date
    topic: str
    place: str
    host: str
    procedure: str
    minutes: str
    absent: Mapping[int, str]
    concerns: int | None
    stage: str
    checks: Mapping[str, bool]
    remark: str
    media: tuple[str, ...]
    voices: int
    notes: tuple[str, ...] = field(default=())
    is_place_assumed: bool = False
    doubts: tuple[Doubt, ...] = field(default=())


def kind_of(context: Context) -> RecordKind:
    """The kind of record that the flow is about."""
    return record_kinds()[context["kind"]]


def branch_of(context: Context, answers: Answers) -> dict[str, Any]:
    """The branch that keeps it: the chosen one, or the only one."""
    branches: list[dict[str, Any]] = context["branches"]
    return next((one for one in branches if str(one["id"]) == answers.get("branch")), branches[0])


def draft_of(context: Context, answers: Answers) -> Draft:
    """Everything said so far, later words over earlier ones, corrections over both; the rest as the system knows it."""
    kind, branch = kind_of(context), branch_of(context, answers)
    before = context.get("before") or {}
    people = [Named(one["id"], one["name"], one["staff_no"]) for one in branch["people"]]
    read = _Read(before, context, people)
    for sent_at, text in _texts(answers):
        read.add(text, _day_of(sent_at, context))
    said = answers.get("say", {})
    held_on = _date(answers.get("held_on")) or read.held_on or _day_known(context, branch)
    checks, remark = _checks(kind, answers, before, read.texts)
    absent = _absent(context, answers, branch, read, held_on)
    return Draft(
        kind=kind,
        held_on=held_on,
        topic=answers.get("topic") or read.topic,
        place=answers["place"] if "place" in answers else read.place or branch["place"],
        host=read.host,
        procedure=read.procedure,
        minutes=answers["minutes"] if "minutes" in answers else "\n".join(read.minutes),
        absent=absent,
        concerns=answers.get("concerns") or read.concerns(branch) or before.get("concerns"),
        stage=answers.get("stage") or read.option(kind) or before.get("stage", ""),
        checks=checks,
        remark=remark,
        media=() if answers.get("photos") == "none" else tuple(said.get("photos", ())),
        voices=len(said.get("voices", ())),
        notes=() if "absent" in answers else tuple(read.notes),
        is_place_assumed="place" not in answers and not read.place,
        doubts=(*_day_doubts(context, answers, read), *_count_doubts(kind, branch, absent, read.said_present)),
    )


def _day_doubts(context: Context, answers: Answers, read: "_Read") -> Iterator[Doubt]:
    """A day to come is never taken for today in silence."""
    if read.ahead is None or read.held_on is not None or "held_on" in answers:
        return
    tomorrow = date.fromisoformat(context["today"]) + timedelta(days=1)
    word = "明天" if read.ahead == tomorrow else show_day(read.ahead)
    say = f"写的是{word}；记录只能记已经开展的，没有开展的请点 取消"
    yield Doubt(say, "held_on", "日期就用下面的")


def _count_doubts(
    kind: RecordKind, branch: Mapping[str, Any], absent: Mapping[int, str], said: int | None
) -> Iterator[Doubt]:
    """The record must not say 23 where somebody has said 20."""
    present = sum(one["expected"] and one["id"] not in absent for one in branch["people"])
    if kind.attend != "nobody" and said is not None and said != present:
        say = f"您说实到 {said} 人，按名单是 {present} 人，请先改缺席名单"
        yield Doubt(say, "absent", "人数以名单为准")


class _Read:
    """What several messages together say."""

    def __init__(self, before: Mapping[str, Any], context: Context, people: Sequence[Named]) -> None:
        self._people = people
        self.held_on = _date(before.get("held_on"))
        self.topic: str = before.get("topic", "")
        self.place: str = before.get("place", "")
        self.host: str = before.get("host", "")
        self.procedure: str = before.get("procedure", "")
        self.minutes: list[str] = [before["minutes"]] if before.get("minutes") else []
        # None: nobody has said who was missing.
        self.absent: dict[int, str] | None = {int(k): v for k, v in before["absent"].items()} if before else None
        self.said_present: int | None = None
        self.ahead: date | None = None
        self.named: list[int] = []
        self.notes: list[str] = []
        self.texts: list[str] = []

    def add(self, text: str, today: date) -> None:
        """One message more."""
        said = read_record(text, today, self._people)
        self.texts.append(text)
        self.held_on, self.ahead = said.held_on or self.held_on, said.ahead or self.ahead
        self.place, self.host = said.place or self.place, said.host or self.host
        self.procedure = said.procedure or self.procedure
        self._add_words(said)
        self._add_absent(said)
        self.named += said.named

    def _add_words(self, said: Reading) -> None:
        """The first topic stays; what is said later is more of the minutes."""
        if self.topic:
            self.minutes += filter(None, (said.words,))
        else:
            self.topic = said.topic
            self.minutes += filter(None, (said.minutes,))

    def _add_absent(self, said: Reading) -> None:
        if said.all_there:
            self.absent, self.notes = {}, []
        elif said.absent:
            self.absent = {**(self.absent or {}), **said.absent}
        self.notes += said.unclear
        if said.said_present is not None:
            self.said_present = said.said_present

    def concerns(self, branch: Mapping[str, Any]) -> int | None:
        """Whom it is about: the first one named."""
        ids = {one["id"] for one in branch["people"]}
        return next((one for one in self.named if one in ids), None)

    def option(self, kind: RecordKind) -> str:
        """The option that was named in passing."""
        words = kind.options.words if kind.options else []
        return next((word for word in words if any(word in text for text in self.texts)), "")


def _texts(answers: Answers) -> list[tuple[int, str]]:
    """(sent at, text) of all messages, in the order in which they were sent."""
    pairs = [*answers.get("say", {}).get("texts", ()), *([answers["more"]] if "more" in answers else [])]
    return sorted(((int(sent_at), str(text)) for sent_at, text in pairs), key=itemgetter(0))


def _day_of(sent_at: int, context: Context) -> date:
    """The day that 今天 means in a message."""
    if not sent_at:
        return date.fromisoformat(context["today"])
    return datetime.fromtimestamp(sent_at, UTC).astimezone(SHANGHAI).date()


def muster_of(context: Context, branch: Mapping[str, Any], held_on: date | None = None) -> dict[str, Any]:
    """The code that the branch's people have scanned, {} where there is none; of that day alone where one is given."""
    found: dict[str, Any] = context.get("muster") or {}
    is_here = found.get("branch") == branch["id"] and "record" not in context
    is_then = held_on is None or found.get("day", held_on.isoformat()) == held_on.isoformat()
    return found if is_here and is_then else {}


def _day_known(context: Context, branch: Mapping[str, Any]) -> date:
    """The day where none was said: that of the code which was scanned, else today."""
    found, today = muster_of(context, branch), str(context["today"])
    return date.fromisoformat(found.get("day", today) if found.get("arrived") else today)


def _absent(
    context: Context, answers: Answers, branch: Mapping[str, Any], read: _Read, held_on: date
) -> dict[int, str]:
    """Who was missing: as corrected, as said, or who of the expected has not scanned the code; else nobody."""
    if "absent" in answers:
        return {int(person): word for person, word in (answers["absent"] or {}).items()}
    expected = {one["id"] for one in branch["people"] if one["expected"]}
    if read.absent is not None:
        return {person: word for person, word in read.absent.items() if person in expected}
    arrived = muster_of(context, branch, held_on).get("arrived")
    return {} if not arrived else dict.fromkeys(sorted(expected - set(arrived)), NOT_SCANNED)


def _checks(
    kind: RecordKind, answers: Answers, before: Mapping[str, Any], texts: Sequence[str]
) -> tuple[dict[str, bool], str]:
    if "checks" in answers:
        said = answers["checks"] or {"missing": [], "remark": ""}
        return {check.key: check.key not in said["missing"] for check in kind.checks}, said["remark"]
    if before and not texts:
        return dict(before["checks"]), str(before["remark"])
    # Only a check list (how a room is) is answered in passing; of a meeting 缺 and 没有 tell of people.
    named = (
        {key for text in texts for key in read_missing(text, words_of(kind.checks))}
        if kind.attend == "nobody"
        else set()
    )
    return {check.key: check.key not in named for check in kind.checks}, ""


def topic_word(kind: RecordKind) -> str:
    """What the topic is called: what is not an activity has none."""
    return "内容" if kind.attend == "nobody" else "主题"


def words_of(checks: Sequence[Check]) -> dict[str, tuple[str, ...]]:
    """Check key → words that name it."""
    return {check.key: check.names for check in checks}


def has_topic(context: Context, answers: Answers) -> bool:
    """Whether there is something to record: a topic, or a sentence about things that are checked."""
    draft = draft_of(context, answers)
    return bool(draft.topic) or (bool(_texts(answers)) and bool(draft.kind.checks) and draft.kind.attend == "nobody")


def show_draft(context: Context, answers: Answers) -> str:
    """The whole draft as the person sees it; what is long in it is shortened as far as one reply needs."""
    draft, photos = draft_of(context, answers), len(draft_photos(context, answers))
    texts = [_shown(context, branch_of(context, answers), draft, photos, width) for width in _WIDTHS]
    room = _ROOM_IN_DOUBT if draft.doubts else _ROOM
    return next((text for text in texts if len(text.encode()) <= room), texts[-1])


def _shown(context: Context, branch: Mapping[str, Any], draft: Draft, photos: int, width: tuple[int, int]) -> str:
    today = date.fromisoformat(context["today"])
    minutes, names = width
    assumed = "（没说，按往常填的，可改）" if draft.is_place_assumed else ""
    lines = [
        *(f"请先看：{doubt.say}。" for doubt in draft.doubts),
        f"【{draft.kind.title}】{branch['name']}",
        f"{topic_word(draft.kind)}：{_excerpt(draft.topic, min(minutes, _MOST_SHOWN))}" if draft.topic else "",
        f"日期：{show_day(draft.held_on)}{'（今天）' if draft.held_on == today else ''}",
        f"地点：{_excerpt(draft.place, minutes)}{assumed}" if draft.place else "",
        f"主持：{plain(draft.host)}" if draft.host else "",
        *_concerns_lines(draft, branch),
        *_attendance_lines(draft, branch, names),
        f"程序：{_excerpt(draft.procedure, minutes)}" if draft.procedure else "",
        f"记录：{_excerpt(draft.minutes, minutes)}" if draft.minutes else "",
        _media_line(draft, photos, context.get("photos", 0)),
        *_check_lines(draft, minutes),
        *(f"请看：{plain(note)}。" for note in (*draft.notes[:names], *_known_notes(context, branch, draft))),
    ]
    return "\n".join(filter(None, lines))


def draft_photos(context: Context, answers: Answers) -> list[str]:
    """Keys and platform ids of the photos that go with it: those sent before the first word, then those sent within."""
    if answers.get("photos") == "none":
        return []
    return [*context.get("loose", ()), *answers.get("say", {}).get("photos", ())]


def _concerns_lines(draft: Draft, branch: Mapping[str, Any]) -> list[str]:
    name = next((one["name"] for one in branch["people"] if one["id"] == draft.concerns), "")
    label = draft.kind.options.label if draft.kind.options else ""
    about = f"{draft.kind.concerns}：{name}" if draft.kind.concerns and name else ""
    return [about, f"{label}：{draft.stage}" if draft.stage else ""]


def _attendance_lines(draft: Draft, branch: Mapping[str, Any], most: int) -> list[str]:
    if draft.kind.attend == "nobody":
        return []
    expected = [one for one in branch["people"] if one["expected"]]
    missing = [(one["name"], draft.absent[one["id"]]) for one in expected if one["id"] in draft.absent]
    names = "、".join(f"{name}（{word}）" if word != "缺席" else name for name, word in missing[:most])
    more = f"等 {len(missing)} 人" if len(missing) > most else ""
    count = f"应到 {len(expected)}，实到 {len(expected) - len(missing)}"
    return [f"{count}，缺席：{names}{more}" if missing else f"{count}，全到"]


def _media_line(draft: Draft, photos: int, there: int) -> str:
    voices = f"，语音 {draft.voices} 段" if draft.voices else ""
    if there:
        return f"照片：原有 {there} 张，新加 {photos} 张{voices}"
    return f"照片：{photos} 张{voices}" if photos or voices else "照片：没有（可以不附）"


def _check_lines(draft: Draft, most: int) -> list[str]:
    if not draft.kind.checks:
        return []
    missing = [check.label for check in draft.kind.checks if not draft.checks[check.key]]
    done = [check.label for check in draft.kind.checks if draft.checks[check.key]]
    lines = [draft.kind.asked + "；".join(f"✓{label}" for label in done)]
    if missing:
        lines.append("没有做到或缺少：" + "；".join(f"✗{label}" for label in missing))
    return [*lines, f"说明：{_excerpt(draft.remark, most)}" if draft.remark else ""]


def _known_notes(context: Context, branch: Mapping[str, Any], draft: Draft) -> list[str]:
    """What the system knows and the person should: the same day is recorded already; a day that has not come."""
    notes = [
        f"这一天已经有一条{draft.kind.title}（编号 {number}），同一次活动不用再记"
        for day, number in branch["days"]
        if day == draft.held_on.isoformat() and number != context.get("record")
    ]
    return notes[:1]


def _excerpt(text: str, most: int) -> str:
    return plain(text) if len(text) <= most else f"{plain(text[:most])}……（共 {len(text)} 字）"


def show_day(day: date) -> str:
    """A day as people read it: 「2022年1月18日 周二」."""
    return f"{day.year}年{day.month}月{day.day}日 周{_WEEKDAYS[day.weekday()]}"


def _date(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None
