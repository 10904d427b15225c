"""The page 设置: every number and name that the formulas of the other pages rest on, with its clause. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from scoring.consequences import BandIn, ScoreBelow
from scoring.document import Document
from scoring.grades import READING_WORDS, Bands
from scoring.rules import Amount, Rule, SettingRef
from scoring.scheme import Scheme, Track
from scoring.totals import WeightedSum
from services.workbooks.sheet_pages import Column, Page

# Excel counts in binary: 0.3 × 88 may miss 26.4 by 1e-14. Rounded to so many places a total is the exact decimal again,
# and every line is compared with what the engine compares.
PLACES = 10
SHOWN = 2
_COLUMNS = (
    Column("whom", "对象"),
    Column("what", "项目", width=22),
    Column("name", "名称", width=24),
    Column("value", "数值"),
    Column("basis", "依据", width=24),
    Column("note", "说明", width=60),
)


@dataclass(frozen=True, slots=True)
class _Row:
    key: str
    whom: str
    what: str
    name: str = ""
    value: Fraction | int | None = None
    basis: str = ""
    note: str = ""


class Rules:
    """The page and where on it each rule stands. A setting that is not set is an empty cell, and nothing is computed."""

    def __init__(self, scheme: Scheme, document: Document) -> None:
        self._settings = document.settings
        self._numbers = {id(track): n for n, track in enumerate(scheme.tracks)}
        kinds = {subject.kind for subject in document.subjects}
        tracks = [track for track in scheme.tracks if not kinds.isdisjoint(track.kinds)]
        rows = [*_precision(), *(row for track in tracks for row in self._rows(track))]
        self.page = Page("设置", _COLUMNS, [row.key for row in rows])
        for row in rows:
            self.page.put(row.key, "value", row.value)
            for name in ("whom", "what", "name", "basis", "note"):
                self.page.put(row.key, name, getattr(row, name) or None)

    def _rows(self, track: Track) -> Iterator[_Row]:
        yield from self._numeric(track)
        for n, award in enumerate(track.awards):
            note = f"{award.band}{track.label},且「{award.member_band}」成员占参评人数的比例不低于此数"
            yield self._row(track, f"award.{n}", "称号", award, award.share, name=award.award, note=note)
        for n, rule in enumerate(track.consequences):
            when = rule.when
            if isinstance(when, ScoreBelow):
                note = f"低于此分（不含本数）{_years(when)}" + (f"，且往年为「{when.title}」" if when.title else "")
                yield self._row(track, f"when.{n}", "结果运用：分数", rule, when.line, note=note)
            else:
                for m, band in enumerate(when.bands):
                    yield self._row(track, f"when.{n}.{m}", "结果运用：档次", rule, name=band, note=_years(when))

    def _numeric(self, track: Track) -> Iterator[_Row]:
        """What must be set before anything is computed stands together."""
        if isinstance(track.total, WeightedSum):
            for part in track.total.parts:
                yield self._row(track, f"weight.{part.key}", "权重", track.total, part.weight, name=part.label)
        for n, quota in enumerate(track.quotas):
            note = "名额=人数×此数，舍去小数；边缘同分由人决定"
            yield self._row(track, f"share.{n}", "名额比例", quota, quota.share, name=quota.band, note=note)
        if track.bonus is not None and track.bonus.cap is not None:
            yield self._row(track, "cap", "加分上限", track.bonus, track.bonus.cap)
        bands = track.grade.bands if isinstance(track.grade, Bands) else ()
        lines = {band.name: band.line for band in bands}
        note = READING_WORDS[track.grade.reading] if isinstance(track.grade, Bands) else ""
        for name in track.bands:
            line = lines.get(name)
            what = "分数线（含本数）" if line is not None else "等次"
            yield self._row(track, f"band.{name}", what, track.grade, line, name=name, note=note)

    def _row(
        self,
        track: Track,
        key: str,
        what: str,
        rule: Rule,
        amount: Amount | None = None,
        *,
        name: str = "",
        note: str = "",
    ) -> _Row:
        value = amount
        if isinstance(amount, SettingRef):
            value = self._settings.values.get(amount.setting, {}).get(amount.key)
            where = f"由组织部设定（settings.{amount.setting}）"
            note = f"{note};{where}" if note else where
        assert not isinstance(value, SettingRef)
        return _Row(self._key(track, key), track.label, what, name, value, basis_of(rule), note)

    def _key(self, track: Track, key: str) -> str:
        return f"{self._numbers[id(track)]}.{key}"

    def value(self, track: Track, key: str) -> str:
        """The cell of a number: `weight.team`, `band.五星级`, `share.0`, `cap`, `award.0`, `when.0`."""
        return self.page.cell(self._key(track, key), "value")

    def name(self, track: Track, key: str) -> str:
        """The cell of a name: `band.五星级`, `award.0`."""
        return self.page.cell(self._key(track, key), "name")

    def names(self, track: Track) -> str:
        """The bands, highest first."""
        return self.page.span([self._key(track, f"band.{name}") for name in track.bands], "name")

    def needed(self, track: Track) -> str | None:
        """The numbers that must be there before a total is computed; None where nothing is computed."""
        if not isinstance(track.grade, Bands):
            return None
        keys = [row.key for row in self._numeric(track)]
        return self.page.span(keys, "value")

    def when(self, track: Track, n: int, condition: BandIn) -> str:
        """The bands of a consequence's condition."""
        return self.page.span([self._key(track, f"when.{n}.{m}") for m in range(len(condition.bands))], "name")

    @property
    def places(self) -> str:
        """To how many places a total is exact."""
        return self.page.cell("places", "value")

    @property
    def shown(self) -> str:
        """To how many places a score is shown."""
        return self.page.cell("shown", "value")


def basis_of(rule: Rule) -> str:
    """Clause and fact of a rule: 「六(二)3〔S2-18〕」."""
    return f"{rule.clause}〔{rule.fact}〕"


def _precision() -> list[_Row]:
    exact = "电子表格用二进制小数，加权后可能差 0.00000000000001；取到这么多位就与精确得分一致，分档、名额都按它"
    return [
        _Row("places", "全部", "计算位数", value=PLACES, note=exact),
        _Row("shown", "全部", "显示位数", value=SHOWN, note="只影响显示（四舍五入），不影响分档"),
    ]


def _years(when: BandIn | ScoreBelow) -> str:
    return f"连续 {when.years} 年" if when.years > 1 else ""
