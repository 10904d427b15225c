"""主题党日 and every other record of organisational life: one open question, the whole draft, 确认 (S1-10 to S1-17, S1-24).

The kinds are data (config/record_kinds.yaml). Whatever is sent, in any order, goes into the draft; nothing is asked that is known.
"""

import re
from datetime import date, datetime, timedelta
from typing import Any

from bot.conversation import (
    CONFIRMATION,
    Again,
    Answers,
    Ask,
    Caller,
    Choice,
    Context,
    Flow,
    Gather,
    Said,
    Start,
    Step,
)
from bot.messages import InMessage
from bot.routes import Match, Route
from config.clock import SHANGHAI
from config.record_kinds import record_kinds
from config.refusals import BadInput, Refusal
from handlers.chat import record_photos, record_reviews, record_steps
from handlers.chat.about import about_one
from handlers.chat.accounts import BIND_FIRST, binding_changed
from handlers.chat.record_drafts import (
    Draft,
    branch_of,
    draft_of,
    draft_photos,
    kind_of,
    muster_of,
    show_draft,
    topic_word,
)
from handlers.chat.record_reviews import REVIEW_RECORD_FLOW
from models.organisations import Organisation
from models.people import Person
from models.records import RETURNED, REVIEWED, Record
from services.filings.uploads import Target, upload_page
from services.people.accounts import find_person
from services.records.musters import Attending, find_muster
from services.records.record_media import drop_media, list_loose, media_key
from services.records.record_reviews import read_one, told
from services.records.record_rosters import expected_at, list_days, read_roster, usual_place
from services.records.records import (
    RecordContent,
    change_record,
    count_photos,
    keep_record,
    list_kept_places,
    require_keeper,
)
from services.runtime import Runtime

__all__ = ["RECORD", "REVIEW_RECORD_FLOW", "ROUTES"]

_REMEMBERED = timedelta(days=60)
_NOT_A_KEEPER = Said(
    "主题党日等记录由党支部的书记、副书记、委员来记。如果您担任这些职务，请联系组织部门核对名册。",
    (Choice("任务", "任务"), Choice("帮助", "帮助")),
)
THEME_DAY = "theme_day"


async def _load(rt: Runtime, caller: Caller) -> Context | Said:
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    if "record" in caller.args:
        return await _load_again(int(caller.args["record"]), person, caller.at)
    places = await list_kept_places(person.staff_no)
    if not places:
        return _NOT_A_KEEPER
    kind = caller.args.get("kind", THEME_DAY)
    return await _context(person, kind, places, caller.at) | {"loose": await list_loose(person.id, caller.at)}


async def _load_again(number: int, person: Person, now: datetime) -> Context | Said:
    """A record that is there: returned ones with the reason in front; what stands in it is the draft."""
    view = await read_one(number, actor=person.staff_no, now=now)
    record = view.record
    await require_keeper(record.organisation_id, person.staff_no)
    if record.state == REVIEWED:
        return Said(f"这条记录已经审过，不能再改。确有错误，请审核的同志回复 审核记录{number} 退回。")
    rows = await record.attendances.all().order_by("id").select_related("person")
    before = {
        "held_on": record.held_on.isoformat(),
        **{name: getattr(record, name) for name in ("topic", "place", "host", "procedure", "minutes")},
        "absent": {str(row.person_id): row.word for row in rows if not row.is_present},
        "concerns": record.concerns_id,
        **record.answers,
    }
    reason = f"{told(record)}被退回：{record.reason}" if record.state == RETURNED else f"修改：{told(record)}"
    context = await _context(person, record.kind, [record.organisation_id], now)
    there = {
        "record": record.id,
        "version": record.version,
        "photos": view.photos,
        "files": len(view.files),
        "returned": record.state == RETURNED,
        "title": told(record),
    }
    branches = [_as_then(one, [row.person for row in rows], record.concerns) for one in context["branches"]]
    return context | there | {"branches": branches, "before": before, "reason": reason}


def _as_then(branch: dict[str, Any], expected: list[Person], concerned: Person | None) -> dict[str, Any]:
    """The branch with those who were expected when it was recorded, and whom it is about, though they have left since."""
    if not expected and concerned is None:
        return branch
    ids = {one.id for one in expected}
    there = [one | {"expected": one["id"] in ids} for one in branch["people"]]
    known = {one["id"] for one in there}
    gone = [one for one in (*expected, *filter(None, [concerned])) if one.id not in known]
    left = [{"id": one.id, "name": one.name, "staff_no": one.staff_no, "expected": one.id in ids} for one in gone]
    return branch | {"people": [*there, *left]}


