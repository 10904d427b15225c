"""The linter's rules about bands: what lies between them, what is counted on both sides, who is spared, who is forgotten."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from scoring.consequences import BandIn, ScoreBelow
from scoring.findings import Finding
from scoring.grades import READING_WORDS, Bands
from scoring.numbers import show
from scoring.printed import Interval, read_printed
from scoring.scheme import Scheme, Track


class _Printed(NamedTuple):
    path: str
    what: str
    clause: str
    interval: Interval


def _grades(scheme: Scheme) -> Iterator[tuple[str, Bands]]:
    for n, track in enumerate(scheme.tracks):
        if isinstance(track.grade, Bands):
            yield f"tracks[{n}].grade", track.grade


def find_gaps(scheme: Scheme) -> Iterator[Finding]:
    """Two bands printed so that scores between them belong to neither (A14)."""
    for path, rule in _grades(scheme):
        for n, (above, band) in enumerate(pairwise(rule.bands), start=1):
            upper, lower = _interval(above.printed), _interval(band.printed)
            if upper is None or lower is None or upper.low is None or lower.high is None or lower.high >= upper.low:
                continue
            say = (
                f"「{band.name}」写到 {show(lower.high)}，「{above.name}」从 {show(upper.low)} 起，"
                f"没有写 {show((lower.high + upper.low) / 2)} 归哪一档；现在{READING_WORDS[rule.reading]}"
            )
            yield Finding("band_gap", f"{path}.bands[{n}]", say, rule.clause)


def find_overlaps(scheme: Scheme) -> Iterator[Finding]:
    """Two bands printed so that more than one score belongs to both."""
    for path, rule in _grades(scheme):
        for n, (above, band) in enumerate(pairwise(rule.bands), start=1):
            upper, lower = _interval(above.printed), _interval(band.printed)
            if upper and lower and upper.low is not None and lower.high is not None and lower.high > upper.low:
                say = f"{show(upper.low)}—{show(lower.high)} 既写在「{above.name}」里，又写在「{band.name}」里"
                yield Finding("band_overlap", f"{path}.bands[{n}]", say, rule.clause)


def _interval(printed: str | None) -> Interval | None:
    return None if printed is None else read_printed(printed)


def _printed(scheme: Scheme) -> list[_Printed]:
    """Every range that the document prints, of bands and of consequences."""
    found = []
    for path, rule in _grades(scheme):
        for n, band in enumerate(rule.bands):
            interval = _interval(band.printed)
            if interval is not None:
                found.append(_Printed(f"{path}.bands[{n}]", f"「{band.name}」({band.printed})", rule.clause, interval))
    for t, track in enumerate(scheme.tracks):
        for n, consequence in enumerate(track.consequences):
            when = consequence.when
            interval = _interval(when.printed) if isinstance(when, ScoreBelow) else None
            if interval is not None:
                path = f"tracks[{t}].consequences[{n}]"
                found.append(
                    _Printed(path, f"处理（{consequence.clause}）的“{when.printed}”", consequence.clause, interval)
                )
    return found


def find_double_bounds(scheme: Scheme) -> Iterator[Finding]:
    """A number that the document counts both as 「以上」 and as 「以下」 (A15), told once for each range above it."""
    printed = _printed(scheme)
    for upper in printed:
        line = upper.interval.low
        if line is None or not upper.interval.holds(line):
            continue
        below = [one for one in printed if one.interval.high == line and one.interval.holds(line)]
        if below:
            others = "、".join(dict.fromkeys(one.what for one in below))
            say = f"{show(line)} 分既属于{upper.what}，又属于{others}；现在归上一档，正好此分的请人确认"
            yield Finding("bound_counted_twice", upper.path, say, upper.clause)


def find_unflagged_bounds(scheme: Scheme) -> Iterator[Finding]:
    """A doubly counted line that the scheme does not put before a person, or the reverse."""
    doubled = {finding.path for finding in find_double_bounds(scheme)}
    for path, rule in _grades(scheme):
        for n, band in enumerate(rule.bands):
            at = f"{path}.bands[{n}]"
            if (at in doubled) != band.counted_twice and band.printed is not None:
                say = f"「{band.name}」的 counted_twice 与文件的写法不符，应写 {str(at in doubled).lower()}"
                yield Finding("bound_not_flagged", at, say, rule.clause)


def find_spared_bands(scheme: Scheme) -> Iterator[Finding]:
    """A consequence for a band that, as printed, spares a worse one (A21)."""
    for path, track in _tracks(scheme):
        for n, rule in enumerate(track.consequences):
            if not isinstance(rule.when, BandIn) or rule.when.by_exclusion:
                continue
            named = rule.when.printed or rule.when.bands
            worst = max(track.bands.index(band) for band in named)
            spared = track.bands[worst + 1 :]
            if spared:
                now = "、".join(rule.when.bands)
                say = f"处理只写到「{track.bands[worst]}」，更低的「{'、'.join(spared)}」没有写；现在适用于 {now}"
                yield Finding("worse_band_spared", f"{path}.consequences[{n}]", say, rule.clause)


def find_silent_bands(scheme: Scheme) -> Iterator[Finding]:
    """Bands below the best that no consequence names though others are named (A29)."""
    for path, track in _tracks(scheme):
        rules = [rule.when for rule in track.consequences if isinstance(rule.when, BandIn)]
        named = {band for when in rules if not when.by_exclusion for band in when.bands}
        silent = [band for band in track.bands[1:] if band not in named]
        if named and silent:
            say = f"{track.label}的「{'、'.join(silent)}」没有写明任何处理"
            yield Finding("band_without_consequence", f"{path}.consequences", say, track.consequences[0].clause)


def find_vetoes_across(scheme: Scheme) -> Iterator[Finding]:
    """One clause of vetoes partly for a subject and partly for its members: whether one strikes the other is not said (A19)."""
    for path, track in _tracks(scheme):
        uppers = [other for other in scheme.tracks if set(other.kinds) & set(track.parents) and other is not track]
        for other in uppers:
            shared = {veto.clause for veto in track.vetoes} & {veto.clause for veto in other.vetoes}
            for clause in sorted(shared):
                say = f"同一条里的否决情形一部分针对{other.label}、一部分针对{track.label}，没有写是否互相牵连；现在不牵连"
                yield Finding("veto_scope", f"{path}.vetoes", say, clause)


def _tracks(scheme: Scheme) -> Iterator[tuple[str, Track]]:
    for n, track in enumerate(scheme.tracks):
        yield f"tracks[{n}]", track


def find_unsaid_holders(scheme: Scheme) -> Iterator[Finding]:
    """A consequence limited to holders of a title where the document has no words that limit it (A20)."""
    for path, track in _tracks(scheme):
        for n, rule in enumerate(track.consequences):
            when = rule.when
            if isinstance(when, ScoreBelow) and when.title is not None and when.title_said is None:
                say = f"没有写明只针对曾获「{when.title}」的还是全部{track.label}；现在只针对曾获称号的"
                yield Finding("scope_not_said", f"{path}.consequences[{n}]", say, rule.clause)


RULES = (
    find_gaps,
    find_overlaps,
    find_double_bounds,
    find_unflagged_bounds,
    find_spared_bands,
    find_silent_bands,
    find_vetoes_across,
    find_unsaid_holders,
)
