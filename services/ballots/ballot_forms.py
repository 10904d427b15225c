"""The frozen form of a poll as the rules engine reads it, and whether a ballot keeps it. Pure.

Nobody votes on themselves: where a voter is a subject, their own places count as 弃权, whatever the form offers (ADR 0006).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from scoring.filling import problems
from scoring.forms import ABSTAIN, BallotForm

Form = Mapping[str, Any]
"""As `models.polls.Poll.form`."""


def option_words(form: Form) -> list[str]:
    """The options of a form in order; the place of each is its number in a ballot. 弃权 last, where a ballot may hold it."""
    words = [word for word, _ in form["options"]]
    return [*words, ABSTAIN] if form["abstain"] or any("person" in one for one in form.get("subjects", ())) else words


def own_place(form: Form, person_id: int) -> int | None:
    """The number of the subject that is the voter, None where they are none."""
    places = (number for number, one in enumerate(form["subjects"]) if one.get("person") == person_id)
    return next(places, None)


def sheet_of(form: Form) -> BallotForm:
    """The form as `scoring.filling` takes it."""
    return _sheet(json.dumps([form["items"], form["options"], form["abstain"], form.get("rules", [])]))


@lru_cache(maxsize=256)
def _sheet(text: str) -> BallotForm:
    items, options, abstain, rules = json.loads(text)
    about = {"title": "测评票", "clause": "测评文件", "fact": "A16"}
    fields = about | {"items": items, "options": dict(options), "abstain": abstain, "rules": rules}
    return BallotForm.model_validate_json(json.dumps(fields))


def names_of(subjects: Sequence[Mapping[str, Any]]) -> list[str]:
    """What subjects are called on a ballot, no two alike."""
    names = [one["name"] for one in subjects]
    return [name if names.count(name) == 1 else f"{name}（{subjects[n]['note']}）" for n, name in enumerate(names)]


def ballot_faults(form: Form, choices: Sequence[int], own: int | None = None) -> tuple[str, ...]:
    """What is wrong with a ballot, a Chinese sentence each. `own`: the number of the subject that is the voter."""
    words, items, names = option_words(form), form["items"], names_of(form["subjects"])
    if len(choices) != len(names) * len(items) or not all(0 <= choice < len(words) for choice in choices):
        return ("这张票与票样不符",)
    rows = {
        name: dict(zip(items, row, strict=True)) for name, row in zip(names, _rows(words, items, choices), strict=True)
    }
    if own is not None and set(rows.pop(names[own]).values()) != {ABSTAIN}:
        return ("不能给自己投票",)
    return problems(sheet_of(form), list(rows), rows)


def _rows(words: Sequence[str], items: Sequence[str], choices: Sequence[int]) -> Iterator[list[str]]:
    for start in range(0, len(choices), len(items)):
        yield [words[choice] for choice in choices[start : start + len(items)]]


def is_valid(form: Form, choices: Sequence[int]) -> bool:
    """Whether somebody can have filled the ballot so: who it was is not known when ballots are opened."""
    voters = [None, *(number for number, one in enumerate(form["subjects"]) if "person" in one)]
    return any(not ballot_faults(form, choices, own) for own in voters)