async def _context(person: Person, kind: str, places: list[int], now: datetime) -> dict[str, Any]:
    today = now.astimezone(SHANGHAI).date()
    branches = [await _branch(one, kind, today - _REMEMBERED) for one in places]
    muster = await find_muster(places, kind, now)
    return {
        "actor": person.staff_no,
        "person": person.id,
        "kind": kind,
        "today": today.isoformat(),
        "branches": branches,
        "muster": muster and _plain(muster),
        "loose": [],
    }


def _plain(muster: Attending) -> dict[str, Any]:
    day = muster.day.isoformat()
    return {"id": muster.id, "arrived": list(muster.arrived), "branch": muster.organisation_id, "day": day}


async def _branch(organisation_id: int, kind: str, since: date) -> dict[str, Any]:
    organisation = await Organisation.get(id=organisation_id)
    seats = await read_roster(organisation_id)
    expected = {seat.id for seat in expected_at(record_kinds()[kind], seats)}
    people = [{"id": s.id, "name": s.name, "staff_no": s.staff_no, "expected": s.id in expected} for s in seats]
    has_place = record_kinds()[kind].attend != "nobody"
    return {
        "id": organisation_id,
        "name": organisation.name,
        "place": await usual_place(organisation_id, kind) if has_place else "",
        "people": people,
        "days": [[day.isoformat(), number] for day, number in await list_days(organisation_id, kind, since)],
    }


def _ask_branch(context: Context, answers: Answers) -> Ask:
    return Ask("记在哪个组织？", tuple(Choice(str(one["id"]), one["name"]) for one in context["branches"]))


def _has_one_branch(context: Context, answers: Answers) -> bool:
    return len(context["branches"]) == 1


_EDITS = (
    ("topic", "改主题"),
    ("held_on", "改日期"),
    ("place", "改地点"),
    ("absent", "改缺席名单"),
    ("minutes", "改记录"),
    ("checks", "有没做到的"),
    ("photos", "去掉照片"),
)
_FILES = "files"
"""To bring a file may be all that was asked for; what else was changed is put forward with it."""


def _ask_confirm(context: Context, answers: Answers) -> Ask:
    before = f"{context['reason']}\n\n" if context.get("reason") else ""
    doubts = draft_of(context, answers).doubts
    last = "请先点一项。" if doubts else _ALL_RIGHT
    confirm, *others = CONFIRMATION
    edits = [Choice(key, label) for key, label in _edits(context, answers)]
    if doubts:
        first = {doubt.edit for doubt in doubts}
        edits.sort(key=lambda one: one.value not in first)
        label = doubts[0].stand_by if len(doubts) == 1 else "就按下面的记"
        edits.insert(len(first), Choice(_STOOD_BY, label))
    text = f"{show_draft(context, answers)}{_files(context)}\n\n{last}"
    return Ask(text, (*edits, confirm, *others) if doubts else (confirm, *edits, *others), before)


_ALL_RIGHT = "有错就点要改的一项；也可以接着说一句、再发照片。都对就点 确认。"
_STOOD_BY = "stood_by"
"""Confirmed though what was said does not agree with the draft: the draft counts."""


def _files(context: Context) -> str:
    if "record" not in context:
        return ""
    there, when = context.get("files", 0), "点 传文件 " if context.get("returned") else "确认后"
    return f"\n文件：{there} 个，{when}可以再传。" if there else f"\n文件：没有，{when}可以传。"


def _edits(context: Context, answers: Answers) -> list[tuple[str, str]]:
    """What can be corrected by a tap, where it is there at all."""
    kind = kind_of(context)
    without = {
        "place": kind.attend == "nobody",
        "absent": kind.attend == "nobody",
        "checks": not kind.checks,
        "photos": not draft_photos(context, answers),
        _FILES: not context.get("returned"),
    }
    labels = dict(_EDITS) | {"topic": f"改{topic_word(kind)}"}
    return [(key, label) for key, label in (*labels.items(), (_FILES, "传文件")) if not without.get(key)]


