"""The official tables, computed by a headless LibreOffice, say what the engine says: every figure of every subject."""

import json
import random
import subprocess
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from config.scheme_files import list_schemes, read_scheme_file
from scoring.consequences import CONSEQUENCE_WORDS
from scoring.engine import evaluate
from scoring.loading import load_scheme
from scoring.numbers import two_places
from scoring.report import report
from services.sheets.sheet_books import RUN, make_about, make_book
from services.sheets.sheet_differences import find_differences
from services.sheets.sheet_material import make_material
from services.workbooks.sheet_pages import Page, write_workbook
from services.workbooks.workbook import read_cells

SCHEMES = {slug: load_scheme((read_scheme_file(slug) or ("", b""))[1]) for slug in list_schemes()}
Document = dict[str, Any]
Recalculate = Callable[[Mapping[str, bytes]], dict[str, Path]]
# Values at and around the lines, and what makes halves of a cent or a sum that binary arithmetic misses.
EDGES = (
    *("89.5", "90", "89.99", "89.995", "89.9949", "90.0001", "80", "79.995", "60", "59.99", "59.5", "70", "69.9999"),
    *("0", "100", "88", "91", "85", "97.5", "33.3", "0.1", "66.67", "29.005", "1.115", "2.675"),
)


@pytest.fixture(scope="module")
def recalculate(tmp_path_factory: pytest.TempPathFactory) -> Recalculate:
    """Workbooks opened, computed and saved by LibreOffice, all in one start."""
    directory = tmp_path_factory.mktemp("office")

    def run(books: Mapping[str, bytes]) -> dict[str, Path]:
        for name, content in books.items():
            (directory / f"{name}.xlsx").write_bytes(content)
        profile = f"-env:UserInstallation={(directory / 'profile').as_uri()}"
        command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(directory / "out")]
        files = [str(directory / f"{name}.xlsx") for name in books]
        subprocess.run([*command, *files], check=True, capture_output=True, timeout=300)
        return {name: directory / "out" / f"{name}.xlsx" for name in books}

    return run


def pages_of(document: Document) -> list[Page]:
    material = make_material(SCHEMES[document["scheme"]], document, assessed(document)["subjects"])
    return make_book(material, make_about(RUN, 1, "1"))


def export(document: Document) -> bytes:
    return write_workbook(pages_of(document))


def assessed(document: Document) -> dict[str, Any]:
    return report(evaluate(SCHEMES[document["scheme"]], document))


class Sheets:
    """A computed workbook: its rows by id, under their headings; an empty text is nothing, as on paper."""

    def __init__(self, path: Path) -> None:
        book = load_workbook(path, data_only=True)
        self.pages: dict[str, list[dict[str, Any]]] = {}
        for sheet in book.worksheets:
            rows = list(sheet.iter_rows(values_only=True))
            self.pages[sheet.title] = [
                {str(head): None if value == "" else value for head, value in zip(rows[0], row, strict=True)}
                for row in rows[2:]
            ]
        wrong = [
            (sheet.title, cell.coordinate, cell.value)
            for sheet in book.worksheets
            for row in sheet.iter_rows()
            for cell in row
            if cell.data_type == "e"
        ]
        assert wrong == []

    def ending(self, *endings: str) -> Iterator[dict[str, Any]]:
        for title, rows in self.pages.items():
            if title.endswith(endings):
                yield from rows


def compare(document: Document, path: Path) -> None:
    """Every figure of the tables against the engine."""
    result, sheets = assessed(document), Sheets(path)
    found = {row["编号"]: row for row in sheets.ending("登记表")}
    assert set(found) == {one["id"] for one in document["subjects"]}
    by_id = {one["id"]: one for one in result["subjects"] if "exempt" not in one["flags"]}
    for key, row in found.items():
        wanted = by_id.get(key)
        assert row["档次"] == (wanted and wanted["band"]), (key, row, wanted)
        if "得分" in row:
            exact = wanted and wanted["exact"]
            assert row["得分"] == (None if exact is None else float(two_places(Fraction(exact)))), (key, row, wanted)
            close = None if exact is None else abs(Fraction(exact) - Fraction(row["得分（精确）"]))
            assert close is None or close < Fraction(1, 10**10), (key, row, wanted)
        given = [name for name in ("样板党支部",) if row.get(name) == name]
        assert given == ((wanted or {}).get("awards") or []), (key, row, wanted)
        assert row["与计算时不同"] is None
    compare_lists(document, by_id, sheets)
    compare_summary(result, sheets)


