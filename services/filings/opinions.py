"""综合评价意见: what stands beside it (the grade, its effect on the annual 优秀), and how it reaches the person (S4-24, S4-25, S4-27)."""

from collections.abc import Iterable, Sequence

from models.cycles import Cycle, CycleSubject
from models.filings import Filing
from models.inputs import Input
from scoring.consequences import BandIn
from scoring.papers import Paper
from services.cycles.cycles import scheme_of
from services.entitlements import GRADE
from services.filings.filing_rules import OPINION

_FEW = 2


async def grades_of(subjects: Sequence[CycleSubject]) -> dict[int, str]:
    """Subject id → the grade that people decided, of those decided."""
    rows = await Input.filter(subject_id__in=[one.id for one in subjects], slot=GRADE, replaced_at=None)
    return {row.subject_id: row.value for row in rows if row.value is not None}


def effect_on_annual(cycle: Cycle, kind: str, grade: str | None) -> str:
    """What the grade means for 年度考核优秀, a Chinese sentence with its clause; empty where the scheme says nothing of it."""
    track = scheme_of(cycle).track_of[kind]
    rules = [rule for rule in track.consequences if "no_annual_excellent" in rule.gives]
    if not rules:
        return ""
    if grade is None:
        return "等次还没有确定，年度考核能否评优秀待定。"
    for rule in rules:
        if isinstance(rule.when, BandIn) and grade in rule.when.bands:
            return f"等次「{grade}」：年度考核不得确定为优秀（{rule.clause}）。"
    return f"等次「{grade}」：可以参加年度考核评优；这是必要条件，不等于评为优秀（{rules[0].clause}）。"


async def feedback_text(cycle: Cycle, paper: Paper, subject: CycleSubject, filing: Filing) -> str:
    """The opinion as the person reads it: both parts, the grade, its effect."""
    grade = (await grades_of([subject])).get(subject.id)
    lines = [f"「{cycle.title}」对您的{paper.title}"]
    lines += [f"{name}：{'；'.join(entries)}" for name, entries in filing.filled.items()]
    lines += [f"等次：{grade}"] if grade else []
    return "\n".join([*lines, effect_on_annual(cycle, subject.kind, grade)]).strip()


async def stand_of(cycle: Cycle, subject: CycleSubject) -> tuple[str, ...]:
    """What stands beside an opinion for whoever decides on it: the grade, its effect, and whether all are alike."""
    grade = (await grades_of([subject])).get(subject.id)
    effect = effect_on_annual(cycle, subject.kind, grade)
    return (*filter(None, [f"等次：{grade}。" if grade else "", effect]), *await spread_warnings(cycle))


async def spread_warnings(cycle: Cycle) -> tuple[str, ...]:
    """Sentences where all grades, or all opinions, are alike: 「防止干好干坏一个样」 (S4-23). A warning, never a block."""
    subjects = await CycleSubject.filter(cycle_id=cycle.id, exempt=None)
    filings = await Filing.filter(cycle_id=cycle.id, paper=OPINION)
    grades = list((await grades_of(subjects)).values())
    rules = [rule for track in scheme_of(cycle).tracks for rule in track.warnings]
    say = rules[0].say if rules else "请防止“干好干坏一个样”"
    found = []
    if _all_alike(grades):
        found.append(f"{len(grades)} 个对象的等次都是「{grades[0]}」：{say}。")
    if _all_alike([repr(filing.parts) for filing in filings if filing.parts]):
        found.append(f"{len(filings)} 份综合评价意见的文字完全一样：{say}。")
    return tuple(found)


def _all_alike(values: Iterable[str]) -> bool:
    seen = list(values)
    return len(seen) >= _FEW and len(set(seen)) == 1
