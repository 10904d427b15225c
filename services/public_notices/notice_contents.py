"""What stands on a public notice: titles, bands and awards by name, never a figure that the document does not make known (S2-35)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from models.cycles import Cycle, CycleSubject
from models.public_notices import OPEN, REPLACED, WITHDRAWN, PublicNotice
from models.runs import RunSubject, find_published
from scoring.scheme import Scheme, Track
from services.cycles.cycles import scheme_of
from services.day_words import shown_day
from services.public_notices.public_notices import is_running
from services.sheets.sheet_material import KIND_WORDS

_PERSONS = ("member", "secretary")
NO_BAND = "没有定档"
_STALE = "结果已经更正，以新的公示为准。"
_ENDED = {
    REPLACED: "结果已经更正，这份公示作废，以新的公示为准。",
    WITHDRAWN: "这份公示已经撤回。",
}


@dataclass(frozen=True, slots=True)
class Named:
    """One subject as the public reads it. `score`: empty unless the scheme has scores made known; `branch`: empty but of a person."""

    name: str
    awards: tuple[str, ...]
    score: str
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    """The subjects of one kind and band, in the order of the cycle, which is no ranking."""

    title: str
    people: tuple[Named, ...]
    count: str

    def by_branch(self) -> tuple[tuple[str, tuple[Named, ...]], ...]:
        """(branch, its people), in the order of the cycle: five hundred names in one row are read by nobody."""
        there: dict[str, list[Named]] = {}
        for one in self.people:
            there.setdefault(one.branch, []).append(one)
        return tuple((branch, tuple(people)) for branch, people in there.items())


@dataclass(frozen=True, slots=True)
class Group:
    """The subjects of one kind, band by band, the highest first."""

    title: str
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """A notice as it is read: `state` in one sentence; without `is_shown` nothing else of it may be told. `how`: how to object;
    `channels`: where the document has it made known, this page being one."""

    title: str
    issuer: str
    state: str
    is_shown: bool
    period: str
    basis: str
    groups: tuple[Group, ...]
    paragraphs: tuple[str, ...]
    how: str
    channels: tuple[str, ...]


async def read_content(notice: PublicNotice, day: date) -> Content:
    """The notice as it is to be read on that day; before its first and after its last day only its title, period and state."""
    await notice.fetch_related("organisation")
    cycle = await Cycle.get(id=notice.cycle_id) if notice.cycle_id is not None else None
    stale = await _is_stale(notice)
    shown = is_running(notice, day) and not stale
    scheme = scheme_of(cycle) if cycle is not None else None
    groups = await _groups(notice, cycle) if shown and cycle is not None and notice.run_id is not None else ()
    return Content(
        title=notice.title,
        issuer=notice.organisation.name,
        state=_STALE if stale else _state(notice, day),
        is_shown=shown,
        period=period_of(notice),
        basis=_basis(scheme) if notice.run_id is not None else "",
        groups=groups,
        paragraphs=tuple(notice.body.splitlines()) if shown else (),
        how=_how(notice, scheme),
        channels=scheme.publication.channels if scheme is not None and scheme.publication is not None else (),
    )


async def _is_stale(notice: PublicNotice) -> bool:
    """Whether another run has been published since this one was put up."""
    if notice.run_id is None or notice.cycle_id is None or notice.state != OPEN:
        return False
    published = await find_published(notice.cycle_id)
    return published is None or published.run_id != notice.run_id


def period_of(notice: PublicNotice) -> str:
    """「2020年12月21日至12月25日,共 5 天」."""
    days = (notice.to_day - notice.from_day).days + 1
    if days == 1:
        return f"{shown_day(notice.from_day)}，1 天"
    last = shown_day(notice.to_day) if notice.to_day.year != notice.from_day.year else _short(notice.to_day)
    return f"{shown_day(notice.from_day)}至{last}，共 {days} 天"


def _short(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _state(notice: PublicNotice, day: date) -> str:
    if notice.state in _ENDED:
        return _ENDED[notice.state]
    if notice.state == OPEN and day < notice.from_day:
        return f"公示从{shown_day(notice.from_day)}开始，到时再看。"
    if not is_running(notice, day):
        return "公示已结束。"
    left = (notice.to_day - day).days
    return "公示中，今天是最后一天。" if left == 0 else f"公示中，还有 {left + 1} 天。"


def _basis(scheme: Scheme | None) -> str:
    if scheme is None:
        return ""
    number = scheme.source.number or ""
    clause = f"（{scheme.publication.clause}）" if scheme.publication is not None else ""
    return f"依据《{scheme.source.title}》{number}{clause}"


def _how(notice: PublicNotice, scheme: Scheme | None) -> str:
    who = scheme.publication.objection if scheme is not None and scheme.publication is not None else None
    watched = f"接受{who}监督。" if who else ""
    return (
        f"{watched}公示期内有异议的，绑定后在公众号回复「异议」，实名提出，{notice.organisation.name}会逐条答复；"
        "其他意见回复「投诉建议」。"
    )


async def _groups(notice: PublicNotice, cycle: Cycle) -> tuple[Group, ...]:
    rows = await RunSubject.filter(run_id=notice.run_id).only("key", "result")
    results = {row.key: json.loads(row.result) for row in rows}
    subjects = await CycleSubject.filter(cycle_id=cycle.id).order_by("position").select_related("organisation")
    scheme = scheme_of(cycle)
    with_score = scheme.publication is not None and scheme.publication.scores
    fitting = [one for one in subjects if one.key in results and "exempt" not in results[one.key]["flags"]]
    return tuple(_by_kind(scheme.track_of, fitting, results, with_score))


def _by_kind(
    tracks: Mapping[str, Track],
    subjects: Sequence[CycleSubject],
    results: Mapping[str, dict[str, Any]],
    with_score: bool,
) -> Iterator[Group]:
    for kind in dict.fromkeys(one.kind for one in subjects):
        people: dict[str, list[Named]] = {}
        for one in subjects:
            if one.kind == kind:
                result = results[one.key]
                score = result["score"] or "" if with_score else ""
                branch = one.organisation.name if kind in _PERSONS else ""
                named = Named(one.name, tuple(result["awards"]), score, branch)
                people.setdefault(result["band"] or NO_BAND, []).append(named)
        order = [*tracks[kind].bands, *people]
        unit = "人" if kind in _PERSONS else "个"
        bands = (_band(name, people[name], unit) for name in dict.fromkeys(order) if name in people)
        yield Group(KIND_WORDS[kind], tuple(bands))


def _band(title: str, people: Sequence[Named], unit: str) -> Band:
    return Band(title, tuple(people), f"{len(people)} {unit}")


def paste_text(content: Content) -> str:
    """The notice as plain text, for a board or a website of the organisation's own."""
    lines = [content.title, "", *([f"{content.basis}，现将结果公示如下。"] if content.basis else [])]
    for group in content.groups:
        lines += ["", f"【{group.title}】"]
        lines += [line for band in group.bands for line in _band_lines(band)]
    lines += [*content.paragraphs, "", f"公示期：{content.period}。", content.how, "", content.issuer]
    return "\n".join(lines)


def _band_lines(band: Band) -> Iterator[str]:
    rows = [(branch, "、".join(map(_named, people))) for branch, people in band.by_branch()]
    if not any(branch for branch, _ in rows):
        yield f"{band.title}（{band.count}）：{''.join(names for _, names in rows)}"
        return
    yield f"{band.title}（{band.count}）："
    yield from (f"  {branch}：{names}" for branch, names in rows)


def _named(one: Named) -> str:
    inside = "，".join([*([f"{one.score} 分"] if one.score else []), *one.awards])
    return f"{one.name}（{inside}）" if inside else one.name
