"""What can be said of one subject by itself: total, bonus, band, vetoes; and, once bands are settled, downgrade and consequences."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from scoring.adjustments import confirmed_sum, drop_levels, inside
from scoring.consequences import CONSEQUENCE_WORDS, Now, holds
from scoring.grades import Bands, Grade, Stated, grade_as_stated, grade_by_lines
from scoring.result import Notice, Refusal, Step
from scoring.rules import Rule
from scoring.settings import Settings
from scoring.sheets import Sheet
from scoring.subjects import Change, VetoEvent
from scoring.totals import IndicatorSum, SideBySide, Total, WeightedSum, add_indicators, lay_side_by_side, weigh
from scoring.vetoes import Veto, is_inside

TOTALS: Mapping[type[Rule], Callable[[Any, Any, Settings], Total]] = {
    WeightedSum: weigh,
    IndicatorSum: add_indicators,
    SideBySide: lay_side_by_side,
}
GRADES: Mapping[type[Rule], Callable[[Any, Any, Any, Settings], Grade]] = {
    Bands: grade_by_lines,
    Stated: grade_as_stated,
}


def assess(sheet: Sheet, settings: Settings, cycle: int) -> list[Notice]:
    """Total, bonus, band and vetoes; a refused sheet goes no further. Returns the warnings."""
    _add_up(sheet, settings)
    if sheet.refusals:
        return []
    notices = _add_bonus(sheet, settings, cycle) if sheet.subject.facts.bonus else []
    if sheet.track.alongside is not None:
        _lay_alongside(sheet, sheet.track.alongside, settings)
    grade = GRADES[type(sheet.track.grade)](sheet.track.grade, sheet.exact, sheet.subject, settings)
    sheet.band, sheet.boundary, sheet.refusals = grade.band, grade.boundary, grade.refusals
    sheet.flags += grade.flags
    sheet.steps += grade.steps
    if sheet.subject.facts.veto and not sheet.refusals:
        notices += _apply_vetoes(sheet, cycle)
    return notices


def _lay_alongside(sheet: Sheet, rule: SideBySide, settings: Settings) -> None:
    """Other results beside the total, each with how far it is from it (S0-39d); they never change it."""
    beside = lay_side_by_side(rule, sheet.subject, settings)
    sheet.steps += beside.steps
    sheet.refusals = beside.refusals
    if sheet.exact is not None:
        for step in beside.steps:
            if isinstance(step.value, Fraction):
                apart = step.value - sheet.exact
                sheet.steps += (Step(rule, "{}与本项得分 {} 相差 {}", (step.args[0], sheet.exact, apart), apart),)


def _add_up(sheet: Sheet, settings: Settings) -> None:
    """The total, or every reason against it at once, each code told once."""
    rule = sheet.track.total
    total = Total(None, ()) if rule is None else TOTALS[type(rule)](rule, sheet.subject, settings)
    sheet.exact = total.value
    sheet.steps += total.steps
    if total.refusals or settings.lacking:
        sheet.refusals = _by_code((*settings.lacking, *total.refusals))


def _by_code(refusals: Iterable[Refusal]) -> tuple[Refusal, ...]:
    says: dict[str, list[str]] = {}
    for refusal in refusals:
        said = says.setdefault(refusal.code, [])
        if refusal.say not in said:
            said.append(refusal.say)
    return tuple(Refusal(code, "；".join(said)) for code, said in says.items())


def _add_bonus(sheet: Sheet, settings: Settings, cycle: int) -> list[Notice]:
    rule, claimed = sheet.track.bonus, sheet.subject.facts.bonus
    if rule is None or sheet.exact is None:
        return []
    counted = inside(rule, claimed, cycle)
    added = confirmed_sum(counted)
    if any(not change.confirmed for change in counted):
        sheet.flags += ("bonus_unconfirmed",)
    sheet.steps += (Step(rule, "加分 {}（未经核实认定的不计）", (added,), added, "bonus"),)
    sheet.steps += _who_steps(rule, counted)
    if rule.cap is not None and added > settings.amount(rule.cap):
        over = settings.amount(rule.cap) - added
        added += over
        sheet.steps += (Step(rule, "加分最多 {}，超出的不计", (settings.amount(rule.cap),), over, "bonus_cap"),)
    sheet.exact += added
    sheet.steps += (Step(rule, "加分后得分 {}", (sheet.exact,), sheet.exact),)
    return _outside(sheet, claimed, counted, "加分")


def _who_steps(rule: Rule, counted: Sequence[Change]) -> tuple[Step, ...]:
    return tuple(Step(rule, "{}", (change.who,)) for change in counted if change.confirmed and change.who)


def _outside(sheet: Sheet, claimed: Sequence[Change], counted: Sequence[Change], what: str) -> list[Notice]:
    return [
        Notice("out_of_window", f"「{what}」的事项发生在规定期限之外（{change.on}），不予计入", sheet.subject.id)
        for change in claimed
        if change not in counted
    ]


def _apply_vetoes(sheet: Sheet, cycle: int) -> list[Notice]:
    """A confirmed veto decides; an unconfirmed one makes the band wait for a person; one outside its window is told and ignored."""
    rules = sheet.track.vetoes_by_id
    events = [(rules[event.rule], event) for event in sheet.subject.facts.veto]
    inside = [(rule, event) for rule, event in events if is_inside(rule.window, event, cycle)]
    confirmed = [rule for rule, event in inside if event.confirmed]
    sheet.steps += tuple(_veto_step(rule, event) for rule, event in inside)
    if inside:
        sheet.band = confirmed[0].band if confirmed else None
        kept = (flag for flag in sheet.flags if flag not in ("boundary", "undecided"))
        sheet.flags = (*kept, "veto" if confirmed else "veto_unconfirmed")
        sheet.boundary = sheet.boundary and sheet.boundary._replace(alternatives=())
    return [
        Notice("out_of_window", f"「{rule.title}」发生在规定期限之外（{event.on}），不予计入", sheet.subject.id)
        for rule, event in events
        if (rule, event) not in inside
    ]


def _veto_step(rule: Veto, event: VetoEvent) -> Step:
    when = str(event.on) if event.on else "未注明日期，按在期限内处理"
    outcome = f"已确认，评定结果为「{rule.band or '无档次'}」" if event.confirmed else "待有权的人确认，暂不定档"
    who = f"（{event.who}）" if event.who else ""
    words = "一票否决：{}（{}）；{}{}"
    return Step(rule, words, (rule.title, when, outcome, who), rule.band if event.confirmed else None)


def settle_downgrade(sheet: Sheet, cycle: int) -> list[Notice]:
    """Lower the band by the confirmed levels, after the quota."""
    rule, claimed = sheet.track.downgrade, sheet.subject.facts.downgrade
    if rule is None or not claimed:
        return []
    counted = inside(rule, claimed, cycle)
    if any(not change.confirmed for change in counted):
        sheet.flags += ("downgrade_unconfirmed",)
    levels = int(confirmed_sum(counted))
    if sheet.band is not None and levels:
        lowered = drop_levels(sheet.band, levels, sheet.track.bands)
        sheet.steps += (Step(rule, "降档 {} 级：「{}」→「{}」", (levels, sheet.band, lowered), lowered),)
        sheet.steps += _who_steps(rule, counted)
        sheet.band = lowered
    return _outside(sheet, claimed, counted, "降档")


def settle_consequences(sheet: Sheet, cycle: int) -> None:
    """What follows from the settled band and score; each consequence once."""
    if sheet.band is None and sheet.exact is None:
        return
    now = Now(cycle, sheet.exact, sheet.band)
    for rule in sheet.track.consequences:
        if holds(rule.when, now, sheet.subject):
            words = "、".join(CONSEQUENCE_WORDS[name] for name in rule.gives)
            sheet.steps += (Step(rule, "{}", (words,)),)
            sheet.consequences += tuple(name for name in rule.gives if name not in sheet.consequences)
