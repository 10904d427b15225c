"""The questions of a sheet: a step for each line, in any order that the person likes, then the vetoes, then the whole for confirmation."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import partial
from typing import Any

from bot.conversation import (
    CONFIRMATION,
    Answers,
    Ask,
    Choice,
    Context,
    Elsewhere,
    Incoming,
    Invalid,
    Step,
)
from bot.replies import plain
from bot.words import number_of
from handlers.chat.dictation import read_words
from handlers.chat.rating_lines import (
    REASON,
    SKIP,
    SUMMARY,
    VETOES,
    Item,
    declared,
    differs,
    evidence_key,
    is_far,
    is_told,
    missing,
    problem_key,
    reason_key,
    told_at,
    total,
)
from handlers.chat.rating_proofs import proof_step
from handlers.chat.rating_vetoes import veto_steps
from handlers.chat.rating_words import Told, jump_of, read_both, read_points, read_words_of
from scoring import faults
from scoring.numbers import read_decimal_in, show
from services.ratings.rating_rules import MOST_WORDS, says_nothing

_TAPPED_POINTS = 10
_SHOWN_MISSING = 5
_CLIP = 60


def steps(context: Context) -> tuple[Step, ...]:
    """All steps of a sheet."""
    return (
        *(step for n in range(len(context["items"])) for step in _line_steps(context, n)),
        *veto_steps(context),
        Step(REASON, _ask_reason, _read_reason, lambda c, a: not differs(c, a)),
        Step(SUMMARY, _ask_summary, _read_summary),
    )


def _line_steps(context: Context, n: int) -> Iterator[Step]:
    item = context["items"][n]
    problem, reason = problem_key(item), reason_key(item)
    if context["records"]:
        yield proof_step(n, context)
    yield Step(item["slot"], partial(_ask_line, n), partial(_read_line, n), partial(_is_kept, item))
    if item["wants_problem"]:
        yield Step(problem, partial(_ask_problem, item), partial(_read_problem, item), partial(_wants_no_problem, item))
    if context["limit"] is not None and item["high"] is not None:
        yield Step(
            reason, partial(_ask_far, item), _read_reason, lambda c, a: reason not in a and not is_far(c, a, item)
        )


def _is_kept(item: Item, context: Context, answers: Answers) -> bool:
    """Told on an earlier day, and not asked for anew."""
    return item["slot"] not in answers and is_told(context, answers, item)


def _wants_no_problem(item: Item, context: Context, answers: Answers) -> bool:
    answer = answers.get(item["slot"])
    return not isinstance(answer, dict) or not says_nothing(answer.get("problems", ""))


def _ask_line(n: int, context: Context, answers: Answers) -> Ask:
    item, items = context["items"][n], context["items"]
    told = told_at(context, answers, item)
    head = f"「{context['title']}」{context['name']}{context['label']} 第 {n + 1}/{len(items)} 项\n{item['label']}"
    head += f"（{item['low']}—{item['high']} 分）" if item["high"] is not None else ""
    parts = [head, *item["beside"], *_told_lines(told), _how(item, n, items)]
    return Ask("\n".join(filter(None, parts)), (*_points(item), *_ways(context, item)))


def _told_lines(told: dict[str, Any]) -> Iterator[str]:
    if told["points"] is not None or told["text"]:
        yield f"已填：{_shown(told)}"
    if told["records"]:
        yield f"佐证：已选 {len(told['records'])} 条"


def _shown(told: dict[str, Any]) -> str:
    words = [f"{told['points']} 分"] if told["points"] is not None else []
    words += [clip(told["text"])] if told["text"] else []
    words += [f"问题：{clip(told['problems'])}"] if told["problems"] else []
    return joined(words)


def joined(parts: Iterable[str]) -> str:
    """Parts of one line, each without the stop that somebody typed at its end: no 「。，」."""
    return "，".join(one.rstrip("。；，. ") for one in parts if one)


def clip(words: str) -> str:
    """Somebody's words, cut for showing and harmless."""
    return plain(words if len(words) <= _CLIP else f"{words[:_CLIP]}……")


