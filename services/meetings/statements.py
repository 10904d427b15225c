"""What a summary of a meeting says: three statements, each with n/N, what it means and who must act by when. Pure.

A grade (等次) appears only where a person has decided it (S4-22); hidden classes of voters stay hidden.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from models.meetings import CLOSED, DRAFT
from scoring.numbers import percent, two_places

GRADES = ("好", "较好", "一般", "差")
_FULL = {mark: chr(ord(mark) + 0xFEE0) for mark in ",;:?!"}
_MARKS = re.compile(r"(?<![0-9A-Za-z%])[,;:?!]|[,;:?!](?![0-9A-Za-z/])")
NOT_A_GRADE = "现场测评得分不是评价等次：方案要求「防止简单以现场测评结果确定评价等次」。"


@dataclass(frozen=True, slots=True)
class Reported:
    """One reporter: the exact weighted score (None: there is none), the grade that people decided (None: not yet).

    `empty`: classes that gave no counted vote and may be named; `why`: how the score came about, a line each, as far as it may be told.
    """

    name: str
    organisation: str
    mode: str
    score: Fraction | None
    grade: str | None
    empty: tuple[str, ...]
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """A meeting as a leader may know it now. Before the close `voted` is a multiple of `step`, and no reporter has a score.

    `hidden`: classes too small to be shown; `empty`: classes without a counted vote
    that may be named; `ends`: when voting ends, `due`: by when all
    of the work must be done, both as Chinese sentences.
    """

    state: str
    entitled: int
    present: int
    voted: int
    step: int
    ends: str
    reporters: tuple[Reported, ...]
    hidden: tuple[str, ...]
    empty: tuple[str, ...]
    due: str


@dataclass(frozen=True, slots=True)
class Statement:
    """`say`: the fact, each percentage with its n/N; `means`: what follows and what does not; `who`: who must act, by when.

    `why`: what it rests on, a line each.
    """

    title: str
    say: str
    means: str
    who: str
    why: tuple[str, ...]


def part(count: int, of: int) -> str:
    """`30/36,83%`: no percentage stands without what it is of."""
    return f"{count}/{of}，{percent(count, of)}" if of else f"{count}/{of}"


def empty_classes(names: tuple[str, ...]) -> str:
    """Why there is no score. A class too small to be shown is not named: that all of it abstained would tell of each."""
    return f"「{'、'.join(names)}」没有一张有效票" if names else "有类别没有一张有效票"


def typeset(text: str) -> str:
    """For print: full-width marks, but within numbers (`30/36,83%`) and latin words."""
    return _MARKS.sub(lambda found: _FULL[found[0]], text)


def make_statements(facts: Facts) -> tuple[Statement, Statement, Statement]:
    """Turnout, scores, grades."""
    return (_turnout(facts), _scores(facts) if facts.state == CLOSED else _no_scores_yet(facts), _grades(facts))


def make_notes(facts: Facts) -> tuple[str, ...]:
    """What a reader could otherwise take wrongly: hidden classes, empty ones, no spread."""
    notes = []
    if facts.hidden:
        notes.append(f"「{'、'.join(facts.hidden)}」投票人少，为免看出个人的选择，不单独公布；计分时照样按权重计入。")
    if facts.state == CLOSED and any(one.score is None for one in facts.reporters):
        notes.append(
            f"{empty_classes(facts.empty)}（没有人投，或都弃权）。权重不转给别的类别，所以相关的得分算不出来。"
        )
    if question := _spread(facts):
        notes.append(question)
    return tuple(notes)


def _turnout(facts: Facts) -> Statement:
    came = f"应到 {facts.entitled} 人，签到 {facts.present} 人（{part(facts.present, facts.entitled)}）"
    why = (
        "应到：投票开始时固定下来的投票人名单上的人数（没开始时，按会议文件和名册）。",
        "签到：其中扫过签到码的人数。",
    )
    if facts.state == DRAFT:
        return Statement("到会", f"{came}。", "还没有开始投票。", f"请主持人开始投票。{facts.ends}", why)
    if facts.state != CLOSED:
        say = f"{came}；已投票至少 {facts.voted} 人（{facts.voted}/{facts.entitled}）。"
        stepwise = f"投票期间每满 {facts.step} 人才更新一次，免得看出谁在什么时候投了票。"
        return Statement("到会和投票", say, stepwise, f"请主持人在大家投完后结束投票。{facts.ends}", (*why, stepwise))
    say = f"{came}；签到的人里 {facts.voted} 人投了票（{part(facts.voted, facts.present)}）。"
    missing = facts.entitled - facts.voted
    means = (
        f"有 {missing} 人没有投票（{part(missing, facts.entitled)}），得分里没有他们的意见。"
        if missing
        else "应到的人都投了票。"
    )
    who = "投票已经结束，不补投，不用催谁。"
    return Statement("到会和投票", say, means, who, (*why, "投票：选票已计入的人数。查不出谁投了什么。"))


def _no_scores_yet(facts: Facts) -> Statement:
    of = len(facts.reporters)
    return Statement(
        "现场测评",
        f"{of} 位述职人中 0 位有得分（0/{of}）。",
        "投票结束前选票是封着的，谁也不知道得分。",
        "投票一结束，各位领导会收到小结。现在不需要您办什么。",
        ("选票提交时即加密封存，结束时一次开封计票。",),
    )


def _scores(facts: Facts) -> Statement:
    scores = [one.score for one in facts.reporters if one.score is not None]
    of = len(facts.reporters)
    say = f"{of} 位述职人中 {len(scores)} 位有现场测评得分（{part(len(scores), of)}）"
    if len(scores) > 1:
        gap = two_places(max(scores) - min(scores))
        say += f"，最低 {two_places(min(scores))}，最高 {two_places(max(scores))}，相差 {gap} 分"
    means = "这只是四项依据之一，另外三项是平时调研了解、督促检查、领导点评。"
    who = f"请党组书记和分管领导核对：每位述职人都点评到了，指出了突出问题和努力方向。{facts.due}"
    if len(scores) < of:
        who = f"请组织部门决定这 {of - len(scores)} 位（{part(of - len(scores), of)}）怎么办。{facts.due}"
    why = (
        "得分 = 各类别平均分 × 该类别权重，再相加；权重在投票开始时固定。弃权不进平均分。",
        "依据方案三(五)：综合评价用平时调研了解、督促检查、领导点评、现场测评四项，方案没有给各项权重。",
        "依据方案三(四)：党组书记逐一点评，班子其他成员按分工点评。",
    )
    return Statement("现场测评", f"{say}。", means, who, why)


def _grades(facts: Facts) -> Statement:
    of = len(facts.reporters)
    decided = [one.grade for one in facts.reporters if one.grade]
    say = f"{of} 位述职人中 {len(decided)} 位已由组织定了等次（{part(len(decided), of)}）"
    if decided:
        counted = [(grade, decided.count(grade)) for grade in dict.fromkeys((*GRADES, *decided)) if grade in decided]
        say += "：" + "、".join(f"{grade} {count} 位（{count}/{of}）" for grade, count in counted)
    why = (
        "依据方案三(五)：防止简单以现场测评结果确定评价等次；这里不从得分推出等次，只登记组织的决定。",
        "依据方案三(六)：综合评价意见经机关党委会议研究、党组审议，再向本人反馈、在一定范围内通报。",
        "依据方案三(六)：「一般」「差」的，约谈、限期整改。",
    )
    return Statement("评价等次", f"{say}。", NOT_A_GRADE, _who_grades(of, decided, facts.due), why)


def _who_grades(of: int, decided: list[str], due: str) -> str:
    if len(decided) < of:
        return f"请机关党委会议研究、党组审议，定下其余 {of - len(decided)} 位（{of - len(decided)}/{of}）的等次。{due}"
    poor = sum(grade in ("一般", "差") for grade in decided)
    if poor:
        return f"请机关党委约谈「一般」「差」的 {poor} 位（{poor}/{of}），要求限期整改。{due}"
    return f"请机关党委向本人反馈，并在一定范围内通报。{due}"


def _spread(facts: Facts) -> str | None:
    """A question, not an accusation (S4-23): all alike may be true."""
    of = len(facts.reporters)
    grades = {one.grade for one in facts.reporters}
    if of > 1 and len(grades) == 1 and None not in grades:
        return f"{of} 位述职人定的等次都一样（{of}/{of}）。确实难分高下，还是没有拉开差距？方案提醒「防止干好干坏一个样」。"
    scores = {one.score for one in facts.reporters}
    if of > 1 and len(scores) == 1 and None not in scores:
        return f"{of} 位述职人的得分完全相同（{of}/{of}）。确实难分高下，还是没有拉开差距？方案提醒「防止干好干坏一个样」。"
    return None
