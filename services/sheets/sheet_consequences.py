"""The page 结果运用: what follows from band and score, this year and over consecutive years, as formulas. Pure."""

from collections.abc import Iterator

from scoring.consequences import CONSEQUENCE_WORDS, BandIn, Consequence, ConsequenceRule, ScoreBelow
from scoring.grades import Bands
from scoring.scheme import Track
from scoring.subjects import Subject
from services.sheets.sheet_columns import TWO_PLACES
from services.sheets.sheet_registers import Register
from services.sheets.sheet_rules import basis_of
from services.workbooks.sheet_pages import Column, Formula, Page

_YES = "是"


def follow(register: Register) -> Page | None:
    """The consequences of each subject of a kind, those concerned first. None where the scheme knows none for it."""
    track, material = register.track, register.material
    if not track.consequences:
        return None
    assessed = [one for one in register.subjects if one.exempt is None]
    concerned = {key for key, one in material.results.items() if one["consequences"]}
    ordered = sorted(assessed, key=lambda one: one.id not in concerned)
    columns = list(_columns(track, material.document.cycle))
    page = Page(f"{material.label(register.kind)}结果运用清单", columns, [one.id for one in ordered])
    for one in ordered:
        _fill(page, register, one)
    return page


def _columns(track: Track, cycle: int) -> Iterator[Column]:
    yield Column("id", "编号", width=18)
    yield Column("name", "名称", width=24)
    if isinstance(track.grade, Bands):
        yield Column("score", "得分", shape=TWO_PLACES)
    yield Column("band", "档次")
    for n in range(len(track.awards)):
        yield Column(f"award.{n}", track.awards[n].award, basis_of(track.awards[n]), width=16)
    for title in _titles(track):
        yield Column(f"title.{title}", f"曾为「{title}」", width=16)
    for back in range(1, _years(track)):
        yield Column(f"band.{back}", f"{cycle - back}年档次")
        yield Column(f"score.{back}", f"{cycle - back}年得分", width=18)
    for name in _given(track):
        basis = "、".join(dict.fromkeys(basis_of(rule) for rule in track.consequences if name in rule.gives))
        yield Column(f"gives.{name}", CONSEQUENCE_WORDS[name], basis, width=18)


def _given(track: Track) -> list[Consequence]:
    return list(dict.fromkeys(name for rule in track.consequences for name in rule.gives))


def _titles(track: Track) -> list[str]:
    conditions = (rule.when for rule in track.consequences)
    return list(dict.fromkeys(one.title for one in conditions if isinstance(one, ScoreBelow) and one.title))


def _years(track: Track) -> int:
    return max(rule.when.years for rule in track.consequences)


def _fill(page: Page, register: Register, subject: Subject) -> None:
    track, cycle = register.track, register.material.document.cycle
    page.put(subject.id, "id", subject.id)
    page.put(subject.id, "name", register.material.names[subject.id])
    same = ["band", *(f"award.{n}" for n in range(len(track.awards)))]
    for column in ["score", *same] if isinstance(track.grade, Bands) else same:
        cell = register.page.cell(subject.id, column)
        page.put(subject.id, column, Formula(f'=IF({cell}="","",{cell})'))
    for title in _titles(track):
        held = any(title in past.titles for past in subject.history)
        page.put(subject.id, f"title.{title}", _YES if held else None)
    for back in range(1, _years(track)):
        past = subject.past(cycle - back)
        page.put(subject.id, f"band.{back}", past.band if past else None)
        page.put(subject.id, f"score.{back}", past.score if past else None)
    for name in _given(track):
        rules = [(n, rule) for n, rule in enumerate(track.consequences) if name in rule.gives]
        tests = ",".join(_test(page, register, subject, n, rule) for n, rule in rules)
        page.put(subject.id, f"gives.{name}", Formula(f'=IF(OR({tests}),"{_YES}","")'))


def _test(page: Page, register: Register, subject: Subject, n: int, rule: ConsequenceRule) -> str:
    """One rule as an expression; a year that is not known never meets it."""
    when = rule.when
    tests = _banded(page, register, subject, n, when) if isinstance(when, BandIn) else []
    if isinstance(when, ScoreBelow):
        tests = _below(page, register, subject, n, when)
    return f"AND({','.join(tests)})"


def _banded(page: Page, register: Register, subject: Subject, n: int, when: BandIn) -> list[str]:
    bands = register.rules.when(register.track, n, when)
    cells = [page.here(subject.id, "band"), *(page.here(subject.id, f"band.{back}") for back in range(1, when.years))]
    return [f'{cell}<>"",COUNTIF({bands},{cell})>0' for cell in cells]


def _below(page: Page, register: Register, subject: Subject, n: int, when: ScoreBelow) -> list[str]:
    line = register.rules.value(register.track, f"when.{n}")
    exact = register.page.cell(subject.id, "exact")
    cells = [exact, *(page.here(subject.id, f"score.{back}") for back in range(1, when.years))]
    tests = [f'{cell}<>"",{cell}<{line}' for cell in cells]
    if when.title is not None:
        tests.append(f'{page.here(subject.id, f"title.{when.title}")}="{_YES}"')
    return tests
