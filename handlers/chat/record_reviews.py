"""审核记录: one record after the other, read whole, accepted or returned with a reason. 审核 starts it."""

import re
from datetime import timedelta

from bot.conversation import Again, Answers, Ask, Caller, Choice, Context, Flow, Incoming, Invalid, Said, Start, Step
from bot.replies import plain
from bot.routes import Route
from config.refusals import BadInput, Refusal
from handlers.chat.about import one_of
from handlers.chat.accounts import BIND_FIRST, binding_changed
from handlers.chat.dictation import read_words
from models.records import REVIEWED, Record
from services.attachments import names_of
from services.notices.notices import say_told
from services.people.accounts import find_person
from services.records.record_questions import say
from services.records.record_reviews import (
    MAX_REASON,
    RETURNED_NOTICE,
    RecordView,
    find_reviewable,
    list_records_to_review,
    read_one,
    review_record,
    told,
)
from services.runtime import Runtime

_ACCEPT, _RETURN, _LATER = "收下", "退回", "看下一条"
_NONE = Said("现在没有等您审核的记录。", (Choice("任务", "任务"), Choice("帮助", "帮助")))
_NOT_YOURS = Said(
    "没有这个编号的、能由您审核的记录：也可能已经退回，正等支部修改。请核对编号。", (Choice("审核记录", "审核记录"),)
)
_OFFERED = 10


async def _load(rt: Runtime, caller: Caller) -> Context | Said:
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    waiting = await _list_wanted(caller, person.staff_no)
    if not waiting:
        return _NOT_YOURS if "record" in caller.args else _NONE
    shown = [await read_one(record.id, actor=person.staff_no, now=caller.at) for record in waiting[:_OFFERED]]
    records = [
        {
            "id": view.record.id,
            "version": view.record.version,
            "name": _name(view.record),
            "text": _text(view),
            "accepted": _is_done(view),
        }
        for view in shown
    ]
    return {"actor": person.staff_no, "records": records, "count": len(waiting)}


async def _list_wanted(caller: Caller, staff_no: str) -> list[Record]:
    """The one whose number was said, also where it was accepted already; else all that wait."""
    if "record" not in caller.args:
        return await list_records_to_review(staff_no)
    found = await find_reviewable(int(caller.args["record"]), staff_no)
    return [found] if found is not None else []


def _is_done(view: RecordView) -> bool:
    return view.record.state == REVIEWED


def _name(record: Record) -> str:
    return f"{record.organisation.name} {told(record)}"


def _text(view: RecordView) -> str:
    """The whole record as its reviewer reads it, with what the branch says to questions."""
    record = view.record
    absent = "、".join(f"{name}（{word}）" for name, word in view.absent)
    missing = [check.label for check in view.kind.checks if not record.answers["checks"].get(check.key)]
    returned = [one.reason for one in view.steps if one.act == "returned"]
    lines = [
        _name(record),
        f"主题：{record.topic}" if record.topic else "",
        f"地点：{record.place}" if record.place else "",
        _turnout(record, absent),
        f"程序：{record.procedure}" if record.procedure else "",
        f"记录：{record.minutes}" if record.minutes else "",
        f"照片 {view.photos} 张" + (f"，语音 {view.voices} 段" if view.voices else ""),
        f"文件：{names_of(view.files)}" if view.files else "",
        _where_to_look(view),
        f"没有做到或缺少：{'；'.join(missing)}" if missing else "",
        f"说明：{record.answers['remark']}" if record.answers.get("remark") else "",
        f"上次退回：{returned[-1]}" if returned else "",
        *(f"核对：{say(one)}支部说明：{one.answer or '还没有说明'}" for one in view.questions),
    ]
    return plain("\n".join(filter(None, lines)))


def _where_to_look(view: RecordView) -> str:
    """Nothing that came with a record can be opened in the chat."""
    if not (view.photos or view.voices or view.files):
        return ""
    what = "、".join(filter(None, ("照片" * bool(view.photos), "语音" * bool(view.voices), "文件" * bool(view.files))))
    code = view.record.organisation.code
    return f"{what}在这里打不开，要看请组织部门导出：zhiping record export 记录.zip --org {code}"