def compare_lists(document: Document, by_id: Mapping[str, Any], sheets: Sheets) -> None:
    kinds = {one["id"]: (one["kind"], one.get("parent")) for one in document["subjects"]}
    for row in sheets.ending("结果运用清单"):
        wanted = by_id.get(row["编号"], {"consequences": []})["consequences"]
        told = {word for word in CONSEQUENCE_WORDS.values() if row.get(word) == "是"}
        assert told == {CONSEQUENCE_WORDS[one] for one in wanted}, (row, wanted)
    for row in sheets.ending("排名"):
        own = by_id.get(row["编号"])
        if own is None or own["exact"] is None:
            assert row["名次"] is None
            continue
        kind, parent = kinds[row["编号"]]
        better = [
            kinds[key]
            for key, one in by_id.items()
            if kinds[key][0] == kind and one["exact"] and Fraction(one["exact"]) > Fraction(own["exact"])
        ]
        assert row["名次"] == 1 + len(better), row
        assert row["本组名次"] == 1 + better.count((kind, parent)), row


def compare_summary(result: Mapping[str, Any], sheets: Sheets) -> None:
    rows = [row for row in sheets.ending("汇总表") if row["编号"] is None]
    wanted = sorted((one["label"], one["count"], one["percent"]) for one in result["summary"] if one["of"])
    told = []
    for row in rows:
        if row["范围"] == "全部":
            bands = [name.removesuffix("占比") for name in row if name.endswith("占比") and name != "占比"]
            told += [(band, row[band], per_cent(row[f"{band}占比"])) for band in bands if row["有结果"]]
        else:
            told.append(
                (row["范围"], row["人数（参评）" if "人数（参评）" in row else "个数（参评）"], per_cent(row["占比"]))
            )
    assert sorted(told) == wanted


def per_cent(value: float) -> str:
    return f"{round(value * 100)}%"


def points(dice: random.Random) -> str:
    return dice.choice([dice.choice(EDGES), f"{dice.uniform(55, 100):.1f}", f"{dice.uniform(85, 95):.2f}", "90", "90"])


def veto(dice: random.Random, rules: tuple[str, ...]) -> dict[str, Any]:
    if dice.random() > 0.08:
        return {}
    on = dice.choice(["2020-05-01", "2019-05-01"])
    return {"facts": {"veto": [{"rule": dice.choice(rules), "confirmed": dice.random() < 0.6, "on": on}]}}


def history(dice: random.Random, titled: bool) -> dict[str, Any]:
    if dice.random() > 0.3:
        return {}
    score = dice.choice(["89.999999999999", "90", "61", "95"])
    past = {"cycle": "2019", "score": score, "band": dice.choice(["五星级", "四星级", "二星级", "一星级"])}
    return {"history": [past | ({"titles": ["样板党支部"]} if titled and dice.random() < 0.5 else {})]}


def college(seed: int, branches: int) -> Document:
    """Branches of 0 to 9 members with scores at the lines, ties, vetoes, exemptions, missing scores and earlier years."""
    dice = random.Random(seed)
    subjects: list[dict[str, Any]] = []
    for n in range(branches):
        row: dict[str, Any] = {"id": f"b{n}", "kind": "branch", "name": f"第{n}党支部"}
        row["scores"] = {key: points(dice) for key in ("democratic", "team", "superior") if dice.random() > 0.01}
        count = dice.randrange(10)
        if dice.random() < 0.1:
            row["members"] = count + dice.randrange(3)
        if dice.random() < 0.03:
            row["exempt"] = "离退休党支部"
        subjects.append(row | veto(dice, ("S2-28.1", "S2-28.2", "S2-28.3")) | history(dice, True))
        for m in range(count):
            scores = {key: points(dice) for key in ("democratic", "committee") if dice.random() > 0.01}
            one = {"id": f"m{n}.{m}", "kind": "member", "parent": f"b{n}", "name": f"党员{n}.{m}", "scores": scores}
            one |= {"exempt": "病休"} if dice.random() < 0.04 else {}
            subjects.append(one | veto(dice, ("S2-28.5", "S2-28.6")) | history(dice, False))
    dice.shuffle(subjects)
    return {"scheme": "star-rating", "cycle": "2020", "settings": {}, "subjects": subjects}


