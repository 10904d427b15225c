"""All pages of a run's workbook, in order, and the page 说明 that says which run it is. Pure."""

from collections.abc import Iterable, Sequence

from services.sheets.sheet_consequences import follow
from services.sheets.sheet_material import Material
from services.sheets.sheet_overviews import Summary, rank, shares_of
from services.sheets.sheet_registers import Register
from services.sheets.sheet_rules import Rules
from services.workbooks.sheet_pages import Column, Page

FORMAT = "zhiping-sheets/1"
RUN, TEMPLATE = "run", "template"
ABOUT, HANDED_OUT = "说明", "导出于"
_HOW = {
    RUN: "黄色单元格是录入项，可以改；得分、档次、名次都是公式，打开时自动计算。"
    "改好后交组织部导入：先列出每一处不同，写明理由后才录入。",
    TEMPLATE: "请只填黄色单元格，不填的留空。不要改动编号和表头。填好后交组织部导入。",
}


def make_about(kind: str, cycle: int, run: str, facts: Sequence[tuple[str, str]] = ()) -> Page:
    """The page that identifies a workbook; `run`: its number and inputs, empty for a template."""
    rows = [("格式", FORMAT), ("种类", kind), ("周期", str(cycle)), ("计算", run), ("怎样用", _HOW[kind]), *facts]
    page = Page(ABOUT, [Column("what", "项目"), Column("value", "内容", width=100)], [what for what, _ in rows])
    for what, value in rows:
        page.put(what, "what", what)
        page.put(what, "value", value)
    return page


def make_book(material: Material, about: Page) -> list[Page]:
    """The pages of a run: 说明, then for each kind register, summary, ranking and consequences, then 设置 and 计票得分."""
    rules = Rules(material.scheme, material.document)
    ballots = _ballots(material)
    registers = {kind: Register(material, kind, rules, ballots) for kind in material.kinds}
    summaries = {kind: Summary(register) for kind, register in registers.items()}
    pages = [about]
    for kind, register in registers.items():
        awards = register.track.awards
        shares = {
            (n, subject.id): shares_of(subject.id, award.member_band, summaries)
            for n, award in enumerate(awards)
            for subject in register.subjects
        }
        register.fill(summaries[kind].places(), shares)
        summaries[kind].fill()
        pages += _present(register.page, summaries[kind].page, rank(register), follow(register))
    return [*pages, rules.page, *([ballots] if ballots.rows else [])]


def _present(*pages: Page | None) -> Iterable[Page]:
    return [page for page in pages if page is not None]


def _ballots(material: Material) -> Page:
    """The exact score of each component that came from counted ballots, as numerator and denominator: no class, no count."""
    found = [
        (subject, key, material.component(material.scheme.track_of[subject.kind], subject, key).value)
        for subject in material.document.subjects
        if subject.exempt is None
        for key in subject.ballots
    ]
    page = Page("计票得分", _BALLOTS, [f"{subject.id}|{key}" for subject, key, value in found if value is not None])
    for subject, key, value in found:
        if value is not None:
            row, label = f"{subject.id}|{key}", material.scheme.track_of[subject.kind].components[key].label
            for column, content in (("id", subject.id), ("name", material.names[subject.id]), ("what", label)):
                page.put(row, column, content)
            page.put(row, "top", value.numerator)
            page.put(row, "bottom", value.denominator)
    return page


_BALLOTS = (
    Column("id", "编号", width=18),
    Column("name", "名称", width=24),
    Column("what", "项目", width=20),
    Column("top", "分子"),
    Column("bottom", "分母"),
)
