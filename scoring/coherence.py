"""What a scheme file must agree on with itself: names that are used are declared, weights add up, lines fall."""

from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction
from itertools import pairwise

from scoring.consequences import BandIn, ScoreBelow
from scoring.faults import BadInput, child, suggest
from scoring.grades import Bands, Stated
from scoring.numbers import show
from scoring.printed import read_printed
from scoring.rules import Rule, SettingRef
from scoring.scheme import Scheme, Track
from scoring.settings import SINGLE, SettingRule
from scoring.totals import IndicatorGroup, IndicatorSum, SideBySide, WeightedSum, component_inputs
from scoring.walking import walk

_MOST_INDICATORS = 2000


def check_coherence(scheme: Scheme) -> None:
    """Raise BadInput for the first contradiction."""
    _check_decisions(scheme)
    _check_publication(scheme)
    kinds = [kind for track in scheme.tracks for kind in track.kinds]
    _refuse_repeats(kinds, "tracks", "对象种类")
    for n, track in enumerate(scheme.tracks):
        path = f"tracks[{n}]"
        _check_total(scheme, track, child(path, "total"))
        _check_alongside(scheme, track, child(path, "alongside"))
        _check_bonus(scheme, track, child(path, "bonus"))
        _check_grade(scheme, track, child(path, "grade"))
        _check_quotas(scheme, track, path)
        _check_bands_used(track, path)
        _check_awards(scheme, track, path)
        _check_consequences(scheme, track, path)
        _refuse_repeats([veto.id for veto in track.vetoes], child(path, "vetoes"), "否决条款")


def _check_decisions(scheme: Scheme) -> None:
    """Every `decided` names one of the scheme's decisions."""
    for path, piece in walk(scheme):
        for name in piece.decided if isinstance(piece, Rule) else ():
            _known(name, scheme.decisions, child(path, "decided"), "读法（decisions）")


def _check_publication(scheme: Scheme) -> None:
    days = scheme.publication and scheme.publication.days
    if isinstance(days, SettingRef):
        known = [name for name, rule in scheme.settings.items() if rule.form == "days"]
        _known(days.setting, known, "publication.days.setting", "天数设置（form: days）")


def _check_bonus(scheme: Scheme, track: Track, path: str) -> None:
    if track.bonus is not None and track.bonus.cap is not None:
        _check_amount(scheme, track.bonus.cap, child(path, "cap"))


def _check_alongside(scheme: Scheme, track: Track, path: str) -> None:
    if track.alongside is None:
        return
    if isinstance(track.total, SideBySide):
        raise BadInput(path, "得分已经是并列展示，不要再写 alongside")
    _check_parts(scheme, track.alongside, path)
    both = set(component_inputs(track.total)) & set(component_inputs(track.alongside))
    if both:
        raise BadInput(path, f"「{min(both)}」已经计入得分，不能再并列展示")


def _check_parts(scheme: Scheme, rule: WeightedSum | SideBySide, path: str) -> None:
    keys = [part.key for part in rule.parts]
    _refuse_repeats(keys, child(path, "parts"), "分项")
    for n, part in enumerate(rule.parts):
        if part.form is not None:
            _known(part.form, scheme.forms, f"{path}.parts[{n}].form", "测评票（forms）")
    if isinstance(rule, SideBySide):
        for key in rule.required if rule.not_alone is None else (*rule.required, rule.not_alone):
            _known(key, keys, path, "分项")


def _check_groups(groups: Sequence[IndicatorGroup], path: str) -> None:
    _refuse_repeats([group.key for group in groups], path, "指标组")
    for n, group in enumerate(groups):
        at = child(path, n)
        if bool(group.count) == bool(group.groups):
            raise BadInput(at, "一组指标要么写 count 和 high，要么再分 groups")
        if group.count and group.high <= group.low:
            raise BadInput(child(at, "high"), "最高分应大于最低分")
        if group.items and len(group.items) != group.count:
            raise BadInput(child(at, "items"), f"列了 {len(group.items)} 项，与 count {group.count} 不符")
        _check_groups(group.groups, child(at, "groups"))