def boundaries() -> Document:
    """Every edge alone and in sums; scores too fine for a spreadsheet; a third of a point from ballots."""
    subjects: list[dict[str, Any]] = []
    for n, edge in enumerate((*EDGES, "89.999999999999", "90.000000000001", "89.994999999999")):
        subjects.append(
            {"id": f"b{n}", "kind": "branch", "scores": dict.fromkeys(("democratic", "team", "superior"), edge)}
        )
        subjects += [
            {"id": f"m{n}.{m}", "kind": "member", "parent": f"b{n}", "scores": {"democratic": edge, "committee": other}}
            for m, other in enumerate((edge, "90.000000000001", "90.000000000002", "97.5"))
        ]
    votes = {"A票": {"总体": {"好": 2, "较好": 1}}, "B票": {"总体": {"好": 7, "差": 6}}}
    subjects.append(
        {"id": "voted", "kind": "branch", "scores": {"team": "90", "superior": "90"}, "ballots": {"democratic": votes}}
    )
    settings = {"points": {"好": "100", "较好": "85", "差": "0"}, "class_weights": {"A票": "0.5", "B票": "0.5"}}
    return {"scheme": "star-rating", "cycle": "2020", "settings": settings, "subjects": subjects}


def units(seed: int) -> Document:
    """Bonus before ranking, quota over all, downgrade after it, lines and weights that the office set."""
    dice = random.Random(seed)
    subjects = []
    for n in range(40):
        facts: dict[str, Any] = {}
        if dice.random() < 0.3:
            facts["bonus"] = [{"points": dice.choice(["0.5", "2"]), "confirmed": dice.random() < 0.7}]
        if dice.random() < 0.3:
            facts["downgrade"] = [{"levels": dice.choice([1, 2]), "confirmed": dice.random() < 0.7}]
        scores = {"party_work": points(dice), "review": points(dice)}
        subjects.append({"id": f"u{n}", "kind": "unit", "scores": scores, "facts": facts})
    settings = {
        "weights": {"party_work": "0.65", "review": "0.35"},
        "bands": {"优秀": "88", "良好": "75", "一般": "60", "较差": "50"},
        "excellent_quota": "0.25",
    }
    return {"scheme": "soe-assessment", "cycle": "2020", "settings": settings, "subjects": subjects}


def standards(settings: dict[str, str]) -> Document:
    """Twenty indicators, a confirmed veto with its own band; without the pass mark nothing is graded."""
    names = [f"common.{n}" for n in range(1, 16)] + [f"individual.{n}" for n in range(1, 6)]
    subjects = [
        {"id": f"s{n}", "kind": "branch", "indicators": dict.fromkeys(names, value)}
        for n, value in enumerate(("5", "4", "3", "2.95", "0", "4.255"))
    ]
    event = {"rule": "S0-19.1", "confirmed": True}
    subjects.append({"id": "v", "kind": "branch", "indicators": dict.fromkeys(names, "5"), "facts": {"veto": [event]}})
    return {"scheme": "meet-standard", "cycle": "2021", "settings": settings, "subjects": subjects}


def reviews() -> Document:
    """Grades that people gave beside components that are never added up."""
    rows: list[dict[str, Any]] = [
        {"id": "r1", "scores": {"onsite": "92"}, "facts": {"decided_grade": "好"}},
        {"id": "r2", "scores": {"onsite": "92", "routine": "90"}, "facts": {"decided_grade": "好"}},
        {"id": "r3", "scores": {"onsite": "82", "leader_comment": "80"}, "facts": {"decided_grade": "差"}},
        {"id": "r4", "scores": {"onsite": "82", "inspection": "80"}},
    ]
    rows = [{"kind": "secretary", **one} for one in rows]
    return {"scheme": "report-review", "cycle": "2021", "settings": {}, "subjects": rows}


