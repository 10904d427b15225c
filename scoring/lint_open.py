"""The linter's rules about what a document leaves open: numbers, weights, who decides, who is told, which roster counts."""

from collections.abc import Iterator

from scoring.adjustments import AddPoints, DropLevels
from scoring.findings import Finding
from scoring.rules import Rule, SettingRef
from scoring.scheme import Scheme
from scoring.totals import SideBySide
from scoring.vetoes import Veto
from scoring.walking import walk

_UNTIL = {"always": "设定之前不评定", "publishing": "设定之前不公示"}


def find_open_numbers(scheme: Scheme) -> Iterator[Finding]:
    """Numbers that the document does not give: nobody is graded before they are set (A4, A16, A23, A25)."""
    for name, rule in scheme.settings.items():
        if rule.needed == "optional":
            continue
        until = _UNTIL.get(rule.needed, "给了票数而没有设定的不评定")
        yield Finding(rule.refusal, f"settings.{name}", f"{rule.say}；{until}", rule.clause)


def find_missing_weights(scheme: Scheme) -> Iterator[Finding]:
    """Several results that are to be used together, without weights (A7, A28)."""
    for path, piece in walk(scheme):
        if isinstance(piece, SideBySide):
            labels = "、".join(part.label for part in piece.parts)
            say = f"{labels}各占多少没有写；现在并列展示，不相加"
            yield Finding("weights_not_given", path, say, piece.clause)


def find_unused_settings(scheme: Scheme) -> Iterator[Finding]:
    """Settings that no rule refers to. Those for ballots are used wherever a component is."""
    used = {piece.setting for _, piece in walk(scheme) if isinstance(piece, SettingRef)}
    if any(track.components for track in scheme.tracks):
        used |= {name for name, rule in scheme.settings.items() if rule.needed in ("ballots", "classes")}
    used |= {name for name, rule in scheme.settings.items() if rule.needed == "optional"}
    for name, rule in scheme.settings.items():
        if name not in used:
            yield Finding("unused_setting", f"settings.{name}", f"没有规则用到设置「{name}」", rule.clause)


def find_unused_decisions(scheme: Scheme) -> Iterator[Finding]:
    """Readings that are told but decide no rule."""
    used = {name for _, piece in walk(scheme) if isinstance(piece, Rule) for name in piece.decided}
    for name in scheme.decisions:
        if name not in used:
            yield Finding("unused_decision", f"decisions.{name}", f"没有规则注明用到了读法「{name}」", "")


def find_nobody_confirms(scheme: Scheme) -> Iterator[Finding]:
    """Vetoes, bonuses and downgrades without a word on who confirms them (A3); told once for a track's vetoes."""
    for n, track in enumerate(scheme.tracks):
        pieces: list[tuple[str, Veto | AddPoints | DropLevels | None]] = [
            ("bonus", track.bonus),
            ("downgrade", track.downgrade),
        ]
        pieces[:0] = [("vetoes", next((veto for veto in track.vetoes if veto.confirmed_by is None), None))]
        for name, piece in pieces:
            if piece is not None and piece.confirmed_by is None:
                say = "谁来确认，文件没有写；现在只有标明已确认的才生效，请先定下由谁确认"
                yield Finding("nobody_confirms", f"tracks[{n}].{name}", say, piece.clause)


def find_different_audiences(scheme: Scheme) -> Iterator[Finding]:
    """The same conduct reported to different places in different clauses (A6)."""
    told: dict[str, tuple[str, ...]] = {}
    for n, measure in enumerate(scheme.measures):
        before = told.setdefault(measure.trigger, measure.told_to)
        if before != measure.told_to:
            say = f"「{measure.trigger}」一处写{'、'.join(before)}，一处写{'、'.join(measure.told_to)}；现在依次都做"
            yield Finding("audience_differs", f"measures[{n}]", say, measure.clause)


def find_roster_day(scheme: Scheme) -> Iterator[Finding]:
    """Shares of people without the day whose roster counts (A33)."""
    for n, track in enumerate(scheme.tracks):
        if (track.quotas or track.awards) and track.roster_on is None:
            say = f"{track.label}以哪一天的名册为准没有写（年中调入调出怎么算）；现在以考核周期建立时的名册为准"
            yield Finding("roster_day_not_said", f"tracks[{n}]", say, (*track.quotas, *track.awards)[0].clause)


RULES = (
    find_open_numbers,
    find_missing_weights,
    find_unused_settings,
    find_unused_decisions,
    find_nobody_confirms,
    find_different_audiences,
    find_roster_day,
)
