"""The linter's rules about days: deadlines that contradict each other, days that are no days, names that change."""

import re
from collections.abc import Iterator

from scoring.findings import Finding
from scoring.scheme import Scheme
from scoring.stages import Stage, own_due
from scoring.vetoes import Since

_LEAP_YEAR, _PLAIN_YEAR = 2024, 2023  # deadlines are compared in both, as every cycle has one of the two
_A_DAY = re.compile(r"[0-9]{1,2} ?[日号]|月底|年底|[0-9]{4}-[0-9]{2}-[0-9]{2}")


def find_clashes(scheme: Scheme) -> Iterator[Finding]:
    """A stage that is due before what lies within it or comes before it (A27)."""
    by_key = {stage.key: stage for stage in scheme.stages}
    for n, stage in enumerate(scheme.stages):
        if stage.within is not None and _is_later(stage, by_key[stage.within]):
            outer = by_key[stage.within]
            say = f"「{stage.title}」（{_said(stage)}）晚于它所在的「{outer.title}」（{_said(outer)}）；提醒按较早的"
            yield Finding("deadlines_clash", f"stages[{n}]", say, stage.clause)
        for key in stage.after:
            if _is_later(by_key[key], stage):
                say = f"「{stage.title}」（{_said(stage)}）早于它之前的「{by_key[key].title}」（{_said(by_key[key])}）"
                yield Finding("deadlines_clash", f"stages[{n}]", say, stage.clause)


def _is_later(one: Stage, other: Stage) -> bool:
    dues = [(own_due(one, year), own_due(other, year)) for year in (_LEAP_YEAR, _PLAIN_YEAR)]
    return any(mine is not None and theirs is not None and mine > theirs for mine, theirs in dues)


def _said(stage: Stage) -> str:
    return "、".join(one.said for one in stage.deadlines if one.hard)


def find_two_deadlines(scheme: Scheme) -> Iterator[Finding]:
    """A stage with two different last days (A5)."""
    for n, stage in enumerate(scheme.stages):
        days = {one.by.ends(_PLAIN_YEAR) for one in stage.deadlines}
        if len(days) > 1:
            say = f"「{stage.title}」有几个期限：{'、'.join(one.said for one in stage.deadlines)}；先按软期限提醒，再按硬期限"
            yield Finding("two_deadlines", f"stages[{n}]", say, stage.clause)


def find_vague_days(scheme: Scheme) -> Iterator[Finding]:
    """Deadlines and windows in words that name no day (A2, A5), stages without any day."""
    for n, stage in enumerate(scheme.stages):
        for k, one in enumerate(stage.deadlines):
            if not _A_DAY.search(one.said):
                day = one.by.ends(_PLAIN_YEAR)
                say = f"「{stage.title}」写的是“{one.said}”，没有写哪一天；现在按 {day.month} 月 {day.day} 日"
                yield Finding("vague_day", f"stages[{n}].deadlines[{k}]", say, stage.clause)
        if stage.undated is not None:
            yield Finding("no_day", f"stages[{n}]", f"「{stage.title}」没有定时间（{stage.undated}）", stage.clause)
    yield from _vague_windows(scheme)


def _vague_windows(scheme: Scheme) -> Iterator[Finding]:
    for n, track in enumerate(scheme.tracks):
        for k, veto in enumerate(track.vetoes):
            window = veto.window
            if isinstance(window, Since) and window.said is not None and not _A_DAY.search(window.said):
                say = f"“{window.said}”没有写从哪一天起、到哪一天止；现在从 {window.day} 起，没有截止日"
                yield Finding("vague_day", f"tracks[{n}].vetoes[{k}].window", say, veto.clause)


def find_two_names(scheme: Scheme) -> Iterator[Finding]:
    """A stage that the document calls by several names (A11)."""
    for n, stage in enumerate(scheme.stages):
        if stage.also_called:
            say = f"同一阶段既叫「{stage.title}」，又叫「{'、'.join(stage.also_called)}」"
            yield Finding("two_names", f"stages[{n}]", say, stage.clause)


def find_inferred_issue(scheme: Scheme) -> Iterator[Finding]:
    """A day of issue that is a guess (A22)."""
    if scheme.source.issued_inferred:
        say = f"印发日期 {scheme.source.issued_on} 是推定的"
        if scheme.source.published_on is not None:
            say += f"，发布日期是 {scheme.source.published_on}"
        yield Finding("issue_day_inferred", "source.issued_on", say, "")


def find_endless_duties(scheme: Scheme) -> Iterator[Finding]:
    """Duties without a period: nobody can be reminded of them."""
    for n, duty in enumerate(scheme.duties):
        if duty.per == "unstated":
            yield Finding("period_not_said", f"duties[{n}]", f"「{duty.title}」多久一次没有写", duty.clause)


RULES = (
    find_clashes,
    find_two_deadlines,
    find_vague_days,
    find_two_names,
    find_inferred_issue,
    find_endless_duties,
)
