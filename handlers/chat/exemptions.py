"""免评: asking to be left out of a cycle, for oneself or one's branch; and the office's decision (S2-34, two steps)."""

from datetime import timedelta

from bot.conversation import (
    CONFIRMATION,
    Again,
    Answers,
    Ask,
    Caller,
    Choice,
    Context,
    Flow,
    Incoming,
    Said,
    Start,
    Step,
)
from bot.replies import plain
from bot.routes import Route
from config.clock import shown
from handlers.chat.about import about_one
from handlers.chat.accounts import BIND_FIRST, binding_changed
from handlers.chat.dictation import read_words
from handlers.chat.pending import Case, Verdict, verdict_flow
from models.cycles import Cycle, CycleSubject
from models.exemptions import APPLIED, APPROVED, Exemption
from models.people import Person
from services.entitlements import Actor
from services.notices.notices import say_told
from services.people.accounts import find_person
from services.requests.exemptions import (
    DECIDE_WORD,
    PENDING,
    apply_exemption,
    decide_exemption,
    find_standing,
    list_appliable,
)
from services.runtime import Runtime

_MOST_REASON = 500
_STATES = {APPLIED: "已申请，等待组织部门批准", APPROVED: "已批准，不列入考核"}
_NONE = Said("现在没有可以申请免评的考核：考核名单里没有您和您负责的支部，或结果已经公布。有疑问请联系组织部门。")
_YES, _NO = "approve", "reject"


async def _load(rt: Runtime, caller: Caller) -> Context | Said:
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    found = [(cycle, subject, await find_standing(subject.id)) for cycle, subject in await list_appliable(person)]
    if not found:
        return _NONE
    standing = [_standing(*one) for one in found if _is_settled(one[1], one[2])]
    free = [_free(cycle, subject, person) for cycle, subject, last in found if not _is_settled(subject, last)]
    if not free:
        return Said("\n".join(standing), (Choice("任务", "任务"),))
    return {"actor": person.staff_no, "standing": standing, "subjects": free}


def _is_settled(subject: CycleSubject, last: Exemption | None) -> bool:
    return subject.exempt is not None or (last is not None and last.state in _STATES)


def _standing(cycle: Cycle, subject: CycleSubject, last: Exemption | None) -> str:
    if last is None or last.state not in _STATES:
        return f"「{cycle.title}」{subject.name}：不列入考核（{subject.exempt}）"
    return f"「{cycle.title}」{subject.name}：{_STATES[last.state]}（{shown(last.applied_at)} 申请）"


def _free(cycle: Cycle, subject: CycleSubject, person: Person) -> dict[str, str]:
    who = "我本人" if subject.person_id == person.id else subject.name
    return {"id": f"{cycle.id} {subject.key}", "label": f"{who}（{cycle.title}）", "name": subject.name}


def _subject(context: Context, answers: Answers) -> dict[str, str]:
    subjects: list[dict[str, str]] = context["subjects"]
    return next((one for one in subjects if one["id"] == answers.get("subject")), subjects[0])


def _ask_subject(context: Context, answers: Answers) -> Ask:
    before = "\n".join([*context["standing"], ""]) if context["standing"] else ""
    return Ask(
        f"{before}为谁申请不列入本次考核？", tuple(Choice(one["id"], one["label"]) for one in context["subjects"])
    )


def _before(context: Context) -> str:
    """What was applied for already, above the first question."""
    return "\n".join([*context["standing"], "", ""]) if context["standing"] else ""


def _has_one_subject(context: Context, answers: Answers) -> bool:
    return len(context["subjects"]) == 1


def _ask_reason(context: Context, answers: Answers) -> Ask:
    before = _before(context) if _has_one_subject(context, answers) else ""
    return Ask(
        f"{before}为{plain(_subject(context, answers)['label'])}申请免评。请说明特殊原因，打字或语音都行，"
        f"不超过 {_MOST_REASON} 字。组织部门批准后暂不列入，批准前照常考核。"
    )


def _read_reason(incoming: Incoming, context: Context, answers: Answers) -> str:
    return read_words(incoming, _MOST_REASON)


def _ask_confirm(context: Context, answers: Answers) -> Ask:
    return Ask(
        f"{plain(_subject(context, answers)['label'])}\n理由：{plain(answers['reason'])}\n提交吗？", CONFIRMATION
    )


async def _done(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Said | Again | Start:
    person = await find_person(caller.openid)
    if person is None or person.staff_no != context["actor"]:
        return binding_changed("免评", "没有提交")
    cycle_id, _, key = _subject(context, answers)["id"].partition(" ")
    await apply_exemption(int(cycle_id), key, reason=answers["reason"], now=caller.at, actor=person.staff_no)
    return Said("已提交，组织部门有了决定会通知您；想看进展，回复 免评。", (Choice("任务", "任务"),))


APPLY_EXEMPTION = Flow(
    name="免评",
    version="1",
    ttl=timedelta(days=7),
    load=_load,
    steps=(
        Step("subject", _ask_subject, None, _has_one_subject),
        Step("reason", _ask_reason, _read_reason),
        Step("confirm", _ask_confirm),
    ),
    done=_done,
    about=about_one("subject", lambda context: [one["id"] for one in context["subjects"]]),
)


async def _find_cases(actor: Actor) -> list[Case]:
    return [_case(one) for one in await PENDING.list_for(actor)]


def _case(one: Exemption) -> Case:
    about = f"{one.subject.name}（{one.subject.cycle.title}）"
    return Case(one.id, about, f"{about}申请不列入考核，{shown(one.applied_at)} 提出。\n理由：{one.reason}")


async def _decide(verdict: Verdict) -> str:
    made = await decide_exemption(
        verdict.case_id,
        approve=verdict.choice == _YES,
        reason=verdict.words,
        now=verdict.at,
        actor=verdict.actor,
    )
    done = "已批准，从下一次计算起不列入。" if made.state == APPROVED else "已记下：没有批准。"
    return done + await say_told("exemption", f"exemption:{made.id}", "申请人")


DECIDE_EXEMPTION = verdict_flow(
    name=DECIDE_WORD,
    find=_find_cases,
    choices=(Choice(_YES, "批准"), Choice(_NO, "不批准")),
    ask="请写明理由",
    decide=_decide,
    nothing="现在没有等您决定的免评申请。",
)

ROUTES = (
    Route(to=APPLY_EXEMPTION, words=("免评",), help="因特殊原因申请不列入本次考核"),
    Route(to=DECIDE_EXEMPTION, words=(DECIDE_WORD,), help="批准或不批准免评申请（组织部门用）"),
)
