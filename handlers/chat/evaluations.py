"""民主测评 outside a meeting: one ballot over a whole branch, filled in one pass. A secret flow like 投票 (design §5)."""

from collections.abc import Callable
from datetime import timedelta

from bot.conversation import (
    CONFIRMATION,
    Answers,
    Ask,
    Caller,
    Choice,
    Context,
    Elsewhere,
    Flow,
    Incoming,
    Invalid,
    Said,
    Step,
)
from bot.words import CONFIRM
from config.clock import shown
from handlers.chat.evaluation_sheets import Sheet, read_line
from handlers.chat.poll_ballots import SMALL, STATEMENT, cast, load_ballot
from services.ballots.ballot_forms import own_place
from services.runtime import Runtime

_PAGE = 10
_OWN = "· 名单里没有您自己：您对自己的一格按弃权计，所以从票数可能看出谁没有投票。\n"
_HOW = "（也可一次填几个，回复如：{example}）"


async def _load(rt: Runtime, caller: Caller) -> Context | Said:
    loaded = await load_ballot(caller)
    if isinstance(loaded, Said):
        return loaded
    ballot, sealing = loaded
    form = ballot.poll.form
    until = shown(ballot.poll.closes_at) if ballot.poll.closes_at else ""
    return {**sealing, "form": form, "own": own_place(form, ballot.person_id), "until": until}


def _sheet(context: Context, answers: Answers) -> Sheet:
    return Sheet(
        context["form"], context["own"], {int(key[1:]): word for key, word in answers.items() if key != CONFIRM}
    )


def _steps(context: Context) -> tuple[Step, ...]:
    sheet = _sheet(context, {})
    widest = max(sheet.words, key=lambda word: len(word.encode()))
    places = (Step(_key(n), _question(n), _read, widest=widest) for n in range(sheet.size))
    return (*places, Step(CONFIRM, _ask_confirm, _read))


def _key(place: int) -> str:
    return f"q{place}"


def _question(place: int) -> Callable[[Context, Answers], Ask]:
    def ask(context: Context, answers: Answers) -> Ask:
        sheet = _sheet(context, answers)
        before = f"{_first(context)}\n" if not answers else ""
        text = _size(context, sheet) if not answers else _page(context, sheet, place)
        return Ask(text + f"\n请评 {place + 1} {sheet.names[place]}：", _choices(sheet, place), before)

    return ask


def _choices(sheet: Sheet, place: int) -> tuple[Choice, ...]:
    """Every option, always under its number: one that the rules leave no room for only asks again. Then one for all that are left."""
    fitting = sheet.allowed(place)
    choices = [Choice(word, word) if word in fitting else _unfit(word, place) for word in sheet.words]
    if sheet.given and place not in sheet.given and len(sheet.empty()) > 1:
        for word in sheet.fitting_rest():
            rest = tuple((_key(n), word) for n in sheet.empty())
            choices.append(Choice(word, f"其余都“{word}”", (f"其余都{word}", f"其余{word}"), also=rest))
    return tuple(choices)


def _unfit(word: str, place: int) -> Choice:
    return Choice(word, f"{word}（不能给）", (word,), to=_key(place))


def _first(context: Context) -> str:
    """Told before the first question, and only until it is answered: what is kept secret and what not."""
    about = (SMALL if context["small"] else "") + (_OWN if context["own"] is not None else "")
    return f"{STATEMENT}\n{about}\n「{context['title']}」"


def _size(context: Context, sheet: Sheet) -> str:
    until = f"{context['until']} 截止，" if context["until"] else ""
    return f"{until}共 {sheet.size} 项，请一次填完：停下超过 30 分钟要重填。{_hints(sheet)}"


def _page(context: Context, sheet: Sheet, place: int) -> str:
    """Ten places around the one that is asked for, with what is given."""
    start = place // _PAGE * _PAGE
    pages = -(-sheet.size // _PAGE)
    head = f"已填 {len(sheet.given)}/{sheet.size}" + (f"（第 {place // _PAGE + 1}/{pages} 页）" if pages > 1 else "")
    lines = [_line(sheet, n) for n in range(start, min(start + _PAGE, sheet.size))]
    # Said once, when the first answer shows how it goes.
    is_second = len(sheet.given) == 1 and sheet.size > 3
    how = [_HOW.format(example=f"2 3 {(sheet.fitting_rest() or sheet.words)[0]}")] if is_second else []
    return "\n".join([head, *lines, *how]) + _hints(sheet)


def _line(sheet: Sheet, place: int) -> str:
    return f"{place + 1} {sheet.names[place]}：{sheet.given.get(place, '')}"


def _hints(sheet: Sheet) -> str:
    return f"\n{'；'.join(hints)}。" if (hints := sheet.hints()) else ""


def _ask_confirm(context: Context, answers: Answers) -> Ask:
    sheet = _sheet(context, answers)
    lines = "\n".join(_whole(sheet, context["form"]["items"]))
    return Ask(
        f"「{context['title']}」您的选票：\n{lines}\n\n回复 确认 提交，提交后不能更改。"
        f"要改，回复编号和选项，如：{_example(sheet)}",
        CONFIRMATION,
    )


def _whole(sheet: Sheet, items: list[str]) -> list[str]:
    """Every place with its answer; of several items for several people a line each person, so that thirty fit into few screens."""
    if len(items) == 1 or len(sheet.subjects) == 1:
        return [_line(sheet, n) for n in range(sheet.size)]
    rows = [range(start, start + len(items)) for start in range(0, sheet.size, len(items))]
    lines = ("、".join(f"{n + 1} {sheet.given[n]}" for n in row) for row in rows)
    return [
        f"（依次为 {'、'.join(items)}）",
        *(f"{name}：{line}" for name, line in zip(sheet.subjects, lines, strict=True)),
    ]


def _example(sheet: Sheet) -> str:
    """A change that could be made."""
    others = [word for word in sheet.allowed(0) if word != sheet.given[0]]
    return f"1 {(others or sheet.words)[0]}"


def _read(incoming: Incoming, context: Context, answers: Answers) -> Elsewhere:
    """「2 5 优秀 其余称职」 fills several places at once; 「改3」 asks for one of them again."""
    sheet = _sheet(context, answers)
    try:
        found = read_line(sheet, "" if incoming.media else incoming.text)
    except ValueError as unfit:
        raise Invalid(str(unfit)) from None
    if isinstance(found, int):
        return Elsewhere(to=_key(found))
    return Elsewhere({_key(place): word for place, word in found.items()})


async def _done(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Said:
    sheet = _sheet(context, answers)
    return await cast(caller, context, sheet.choices(), context["form"])


EVALUATE = Flow(
    name="民主测评",
    word="投票",
    version="1",
    ttl=timedelta(minutes=30),
    load=_load,
    steps=_steps,
    done=_done,
    secret=True,
    keep_draft=False,
    late_text="请回复 投票 继续。",
)
