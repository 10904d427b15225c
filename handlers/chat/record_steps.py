"""The questions of a record between the first sentence and 确认: only what was not said, and what is to be corrected. Pure."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from bot.conversation import Answers, Ask, Choice, Context, Incoming, Invalid, Step
from bot.replies import plain
from bot.words import normal
from config.clock import SHANGHAI
from handlers.chat.dictation import read_words
from handlers.chat.record_drafts import branch_of, draft_of, draft_photos, has_topic, kind_of, topic_word, words_of
from services.day_words import find_day
from services.records.record_media import MOST
from services.records.record_reading import Named, read_missing, read_record

_MOST_WORDS, _MOST_TOPIC, _MOST_PLACE = 1000, 200, 100
_NODS = frozenset(
    {"好", "好的", "好了", "对", "对的", "是", "是的", "可以", "没错", "行", "嗯", "ok", "提交", "收到", "谢谢"}
)
_OTHERS = re.compile("其余|其他|其它|别的|别人|剩下")
_BURDEN = "照片可附可不附；不用发位置。"


def gather(incoming: Incoming, context: Context, answers: Answers, at: str) -> Answers | None:
    """Photos and voice at any question, and at the draft whatever else is said, go into the draft (design §6b: no location)."""
    media = incoming.media
    if media is not None and media.kind == "location":
        raise Invalid("不需要位置，没有保存。请用文字说地点就行。")
    if media is not None and media.kind not in ("image", "voice"):
        raise Invalid("这里只收文字、语音和照片；视频、链接没有保存。")
    if media is not None and media.kind == "image":
        return _with_photo(answers, media.media_id)
    if media is not None and not media.detail.get("Recognition", "").strip():
        return _with(answers, "voices", media.media_id)
    if at != "confirm" or (media is None and _is_nod(incoming.text)):
        return None
    said = _said(incoming)
    return _with(_with_absence(said[1], context, answers), "texts", said)


def _with_absence(text: str, context: Context, answers: Answers) -> Answers:
    """Who was missing by a list that was corrected, and by what is said after it. Words that fit nobody are asked about, not dropped.

    Only 「都来了」 alone undoes the list: within minutes (「大家都参加了讨论」), or of the others, it says nothing of those on it.
    """
    if "absent" not in answers:
        return answers
    people = branch_of(context, answers)["people"]
    named = [Named(one["id"], one["name"], one["staff_no"]) for one in people]
    said = read_record(text, date.fromisoformat(context["today"]), named)
    if said.unclear:
        raise Invalid(f"{'；'.join(said.unclear)}。这一句还没有记下，请写准姓名或工号再说一遍。")
    if said.all_there and not said.words and not _OTHERS.search(text):
        return {**answers, "absent": ""}
    expected = {one["id"] for one in people if one["expected"]}
    missing = {str(person): word for person, word in said.absent.items() if person in expected}
    return {**answers, "absent": {**(answers["absent"] or {}), **missing}} if missing else answers


def _is_nod(text: str) -> bool:
    """「好的」「1」 are meant as an answer, not as minutes; the choices are shown again then."""
    return normal(text).isdigit() or normal(text) in _NODS


def _with_photo(answers: Answers, media_id: str) -> Answers:
    if len(answers.get("say", {}).get("photos", ())) >= MOST:
        raise Invalid(f"一次最多 {MOST} 张照片，这一张没有保存。")
    return {key: value for key, value in _with(answers, "photos", media_id).items() if key != "photos"}


def _with(answers: Answers, what: str, value: Any) -> dict[str, Any]:
    """The same thing twice is there once: a message may come again."""
    said = dict(answers.get("say", {}))
    there = said.get(what, [])
    return {**answers, "say": said | {what: there if value in there else [*there, value]}}


def _said(incoming: Incoming) -> list[Any]:
    return [incoming.sent_at, read_words(incoming, _MOST_WORDS)]


def _ask_say(context: Context, answers: Answers) -> Ask:
    kind = kind_of(context)
    loose = len(context.get("loose", ()))
    there = f"刚才发的 {loose} 张照片会放进来。" if loose else ""
    arrived = (context.get("muster") or {}).get("arrived")
    scanned = f"已扫码 {len(arrived)} 人。" if arrived else ""
    who = "没说缺席的都算到了。" if kind.attend != "nobody" else ""
    return Ask(
        f"记一次{kind.title}：一句话、语音、照片都行，顺序随意。\n{kind.hint}。\n{there}{scanned}没说日期算今天。{who}{_BURDEN}"
    )


def _read_say(incoming: Incoming, context: Context, answers: Answers) -> dict[str, Any]:
    return {"texts": [_said(incoming)]}


def _is_there(context: Context, answers: Answers) -> bool:
    return bool(context.get("before")) and "say" not in answers


def _ask_more(context: Context, answers: Answers) -> Ask:
    photos, said = len(draft_photos(context, answers)), answers.get("say", {})
    there = [f"收到 {photos} 张照片"] if photos else []
    there += ["语音已保存，但没能转成文字"] if said.get("voices") else []
    before = f"{'，'.join(there)}。" if there else "记下了。"
    return Ask(f"{before}请用一句话说说主题或内容（谁没来、在哪里，也可以一起说）：")


def _read_more(incoming: Incoming, context: Context, answers: Answers) -> list[Any]:
    said = _said(incoming)
    if not has_topic(context, {**answers, "more": said}):
        raise Invalid("还没有听出主题或内容，请说说做了什么，如：学习党章。")
    return said


def _needs_no_more(context: Context, answers: Answers) -> bool:
    return "more" not in answers and ("say" not in answers or has_topic(context, answers))


def _ask_concerns(context: Context, answers: Answers) -> Ask:
    return Ask(f"{kind_of(context).concerns}？请回复姓名（本支部的人）。")


def _read_concerns(incoming: Incoming, context: Context, answers: Answers) -> int:
    text = read_words(incoming, 64).strip()
    people = branch_of(context, answers)["people"]
    found = [one["id"] for one in people if text in (one["name"], one["staff_no"])]
    if len(found) == 1:
        return int(found[0])
    raise Invalid(f"有 {len(found)} 位同名的，请回复工号。" if found else "名册里没有找到，请回复全名或工号。")


def _needs_no_concerns(context: Context, answers: Answers) -> bool:
    if "concerns" in answers or not kind_of(context).concerns:
        return "concerns" not in answers
    return draft_of(context, answers).concerns is not None


def _ask_stage(context: Context, answers: Answers) -> Ask:
    options = kind_of(context).options
    return Ask(f"{options.label}？", tuple(Choice(word, word) for word in options.words)) if options else Ask("")


def _needs_no_stage(context: Context, answers: Answers) -> bool:
    if "stage" in answers or kind_of(context).options is None:
        return "stage" not in answers
    return bool(draft_of(context, answers).stage)


def _text_ask(what: str, most: int) -> Callable[[Context, Answers], Ask]:
    def ask(context: Context, answers: Answers) -> Ask:
        now = getattr(draft_of(context, answers), what)
        label = topic_word(kind_of(context)) if what == "topic" else _LABELS[what]
        return Ask(f"{label}现在是：{plain(now) if now else '（空）'}\n请回复新的（不超过 {most} 字）：")

    return ask


_LABELS = {"place": "地点", "minutes": "记录"}


def _text_read(most: int) -> Callable[[Incoming, Context, Answers], str]:
    return lambda incoming, context, answers: read_words(incoming, most)


def _ask_day(context: Context, answers: Answers) -> Ask:
    now = draft_of(context, answers).held_on
    return Ask(f"日期现在是 {now.isoformat()}。请回复哪一天，如：今天、昨天、11月5日。")


def _read_day(incoming: Incoming, context: Context, answers: Answers) -> str:
    today = _today(incoming, context)
    said = find_day(read_words(incoming, 64), today, ahead=False)
    if said is None:
        raise Invalid("没有看懂是哪一天，请回复如：昨天、11月5日、2022-01-05。")
    if said.day > today:
        raise Invalid("这一天还没有到。请回复已经过去的日子。")
    return said.day.isoformat()


def _today(incoming: Incoming, context: Context) -> date:
    if not incoming.sent_at:
        return date.fromisoformat(context["today"])
    return datetime.fromtimestamp(incoming.sent_at, UTC).astimezone(SHANGHAI).date()


_NOBODY = ("全到", "都到了", "无", "没有", "没有人", "没人", "无人", "没有缺席", "无人缺席", "没有人缺席")


def _ask_absent(context: Context, answers: Answers) -> Ask:
    return Ask("谁没来？请回复姓名，如：张三请假、李四出差。都来了请点：", (Choice("", "都来了", _NOBODY),))


def _read_absent(incoming: Incoming, context: Context, answers: Answers) -> dict[str, str]:
    """Names with or without what became of them; whoever is expected and not named was there."""
    branch = branch_of(context, answers)
    people = [Named(one["id"], one["name"], one["staff_no"]) for one in branch["people"] if one["expected"]]
    text = read_words(incoming, _MOST_WORDS)
    said = read_record(text, date.fromisoformat(context["today"]), people)
    if said.unclear:
        raise Invalid(f"{'；'.join(said.unclear)}。请再说一遍谁没来。")
    absent = dict.fromkeys(said.named, "缺席") | dict(said.absent)
    if not absent and not said.all_there:
        raise Invalid("应到的人里没有找到这个姓名。请回复全名或工号；都来了请点「都来了」。")
    return {str(person): word for person, word in absent.items()}


def _ask_checks(context: Context, answers: Answers) -> Ask:
    labels = "\n".join(f"· {check.label}" for check in kind_of(context).checks)
    return Ask(f"哪一项没有做到或缺少？请说出是哪项、什么原因：\n{labels}", (Choice("", "都做到了", ("都有",)),))


def _read_checks(incoming: Incoming, context: Context, answers: Answers) -> dict[str, Any]:
    text = read_words(incoming, _MOST_WORDS)
    missing = read_missing(text, words_of(kind_of(context).checks), negated=False)
    if not missing:
        raise Invalid("没有听出是哪一项，请用上面的词说，如：程序没有走完，因为时间不够。")
    return {"missing": list(missing), "remark": text}


def _ask_photos(context: Context, answers: Answers) -> Ask:
    count = len(draft_photos(context, {key: value for key, value in answers.items() if key != "photos"}))
    return Ask(f"现在有 {count} 张照片。", (Choice("all", "都留着"), Choice("none", "一张也不要")))


def _corrected(key: str) -> Callable[[Context, Answers], bool]:
    """A correction is asked for only when it is wanted; then it stays."""
    return lambda context, answers: key not in answers


STEPS = (
    Step("say", _ask_say, _read_say, _is_there),
    Step("more", _ask_more, _read_more, _needs_no_more),
    Step("concerns", _ask_concerns, _read_concerns, _needs_no_concerns),
    Step("stage", _ask_stage, None, _needs_no_stage),
    Step("topic", _text_ask("topic", _MOST_TOPIC), _text_read(_MOST_TOPIC), _corrected("topic")),
    Step("held_on", _ask_day, _read_day, _corrected("held_on")),
    Step("place", _text_ask("place", _MOST_PLACE), _text_read(_MOST_PLACE), _corrected("place")),
    Step("absent", _ask_absent, _read_absent, _corrected("absent")),
    Step("minutes", _text_ask("minutes", _MOST_WORDS), _text_read(_MOST_WORDS), _corrected("minutes")),
    Step("checks", _ask_checks, _read_checks, _corrected("checks")),
    Step("photos", _ask_photos, None, _corrected("photos")),
)
