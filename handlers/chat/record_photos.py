"""Photos of records: kept as they come, late ones added to what was just confirmed; and 照片说明, one line to a question about them."""

from datetime import datetime, timedelta

from bot.conversation import Again, Answers, Ask, Caller, Choice, Context, Flow, Incoming, Said, Start, Step
from bot.messages import InMessage
from bot.routes import Match, Route
from config.refusals import BadInput
from handlers.chat.accounts import BIND_FIRST
from handlers.chat.dictation import read_words
from handlers.chat.notices import OpenThing
from models.photos import BULK
from services.people.accounts import find_person
from services.records.media import Kind
from services.records.record_media import MOST, add_late_photo, find_just_kept, keep_media, list_loose
from services.records.record_questions import MAX_ANSWER, answer_question, list_open_questions, say
from services.records.record_reviews import told
from services.records.records import list_kept_places
from services.runtime import Runtime

_WRONG = "发错了，拿掉这张"


async def keep_sent(rt: Runtime, caller: Caller, incoming: Incoming) -> None:
    """Have a photo, or a voice that was not understood, fetched at once: the platform forgets it in three days, a draft does not."""
    media = incoming.media
    person = await find_person(caller.openid)
    if media is None or person is None or (media.kind == "voice" and media.detail.get("Recognition", "").strip()):
        return
    kind: Kind = "image" if media.kind == "image" else "voice"
    await keep_media(rt.settings, kind, media.media_id, person.id, caller.at)


async def take_photo(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said | None:
    """A photo that no question takes: it belongs to the record just confirmed, or waits for the one that is begun next."""
    person = await find_person(caller.openid)
    if person is None or not message.media_id:
        return None
    record = await find_just_kept(person.id, caller.at)
    if record is not None:
        count = await add_late_photo(rt.settings, message.media_id, record.id, person, caller.at)
        full = f"（最多 {MOST} 张，多的没有保存）" if count >= MOST else ""
        return Said(f"收到，已归到刚才的{told(record)}，现在共 {count} 张照片{full}。")
    if not await list_kept_places(person.staff_no):
        return None
    await keep_media(rt.settings, "image", message.media_id, person.id, caller.at)
    count = len(await list_loose(person.id, caller.at))
    return Said(
        f"收到 {count} 张照片，先放着，30 分钟内开始记录就会放进去；不记也不要紧。要记主题党日请点：",
        (Choice("主题党日", "主题党日"), Choice("记录", "记别的")),
    )


async def _load(rt: Runtime, caller: Caller) -> Context | Said:
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    waiting = await list_open_questions(person.id)
    if not waiting:
        return Said("现在没有要您说明的照片。", (Choice("任务", "任务"),))
    first = waiting[0]
    return {
        "person": person.id,
        "question": first.id,
        "text": say(first),
        "photo": first.kind != BULK,
        "more": len(waiting) - 1,
    }


def _ask_answer(context: Context, answers: Answers) -> Ask:
    more = f"（后面还有 {context['more']} 项）" if context["more"] else ""
    wrong = (Choice(_WRONG, _WRONG),) if context["photo"] else ()
    text = (
        f"{context['text']}{more}\n这只是核对，不是批评；您的说明会和记录放在一起，先由您说明，之后审核的同志才看到。"
        f"请说明一句（打字或语音，不超过 {MAX_ANSWER} 字）："
    )
    return Ask(text, wrong)


def _read_answer(incoming: Incoming, context: Context, answers: Answers) -> str:
    return read_words(incoming, MAX_ANSWER)


async def _done(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Said | Again | Start:
    answer = answers["answer"]
    try:
        await answer_question(
            context["question"], answer, person_id=context["person"], now=caller.at, drop=answer == _WRONG
        )
    except BadInput:
        return Again("answer", f"请写一句话，不超过 {MAX_ANSWER} 字。")
    done = "已把这张照片拿掉。" if answer == _WRONG else "已记下您的说明，谢谢。"
    return Said(done, (Choice("照片说明", "下一项"),) if context["more"] else (Choice("任务", "任务"),))


EXPLAIN = Flow(
    name="照片说明",
    version="1",
    ttl=timedelta(days=7),
    load=_load,
    steps=(Step("answer", _ask_answer, _read_answer),),
    done=_done,
)


async def question_tasks(rt: Runtime, person_id: int, now: datetime) -> list[OpenThing]:
    """What stands under 任务: how many questions wait for a line."""
    waiting = await list_open_questions(person_id)
    text = f"有 {len(waiting)} 处照片或补记请您说明一句：回复 照片说明"
    return [OpenThing(text, "照片说明")] if waiting else []


ROUTES = (
    Route(to=EXPLAIN, words=("照片说明",), help="对照片、补记的疑问说明一句（支部用）"),
    Route(to=take_photo, media="image"),
)