async def _done(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Said | Again | Start:
    if answers["confirm"] in dict(_EDITS):
        return Again(answers["confirm"], "")
    if answers["confirm"] != _STOOD_BY and draft_of(context, answers).doubts:
        return Again("confirm", "还没有记下。")
    person = await find_person(caller.openid)
    if person is None or person.id != context["person"]:
        return binding_changed("主题党日")
    content = await _content(rt, caller, context, answers)
    try:
        record = await _keep(caller, context, answers, content)
    except BadInput as bad:
        raise Refusal("incomplete", f"没有记下：{bad.say}") from bad
    except Refusal as refusal:
        if answers["confirm"] != _FILES or refusal.code != "unchanged":
            raise
        return _files_first(rt, caller, context)
    return await _kept(rt, caller, person, record)


def _files_first(rt: Runtime, caller: Caller, context: Context) -> Said:
    """A returned record in which nothing is changed yet: it is put forward again when the file is there."""
    number, title = context["record"], context["title"]
    page = upload_page(rt.settings, Target("record", number, context["person"], title), caller.at)
    again = (Choice(f"改记录{number}", "传好了，再交"), Choice("任务", "任务"))
    return Said("请点下面传文件；传好以后回来再交，审核的同志才会再看。", again, page)


async def _content(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> RecordContent:
    draft: Draft = draft_of(context, answers)
    return RecordContent(
        kind=draft.kind.key,
        held_on=draft.held_on,
        topic=draft.topic,
        place=draft.place,
        host=draft.host,
        procedure=draft.procedure,
        minutes=draft.minutes,
        absent=draft.absent,
        concerns=draft.concerns,
        stage=draft.stage,
        checks=draft.checks,
        remark=draft.remark,
        media=await _media_keys(rt, caller, context, answers),
        muster=muster_of(context, branch_of(context, answers), draft.held_on).get("id"),
    )


async def _media_keys(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> tuple[str, ...]:
    """Everything sent for it: before the first word, within, and beside it while something else was in hand."""
    said = answers.get("say", {})
    voices = [media_key(rt.settings, one) for one in said.get("voices", ())]
    sent = [media_key(rt.settings, one) for one in said.get("photos", ())]
    if answers.get("photos") == "none":
        await drop_media(context["person"], [*context.get("loose", ()), *sent])
        return tuple(voices)
    beside = [] if "record" in context else await list_loose(context["person"], caller.at)
    return tuple(dict.fromkeys([*context.get("loose", ()), *sent, *beside, *voices]))


async def _keep(caller: Caller, context: Context, answers: Answers, content: RecordContent) -> Record:
    actor = context["actor"]
    if "record" in context:
        return await change_record(context["record"], context["version"], content, actor=actor, now=caller.at)
    return await keep_record(caller.key, branch_of(context, answers)["id"], content, actor=actor, now=caller.at)


async def _kept(rt: Runtime, caller: Caller, person: Person, record: Record) -> Said:
    photos = await count_photos(record.id)
    kind = record_kinds()[record.kind]
    counted = f"，实到 {record.present}/{record.expected}" if record.expected else ""
    counted += f"，照片 {photos} 张" if photos else ""
    then = "只有您和支部负责人看得到。" if kind.confidential else "自评、述职要用时会自动带出，不用再填。"
    late = "" if kind.confidential else "\n晚到的照片 15 分钟内发来，会自动归到这条。"
    text = f"已记下：{told(record)}{counted}，编号 {record.id}。\n{then}{late}\n有 Word、PDF 等文件的，点下面传上来。"
    page = upload_page(rt.settings, Target("record", record.id, person.id, told(record)), caller.at)
    return Said(text, (Choice(f"改记录{record.id}", "再改这条"), Choice("任务", "任务")), page)


RECORD = Flow(
    name="记录",
    word="主题党日",
    version="1",
    ttl=timedelta(days=7),
    load=_load,
    steps=(
        Step("branch", _ask_branch, None, _has_one_branch),
        *record_steps.STEPS,
        Step("confirm", _ask_confirm),
    ),
    done=_done,
    gather=Gather(record_steps.gather, record_photos.keep_sent),
    about=about_one("branch", lambda context: [str(one["id"]) for one in context["branches"]]),
)


async def begin(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said | Start:
    """A kind's word begins its record; 记录 and the words of groups (三会一课, 组织生活) list the kinds to choose from."""
    named = next((kind for kind in record_kinds().values() if match.value in kind.words), None)
    if named is not None:
        return Start(RECORD, {"kind": named.key})
    kinds = [kind for kind in record_kinds().values() if match.value in (kind.group, _ANY)]
    return Said("记哪一种？", tuple(Choice(kind.words[0], kind.title) for kind in kinds))


async def change(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Start:
    """改记录7: a record that is there."""
    return Start(RECORD, {"record": match.args["record"]})


_ANY = "记录"
_WORDS = (
    *dict.fromkeys(kind.group for kind in record_kinds().values() if kind.group),
    *(word for kind in record_kinds().values() if kind.key != THEME_DAY for word in kind.words),
)
ROUTES = (
    Route(to=RECORD, words=("主题党日",), help="一句话、照片记一次主题党日（支部用）"),
    Route(to=begin, words=(_ANY, *_WORDS), help="三会一课、组织生活、谈话提醒、场所检查等（支部用）"),
    Route(
        to=change,
        pattern=re.compile(r"改记录\s*(?P<record>[0-9]{1,9})"),
        help="改一条记录，编号在记下时告诉过（支部用）",
    ),
    *record_photos.ROUTES,
    *record_reviews.ROUTES,
)
