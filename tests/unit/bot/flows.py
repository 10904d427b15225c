"""Flows for the engine's tests: choices, free text, photos, skipped steps, numbers as labels, a confirmation."""

from datetime import timedelta

from bot.conversation import CONFIRMATION, Again, Ask, Choice, Elsewhere, Flow, Incoming, Invalid, Said, Step

GRADES = (Choice("good", "好"), Choice("better", "较好"), Choice("fair", "一般", ("中",)), Choice("poor", "差"))


def read_name(incoming: Incoming, context: dict, answers: dict) -> str:
    if incoming.media is not None or len(incoming.text.strip()) < 2:
        raise Invalid("请写出姓名。")
    return incoming.text.strip()


def read_photo(incoming: Incoming, context: dict, answers: dict) -> str:
    if incoming.media is None or incoming.media.kind != "image":
        raise Invalid("请发一张照片。")
    return incoming.media.media_id


def ask_confirm(context: dict, answers: dict) -> Ask:
    return Ask(f"请确认：{answers['name']}", CONFIRMATION)


async def load(rt: object, caller: object) -> dict:
    return {"n": 2}


async def done(rt: object, caller: object, context: dict, answers: dict) -> Said | Again:
    return Said("好了")


FORM = Flow(
    name="登记",
    version="1",
    ttl=timedelta(days=3),
    load=load,
    steps=(
        Step("name", lambda c, a: Ask("姓名？"), read_name),
        Step("grade", lambda c, a: Ask(f"{a['name']}怎么样？", GRADES)),
        Step("why", lambda c, a: Ask("为什么？"), skip_if=lambda c, a: a.get("grade") != "poor"),
        Step("points", lambda c, a: Ask("几分？", tuple(Choice(f"p{n}", str(n)) for n in (5, 3, 1)))),
        Step("photo", lambda c, a: Ask("照片？"), read_photo, skip_if=lambda c, a: a.get("points") == "p5"),
        Step("confirm", ask_confirm),
    ),
    done=done,
)


def ballot_steps(context: dict) -> tuple[Step, ...]:
    subjects = range(context["n"])
    return (
        *(Step(f"q{n}", lambda c, a, n=n: Ask(f"第{n + 1}位？", GRADES)) for n in subjects),
        Step("confirm", lambda c, a: Ask("提交？", CONFIRMATION)),
    )


BALLOT = Flow("投票", "1", timedelta(minutes=30), load, ballot_steps, done, secret=True, keep_draft=False)


def read_points(incoming: Incoming, context: dict, answers: dict) -> str | Elsewhere:
    """「5 4」 answers this question and the next; 「第3题」 leads there."""
    if incoming.text.startswith("第"):
        return Elsewhere(to=f"q{int(incoming.text[1]) - 1}")
    first = next(n for n in range(context["n"]) if f"q{n}" not in answers)
    return Elsewhere({f"q{first + n}": points for n, points in enumerate(incoming.text.split())})


def sheet_steps(context: dict) -> tuple[Step, ...]:
    overview = Choice("overview", "总览", to="confirm")
    return (
        *(
            Step(f"q{n}", lambda c, a, n=n: Ask(f"第{n + 1}题？", (overview,)), read_points)
            for n in range(context["n"])
        ),
        Step("confirm", lambda c, a: Ask(f"已填 {len(a)} 题", CONFIRMATION)),
    )


SHEET = Flow("打分表", "1", timedelta(days=3), load, sheet_steps, done)