def _turnout(record: Record, absent: str) -> str:
    """Nothing where nobody is expected, as at the check of a room."""
    return (
        f"应到 {record.expected}，实到 {record.present}{f'，缺席：{absent}' if absent else ''}"
        if record.expected
        else ""
    )


def _ask_record(context: Context, answers: Answers) -> Ask:
    more = f"，先看最早的 {_OFFERED} 条" if context["count"] > _OFFERED else ""
    choices = tuple(Choice(str(one["id"]), f"{one['name']} 编号{one['id']}") for one in context["records"])
    return Ask(f"有 {context['count']} 条记录等您审核{more}。看哪一条？", choices)


def _has_one(context: Context, answers: Answers) -> bool:
    return len(context["records"]) == 1


def _chosen(context: Context, answers: Answers) -> dict[str, object]:
    records: list[dict[str, object]] = context["records"]
    return next((one for one in records if str(one["id"]) == answers.get("record")), records[0])


def _about(context: Context, answers: Answers) -> Answers:
    """The record as it was read: a changed one was not judged."""
    found = one_of("record", [str(one["id"]) for one in context["records"]], answers)
    return found | {"version": _chosen(context, answers)["version"]} if found else found


def _ask_decision(context: Context, answers: Answers) -> Ask:
    one, back = _chosen(context, answers), Choice(_RETURN, _RETURN)
    if one["accepted"]:
        return Ask(f"{one['text']}\n\n这条已经收下；有错误的可以退回，支部改好后再审。", (back,))
    return Ask(str(one["text"]), (Choice(_ACCEPT, _ACCEPT), back))


def _ask_reason(context: Context, answers: Answers) -> Ask:
    return Ask(f"请说清要改什么，会发给记录的同志（打字或语音，不超过 {MAX_REASON} 字）：")


def _read_reason(incoming: Incoming, context: Context, answers: Answers) -> str:
    text = read_words(incoming, MAX_REASON)
    if len(text) < 2:
        raise Invalid("请说清要改什么。")
    return text


def _is_accepted(context: Context, answers: Answers) -> bool:
    return answers.get("decision") != _RETURN


async def _done(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Said | Again | Start:
    person = await find_person(caller.openid)
    if person is None or person.staff_no != context["actor"]:
        return binding_changed("审核记录")
    one = _chosen(context, answers)
    accept = answers["decision"] == _ACCEPT
    try:
        await review_record(
            int(str(one["id"])),
            int(str(one["version"])),
            accept=accept,
            reason=answers.get("reason", ""),
            actor=person.staff_no,
            now=caller.at,
            accepted=bool(one["accepted"]),
        )
    except (Refusal, BadInput) as no:
        return Said(no.say if isinstance(no, Refusal) else "退回请写明理由。", (Choice("审核记录", "审核记录"),))
    done = "已收下" if accept else "已退回"
    more = (Choice("审核记录", _LATER),) if context["count"] > 1 else (Choice("任务", "任务"),)
    told = "" if accept else await say_told(RETURNED_NOTICE, f"record:{one['id']}:{one['version']}", "记录的同志")
    return Said(f"{done}：{one['name']}。{told}", more)


REVIEW_RECORD_FLOW = Flow(
    name="审核记录",
    version="2",
    ttl=timedelta(days=1),
    load=_load,
    steps=(
        Step("record", _ask_record, None, _has_one),
        Step("decision", _ask_decision),
        Step("reason", _ask_reason, _read_reason, _is_accepted),
    ),
    done=_done,
    about=_about,
)

ROUTES = (
    Route(
        to=REVIEW_RECORD_FLOW,
        words=("审核记录",),
        pattern=re.compile(r"审核记录\s*(?P<record>[0-9]{1,9})"),
        help="看支部的记录，收下或退回（审核用）",
    ),
)
