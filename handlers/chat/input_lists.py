"""Several subjects of 打分 at once: 「张三 90 李四 85」, each found by name or code, each with its one number. Pure."""

import unicodedata
from fractions import Fraction
from typing import Any

from bot.conversation import Answers, Context, Invalid
from bot.replies import plain
from scoring import faults
from scoring.numbers import read_decimal_in, show

Subject = dict[str, Any]
"""As `handlers.chat.inputs` puts it into the context; slots and cycles are mappings of the same kind."""


def cycle_of(context: Context, answers: Answers) -> Subject:
    """The cycle that is rated in."""
    cycles: list[Subject] = context["cycles"]
    return next((one for one in cycles if str(one["id"]) == answers.get("cycle")), cycles[0])


def code_of(subject: Subject) -> str:
    """The code by which people know a subject."""
    return str(subject["key"].partition(":")[2])


def named(text: str, subjects: list[Subject]) -> list[Subject]:
    """The subjects that go by this code or name."""
    wanted = unicodedata.normalize("NFKC", text).strip().casefold()
    return [one for one in subjects if wanted in (code_of(one).casefold(), one["name"].casefold())]


def told(subject: Subject, subjects: list[Subject]) -> str:
    """Its name, with the code where another goes by the same."""
    name = str(subject["name"])
    return f"{name}（{code_of(subject)}）" if len(named(name, subjects)) > 1 else name


def find_one(text: str, subjects: list[Subject]) -> Subject:
    """The one subject of that code or name; raises `Invalid`."""
    found = named(text, subjects)
    if len(found) == 1:
        return found[0]
    if found:
        raise Invalid(f"有 {len(found)} 个同名的，请回复编号：{'、'.join(code_of(one) for one in found)}")
    raise Invalid(f"名单里没有「{plain(text)}」，请再核对。")


def only_number(subject: Subject) -> str:
    """The slot of its one number, "" where it has another or none."""
    numbers = [one["slot"] for one in subject["slots"] if one["high"]]
    return str(numbers[0]) if len(numbers) == 1 else ""


def read_listed(pairs: list[tuple[str, str]], subjects: list[Subject]) -> list[list[str]]:
    """Key and points of each; all of one slot, so that it is plain what is meant."""
    found = [(find_one(name, subjects), points) for name, points in pairs]
    slots = {only_number(subject) for subject, _ in found}
    if len(slots) > 1 or "" in slots:
        raise Invalid("这里每个要打的不止一项，请一个一个来：先回复名称或编号。")
    if len({subject["key"] for subject, _ in found}) < len(found):
        raise Invalid("同一个名称写了两次，请重新回复。")
    return [[subject["key"], in_range(points, number_of(subject))] for subject, points in found]


def in_range(text: str, slot: Subject) -> str:
    """The points in one spelling, where they lie within the slot; raises `Invalid`."""
    try:
        return show(read_decimal_in(text, Fraction(slot["low"]), Fraction(slot["high"]), ""))
    except faults.BadInput as error:
        raise Invalid(f"{error.say}。请重新回复分数。") from error


def number_of(subject: Subject) -> Subject:
    """The one number of a subject."""
    return next(one for one in subject["slots"] if one["high"])


def is_list(answers: Answers) -> bool:
    """Whether several subjects were told at once, with their points."""
    return isinstance(answers.get("subject"), list)


def listed(context: Context, answers: Answers) -> list[tuple[Subject, str]]:
    """The subjects of a list with their points; without those that are gone."""
    subjects = {one["key"]: one for one in cycle_of(context, answers)["subjects"]}
    return [(subjects[key], points) for key, points in answers["subject"] if key in subjects]


def changed(context: Context, answers: Answers) -> list[tuple[Subject, str]]:
    """Those of a list whose standing points differ."""
    return [
        (one, points) for one, points in listed(context, answers) if number_of(one)["current"] not in (None, points)
    ]
