"""What can only be said of subjects together: quotas with their ties, awards over members, the summary and its warnings."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from scoring.awards import MemberShare, Verdict, count_members, judge_member_share
from scoring.overviews import Graded, ShareByBand, ShareByFact, rows_by_band, rows_by_fact, warn_all_alike
from scoring.quotas import CapShare, cap_share, places_of
from scoring.result import Notice, Row, Step
from scoring.rules import Rule
from scoring.scheme import Scheme
from scoring.settings import Settings
from scoring.sheets import Sheet

OVERVIEWS: Mapping[type[Rule], Callable[[Any, str, Sequence[str], Sequence[Graded]], list[Row]]] = {
    ShareByBand: rows_by_band,
    ShareByFact: rows_by_fact,
}

VERDICT_WORDS: Mapping[Verdict, str] = {
    "given": "授予「{}」",
    "not_given": "不授予「{}」",
    "undecided": "有成员的档次待定，暂不授予「{}」",
}

Children = Mapping[str, Sequence[Sheet]]


def group_children(sheets: Iterable[Sheet]) -> Children:
    """Assessed subjects by the id of their parent."""
    found: dict[str, list[Sheet]] = defaultdict(list)
    for sheet in sheets:
        if sheet.subject.parent is not None:
            found[sheet.subject.parent].append(sheet)
    return found


def settle_quotas(scheme: Scheme, sheets: Sequence[Sheet], children: Children, settings: Settings) -> list[Notice]:
    """Apply every quota of every track. Subjects whose group is not known keep their band, with a warning."""
    if settings.lacking:
        return []
    notices: list[Notice] = []
    bases = {sheet.subject.id: sheet.subject.members for sheet in sheets}
    for track in scheme.tracks:
        of_track = [sheet for sheet in sheets if sheet.track is track] if track.quotas else []
        for rule in track.quotas:
            if rule.of == "kind":
                _cap_kinds(rule, of_track, settings)
            else:
                notices += _cap_siblings(rule, of_track, children, bases, settings)
    return notices


def _cap_kinds(rule: CapShare, sheets: Sequence[Sheet], settings: Settings) -> None:
    for kind in sorted({sheet.subject.kind for sheet in sheets}):
        group = [sheet for sheet in sheets if sheet.subject.kind == kind]
        _cap(rule, group, len(group), settings)


def _cap_siblings(
    rule: CapShare, sheets: Sequence[Sheet], children: Children, bases: Mapping[str, int | None], settings: Settings
) -> list[Notice]:
    for parent in dict.fromkeys(sheet.subject.parent for sheet in sheets):
        if parent is not None:
            group = [sheet for sheet in children.get(parent, ()) if sheet.track is sheets[0].track]
            base = bases.get(parent)
            _cap(rule, group, len(group) if base is None else base, settings)
    alone = [sheet for sheet in sheets if sheet.subject.parent is None and sheet.band == rule.band]
    say = f"没有写明上级，未能核对「{rule.band}」的名额"
    return [Notice("quota_unchecked", say, sheet.subject.id) for sheet in alone]


def _cap(rule: CapShare, group: Sequence[Sheet], base: int, settings: Settings) -> None:
    share = settings.amount(rule.share)
    places = places_of(share, base)
    holding = [sheet for sheet in group if sheet.band == rule.band]
    outcomes = cap_share([(s.subject.id, s.exact) for s in holding if s.exact is not None], places)
    for sheet in holding:
        outcome = outcomes.get(sheet.subject.id)
        if outcome is not None:
            names = sheet.track.bands
            sheet.band = names[names.index(rule.band) + 1] if outcome == "quota" else None
            sheet.flags += (outcome,)
            sheet.steps += (_quota_step(rule, sheet, (share, base, places)),)


def _quota_step(rule: CapShare, sheet: Sheet, figures: tuple[object, ...]) -> Step:
    limit = "分数已到「{}」；名额不超过 {} × {} 人，即 {} 个名额"
    if sheet.band is None:
        return Step(rule, limit + "，名额边缘同分，由有权的人决定", (rule.band, *figures))
    return Step(rule, limit + "已满，按名次评为「{}」", (rule.band, *figures, sheet.band), sheet.band)


def settle_awards(sheets: Iterable[Sheet], children: Children) -> None:
    """Give the titles whose conditions are met; where an open member could change it: none, flag `undecided`."""
    for sheet in sheets:
        for rule in sheet.track.awards:
            if sheet.band == rule.band:
                _judge(rule, sheet, children.get(sheet.subject.id, ()))


def _judge(rule: MemberShare, sheet: Sheet, members: Sequence[Sheet]) -> None:
    base = len(members) if sheet.subject.members is None else sheet.subject.members
    held = count_members([member.band for member in members], rule.member_band)
    verdict = judge_member_share(rule, held, sum(member.is_open for member in members), base)
    args = (rule.member_band, held, base, rule.share, rule.award)
    sheet.steps += (Step(rule, "「{}」成员 {} 人，参评 {} 人，须达到 {}：" + VERDICT_WORDS[verdict], args),)
    if verdict == "given":
        sheet.awards += (rule.award,)
    elif verdict == "undecided":
        sheet.flags += ("undecided",)


def settle_overviews(scheme: Scheme, sheets: Sequence[Sheet]) -> tuple[list[Row], list[Notice]]:
    """The summary rows and the warnings of each kind, over the subjects that have a result."""
    rows: list[Row] = []
    notices: list[Notice] = []
    for kind, track in scheme.track_of.items():
        graded = [sheet for sheet in sheets if sheet.subject.kind == kind and not sheet.refusals]
        for rule in track.summary:
            rows += OVERVIEWS[type(rule)](rule, kind, track.bands, graded)
        notices += [notice for check in track.warnings if (notice := warn_all_alike(check, graded)) is not None]
    return rows, notices
