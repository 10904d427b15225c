"""What an office should settle before the year starts: found mechanically in any scheme, each finding by its own rule."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from scoring.awards import MemberShare, judge_member_share
from scoring.grades import READING_WORDS, Bands
from scoring.numbers import show
from scoring.quotas import CapShare, places_of
from scoring.rules import Rule, SettingRef
from scoring.scheme import Scheme, Track
from scoring.walking import walk

LARGEST_GROUP = 60


class Finding(NamedTuple):
    """A finding: its code, where in the scheme file, one Chinese sentence, and the clause of the document."""

    code: str
    path: str
    say: str
    clause: str


def lint(scheme: Scheme) -> tuple[Finding, ...]:
    """All findings, in the order of the file within each rule."""
    return tuple(finding for find in RULES for finding in find(scheme))


def _grades(scheme: Scheme) -> Iterator[tuple[str, Bands]]:
    for n, track in enumerate(scheme.tracks):
        if isinstance(track.grade, Bands):
            yield f"tracks[{n}].grade", track.grade


def find_gaps(scheme: Scheme) -> Iterator[Finding]:
    """A band that is printed up to a number below the next line: what lies between is not said (A14)."""
    for path, rule in _grades(scheme):
        for n, (above, band) in enumerate(pairwise(rule.bands), start=1):
            line = above.line
            if band.printed_to is not None and isinstance(line, Fraction) and band.printed_to < line:
                between = show((band.printed_to + line) / 2)
                say = (
                    f"「{band.name}」写到 {show(band.printed_to)}，「{above.name}」从 {show(line)} 起，"
                    f"没有写 {between} 归哪一档；现在{READING_WORDS[rule.reading]}"
                )
                yield Finding("band_gap", f"{path}.bands[{n}]", say, rule.clause)


def find_double_bounds(scheme: Scheme) -> Iterator[Finding]:
    """A line that the document counts to both sides (A15)."""
    for path, rule in _grades(scheme):
        for n, band in enumerate(rule.bands):
            if band.counted_twice and isinstance(band.line, Fraction):
                say = f"{show(band.line)} 分既算「以上」又算「以下」；现在归「{band.name}」，正好此分的请人确认"
                yield Finding("bound_counted_twice", f"{path}.bands[{n}]", say, rule.clause)


def find_impossible_sizes(scheme: Scheme) -> Iterator[Finding]:
    """Group sizes at which an award asks for more members in a band than a quota allows (A18)."""
    for n, track in enumerate(scheme.tracks):
        for k, award in enumerate(track.awards):
            sizes = [size for size in range(1, LARGEST_GROUP + 1) if not _can_win(scheme, track, award, size)]
            if sizes:
                words = "、".join(map(str, sizes))
                say = f"参评 {words} 人的{track.label}不可能获得「{award.award}」：名额上限容不下要求的比例"
                yield Finding("impossible_size", f"tracks[{n}].awards[{k}]", say, award.clause)


def _can_win(scheme: Scheme, track: Track, award: MemberShare, size: int) -> bool:
    """Whether a group of that size can meet the award with as many members as every quota on that band allows."""
    allowed = [size]
    for other in scheme.tracks:
        if set(other.parents) & set(track.kinds):
            quotas = (quota for quota in other.quotas if _limits(quota, award))
            allowed += [places_of(quota.share, size) for quota in quotas if isinstance(quota.share, Fraction)]
    return judge_member_share(award, min(allowed), 0, size) == "given"


def _limits(quota: CapShare, award: MemberShare) -> bool:
    return quota.of == "siblings" and quota.band == award.member_band


def find_open_numbers(scheme: Scheme) -> Iterator[Finding]:
    """Numbers that the document does not give: nobody is graded before they are set (A4, A23, A25)."""
    for name, rule in scheme.settings.items():
        if rule.needed == "always":
            yield Finding(rule.refusal, f"settings.{name}", f"{rule.say}；设定之前不评定", rule.clause)


def find_unused_settings(scheme: Scheme) -> Iterator[Finding]:
    """Settings that no rule refers to. Those for ballots are used wherever a component is."""
    used = {piece.setting for _, piece in walk(scheme) if isinstance(piece, SettingRef)}
    if any(track.components for track in scheme.tracks):
        used |= {name for name, rule in scheme.settings.items() if rule.needed != "always"}
    for name, rule in scheme.settings.items():
        if name not in used:
            yield Finding("unused_setting", f"settings.{name}", f"没有规则用到设置「{name}」", rule.clause)


def find_unused_decisions(scheme: Scheme) -> Iterator[Finding]:
    """Readings that are told but decide no rule."""
    used = {name for _, piece in walk(scheme) if isinstance(piece, Rule) for name in piece.decided}
    for name in scheme.decisions:
        if name not in used:
            yield Finding("unused_decision", f"decisions.{name}", f"没有规则注明用到了读法「{name}」", "")


RULES = (
    find_gaps,
    find_double_bounds,
    find_impossible_sizes,
    find_open_numbers,
    find_unused_settings,
    find_unused_decisions,
)
