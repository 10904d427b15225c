"""The linter's rules about rules that nothing can ever trigger."""

from collections.abc import Iterator
from fractions import Fraction

from scoring.consequences import BandIn, ScoreBelow
from scoring.filling import allowed
from scoring.findings import Finding
from scoring.forms import ABSTAIN
from scoring.grades import READINGS, Bands
from scoring.lint_shares import LARGEST_GROUP, can_win
from scoring.numbers import show
from scoring.scheme import Scheme, Track
from scoring.totals import IndicatorSum, SideBySide, WeightedSum
from scoring.vetoes import Since

_SIZES = (1, 2, 3, 5, 8, 13, 20)  # of a sheet; what cannot be filled with any of these is not meant to be filled


def _reach(track: Track) -> tuple[Fraction, Fraction] | None:
    """The least and the greatest score that a track can give, None where it gives none or there is no limit."""
    rule = track.total
    if isinstance(rule, IndicatorSum):
        leaves = [leaf for group in rule.groups for _, leaf in group.leaves()]
        low, high = sum((leaf.low for leaf in leaves), Fraction(0)), rule.full
    elif isinstance(rule, WeightedSum):
        low, high = min(part.low for part in rule.parts), max(part.high for part in rule.parts)
    else:
        return None
    return None if track.bonus is not None else (low, high)


def find_unreachable_bands(scheme: Scheme) -> Iterator[Finding]:
    """Bands whose line no score can reach, or that every score jumps over."""
    for n, track in enumerate(scheme.tracks):
        for band in _unreachable(track):
            path = f"tracks[{n}].grade.bands[{track.bands.index(band)}]"
            yield Finding("unreachable_band", path, f"没有得分能落在「{band}」里", track.grade.clause)


def _unreachable(track: Track) -> list[str]:
    rule, reach = track.grade, _reach(track)
    if not isinstance(rule, Bands) or reach is None or rule.fixed_lines is None:
        return []
    low, high = (READINGS[rule.reading](end) for end in reach)
    tops = [None, *rule.fixed_lines[:-1]]
    return [
        band.name
        for band, line, top in zip(rule.bands, rule.fixed_lines, tops, strict=True)
        if line > high or (top is not None and top <= low)
    ]


def find_dead_consequences(scheme: Scheme) -> Iterator[Finding]:
    """Consequences whose condition never holds."""
    for n, track in enumerate(scheme.tracks):
        unreachable = _unreachable(track)
        for k, rule in enumerate(track.consequences):
            why = _why_never(track, rule.when, unreachable)
            if why:
                yield Finding(
                    "dead_rule", f"tracks[{n}].consequences[{k}]", f"这条处理永远不会触发：{why}", rule.clause
                )


def _why_never(track: Track, when: BandIn | ScoreBelow, unreachable: list[str]) -> str:
    if isinstance(when, BandIn):
        return "没有得分能落在所写的档次里" if set(when.bands) <= set(unreachable) else ""
    if track.total is None or isinstance(track.total, SideBySide):
        return "这一类对象没有得分"
    reach = _reach(track)
    low = Fraction(0) if reach is None else reach[0]
    return f"得分不会低于 {show(when.line)}" if when.line <= low else ""


def find_dead_awards(scheme: Scheme) -> Iterator[Finding]:
    """Awards that no group of any size can win."""
    for n, track in enumerate(scheme.tracks):
        for k, rule in enumerate(track.awards):
            if not any(can_win(scheme, track, rule, size) for size in range(1, LARGEST_GROUP + 1)):
                say = f"「{rule.award}」在任何人数下都不可能获得"
                yield Finding("dead_rule", f"tracks[{n}].awards[{k}]", say, rule.clause)


def find_dead_vetoes(scheme: Scheme) -> Iterator[Finding]:
    """Vetoes on events that can only happen after the scheme has ended."""
    last = scheme.effective.to_day
    for n, track in enumerate(scheme.tracks):
        for k, veto in enumerate(track.vetoes):
            if last is not None and isinstance(veto.window, Since) and veto.window.day > last:
                say = f"「{veto.title}」从 {veto.window.day} 起才算，而本办法到 {last} 为止"
                yield Finding("dead_rule", f"tracks[{n}].vetoes[{k}]", say, veto.clause)


def find_unfillable_forms(scheme: Scheme) -> Iterator[Finding]:
    """Forms that can never be filled validly, whether one subject is on the sheet or twenty."""
    for name, form in scheme.forms.items():
        first, item = "1", form.items[0]
        if not any(allowed(form, [str(n) for n in range(1, size + 1)], {}, first, item) for size in _SIZES):
            yield Finding("dead_form", f"forms.{name}", f"「{form.title}」怎样填都是无效票", form.clause)
        elif not form.graded_answers() and not _has_points(scheme):
            yield Finding(
                "dead_form", f"forms.{name}", f"「{form.title}」没有选项分值，也没有 points 设置", form.clause
            )


def _has_points(scheme: Scheme) -> bool:
    return any(rule.needed == "ballots" for rule in scheme.settings.values())


def find_idle_forms(scheme: Scheme) -> Iterator[Finding]:
    """Forms that no component uses, and groups of raters named 弃权."""
    used = {
        part.form
        for track in scheme.tracks
        for rule in (track.total, track.alongside)
        if isinstance(rule, WeightedSum | SideBySide)
        for part in rule.parts
    }
    for name, form in scheme.forms.items():
        if name not in used:
            yield Finding("unused_form", f"forms.{name}", f"没有分项用到测评票「{form.title}」", form.clause)
        if ABSTAIN in form.options:
            yield Finding("dead_rule", f"forms.{name}.options", f"「{ABSTAIN}」不计分，不能有分值", form.clause)


RULES = (
    find_unreachable_bands,
    find_dead_consequences,
    find_dead_awards,
    find_dead_vetoes,
    find_unfillable_forms,
    find_idle_forms,
)
