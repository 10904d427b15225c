"""Facts and history of a subject, read and checked against its track."""

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction

from scoring.faults import BadInput, child, clip, suggest
from scoring.grades import Stated
from scoring.numbers import read_decimal_in
from scoring.reading import read_date
from scoring.scheme import Track
from scoring.shapes import (
    read_bool,
    read_choice,
    read_count,
    read_list,
    read_map,
    read_optional_text,
    read_text,
    refuse_unknown,
)
from scoring.subjects import NO_FACTS, Change, Facts, Past, VetoEvent

_HUNDRED = Fraction(100)
_MAX_HISTORY = 100


def read_facts(track: Track, value: object, path: str, veto_kinds: Mapping[str, str]) -> Facts:
    """`facts` of one subject. `veto_kinds`: every veto rule of the scheme → whom it is about."""
    given = read_map(value, path)
    if not given:
        return NO_FACTS
    refuse_unknown(given, _known_facts(track), path, "情况")
    return Facts(
        veto=tuple(_read_vetoes(track, given.get("veto"), child(path, "veto"), veto_kinds)),
        bonus=_read_changes(given.get("bonus"), child(path, "bonus"), "points", _read_points),
        downgrade=_read_changes(given.get("downgrade"), child(path, "downgrade"), "levels", _read_levels),
        stated=tuple(_read_stated(track, given, path)),
        decided=_read_who(given, path, "decided_by", "decided_reason"),
    )


def _known_facts(track: Track) -> list[str]:
    sections = {"veto": track.vetoes, "bonus": track.bonus, "downgrade": track.downgrade}
    decided = ["decided_by", "decided_reason"] if isinstance(track.grade, Stated) else []
    return [name for name, section in sections.items() if section] + list(track.choices) + decided


def _read_who(row: Mapping[str, object], path: str, by: str = "by", reason: str = "reason") -> str:
    """Who decided and why, in words; empty where neither is given."""
    who = read_optional_text(row.get(by), child(path, by))
    why = read_optional_text(row.get(reason), child(path, reason))
    return "，".join(word for word in (who and f"决定人：{who}", why and f"理由：{why}") if word)


def _read_stated(track: Track, given: Mapping[str, object], path: str) -> list[tuple[str, str]]:
    found = []
    for name, known in track.choices.items():
        value, at = given.get(name), child(path, name)
        if value is not None:
            found.append((name, read_choice(value, known, at, "等次") if known else read_text(value, at)))
    return found


def _read_vetoes(track: Track, value: object, path: str, veto_kinds: Mapping[str, str]) -> list[VetoEvent]:
    return [_read_veto(track, row, child(path, n), veto_kinds) for n, row in enumerate(read_list(value, path))]


def _read_veto(track: Track, value: object, path: str, veto_kinds: Mapping[str, str]) -> VetoEvent:
    row = read_map(value, path)
    refuse_unknown(row, ("rule", "confirmed", "on", "until", "by", "reason"), path)
    rule = read_text(row.get("rule"), child(path, "rule"))
    if rule not in track.vetoes_by_id:
        raise BadInput(child(path, "rule"), _unknown_veto(rule, track, veto_kinds))
    on, until = _read_day(row.get("on"), child(path, "on")), _read_day(row.get("until"), child(path, "until"))
    if on is not None and until is not None and until < on:
        raise BadInput(child(path, "until"), f"结束日期 {until} 早于开始日期 {on}")
    confirmed = read_bool(row.get("confirmed"), child(path, "confirmed"))
    return VetoEvent(rule, confirmed, on, until, _read_who(row, path))


def _unknown_veto(rule: str, track: Track, veto_kinds: Mapping[str, str]) -> str:
    if rule in veto_kinds:
        return f"「{rule}」是针对{veto_kinds[rule]}的否决条款，不能用于{track.label}"
    return f"没有名为「{clip(rule)}」的否决条款{suggest(rule, track.vetoes_by_id)}"


def _read_day(value: object, path: str) -> date | None:
    return None if value is None else read_date(value, path)


def _read_changes(value: object, path: str, key: str, read: Callable[[object, str], Fraction]) -> tuple[Change, ...]:
    return tuple(_read_change(row, child(path, n), key, read) for n, row in enumerate(read_list(value, path)))


def _read_change(value: object, path: str, key: str, read: Callable[[object, str], Fraction]) -> Change:
    row = read_map(value, path)
    refuse_unknown(row, (key, "confirmed", "on", "by", "reason"), path)
    return Change(
        read(row.get(key), child(path, key)),
        read_bool(row.get("confirmed"), child(path, "confirmed")),
        _read_day(row.get("on"), child(path, "on")),
        who=_read_who(row, path),
    )


def _read_points(value: object, path: str) -> Fraction:
    return read_decimal_in(value, Fraction(0), _HUNDRED, path)


def _read_levels(value: object, path: str) -> Fraction:
    return Fraction(read_count(value, path, low=1, high=100))


def read_history(track: Track, value: object, path: str, cycle: int) -> tuple[Past, ...]:
    """Earlier cycles, each once and before `cycle`."""
    rows = read_list(value, path)
    if len(rows) > _MAX_HISTORY:
        raise BadInput(path, f"最多 {_MAX_HISTORY} 个年度")
    found = tuple(_read_past(track, row, child(path, n), cycle) for n, row in enumerate(rows))
    for n, past in enumerate(found):
        if any(past.cycle == earlier.cycle for earlier in found[:n]):
            raise BadInput(child(path, n), f"{past.cycle} 年写了两次")
    return found


def _read_past(track: Track, value: object, path: str, cycle: int) -> Past:
    row = read_map(value, path)
    refuse_unknown(row, ("cycle", "score", "band", "titles"), path)
    year, at = row.get("cycle"), child(path, "cycle")
    if not isinstance(year, str) or len(year) != 4 or not (year.isascii() and year.isdigit()):
        raise BadInput(at, f"应是带引号的四位年份，这里是 {clip(year)}")
    if int(year) >= cycle:
        raise BadInput(at, f"往年记录应早于本年度 {cycle}")
    score, band = row.get("score"), row.get("band")
    high = _HUNDRED if track.bonus is None else 10 * _HUNDRED
    titles = read_list(row.get("titles"), child(path, "titles"))
    return Past(
        cycle=int(year),
        score=None if score is None else read_decimal_in(score, Fraction(0), high, child(path, "score")),
        band=None if band is None else read_choice(band, track.bands, child(path, "band"), "档次"),
        titles=tuple(_read_title(track, title, f"{path}.titles[{n}]") for n, title in enumerate(titles)),
    )


def _read_title(track: Track, value: object, path: str) -> str:
    """A title that the scheme gives; where it gives none, any title may be remembered, as nothing depends on it."""
    return read_choice(value, track.titles, path, "称号") if track.titles else read_text(value, path)
