"""Declaring what would strike the subject out, rule by rule: nothing of it, or these, each with time and circumstances."""

from collections.abc import Iterator, Mapping
from functools import partial

from bot.conversation import Answers, Ask, Choice, Context, Incoming, Invalid, Step
from bot.words import CONFIRM
from handlers.chat.dictation import read_words
from handlers.chat.rating_lines import VETOES, declared
from handlers.chat.rating_words import read_points
from services.ratings.rating_rules import MOST_WORDS


def veto_steps(context: Context) -> Iterator[Step]:
    """One step for all rules, and one more for each that is declared."""
    if context["vetoes"]:
        slots = [f"veto.{one['id']}" for one in context["vetoes"]]
        yield Step(
            VETOES, _ask_vetoes, _read_vetoes, lambda c, a: VETOES not in a and all(one in c["kept"] for one in slots)
        )
    for one in context["vetoes"]:
        yield Step(
            f"veto.{one['id']}", partial(_ask_veto, one), _read_circumstances, partial(_is_not_declared, one["id"])
        )


def _is_not_declared(rule: str, context: Context, answers: Answers) -> bool:
    return VETOES not in answers or rule not in declared(context, answers)


def _ask_vetoes(context: Context, answers: Answers) -> Ask:
    """The last choice bears 确认's value, so that no stray digit declares anything: a number here names a rule."""
    vetoes = context["vetoes"]
    text = f"请对照以下 {len(vetoes)} 条逐项申报：有一条的，点那一条；有几条的，回复序号，如 2 5；没有的，点「以上都没有」。"
    choices = (Choice(one["id"], f"{n} {one['title']}", says=f"有第 {n} 条") for n, one in enumerate(vetoes, 1))
    return Ask(text, (*choices, Choice(CONFIRM, "以上都没有", ("无", "没有", "都没有"))))


def _read_vetoes(incoming: Incoming, context: Context, answers: Answers) -> str:
    told, vetoes = read_points(incoming.text), context["vetoes"]
    if (
        not told.points
        or told.text
        or any(not one.isdigit() or not 1 <= int(one) <= len(vetoes) for one in told.points)
    ):
        raise Invalid("请回复有的那几条的序号，如 2 5；都没有，请点「以上都没有」。")
    return ",".join(dict.fromkeys(vetoes[int(one) - 1]["id"] for one in told.points))


def _ask_veto(veto: Mapping[str, str], context: Context, answers: Answers) -> Ask:
    return Ask(f"您申报了「{veto['title']}」。请写明时间和情况，一两句话即可；是否成立由有权的同志认定。")


def _read_circumstances(incoming: Incoming, context: Context, answers: Answers) -> str:
    return read_words(incoming, MOST_WORDS)
