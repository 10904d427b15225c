"""The register of a kind of subjects (登记表): inputs, and formulas from them to total, band, quota, title and rank. Pure."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from scoring.adjustments import confirmed_sum, inside
from scoring.explain import FLAG_WORDS
from scoring.grades import Bands, Stated
from scoring.rules import Rule, SettingRef
from scoring.subjects import Change, Subject
from scoring.totals import IndicatorSum, SideBySide, WeightedSum
from scoring.vetoes import is_inside
from services.sheets.sheet_columns import columns_of, slots_of
from services.sheets.sheet_material import Material, is_safe, is_told_apart
from services.sheets.sheet_rules import Rules
from services.workbooks.sheet_pages import Entry, Formula, Page, Value

IN, OUT = "参评", "不列入"
_CONFIRMED, _CLAIMED = "已确认", "待确认"
_NO_VOTES = "无有效票"
_TOO_FINE = "位数超出电子表格的精度，按计算结果填写"


class Register:
    """The page of one kind and the groups of its rows; `fill` comes after every page is known by name."""

    def __init__(self, material: Material, kind: str, rules: Rules, ballots: Page) -> None:
        self.material, self.kind, self.rules, self.ballots = material, kind, rules, ballots
        self.track = material.scheme.track_of[kind]
        self.subjects = material.subjects(kind)
        self.ids = [one.id for one in self.subjects]
        self.groups: dict[str, list[str]] = {}
        for one in self.subjects:
            self.groups.setdefault(one.parent or "", []).append(one.id)
        self._apart: dict[str | None, bool] = {}
        self.page = Page(material.title(kind, "登记表"), list(columns_of(self.track)), self.ids)

    def span(self, column: str, ids: Sequence[str] | None = None) -> str:
        """A column over all rows, or over those of a group."""
        return self.page.span(ids or self.ids, column)

    def is_apart(self, group: str | None) -> bool:
        """Whether the formulas can tell the scores of a group apart, None for all rows."""
        if group not in self._apart:
            ids = self.ids if group is None else self.groups[group]
            exacts = self.material.exacts
            self._apart[group] = is_told_apart([exacts[one] for one in ids if one in exacts])
        return self._apart[group]

    def fill(self, places: Mapping[tuple[int, str], str], shares: "Shares") -> None:
        """Write every row. `places`: (quota, group) → the cell with its number of places; `shares` for the awards."""
        for subject in self.subjects:
            self._put_head(subject)
            if subject.exempt is None:
                _Line(self, subject, places, shares).fill()

    def _put_head(self, subject: Subject) -> None:
        self.page.put(subject.id, "id", subject.id)
        self.page.put(subject.id, "name", self.material.names[subject.id])
        self.page.put(subject.id, "parent", self.material.names.get(subject.parent or ""))
        self.page.put(subject.id, "state", IN if subject.exempt is None else OUT)
        self.page.put(subject.id, "note", subject.exempt)


# (award, subject) → (members with the band, members still open, members assessed), as expressions of formulas
Shares = Mapping[tuple[int, str], tuple[str, str, str]]


class _Line:
    """One row of a register."""

    def __init__(
        self, register: Register, subject: Subject, places: Mapping[tuple[int, str], str], shares: Shares
    ) -> None:
        self.register, self.subject, self.places, self.shares = register, subject, places, shares
        self.track, self.page, self.rules = register.track, register.page, register.rules
        self.material = register.material
        self.result = self.material.results.get(subject.id)
        self.exact = self.material.exacts.get(subject.id)
        self.is_safe = self.exact is None or is_safe(self.exact, self._lines())

    def _lines(self) -> list[Fraction]:
        amounts = [band.line for band in self.track.grade.bands] if isinstance(self.track.grade, Bands) else []
        amounts += [rule.when.line for rule in self.track.consequences if hasattr(rule.when, "line")]
        known = self.material.document.settings.values
        return [
            known[one.setting][one.key] if isinstance(one, SettingRef) else one
            for one in amounts
            if not isinstance(one, SettingRef) or one.setting in known
        ]

    def fill(self) -> None:
        """The row from inputs to rank."""
        self._put_inputs()
        if isinstance(self.track.grade, Bands):
            self._put_figures(self.track.grade)
        else:
            self._put_stated(self.track.grade)
        at = self._put_vetoes("line")
        for n in range(len(self.track.quotas)):
            at = self._put_quota(n, at)
        at = self._put_downgrade(at)
        self._compute("band", f'IF({self._here(at)}="","",{self._here(at)})')
        self._put_outcome()

    def _here(self, column: str) -> str:
        return self.page.here(self.subject.id, column)

    def _put(self, column: str, value: Value, slot: str = "") -> None:
        self.page.put(self.subject.id, column, value, slot)

    def _compute(self, column: str, expression: str) -> None:
        self._put(column, Formula(f"={expression}"))

    def _put_inputs(self) -> None:
        for slot in slots_of(self.track):
            part, _, key = slot.partition(".")
            if key in self.subject.ballots and part == "scores":
                self._put_counted(slot, key)
            elif part == "facts":
                self._put(slot, self.subject.facts.text(key), slot)
            else:
                self._put(slot, self.subject.scores.get(key), slot)

    def _put_counted(self, slot: str, key: str) -> None:
        """A component from ballots: the page 计票得分 holds its exact value, never the counts of a class."""
        row, ballots = f"{self.subject.id}|{key}", self.register.ballots
        value = self.material.component(self.track, self.subject, key).value
        if value is None:
            self._put(slot, _NO_VOTES)
        else:
            self._compute(slot, f"{ballots.cell(row, 'top')}/{ballots.cell(row, 'bottom')}")

    def _put_figures(self, grade: Bands) -> None:
        cells = [self._here(slot) for slot in self._added()]
        inputs, needed = f"{cells[0]}:{cells[-1]}", self.rules.needed(self.track)
        lacking = f"OR(COUNT({inputs})<COLUMNS({inputs}),COUNT({needed})<ROWS({needed}))"
        self._compute("sum", f'IF({lacking},"",ROUND({self._sum(cells)},{self.rules.places}))')
        total, lowest = self._with_bonus(), self.rules.value(self.track, f"band.{self.track.bands[-1]}")
        self._compute("exact", f'IF({self._here("sum")}="","",IF({total}<{lowest},"",{total}))')
        exact = self._here("exact")
        self._compute("score", f'IF({exact}="","",ROUND({exact},{self.rules.shown}))')
        self._compute("line", self._banded(_read(grade.reading, exact), exact))
        self._compute("graded", f'IF({exact}="",0,1)')
        for part in self.track.alongside.parts if self.track.alongside else ():
            other = self._here(f"scores.{part.key}")
            self._compute(
                f"apart.{part.key}", f'IF(OR({other}="",{exact}=""),"",ROUND({other}-{exact},{self.rules.places}))'
            )
        if not self.is_safe:
            self._fix_figures()

    def _fix_figures(self) -> None:
        """A score that binary arithmetic could put on the wrong side of a line is written as the engine found it."""
        assert self.result is not None, "only a score can be too fine"
        self._put("sum", self.exact)
        self._put("exact", self.exact)
        self._put("score", Fraction(self.result["score"]))
        step = next(one for one in reversed(self.result["trace"]) if one["fact"] == self.track.grade.fact)
        self._put("line", step["value"])

    def _added(self) -> list[str]:
        """The slots that are added up, which stand side by side."""
        total = self.track.total
        if isinstance(total, IndicatorSum):
            return [f"indicators.{key}" for key in self.track.indicators]
        assert isinstance(total, WeightedSum), "bands need a number"
        return [f"scores.{part.key}" for part in total.parts]

    def _sum(self, cells: Sequence[str]) -> str:
        if isinstance(self.track.total, IndicatorSum):
            return f"SUM({cells[0]}:{cells[-1]})"
        keys = [slot.partition(".")[2] for slot in self._added()]
        weights = [self.rules.value(self.track, f"weight.{key}") for key in keys]
        return "+".join(f"{cell}*{weight}" for cell, weight in zip(cells, weights, strict=True))

    def _with_bonus(self) -> str:
        rule = self.track.bonus
        if rule is None:
            return self._here("sum")
        self._put("bonus", self._confirmed(rule, self.subject.facts.bonus))
        bonus = self._here("bonus")
        added = f"MIN({bonus},{self.rules.value(self.track, 'cap')})" if rule.cap is not None else bonus
        return f"ROUND({self._here('sum')}+{added},{self.rules.places})"

    def _confirmed(self, rule: Rule, changes: Sequence[Change]) -> Fraction:
        return confirmed_sum(inside(rule, changes, self.material.document.cycle))  # type: ignore[arg-type]  # both kinds

    def _banded(self, reading: str, exact: str) -> str:
        nested = '""'
        for name in reversed(self.track.bands):
            line, word = self.rules.value(self.track, f"band.{name}"), self.rules.name(self.track, f"band.{name}")
            nested = f"IF({reading}>={line},{word},{nested})"
        return f'IF({exact}="","",{nested})'

    def _put_stated(self, grade: Stated) -> None:
        """The grade that people gave; blank while what the document asks for beside it is lacking."""
        given, lacking = self._here(f"facts.{grade.input}"), self._lacking()
        self._put("graded", Formula(f"=IF({lacking},0,1)") if lacking else 1)
        self._compute("line", f'IF(OR({self._here("graded")}=0,{given}=""),"",{given})')

    def _lacking(self) -> str:
        rule = self.track.total
        if not isinstance(rule, SideBySide):
            return ""
        cells = {part.key: self._here(f"scores.{part.key}") for part in rule.parts}
        every = f"{cells[rule.parts[0].key]}:{cells[rule.parts[-1].key]}"
        found = [f"COUNTA({every})>COUNT({every})", *(f'{cells[key]}=""' for key in rule.required)]
        if rule.not_alone is not None:
            found.append(f'AND(COUNT({every})=1,{cells[rule.not_alone]}<>"")')
        return f"OR({','.join(found)})"

    def _put_vetoes(self, at: str) -> str:
        if not self.track.vetoes:
            return at
        rules, year = self.track.vetoes_by_id, self.material.document.cycle
        events = [one for one in self.subject.facts.veto if is_inside(rules[one.rule].window, one, year)]
        confirmed = [rules[one.rule] for one in events if one.confirmed]
        self._put("veto", _CONFIRMED if confirmed else _CLAIMED if events else None)
        if confirmed:
            band = confirmed[0].band
            name = self.rules.name(self.track, f"band.{band}") if band else '""'
            self._compute("vetoed", f'IF({self._here("graded")}=0,"",{name})')
        elif events:
            self._compute("vetoed", '""')
        else:
            self._compute("vetoed", f'IF({self._here(at)}="","",{self._here(at)})')
        return "vetoed"

    def _put_quota(self, n: int, at: str) -> str:
        """Who holds the band by score: those with a place keep it, those tied across the edge wait for a person."""
        quota, to, before = self.track.quotas[n], f"capped.{n}", self._here(at)
        group = "" if quota.of == "kind" else self.subject.parent or ""
        if quota.of == "siblings" and not group:
            self._compute(to, before)
            return to
        ids = self.register.ids if quota.of == "kind" else self.register.groups[group]
        name = self.rules.name(self.track, f"share.{n}")
        holding, exacts = f"({self.register.span(at, ids)}={name})", self.register.span("exact", ids)
        own, places = self._here("exact"), self.places[n, group]
        is_other = f"{before}<>{name}"
        self._compute(f"ahead.{n}", f'IF({is_other},"",SUMPRODUCT({holding}*({exacts}>{own})))')
        self._compute(f"level.{n}", f'IF({is_other},"",SUMPRODUCT({holding}*({exacts}={own})))')
        ahead, level = self._here(f"ahead.{n}"), self._here(f"level.{n}")
        below = self.rules.name(self.track, f"band.{self.track.bands[self.track.bands.index(quota.band) + 1]}")
        held = f'IF({ahead}+{level}<={places},{name},IF({ahead}>={places},{below},""))'
        if not self.register.is_apart(None if quota.of == "kind" else group):
            held = {"quota": below, "quota_tie": '""'}.get(self._outcome(), name)
        self._compute(to, f"IF({is_other},{before},{held})")
        return to

    def _outcome(self) -> str:
        """What the engine made of the quota; asked only where scores are too near to be told apart here."""
        flags = self.result["flags"] if self.result is not None else []
        return next((one for one in ("quota", "quota_tie") if one in flags), "")

    def _put_downgrade(self, at: str) -> str:
        rule = self.track.downgrade
        if rule is None:
            return at
        self._put("levels", self._confirmed(rule, self.subject.facts.downgrade))
        before, levels, names = self._here(at), self._here("levels"), self.rules.names(self.track)
        place = f"MIN(MATCH({before},{names},0)+{levels},ROWS({names}))"
        self._compute("lowered", f'IF({before}="","",INDEX({names},{place}))')
        return "lowered"

    def _put_outcome(self) -> None:
        band = self._here("band")
        is_settled = self.page.entries.get((self.subject.id, "veto"), Entry(None)).value == _CONFIRMED
        self._put("open", 0 if is_settled else Formula(f'=IF({band}="",1,0)'))
        for n, award in enumerate(self.track.awards):
            self._put_award(n, self.rules.name(self.track, f"band.{award.band}"))
        if self.result is not None:
            score = self.result["score"]
            self._put("was_score", None if score is None else Fraction(score))
            self._put("was_band", self.result["band"])
            words = [FLAG_WORDS.get(flag, flag) for flag in self.result["flags"]]
            self._put("note", "；".join([*words, *([] if self.is_safe else [_TOO_FINE])]) or None)
        self._compute("moved", self._moved())

    def _moved(self) -> str:
        differs = f'{self._here("was_band")}&""<>{self._here("band")}&""'
        if isinstance(self.track.grade, Bands):
            differs = f'OR({differs},{self._here("was_score")}&""<>{self._here("score")}&"")'
        return f'IF({differs},"是","")'

    def _put_award(self, n: int, band: str) -> None:
        held, still_open, base = self.shares[n, self.subject.id]
        share, name = self.rules.value(self.track, f"award.{n}"), self.rules.name(self.track, f"award.{n}")
        line = f"ROUND({share}*({base}),{self.rules.places})"
        reached = f'IF({held}>={line},{name},IF({held}+{still_open}>={line},"待定",""))'
        self._compute(f"award.{n}", f'IF(OR({self._here("band")}<>{band},({base})=0),"",{reached})')


def _read(reading: str, exact: str) -> str:
    """A score under a reading of the document: as it is, to the nearest whole number, cut."""
    return {"half_open": exact, "half_up_integer": f"ROUND({exact},0)", "truncate_integer": f"INT({exact})"}[reading]
