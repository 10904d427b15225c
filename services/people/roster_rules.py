"""What must hold between the rows of a roster, and between them and what is known already. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from models.people import MASSES, SECRETARY
from services.audit import CHAT, CLOCK, COMMAND
from services.people.roster_cells import AS_TEXT, is_party_office
from services.people.roster_file import ORG_CODE, ORGANISATIONS, PARENT, PEOPLE, POSTS, STAFF_NO, STATUS, RosterFile
from services.workbooks.workbook import Fault


@dataclass(frozen=True, slots=True)
class Known:
    """What the database holds: parent code of each organisation, all staff numbers, (number, name) of each 书记 by organisation."""

    parents: Mapping[str, str] = field(default_factory=dict)
    staff: frozenset[str] = frozenset()
    secretaries: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def check_roster(file: RosterFile, known: Known) -> list[str]:
    """Every fault of the file, its rows' own ones included, in the order of the file. Empty where it can be imported."""
    faults = [*file.faults]
    if file.is_complete:  # else every code would seem unknown
        for check in (_duplicates, _lost_zeros, _unknown_codes, _cycles, _secretaries, _masses, _reserved):
            faults += check(file, known)
    order = {ORGANISATIONS: 0, PEOPLE: 1}
    return [str(fault) for fault in sorted(set(faults), key=lambda f: (order[f.sheet], f.row, f.column, f.say))]


def _duplicates(file: RosterFile, _known: Known) -> Iterator[Fault]:
    codes = [(row.row, row.code) for row in file.organisations]
    numbers = [(row.row, row.staff_no) for row in file.people]
    for sheet, column, values in ((ORGANISATIONS, ORG_CODE, codes), (PEOPLE, STAFF_NO, numbers)):
        first: dict[str, int] = {}
        for row, value in values:
            if value and first.setdefault(value, row) != row:
                yield Fault(sheet, row, column, f"{value} 与第 {first[value]} 行重复，请只留一行")


def _lost_zeros(file: RosterFile, known: Known) -> Iterator[Fault]:
    """Numbers are no codes where codes of the same kind begin with 0: Excel may have made 101 of 0101."""
    if _has_zeros({*known.parents, *_organisation_codes(file)}):
        for row in file.organisations:
            for column, value in ((ORG_CODE, row.code), (PARENT, row.parent)):
                if column in row.numbers:
                    yield _as_number(ORGANISATIONS, row.row, column, value)
        for person in file.people:
            if ORG_CODE in person.numbers:
                yield _as_number(PEOPLE, person.row, ORG_CODE, person.organisation)
    if _has_zeros(known.staff | {person.staff_no for person in file.people}):
        for person in file.people:
            if STAFF_NO in person.numbers:
                yield _as_number(PEOPLE, person.row, STAFF_NO, person.staff_no)


def _organisation_codes(file: RosterFile) -> Iterator[str]:
    for row in file.organisations:
        yield from (row.code, row.parent)
    yield from (person.organisation for person in file.people)


def _has_zeros(codes: Iterable[str]) -> bool:
    return any(len(code) > 1 and code.startswith("0") for code in codes)


def _as_number(sheet: str, row: int, column: str, value: str) -> Fault:
    return Fault(sheet, row, column, f"{value} 存成了数字，开头的 0 可能丢了，{AS_TEXT}")


def _unknown_codes(file: RosterFile, known: Known) -> Iterator[Fault]:
    codes = {*known.parents, *(row.code for row in file.organisations)}
    for row in file.organisations:
        if row.parent and row.parent not in codes:
            yield Fault(ORGANISATIONS, row.row, PARENT, f"没有编码为 {row.parent} 的组织，请改正或补上这个组织")
    for person in file.people:
        if person.organisation and person.organisation not in codes:
            yield Fault(
                PEOPLE, person.row, ORG_CODE, f"没有编码为 {person.organisation} 的组织，请改正或在「组织」里补上"
            )


def _cycles(file: RosterFile, known: Known) -> Iterator[Fault]:
    rows = {row.code: row.row for row in file.organisations if row.code}
    parents = {**known.parents, **{row.code: row.parent for row in file.organisations if row.code}}
    for ring in _rings(parents):
        first = min(filter(rows.__contains__, ring), key=rows.__getitem__)  # what is known has no ring of its own
        at = ring.index(first)
        way = " → ".join([*ring[at:], *ring[:at], first])
        yield Fault(ORGANISATIONS, rows[first], PARENT, f"上下级绕成了圈：{way}，请改正")


def _rings(parents: Mapping[str, str]) -> Iterator[list[str]]:
    """Every closed way upwards, once; each code is walked over once."""
    settled: set[str] = set()
    for code in parents:
        way: dict[str, None] = {}
        while code and code not in settled and code not in way:
            way[code] = None
            code = parents.get(code, "")
        if code in way:
            passed = list(way)
            yield passed[passed.index(code) :]
        settled.update(way)


def _secretaries(file: RosterFile, known: Known) -> Iterator[Fault]:
    here = defaultdict(list)
    for person in file.people:
        if SECRETARY in person.posts and person.organisation:
            here[person.organisation].append(person)
    listed = {person.staff_no for person in file.people}
    for code, people in here.items():
        for person in people[1:]:
            yield Fault(
                PEOPLE, person.row, POSTS, f"组织 {code} 的书记已是第 {people[0].row} 行的{people[0].name}，只能有一位"
            )
        staff_no, name = known.secretaries.get(code, ("", ""))
        if staff_no and staff_no not in listed:
            say = f"组织 {code} 现在的书记是{name}（{staff_no}），不在本文件里；请把其也写进来并改「职务」"
            yield Fault(PEOPLE, people[0].row, POSTS, say)


def _masses(file: RosterFile, _known: Known) -> Iterator[Fault]:
    for person in file.people:
        held = [title for title in person.posts if is_party_office(title)]
        if person.status == MASSES and held:
            yield Fault(
                PEOPLE, person.row, POSTS, f"群众不能担任党内职务（{'、'.join(held)}），请改「{STATUS}」或「职务」"
            )


def _reserved(file: RosterFile, _known: Known) -> Iterator[Fault]:
    """What stands for the command line and the clock wherever somebody is named: a person of that number would have its rights."""
    for person in file.people:
        if person.staff_no in (COMMAND, CLOCK, CHAT):
            yield Fault(PEOPLE, person.row, STAFF_NO, f"「{person.staff_no}」是系统留用的，不能作工号，请换一个")