def _how(item: Item, n: int, items: list[Item]) -> str:
    if item["high"] is None:
        both = "写成「成绩：… 问题：…」，或先写成绩，再写问题" if item["wants_problem"] else "打字或语音都行"
        return f"请写明，{both}。"
    if n == 0:
        return (
            "请回复分数。可以一次写几项，如「5 5 4 5」；也可以接着写一句，如「4 台账不全」。回复「第 7 项」可跳过去。"
        )
    return "请回复分数，可接着写一句；几项一起写也行。"


def _points(item: Item) -> Iterator[Choice]:
    """Points to tap, where they are few whole numbers."""
    if item["high"] is not None and Fraction(item["high"]) - Fraction(item["low"]) <= _TAPPED_POINTS:
        low, high = -(-Fraction(item["low"]) // 1), Fraction(item["high"]) // 1
        yield from (Choice(str(points), str(points)) for points in range(int(high), int(low) - 1, -1))


def _ways(context: Context, item: Item) -> Iterator[Choice]:
    if context["records"]:
        yield Choice("evidence", "选佐证", ("佐证",), to=evidence_key(item))
    yield Choice(SKIP, "跳过")
    yield Choice("overview", "总览", to=SUMMARY)


def _read_line(n: int, incoming: Incoming, context: Context, answers: Answers) -> Any:
    words = read_words(incoming, 2 * MOST_WORDS)
    if jump_of(words):
        return _jump(jump_of(words), context)
    item = context["items"][n]
    return _read_points(n, words, context) if item["high"] is not None else _read_told(item, words)


def _jump(number: int, context: Context) -> Elsewhere:
    if not 1 <= number <= len(context["items"]):
        raise Invalid(f"只有第 1 项到第 {len(context['items'])} 项。")
    return Elsewhere(to=context["items"][number - 1]["slot"])


def _read_points(n: int, words: str, context: Context) -> Any:
    told = read_points(words)
    if not told.points:
        raise Invalid("请先回复分数，如 4；可以接着写一句话。")
    row = [one for one in context["items"][n : n + len(told.points)] if one["high"] is not None]
    if len(row) < len(told.points):
        raise Invalid(f"从这一项起只剩 {len(row)} 项要打分，您写了 {len(told.points)} 个分数。")
    if len(row) > 1 and (told.text or told.problems):
        raise Invalid("一次写几项时请只写分数；要写话，请一项一项来。")
    given = {one["slot"]: {"points": _checked(points, one)} for one, points in zip(row, told.points, strict=True)}
    if len(row) == 1:
        return given[row[0]["slot"]] | _words(told)
    return Elsewhere(given)


def _checked(points: str, item: Item) -> str:
    try:
        return show(read_decimal_in(points, Fraction(item["low"]), Fraction(item["high"]), ""))
    except faults.BadInput as error:
        raise Invalid(f"{item['label']}：{error.say}。请重新回复。") from error


def _words(told: Told) -> dict[str, str]:
    if max(len(told.text), len(told.problems)) > MOST_WORDS:
        raise Invalid(f"每一处文字不超过 {MOST_WORDS} 字，请先说最要紧的。")
    return {"text": told.text, "problems": told.problems}


def _read_told(item: Item, words: str) -> dict[str, str]:
    if not item["wants_problem"]:
        if item["is_problem"] and says_nothing(words):
            raise Invalid("问题和不足不能空着：肯定成绩，也要查找不足。请写一两句具体的。")
        return _words(Told((), words))
    told = read_words_of(words)
    if not told.text:
        raise Invalid("请先写做法和成绩，再写问题。")
    return _words(told)


def _ask_problem(item: Item, context: Context, answers: Answers) -> Ask:
    return Ask(f"{item['label']}：成绩记下了。还有什么问题和不足？请写一两句具体的。")


def _read_problem(item: Item, incoming: Incoming, context: Context, answers: Answers) -> Any:
    words = read_words(incoming, MOST_WORDS)
    both, told = read_both(words), read_words_of(words)
    problem = told.problems if both or not told.text else words
    if says_nothing(problem):
        raise Invalid("问题和不足不能空着：肯定成绩，也要查找不足。请写一两句具体的。")
    if both:
        return Elsewhere({item["slot"]: {**answers[item["slot"]], "text": both.text}, problem_key(item): problem})
    return problem


def _ask_far(item: Item, context: Context, answers: Answers) -> Ask:
    told = told_at(context, answers, item)
    own = context["own"].get(item["slot"])
    return Ask(f"{item['label']}：自评 {own} 分，您打 {told['points']} 分，相差较大。请写一句理由：")


def _ask_reason(context: Context, answers: Answers) -> Ask:
    return Ask("这里原来已经有分数，您的分数与它不同。请用一句话写明改动的理由，会与您的姓名一起留存：")


def _read_reason(incoming: Incoming, context: Context, answers: Answers) -> str:
    return read_words(incoming, MOST_WORDS)


def _ask_summary(context: Context, answers: Answers) -> Ask:
    lacking = missing(context, answers)
    text = "\n".join([f"「{context['title']}」{context['name']}{context['label']}", *_summary(context, answers)])
    if not lacking:
        return Ask(f"{text}\n要改哪一项，回复「第 7 项」这样的序号。\n提交吗？", CONFIRMATION)
    numbers = "、".join(_runs([n for n, _ in lacking]))
    choices = tuple(
        Choice(f"to{n}", f"第 {n} 项", (f"第{n}项",), to=one["slot"]) for n, one in lacking[:_SHOWN_MISSING]
    )
    kept = "填完才能提交。可以先放下，改天接着填，填过的都在；点 取消 就都不留了。"
    return Ask(f"{text}\n还没填完：第 {numbers} 项。{kept}", choices)


def _runs(numbers: list[int]) -> Iterator[str]:
    """「3」「5—20」."""
    first = last = numbers[0]
    for number in [*numbers[1:], 0]:
        if number != last + 1:
            yield str(first) if first == last else f"{first}—{last}"
            first = number
        last = number


def _summary(context: Context, answers: Answers) -> Iterator[str]:
    items = context["items"]
    pointed = [(n, one) for n, one in enumerate(items, 1) if one["high"] is not None]
    if pointed:
        row = " ".join(f"{n}:{told_at(context, answers, one)['points'] or '—'}" for n, one in pointed)
        full = sum((Fraction(one["high"]) for _, one in pointed), Fraction(0))
        yield f"{row}\n合计 {show(total(context, answers))} 分（满分 {show(full)}）"
    for n, one in enumerate(items, 1):
        told = told_at(context, answers, one)
        if one["high"] is None:
            yield f"{n} {one['label']}：{_shown(told) or '—'}"
    if context["vetoes"] and (VETOES in answers or context["kept"]):
        yield f"一票否决事项：{_declared(context, answers)}"


def _declared(context: Context, answers: Answers) -> str:
    titles = {one["id"]: one["title"] for one in context["vetoes"]}
    return "；".join(titles[one] for one in declared(context, answers)) or "都没有"


def _read_summary(incoming: Incoming, context: Context, answers: Answers) -> Any:
    # Here a bare number can only name a line: the choices bear none.
    if number := jump_of(incoming.text) or number_of(incoming.text):
        return _jump(number, context)
    lacking = missing(context, answers)
    if lacking:
        raise Invalid(f"还没填完。请点要填的一项，或回复「第 {lacking[0][0]} 项」这样的序号。")
    raise Invalid("请点「确认」提交，或回复要改的项，如「第 7 项」。")
