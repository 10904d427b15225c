"""The one-page sheet behind a published figure: clause, inputs, arithmetic, distance, other readings, who decided."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scoring.consequences import CONSEQUENCE_WORDS
from scoring.grades import READING_WORDS
from scoring.report import report_subject
from scoring.result import Result
from scoring.rules import Rule
from scoring.scheme import Scheme
from scoring.walking import walk

FLAG_WORDS: Mapping[str, str] = {
    "boundary": "得分正好在分数线上，文件把这条线算给两边，请有权的人确认",
    "veto": "有已确认的一票否决情形",
    "veto_unconfirmed": "有一票否决情形待有权的人确认，确认之前不定档",
    "quota": "超出名额，按得分排在名额之外",
    "quota_tie": "名额边缘同分，不代为取舍，由有权的人决定",
    "undecided": "有待有权的人研究决定",
    "bonus_unconfirmed": "有加分事项未经核实认定，没有计入",
    "downgrade_unconfirmed": "有降档事项未经确认，没有生效",
    "exempt": "经批准不列入考核范围，不计入人数和比例",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """The parts of the sheet. `refusals`: why there is no result, then the other parts are empty; `steps`: what was done, and by which
    clause; `near`: the distance to the next line, and other readings; `readings`: how ambiguities were settled; `source`: the document,
    and what the figures are checked with."""

    head: tuple[str, ...]
    source: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    verdict: tuple[str, ...] = ()
    steps: tuple[tuple[str, str], ...] = ()
    near: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()


def sheet_of(scheme: Scheme, result: Result | Mapping[str, Any], subject_id: str, *, name: str = "") -> Sheet:
    """The sheet of one subject: of a fresh Result, or of the JSON of one (scoring.report.report, or as it was stored).

    Raises KeyError where the result does not know the subject. The scheme is the one that the result names.
    """
    refusals, one = _find(result, subject_id)
    head = (
        f"《{scheme.title}》结果说明",
        f"对象：{name or subject_id}",
    )
    source = (
        f"文件：《{scheme.source.title}》{scheme.source.number or ''}",
        f"年度：{_field(result, 'cycle')}　方案：第 {scheme.version} 版　校验码：{scheme.sha256[:16]}",
    )
    if one is None:
        return Sheet(head, source, tuple(refusals))
    steps = tuple((step["say"], _clause(scheme, step["clause"])) for step in one["trace"])
    readings = tuple(_readings(scheme, one["trace"]))
    return Sheet(head, source, (), tuple(_verdict(one)), steps, tuple(_near(one)), readings)


def explain(scheme: Scheme, result: Result | Mapping[str, Any], subject_id: str, *, name: str = "") -> tuple[str, ...]:
    """The sheet of one subject (`sheet_of`) as text, a line each."""
    sheet = sheet_of(scheme, result, subject_id, name=name)
    verdict = (*sheet.verdict, "") if sheet.verdict else ()
    return (*sheet.head, "", *verdict, *reasons_of(sheet))


def reasons_of(sheet: Sheet, decisions: Sequence[str] = ()) -> Iterator[str]:
    """Everything of a sheet but whose it is and what came of it, a line each. `decisions`: who decided what, as told elsewhere."""
    if sheet.refusals:
        yield from ("没有评定：", *(f"  {say}" for say in sheet.refusals))
    if sheet.steps:
        yield "依据和计算："
    yield from (f"  {n}. {say}　〔{clause}〕" for n, (say, clause) in enumerate(sheet.steps, start=1))
    if sheet.near:
        yield from ("", *sheet.near)
    if sheet.readings:
        yield from ("", "文件没有写清、这里这样理解：", *(f"  · {line}" for line in sheet.readings))
    if decisions:
        yield from ("", *decisions)
    yield from ("", *sheet.source)


def _field(result: Result | Mapping[str, Any], name: str) -> str:
    return str(getattr(result, name) if isinstance(result, Result) else result[name])


def _find(result: Result | Mapping[str, Any], id_: str) -> tuple[list[str], Mapping[str, Any] | None]:
    """Why the subject was refused, or its figures as JSON."""
    if isinstance(result, Result):
        found: Mapping[str, Any] | None = next((report_subject(one) for one in result.subjects if one.id == id_), None)
        refusals = [refusal.say for of, refusal in result.refusals if of == id_]
    else:
        found = next((one for one in result["subjects"] if one["id"] == id_), None)
        refusals = [one["say"] for one in result["refusals"] if one["id"] == id_]
    if found is None and not refusals:
        raise KeyError(id_)
    return refusals, found


def _verdict(one: Mapping[str, Any]) -> Iterator[str]:
    if one["score"] is not None:
        exact = "" if _same(one["score"], one["exact"]) else f"（精确值 {one['exact']}）"
        yield f"得分：{one['score']}{exact}"
    if "exempt" not in one["flags"]:
        yield f"评定：{one['band'] or '没有档次'}"
    if one["awards"]:
        yield f"称号：{'、'.join(one['awards'])}"
    if one["consequences"]:
        yield f"后果：{'、'.join(CONSEQUENCE_WORDS[name] for name in one['consequences'])}"
    for flag in one["flags"]:
        yield f"注意：{FLAG_WORDS[flag]}"


def _same(score: str, exact: str) -> bool:
    whole, _, places = score.partition(".")
    return "/" not in exact and exact == whole and not places.strip("0")


def _clause(scheme: Scheme, clause: str) -> str:
    known = scheme.source.clauses
    words = "；".join(known[part] for part in clause.split("、") if part in known)
    return f"{clause} {words}" if words else clause


def _near(one: Mapping[str, Any]) -> Iterator[str]:
    boundary = one["boundary"]
    if boundary is None:
        return
    if "quota" in one["flags"]:
        yield f"分数已到更高一档，那一档的名额已满，按名次评为「{one['band']}」；差的是名次，不是分数线"
    elif "quota_tie" in one["flags"]:
        yield "分数已到有名额的一档，名额边缘同分，由有权的人决定"
    elif boundary["next_band"] is None:
        yield "已是最高一档的分数"
    else:
        yield f"距「{boundary['next_band']}」的分数线还差 {boundary['distance']} 分"
    for other in boundary["alternatives"]:
        yield f"另一种读法（{READING_WORDS[other['policy']]}）：「{other['band']}」"
    if not boundary["alternatives"] and one["band"] is not None and not {"veto", "quota"} & set(one["flags"]):
        yield "方案列出的其他读法，结果相同"


def _readings(scheme: Scheme, trace: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The ambiguities that the rules of this trace had to settle, and how this scheme settles them."""
    used = {(step["clause"], step["fact"]) for step in trace}
    rules = (piece for track in scheme.tracks for _, piece in walk(track) if isinstance(piece, Rule))
    names = {name for rule in rules if (rule.clause, rule.fact) in used for name in rule.decided}
    yield from (words for name, words in scheme.decisions.items() if name in names)