def solid() -> Document:
    bodies = ("省委", "市委", None)
    rows = [
        {
            "id": f"d{n}",
            "kind": "branch",
            "facts": {"accredited": bodies[n % 3], **({"grade": "优秀"} if n % 2 else {})},
        }
        for n in range(9)
    ]
    return {"scheme": "solid-branch", "cycle": "2020", "settings": {}, "subjects": rows}


DOCUMENTS: dict[str, Document] = {
    "college": college(1, 200),
    "boundaries": boundaries(),
    "units": units(1),
    "unset": units(2) | {"settings": {}},
    "standards": standards({"pass_mark": "60"}),
    "unmarked": standards({}),
    "reviews": reviews(),
    "solid": solid(),
}


@pytest.fixture(scope="module")
def computed(recalculate: Recalculate) -> dict[str, Path]:
    return recalculate({name: export(document) for name, document in DOCUMENTS.items()})


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_tables_say_what_the_engine_says(computed: dict[str, Path], name: str) -> None:
    compare(DOCUMENTS[name], computed[name])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_another_program_saved_is_not_taken_for_changed(computed: dict[str, Path], name: str) -> None:
    assert find_differences(pages_of(DOCUMENTS[name]), read_cells(computed[name].read_bytes())) == []


@pytest.mark.fact("S2-36", "S2-37", "S2-38")
def test_the_official_forms_are_filled_in(computed: dict[str, Path]) -> None:
    """A register row for every branch and every member, and a summary row for every branch that has members."""
    pages, subjects = Sheets(computed["college"]).pages, DOCUMENTS["college"]["subjects"]
    ids = {kind: {one["id"] for one in subjects if one["kind"] == kind} for kind in ("branch", "member")}
    assert {row["编号"] for row in pages["党支部评星定级情况登记表"]} == ids["branch"]
    assert {row["编号"] for row in pages["党员星级评定情况登记表"]} == ids["member"]
    parents = {one["parent"] for one in subjects if one["kind"] == "member"}
    assert {row["编号"] for row in pages["党员星级评定情况汇总表"]} == parents | {None}


def test_the_college_is_worth_comparing() -> None:
    """What the comparison rests on does occur: ties, quotas, vetoes, refusals, titles, every consequence."""
    result = assessed(DOCUMENTS["college"])
    flags = {flag for one in result["subjects"] for flag in one["flags"]}
    assert {"quota", "quota_tie", "veto", "veto_unconfirmed", "boundary", "undecided", "exempt"} <= flags
    assert any(one["awards"] for one in result["subjects"])
    given = {name for one in result["subjects"] for name in one["consequences"]}
    assert given == {"rectify", "interview", "replace_secretary", "revoke_title", "unqualified_member"}
    assert result["refusals"]


def test_the_formulas_are_live(recalculate: Recalculate, tmp_path: Path) -> None:
    """What somebody changes in the yellow cells and on 设置 is computed anew as the engine would."""
    document, dice = college(2, 30), random.Random(3)
    book_path = tmp_path / "changed.xlsx"
    book_path.write_bytes(export(document))
    book = load_workbook(book_path)
    later: Document = json.loads(json.dumps(document))
    keys = {"民主测评打分": "democratic", "民主测评得分": "democratic", "考核组量化打分": "team"}
    keys |= {"上级党组织评价打分": "superior", "支委会评价得分": "committee"}
    rows = {one["id"]: one for one in later["subjects"]}
    for sheet in (one for one in book.worksheets if one.title.endswith("登记表")):
        heads = [cell.value for cell in sheet[1]]
        for row in sheet.iter_rows(min_row=3):
            for head, cell in zip(heads, row, strict=True):
                if head in keys and dice.random() < 0.3:
                    rows[row[0].value]["scores"][keys[head]] = value = points(dice)
                    cell.value = float(value)
    book.save(book_path)
    path = recalculate({"changed": book_path.read_bytes()})["changed"]
    by_id = {one["id"]: one for one in assessed(later)["subjects"] if "exempt" not in one["flags"]}
    moved = 0
    for row in Sheets(path).ending("登记表"):
        wanted = by_id.get(row["编号"])
        assert row["档次"] == (wanted and wanted["band"]), (row, wanted)
        moved += row["与计算时不同"] == "是"
    assert moved > 20
