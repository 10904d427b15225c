"""A steel company of 33 units, each a general branch, twelve of them with a branch below; reviewed in six groups."""

from collections.abc import Iterator

from tests.e2e.year.people import FULL, Organisation, Roster, Somebody, chinese

ROOT = "0000"
LEADER, OFFICER, TEAM = "9001", "9002", ("9003", "9004")
_UNITS, WITH_BRANCH = 33, 12


def make_company() -> Roster:
    """The same company at every call."""
    organisations = [Organisation(ROOT, "集团党委", "", "党委")]
    people = [
        Somebody(LEADER, ROOT, FULL, "书记、领导"),
        Somebody(OFFICER, ROOT, FULL, "组织部"),
        *(Somebody(number, ROOT, FULL, "考核组") for number in TEAM),
    ]
    for number in range(1, _UNITS + 1):
        code, name = f"{number:02d}", f"第{chinese(number)}厂党总支"
        organisations.append(Organisation(code, name, ROOT, "党总支"))
        people += _committee(code)
        if number <= WITH_BRANCH:
            organisations.append(Organisation(f"{code}01", f"第{chinese(number)}厂机关党支部", code, "党支部"))
            people += _committee(f"{code}01")
    return Roster(tuple(organisations), tuple(people))


def subjects(roster: Roster) -> list[tuple[str, str]]:
    """Key and name of everybody who is assessed."""
    kinds = {"党总支": "unit", "党支部": "branch"}
    return [(f"{kinds[one.kind]}:{one.code}", one.name) for one in roster.organisations if one.kind in kinds]


def _committee(code: str) -> Iterator[Somebody]:
    yield from (Somebody(f"{code}9{n}", code, FULL, post) for n, post in enumerate(("书记", "副书记", "委员", "", "")))
