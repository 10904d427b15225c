"""From what somebody says of an activity to a record: day, place, who was missing, topic. Pure; the person sees and corrects it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from services.day_words import find_day

_ABSENT = "缺席|请假|未到|没来|没到|未参加|没参加|没有参加|缺勤|出差|病假|事假|休假"
_ABOUT_ABSENCE = re.compile(rf"{_ABSENT}|外")
_BETWEEN = r"(?:[、和及与\s]|同志)*"
_ALL_THERE = re.compile(
    r"(?:(?:其余|其他|其它)的?(?:党员|同志|人员|人)?|(?:全体|全部|所有)?(?:党员|同志|人员)?)"
    r"(?:全部|全|都|均)(?:到齐|到场|到会|参加|到|来齐|来(?=了))了?|(?:人员|全员)?到齐了?"
    rf"|全体(?:党员|同志|人员)?(?:参加|到会|到场)|全员(?:参加|到会)|(?:无|没有|没)人?(?:{_ABSENT})"
)
_COUNTS = re.compile(
    r"应到\s*[0-9]+\s*人?|实到\s*([0-9]+)\s*人?|([0-9]+)\s*人(?:参加|到会|到场)|(?:参加|到会)\s*([0-9]+)\s*人"
)
_PLACE = re.compile(
    r"地点[:：是为]?\s*(?P<named>[^,，。；;]{1,40})|[在于](?P<said>[^,，。；;]{1,30}?)"
    r"(?=开展|召开|举行|举办|组织|进行|集中|学习|参观|讨论|研究|开会|开了|慰问|观看|重温|上党课|讲|和|与|$)"
)
_ON_SITE = (
    "祭扫|祭奠|扫墓|瞻仰|缅怀|敬献|献花|参观|考察|调研|学习|开展|接受|慰问|走访|看望|观看|重温|志愿|义务|植树|打扫|清扫|帮扶|"
    "宣讲|参加|举行|举办|进行"
)
# 到 is a place's word only where it begins, or follows who went: 学习到, 做到 and 看到 are none.
_WENT = re.compile(
    r"(?:^|党员|同志|大家|我们|支部|一起|集体|组织|一行|前|人)(?:前往|来到|赴|到|去)"
    rf"(?!会(?!议室|堂|展)|[场齐位了底期达年]|[0-9]|{_ON_SITE})(?P<place>[^,，。；;、到]{{2,30}}?)(?={_ON_SITE})"
)
_NO_PLACE = re.compile(r".*(?:领导|指导|带领|支持|帮助)下|会上|会议上|.*期间|.*前|.*后")
_LEAD = re.compile(
    r"^(?:(?:我们|本|我)?(?:党)?支部(?!党员大会|委员会)|我们|主题(?:党日)?[:：是为]|了|又|并|还|(?:开展|召开|举行|举办|组织|进行|开)了?|的|以)"
)
_TAIL = re.compile(r"(?:为?主题的?)?(?:主题党日(?:活动)?|主题活动)?$")
_EDGES = " \t、,，。；;:：“”\"'「」"
_CLAUSES = re.compile(r"[，,。；;！!？?\n]+")
_PIECES = re.compile(r"(?P<clause>[^，,。；;！!？?\n]*)(?P<mark>[，,。；;！!？?\n]*)")
_ENDS = "。！!？?"
_OF_DAY = re.compile(
    r"(?:上午|下午|中午|晚上|早上)(?:[0-9一二三四五六七八九十两]{1,3}点(?:半|[0-9一二三四五六七八九十]{1,3}分?)?)?"
)
_MISSING = re.compile(r"缺|没|无|未|少|坏|不全|不齐")
_MOST_TOPIC = 60


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody of the branch's roster."""

    id: int
    name: str
    staff_no: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood; what was not said is None or empty. `absent`: person id → word of their absence.

    `ahead`: the day to come that was named where no other was. `words`: all that is left, as it was typed, topic and minutes.
    `named`: others of the roster who are named. `unclear`: Chinese sentences about names that fit nobody or several.
    """

    topic: str = ""
    held_on: date | None = None
    ahead: date | None = None
    place: str = ""
    host: str = ""
    procedure: str = ""
    minutes: str = ""
    words: str = ""
    absent: Mapping[int, str] = field(default_factory=dict)
    all_there: bool = False
    said_present: int | None = None
    named: tuple[int, ...] = ()
    unclear: tuple[str, ...] = ()


def read_record(text: str, today: date, people: Sequence[Named]) -> Reading:
    """Read one message. The first thing said that is nothing else is the topic; what comes after it goes to the minutes."""
    # A name that is not there is not looked for: with hundreds of people at every letter that holds up everybody else.
    there = [replace(one, name=_in(text, one.name), staff_no=_in(text, one.staff_no)) for one in people]
    return _Reader(today, [one for one in there if one.name or one.staff_no]).read(text)


def _in(text: str, word: str) -> str:
    return word if word in text else ""


def read_missing(text: str, checks: Mapping[str, Sequence[str]], *, negated: bool = True) -> tuple[str, ...]:
    """The keys of the checks (key → words) that a text says are missing, by clauses.

    `negated`: only clauses that say 缺 or 没有 count; else whatever is named is meant as missing.
    """
    clauses = [one for one in _CLAUSES.split(text) if not negated or _MISSING.search(one)]
    return tuple(key for key, words in checks.items() if any(word in one for one in clauses for word in words))


def _joined(rest: Sequence[tuple[str, str]]) -> str:
    """What is left with the marks that were typed; at the very end only what ends a sentence."""
    if not rest:
        return ""
    last, mark = rest[-1]
    ended = "".join(one for one in mark if one in _ENDS)
    return "".join(clause + between for clause, between in rest[:-1]) + last + ended


class _Reader:
    def __init__(self, today: date, people: Sequence[Named]) -> None:
        self.today = today
        self.by_word: dict[str, list[int]] = {}
        for one in people:
            for word in filter(None, (one.name, one.staff_no)):
                self.by_word.setdefault(word, []).append(one.id)
        longest_first = sorted(self.by_word, key=lambda word: (-len(word), word))
        self.name = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")
        run = rf"(?P<names>(?:(?:{self.name.pattern}){_BETWEEN})+)"
        self.before = re.compile(rf"(?:除了?|有)?{run}(?:因[^，,。]*?)?(?P<word>{_ABSENT})(?:以外|之外|外)?了?")
        self.besides = re.compile(rf"除了?{run}(?P<word>)(?:以外|之外|外)")
        self.behind = re.compile(rf"(?P<word>{_ABSENT})(?:人员|的)?[:：是有为]*\s*{run}")
        self.hosts = re.compile(
            rf"(?P<a>{self.name.pattern})(?:同志)?(?:主持|主讲|领学)|(?:主持人?|主讲人?)[:：是为]?(?P<b>{self.name.pattern})"
        )
        self.absent: dict[int, str] = {}
        self.unclear: list[str] = []
        self.found: dict[str, str] = {}
        self.held_on: date | None = None
        self.ahead: date | None = None
        self.all_there = False
        self.said_present: int | None = None

    def read(self, text: str) -> Reading:
        named = self._named(text)
        rest = [(left, mark) for clause, mark in self._clauses(text) if self._plain(left := self._take(clause))]
        topic = self._plain(rest[0][0]) if rest else ""
        is_long = len(topic) > _MOST_TOPIC
        return Reading(
            topic=topic[:_MOST_TOPIC],
            held_on=self.held_on,
            ahead=self.ahead if self.held_on is None else None,
            place=self.found.get("place", ""),
            host=self.found.get("host", ""),
            procedure=self.found.get("procedure", ""),
            minutes=_joined(rest if is_long else rest[1:]),
            words=_joined(rest),
            absent=self.absent,
            all_there=self.all_there and not self.absent,
            said_present=self.said_present,
            named=tuple(one for one in named if one not in self.absent),
            unclear=tuple(self.unclear),
        )

    def _clauses(self, text: str) -> Iterator[tuple[str, str]]:
        """(clause, the marks behind it); one that holds names alone (「张三，李四请假」) belongs to the next."""
        waiting = ""
        for found in _PIECES.finditer(text):
            clause = found["clause"].strip()
            if not clause:
                continue
            if not re.sub(_BETWEEN, "", self.name.sub("", clause)):
                waiting += f"{clause}、"
                continue
            yield waiting + clause, found["mark"]
            waiting = ""
        if waiting:
            yield waiting.rstrip("、"), ""

    def _take(self, clause: str) -> str:
        """Take out of a clause what is understood; what is left of it."""
        if found := re.match(r"(?:程序|流程)[:：]?(.+)", clause):
            self.found["procedure"] = found[1].strip()
            return ""
        steps = (self._take_absent, self._take_all_there, self._take_counts, self._take_day)
        for step in (*steps, self._take_host, self._take_place):
            clause = step(clause)
        return clause.strip(" \t、")

    def _take_absent(self, clause: str) -> str:
        if not _ABOUT_ABSENCE.search(clause):
            return clause
        if _ALL_THERE.search(clause) and not self.besides.search(clause) and not self.before.search(clause):
            return clause
        for pattern in (self.before, self.besides, self.behind):
            while found := pattern.search(clause):
                self._mark(found["names"], found["word"] or "缺席")
                clause = clause[: found.start()] + clause[found.end() :]
        return self._take_unknown(clause)

    def _take_unknown(self, clause: str) -> str:
        """「王小明请假」 where no such person is on the roster: asked about, and no topic."""
        found = re.fullmatch(rf"(?:除了?|有)?(?P<who>[^0-9]{{0,12}}?)(?:因.*?)?(?:{_ABSENT})(?:以?外|之外)?了?", clause)
        if not found:
            return clause
        who = [one for one in re.split(r"[、和及与\s]+", found["who"]) if one]
        self.unclear += [f"名册里没有找到「{one}」" for one in who] or ["没有说清谁没来"]
        return ""

    def _mark(self, names: str, word: str) -> None:
        for found in self.name.finditer(names):
            ids = self.by_word[found[0]]
            if len(ids) > 1:
                self.unclear.append(f"名册里有 {len(ids)} 位「{found[0]}」，请写工号")
            else:
                self.absent[ids[0]] = word

    def _take_all_there(self, clause: str) -> str:
        self.all_there = self.all_there or bool(_ALL_THERE.search(clause))
        return _ALL_THERE.sub("", clause)

    def _take_counts(self, clause: str) -> str:
        for found in _COUNTS.finditer(clause):
            number = found[1] or found[2] or found[3]
            self.said_present = int(number) if number else self.said_present
        return _COUNTS.sub("", clause)

    def _take_day(self, clause: str) -> str:
        said = find_day(clause, self.today, ahead=False)
        if said is None or self.held_on is not None:
            return clause
        if said.day > self.today:
            self.ahead = self.ahead or said.day
            return clause
        self.held_on = said.day
        return _OF_DAY.sub("", said.rest.replace("，", ""), count=1)

    def _take_place(self, clause: str) -> str:
        if "place" in self.found:
            return clause
        found = _PLACE.search(clause)
        where = (found["named"] or found["said"]).strip(_EDGES) if found else ""
        if not found or not where or _NO_PLACE.fullmatch(where):
            return self._went(clause)
        self.found["place"] = where
        return clause[: found.start()] + clause[found.end() :]

    def _went(self, clause: str) -> str:
        """「到烈士陵园祭扫」 names the place, and stays the topic: 祭扫 alone says too little."""
        if found := _WENT.search(clause):
            self.found["place"] = found["place"].strip(_EDGES)
        return clause

    def _take_host(self, clause: str) -> str:
        found = self.hosts.search(clause)
        if found:
            self.found.setdefault("host", found["a"] or found["b"])
        return clause if found is None or "讲" in found[0] or "学" in found[0] else clause.replace(found[0], "")

    def _plain(self, clause: str) -> str:
        """Without what only leads to the topic: 「开展学习党章主题党日活动」 is about 学习党章."""
        before = None
        while before != clause:
            before, clause = clause, _LEAD.sub("", _TAIL.sub("", clause.strip(_EDGES))).strip(_EDGES)
        return clause

    def _named(self, text: str) -> list[int]:
        found: Iterable[list[int]] = (self.by_word[one[0]] for one in self.name.finditer(text))
        return list(dict.fromkeys(ids[0] for ids in found if len(ids) == 1))