def _refuse_repeats(names: Collection[str], path: str, what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise BadInput(path, f"{what}「{name}」写了两次")
        seen.add(name)


def _known(name: str, names: Iterable[str], path: str, what: str) -> None:
    choices = list(names)
    if name not in choices:
        raise BadInput(path, f"没有名为「{name}」的{what}{suggest(name, choices)}")


def _check_amount(scheme: Scheme, amount: Fraction | SettingRef, path: str) -> None:
    if not isinstance(amount, SettingRef):
        return
    _known(amount.setting, scheme.settings, child(path, "setting"), "设置")
    rule = scheme.settings[amount.setting]
    if rule.needed != "always":
        raise BadInput(child(path, "setting"), f"设置「{amount.setting}」不是必设的，不能用在这里")
    _check_setting_key(rule, amount.key, child(path, "key"))


def _check_setting_key(rule: SettingRule, key: str, path: str) -> None:
    if rule.form in SINGLE:
        if key:
            raise BadInput(path, "这项设置只有一个数，不要写 key")
    else:
        _known(key, rule.names, path, "分项")


def _check_total(scheme: Scheme, track: Track, path: str) -> None:
    rule = track.total
    if isinstance(rule, IndicatorSum):
        _check_groups(rule.groups, child(path, "groups"))
        if sum(group.size() for group in rule.groups) > _MOST_INDICATORS:
            raise BadInput(child(path, "groups"), f"指标太多，最多 {_MOST_INDICATORS} 项")
        full = sum((group.full() for group in rule.groups), Fraction(0))
        if full != rule.full:
            raise BadInput(child(path, "full"), f"各组满分之和是 {show(full)}，与 {show(rule.full)} 不符")
    elif rule is not None:
        _check_parts(scheme, rule, path)
    if isinstance(rule, WeightedSum):
        _check_weights(scheme, rule, child(path, "parts"))


def _check_weights(scheme: Scheme, rule: WeightedSum, path: str) -> None:
    for n, part in enumerate(rule.parts):
        _check_amount(scheme, part.weight, child(child(path, n), "weight"))
    weights = [part.weight for part in rule.parts if not isinstance(part.weight, SettingRef)]
    if len(weights) == len(rule.parts) and sum(weights) != 1:
        raise BadInput(path, f"权重之和是 {show(sum(weights, Fraction(0)))}，应等于 1")


def _check_grade(scheme: Scheme, track: Track, path: str) -> None:
    rule = track.grade
    _refuse_repeats(track.bands, path, "档次")
    if isinstance(rule, Stated):
        return
    if track.total is None or isinstance(track.total, SideBySide):
        raise BadInput(path, "按分数线定档需要有总分，请补上 total 或改用 op: stated")
    for n, band in enumerate(rule.bands):
        _check_amount(scheme, band.line, f"{path}.bands[{n}].line")
    _check_lines(rule, child(path, "bands"))


def _check_lines(rule: Bands, path: str) -> None:
    lines = rule.fixed_lines
    if lines is not None:
        if any(upper <= lower for upper, lower in pairwise(lines)):
            raise BadInput(path, "分数线应从高到低，且不重复")
        if lines[-1] != 0:
            raise BadInput(path, '最低一档的分数线应是 "0"，否则低分无档可归')
        for n, (band, line) in enumerate(zip(rule.bands, lines, strict=True)):
            _check_printed(band.printed, line, f"{path}[{n}].printed")


def _check_printed(printed: str | None, line: Fraction, path: str) -> None:
    """The printed range is understood and goes up from the line, where it has a lower end."""
    if printed is None:
        return
    interval = read_printed(printed)
    if interval is None:
        raise BadInput(path, f"看不懂「{printed}」，应写成如 90分以上、80—89、60分以下、不足60分")
    if line not in (interval.low or Fraction(0), interval.high):
        raise BadInput(path, f"「{printed}」与分数线 {show(line)} 不符")


def _check_quotas(scheme: Scheme, track: Track, path: str) -> None:
    for n, rule in enumerate(track.quotas):
        at = f"{path}.quotas[{n}]"
        _known(rule.band, track.bands[:-1], child(at, "band"), "可限额的档次")
        _check_amount(scheme, rule.share, child(at, "share"))
        if rule.of == "siblings" and not track.parents:
            raise BadInput(child(at, "of"), "按所在支部限额，需要写明 parents")
        if not isinstance(track.grade, Bands):
            raise BadInput(at, "限额要按得分排名，需要按分数线定档")


def _check_bands_used(track: Track, path: str) -> None:
    for n, veto in enumerate(track.vetoes):
        if veto.band is not None:
            _known(veto.band, track.bands, f"{path}.vetoes[{n}].band", "档次")


def _check_awards(scheme: Scheme, track: Track, path: str) -> None:
    children = [other for other in scheme.tracks if set(other.parents) & set(track.kinds)]
    for n, rule in enumerate(track.awards):
        at = f"{path}.awards[{n}]"
        _known(rule.band, track.bands, child(at, "band"), "档次")
        if not children:
            raise BadInput(at, "没有以它为上级（parents）的对象，无法计算所属成员比例")
        _known(rule.member_band, children[0].bands, child(at, "member_band"), "档次")


def _check_consequences(scheme: Scheme, track: Track, path: str) -> None:
    for n, rule in enumerate(track.consequences):
        at = f"{path}.consequences[{n}].when"
        if isinstance(rule.when, BandIn):
            for band in (*rule.when.bands, *rule.when.printed):
                _known(band, track.bands, child(at, "bands"), "档次")
        elif isinstance(rule.when, ScoreBelow):
            _check_printed(rule.when.printed, rule.when.line, child(at, "printed"))
            if rule.when.title is not None:
                _known(rule.when.title, track.titles, child(at, "title"), "称号")
