"""The linter's rules about shares: what they are taken of, whom they can never fit, how ties and rounding are settled."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import groupby

from scoring.awards import MemberShare, judge_member_share
from scoring.findings import Finding
from scoring.numbers import percent, show
from scoring.overviews import ShareByBand
from scoring.quotas import CapShare, places_of
from scoring.scheme import Scheme, Track
from scoring.targets import Target, needed
from scoring.totals import WeightedSum
from scoring.walking import walk

LARGEST_GROUP = 60


def find_impossible_sizes(scheme: Scheme) -> Iterator[Finding]:
    """Group sizes at which an award asks for more members in a band than a quota allows (A18)."""
    for n, track in enumerate(scheme.tracks):
        for k, award in enumerate(track.awards):
            sizes = [size for size in range(1, LARGEST_GROUP + 1) if not can_win(scheme, track, award, size)]
            if sizes:
                words = _ranges(sizes)
                say = f"参评 {words} 人的{track.label}不可能获得「{award.award}」：名额上限容不下要求的比例"
                yield Finding("impossible_size", f"tracks[{n}].awards[{k}]", say, award.clause)


def can_win(scheme: Scheme, track: Track, award: MemberShare, size: int) -> bool:
    """Whether a group of that size can meet the award with as many members as every quota on that band allows."""
    allowed = [size]
    for other in scheme.tracks:
        if set(other.parents) & set(track.kinds):
            quotas = (quota for quota in other.quotas if quota.of == "siblings" and quota.band == award.member_band)
            allowed += [places_of(quota.share, size) for quota in quotas if isinstance(quota.share, Fraction)]
    return judge_member_share(award, min(allowed), 0, size) == "given"


def _ranges(sizes: list[int]) -> str:
    """1、2、3、6 as they are; long runs as 1—60."""
    runs = [[size for _, size in run] for _, run in groupby(enumerate(sizes), lambda pair: pair[1] - pair[0])]
    return "、".join(f"{run[0]}—{run[-1]}" if len(run) > 4 else "、".join(map(str, run)) for run in runs)


def find_undefined_bases(scheme: Scheme) -> Iterator[Finding]:
    """A share of nobody knows what (A17), or of two things at once (A13)."""
    for path, piece in walk(scheme):
        if isinstance(piece, CapShare | MemberShare) and piece.base_said is None:
            yield Finding("base_not_said", path, "文件没有写明这个比例以什么为基数", piece.clause)
        elif isinstance(piece, Target) and len(piece.bases) != 1:
            yield Finding("base_not_said", path, _target_words(piece), piece.clause)


def _target_words(target: Target) -> str:
    if not target.bases:
        return f"「{target.what}」的比例没有写明基数"
    readings = (
        f"{base.said} {base.count} 个则须 {needed(target.share, base.count)} 个"
        if base.count is not None
        else base.said
        for base in target.bases
    )
    return f"「{target.what}」{percent(target.share.numerator, target.share.denominator)} 的基数有几种读法：{'；'.join(readings)}"


def find_changing_bases(scheme: Scheme) -> Iterator[Finding]:
    """Percentages of one track with different denominators side by side (A9)."""
    for n, track in enumerate(scheme.tracks):
        bases = {rule.among if isinstance(rule, ShareByBand) else None for rule in track.summary}
        if len(bases) > 1:
            some = "、".join(sorted(base for base in bases if base is not None))
            say = f"{track.label}的几组占比分母不同（全部对象，或只算有「{some}」的），每个百分比都要写明分母"
            yield Finding("denominator_changes", f"tracks[{n}].summary", say, track.summary[0].clause)


def find_unsettled_ties(scheme: Scheme) -> Iterator[Finding]:
    """Quotas without a word on equal scores at the edge (A31)."""
    for path, piece in walk(scheme):
        if isinstance(piece, CapShare) and piece.tie_said is None:
            say = f"「{piece.band}」名额边缘同分怎么办，文件没有写；现在都不定档，由有权的人决定"
            yield Finding("tie_not_said", path, say, piece.clause)


def find_unsaid_rounding(scheme: Scheme) -> Iterator[Finding]:
    """Weighted sums that have decimals, without a word on rounding (A32)."""
    for path, piece in walk(scheme):
        if isinstance(piece, WeightedSum) and piece.rounding_said is None:
            say = f"{len(piece.parts)} 项加权后会有小数，文件没有写怎样取舍；现在定档用精确得分，显示两位小数"
            yield Finding("rounding_not_said", path, say, piece.clause)


def find_unsaid_order(scheme: Scheme) -> Iterator[Finding]:
    """A quota together with a bonus or a downgrade, without a word on their order (A26)."""
    for n, track in enumerate(scheme.tracks):
        if track.quotas and (track.bonus or track.downgrade) and track.order_said is None:
            say = "名额、加分、降档谁先谁后，文件没有写；现在按得分、加分、排名限额、降档，降档不腾名额"
            yield Finding("order_not_said", f"tracks[{n}]", say, track.quotas[0].clause)


def find_uncapped_bonus(scheme: Scheme) -> Iterator[Finding]:
    """Bonus points without a limit."""
    for n, track in enumerate(scheme.tracks):
        if track.bonus is not None and track.bonus.cap is None:
            yield Finding("bonus_without_cap", f"tracks[{n}].bonus", "加分没有写上限", track.bonus.clause)


def find_wide_quotas(scheme: Scheme) -> Iterator[Finding]:
    """Quotas that give nobody or everybody a place."""
    for path, piece in walk(scheme):
        if isinstance(piece, CapShare) and isinstance(piece.share, Fraction) and piece.share in (0, 1):
            say = f"「{piece.band}」的名额比例是 {show(piece.share)}，等于{'没有名额' if piece.share == 0 else '没有限制'}"
            yield Finding("quota_without_effect", path, say, piece.clause)


RULES = (
    find_impossible_sizes,
    find_undefined_bases,
    find_changing_bases,
    find_unsettled_ties,
    find_unsaid_rounding,
    find_unsaid_order,
    find_uncapped_bonus,
    find_wide_quotas,
)
