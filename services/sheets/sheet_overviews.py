"""The pages over many subjects: summary of each kind (汇总表) with its quotas, and ranking. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from scoring.grades import Bands
from scoring.overviews import ShareByBand, ShareByFact
from scoring.scheme import Track
from services.sheets.sheet_columns import EXACT, TWO_PLACES
from services.sheets.sheet_registers import IN, Register
from services.sheets.sheet_rules import basis_of
from services.workbooks.sheet_pages import Column, Formula, Page

ALL = ""
_PERCENT = "0%"


class Summary:
    """One kind: a row over all of them, then one for each parent; who is assessed, how many in each band, how many places."""

    def __init__(self, register: Register) -> None:
        self.register, self.track = register, register.track
        self.material, self.rules = register.material, register.rules
        self.parents = [parent for parent in register.groups if parent]
        self.labels = self._labels()
        rows = [ALL, *self.parents, *(f"fact|{n}|{label}" for n, label in self.labels)]
        self.page = Page(self.material.title(register.kind, "汇总表"), list(_columns(self.track)), rows)

    def _labels(self) -> list[tuple[str, str]]:
        rules = [rule for rule in self.track.summary if isinstance(rule, ShareByFact)]
        subjects = [one for one in self.register.subjects if one.exempt is None]
        return [
            (rule.input, label)
            for rule in rules
            for label in sorted({one.facts.text(rule.input) or "" for one in subjects} - {""})
        ]

    def places(self) -> dict[tuple[int, str], str]:
        """(quota, group) → the cell with its number of places."""
        found: dict[tuple[int, str], str] = {}
        for n, quota in enumerate(self.track.quotas):
            for group in [ALL] if quota.of == "kind" else self.parents:
                found[n, group] = self.page.cell(group, f"places.{n}")
        return found

    def fill(self) -> None:
        """Write every row."""
        self._fill_row(ALL, "全部", None)
        for parent in self.parents:
            self._fill_row(parent, self.material.names[parent], self.register.groups[parent])
        for fact, label in self.labels:
            self._fill_fact(fact, label)

    def _fill_row(self, row: str, name: str, ids: Sequence[str] | None) -> None:
        at, span = self.page.here, self.register.span
        self.page.put(row, "id", row or None)
        self.page.put(row, "name", name)
        members = self.material.members.get(row)
        self.page.put(row, "base", members or Formula(f'=COUNTIF({span("state", ids)},"{IN}")'))
        self.page.put(row, "of", self._of(ids))
        self.page.put(row, "open", Formula(f"=SUM({span('open', ids)})"))
        for n, band in enumerate(self.track.bands):
            name_cell = self.rules.name(self.track, f"band.{band}")
            self.page.put(row, f"count.{n}", self._count(name_cell, ids))
            self.page.put(row, f"percent.{n}", Formula(_percent(at(row, f"count.{n}"), at(row, "of"))))
        for n, quota in enumerate(self.track.quotas):
            if (row == ALL) == (quota.of == "kind"):
                share = self.rules.value(self.track, f"share.{n}")
                self.page.put(
                    row, f"places.{n}", Formula(f"=INT(ROUND({at(row, 'base')}*{share},{self.rules.places}))")
                )

    def _among(self) -> str | None:
        rules = [rule for rule in self.track.summary if isinstance(rule, ShareByBand)]
        return rules[0].among if rules else None

    def _of(self, ids: Sequence[str] | None) -> Formula:
        """How many have a result, or only those that the document counts among them."""
        among = self._among()
        if among is None:
            return Formula(f"=SUM({self.register.span('graded', ids)})")
        return Formula(f'=COUNTIF({self.register.span(f"facts.{among}", ids)},"?*")')

    def _count(self, band: str, ids: Sequence[str] | None) -> Formula:
        among, bands = self._among(), self.register.span("band", ids)
        if among is None:
            return Formula(f"=COUNTIF({bands},{band})")
        return Formula(f'=COUNTIFS({bands},{band},{self.register.span(f"facts.{among}", ids)},"?*")')

    def _fill_fact(self, fact: str, label: str) -> None:
        row, at = f"fact|{fact}|{label}", self.page.here
        self.page.put(row, "name", label)
        column = self.register.span(f"facts.{fact}")
        self.page.put(row, "base", Formula(f"=COUNTIF({column},{at(row, 'name')})"))
        self.page.put(row, "of", Formula(f"=SUM({self.register.span('graded')})"))
        self.page.put(row, "share", Formula(_percent(at(row, "base"), at(row, "of"))))


def _columns(track: Track) -> Iterator[Column]:
    yield Column("id", "编号", width=18)
    yield Column("name", "范围", width=24)
    yield Column("base", "人数（参评）" if track.parents else "个数（参评）")
    yield Column("of", "有结果")
    yield Column("open", "待定")
    basis = next((basis_of(rule) for rule in track.summary), "")
    for n, band in enumerate(track.bands):
        yield Column(f"count.{n}", band, basis)
        yield Column(f"percent.{n}", f"{band}占比", basis, _PERCENT)
    for n, quota in enumerate(track.quotas):
        yield Column(f"places.{n}", f"「{quota.band}」名额", basis_of(quota))
    facts = [rule for rule in track.summary if isinstance(rule, ShareByFact)]
    if facts:
        yield Column("share", "占比", basis_of(facts[0]), _PERCENT)


def _percent(count: str, of: str) -> str:
    return f'=IF({of}=0,"",ROUND({count}/{of},2))'


def shares_of(subject: str, band: str, summaries: Mapping[str, Summary]) -> tuple[str, str, str]:
    """Of the members of a subject: how many hold the band, are open, are assessed; expressions for formulas."""
    below = [one for one in summaries.values() if subject in one.page.rows]
    if not below:
        return "0", "0", "0"
    held = [one.page.cell(subject, f"count.{one.track.bands.index(band)}") for one in below if band in one.track.bands]
    still_open = [one.page.cell(subject, "open") for one in below]
    return "+".join(held) or "0", "+".join(still_open), _base(subject, below)


def _base(subject: str, below: Sequence[Summary]) -> str:
    """The members assessed; where the document gives their number, each summary repeats it."""
    cells = [one.page.cell(subject, "base") for one in below]
    return cells[0] if subject in below[0].material.members else "+".join(cells)


def rank(register: Register) -> Page | None:
    """The ranking of a kind, best first as it was computed; ranks are computed anew. None where nothing is scored."""
    if not isinstance(register.track.grade, Bands):
        return None
    material = register.material
    scored = [one for one in register.subjects if one.exempt is None]
    ordered = sorted(scored, key=lambda one: -material.exacts.get(one.id, Fraction(-1)))
    page = Page(f"{material.label(register.kind)}排名", _RANKING, [one.id for one in ordered])
    for one in ordered:
        page.put(one.id, "id", one.id)
        page.put(one.id, "name", material.names[one.id])
        page.put(one.id, "parent", material.names.get(one.parent or ""))
        page.put(one.id, "rank", _rank(register, one.id, None))
        page.put(one.id, "within", _rank(register, one.id, one.parent or ""))
        for column in ("exact", "score", "band"):
            cell = register.page.cell(one.id, column)
            page.put(one.id, column, Formula(f'=IF({cell}="","",{cell})'))
    return page


def _rank(register: Register, key: str, group: str | None) -> Formula | int:
    """One and how many are better; a number where the scores of the group are too near to be told apart here."""
    ids, exacts = register.ids if group is None else register.groups[group], register.material.exacts
    own = register.page.cell(key, "exact")
    if key not in exacts or register.is_apart(group):
        return Formula(f'=IF({own}="","",RANK({own},{register.span("exact", ids)}))')
    return 1 + sum(exacts[one] > exacts[key] for one in ids if one in exacts)


_RANKING = (
    Column("rank", "名次"),
    Column("within", "本组名次"),
    Column("id", "编号", width=18),
    Column("name", "名称", width=24),
    Column("parent", "上级", width=24),
    Column("score", "得分", shape=TWO_PLACES),
    Column("exact", "得分（精确）", shape=EXACT, width=18),
    Column("band", "档次"),
)
