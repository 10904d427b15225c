"""All ratings of a cycle as a workbook: progress, coverage, every line, the rounds beside each other, and the papers that they fill.

The papers that a scheme asks for are filled from what was rated, so that nobody writes them a second time: a report with parts
(自查自评总结, 互评报告), and by their keys the registers of a kind of subject (`branch_register`, S2-36; `member_register`, S2-37) and the
summary of a branch's members (`member_summary`, S2-38).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from config.clock import shown
from models.cycles import Cycle, CycleSubject, list_subjects
from models.ratings import SUBMITTED, Rating, RatingValue, list_ratings, list_values
from scoring.papers import Paper
from scoring.rounds import SELF, Round, paper_of, rounds_of
from scoring.scheme import Scheme
from services.cycles.coverages import RoundCoverage, coverage
from services.cycles.cycles import get_cycle, scheme_of
from services.ratings.rating_progress import RaterProgress, list_progress
from services.workbooks.sheet_pages import Column, Page, Value, write_workbook

_MEMBER = "member"


@dataclass(frozen=True, slots=True)
class _Given:
    """What the pages are made of: sheets handed in with their lines by rating id."""

    scheme: Scheme
    subjects: Sequence[CycleSubject]
    ratings: Sequence[Rating]
    lines: dict[int, list[RatingValue]]

    def round(self, rating: Rating) -> Round:
        """What was rated."""
        return rounds_of(self.scheme, rating.subject.kind)[rating.round]

    def of(self, round_key: str, kind: str) -> Iterator[Rating]:
        """The sheets of one round and kind."""
        return (one for one in self.ratings if (one.round, one.subject.kind) == (round_key, kind))


async def export_ratings(cycle_id: int) -> bytes:
    """The workbook (.xlsx). Raises `Refusal`."""
    cycle = await get_cycle(cycle_id)
    given = await _given(cycle)
    pages = [
        _progress_page(await list_progress(cycle), given),
        _coverage_page(await coverage(cycle)),
        _lines_page(given),
        *_compared_pages(given),
        *_report_pages(given),
        *_register_pages(given),
    ]
    return write_workbook(pages)


async def _given(cycle: Cycle) -> _Given:
    ratings = [one for one in await list_ratings([cycle.id]) if one.state == SUBMITTED]
    lines: dict[int, list[RatingValue]] = {one.id: [] for one in ratings}
    for value in await list_values(list(lines)):
        lines[value.rating_id].append(value)
    return _Given(scheme_of(cycle), await list_subjects(cycle.id), ratings, lines)


def _page(title: str, headings: Sequence[str], rows: Sequence[Sequence[Value]], basis: str = "") -> Page:
    """A plain table: the clause stands below the first heading."""
    columns = [Column(str(n), heading, basis if n == 0 else "", width=18) for n, heading in enumerate(headings)]
    page = Page(title, columns, map(str, range(len(rows))))
    for n, row in enumerate(rows):
        for column, value in enumerate(row):
            page.put(str(n), str(column), value)
    return page


def _progress_page(found: Sequence[RaterProgress], given: _Given) -> Page:
    rows: list[list[Value]] = [
        [_label(given, one.round), one.person.staff_no, one.person.name, one.assigned, one.done] for one in found
    ]
    return _page("进度", ("轮次", "工号", "姓名", "分派", "已提交"), rows)


def _label(given: _Given, round_key: str) -> str:
    rounds = (rounds_of(given.scheme, kind).get(round_key) for kind in given.scheme.track_of)
    return next((one.label for one in rounds if one), round_key)


def _coverage_page(found: Sequence[RoundCoverage]) -> Page:
    rows: list[list[Value]] = [
        [one.round.label, one.label, one.found, one.of, "、".join(each.name for each in one.missing)] for one in found
    ]
    return _page("覆盖", ("轮次", "对象", "已评", "应评", "还没有评的"), rows)


def _lines_page(given: _Given) -> Page:
    headings = (
        "轮次",
        "对象编号",
        "对象",
        "打分人",
        "提交时间",
        "第几次提交",
        "项目",
        "分数",
        "做法和成绩",
        "问题",
        "理由",
        "佐证记录",
    )
    rows = [row for one in given.ratings for row in _line_rows(given, one)]
    return _page("评分", headings, rows)


def _line_rows(given: _Given, one: Rating) -> Iterator[list[Value]]:
    round = given.round(one)
    labels = {item.slot: item.label for item in round.items} | {f"veto.{veto.id}": veto.title for veto in round.vetoes}
    head: list[Value] = [
        round.label,
        one.subject.key,
        one.subject.name,
        one.rater.name,
        shown(one.submitted_at),
        one.version,
    ]
    for line in given.lines[one.id]:
        points = None if line.points is None else Fraction(line.points)
        records = "、".join(map(str, line.records))
        yield [*head, labels.get(line.slot, line.slot), points, line.text, line.problems, line.reason, records]


def _compared_pages(given: _Given) -> Iterator[Page]:
    """Of each kind that has indicators: a row for each subject and indicator, a column for each round, and how far it is from the
    self-rating (S0-39d)."""
    for kind, track in given.scheme.track_of.items():
        rounds = [one for one in rounds_of(given.scheme, kind).values() if one.is_sheet and track.indicators]
        rows = [row for subject in given.subjects if subject.kind == kind for row in _compared(given, subject, rounds)]
        if rows:
            apart = [f"{one.label}比自评" for one in rounds if one.key != SELF]
            basis = track.alongside.clause if track.alongside else ""
            headings = ("对象编号", "对象", "指标", *(one.label for one in rounds), *apart)
            yield _page(f"{track.label}各轮对照", headings, rows, basis)


def _compared(given: _Given, subject: CycleSubject, rounds: Sequence[Round]) -> Iterator[list[Value]]:
    points = {one.round: _points(given, one) for one in given.ratings if one.subject_id == subject.id}
    for item in rounds[0].items if points and rounds else ():
        if item.has_points:
            row = [points.get(one.key, {}).get(item.slot) for one in rounds]
            own = points.get(SELF, {}).get(item.slot)
            others = [found for one, found in zip(rounds, row, strict=True) if one.key != SELF]
            apart = [None if own is None or found is None else found - own for found in others]
            yield [subject.key, subject.name, item.label, *row, *apart]


def _points(given: _Given, one: Rating) -> dict[str, Fraction]:
    return {line.slot: Fraction(line.points) for line in given.lines[one.id] if line.points is not None}


def _report_pages(given: _Given) -> Iterator[Page]:
    """A row for each sheet, a column for each part of the report that its stage asks for."""
    for kind in given.scheme.track_of:
        for round in rounds_of(given.scheme, kind).values():
            paper = paper_of(given.scheme, round.stage) if round.stage else None
            sheets = list(given.of(round.key, kind)) if paper else []
            if paper and sheets:
                told = [item for item in round.items if not item.has_points]
                rows = [_report_row(given, one, [item.slot for item in told]) for one in sheets]
                yield _page(paper.title, ("对象", "填写人", *(item.label for item in told)), rows, paper.clause)


def _report_row(given: _Given, one: Rating, slots: Sequence[str]) -> list[Value]:
    words = {line.slot: line.text for line in given.lines[one.id]}
    return [one.subject.name, one.rater.name, *(words.get(slot, "") for slot in slots)]


def _register_pages(given: _Given) -> Iterator[Page]:
    papers = {paper.key: paper for paper in given.scheme.papers}
    for kind in given.scheme.track_of:
        paper = papers.get(f"{kind}_register")
        if paper is not None:
            yield _register(given, kind, paper)
    if f"{_MEMBER}_summary" in papers:
        yield _summary(given, papers[f"{_MEMBER}_summary"])


def _register(given: _Given, kind: str, paper: Paper) -> Page:
    """A row for each subject and aspect, in the words of the self-rating."""
    rows: list[list[Value]] = []
    for one in given.of(SELF, kind):
        labels = {item.slot: item.label for item in given.round(one).items}
        for line in given.lines[one.id]:
            if line.slot in labels:
                rows.append([one.subject.key, one.subject.name, labels[line.slot], line.text, line.problems])
    return _page(paper.title, ("编号", "名称", "方面", "做法和成绩", "问题和不足"), rows, paper.clause)


def _summary(given: _Given, paper: Paper) -> Page:
    """A row for each member, by branch: whether the self-rating is in; who is left out, with the reason."""
    names = {one.key: one.name for one in given.subjects}
    done = {one.subject_id: one for one in given.of(SELF, _MEMBER)}
    rows: list[list[Value]] = []
    for one in given.subjects:
        if one.kind == _MEMBER:
            sheet = done.get(one.id)
            state = f"不列入：{one.exempt}" if one.exempt else f"已交 {shown(sheet.submitted_at)}" if sheet else "未交"
            rows.append([names.get(one.parent or "", ""), one.key.partition(":")[2], one.name, one.status, state])
    return _page(paper.title, ("党支部", "工号", "姓名", "状态", "自查自报"), rows, paper.clause)
