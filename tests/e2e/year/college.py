"""A college of 30 branches and 900 people: 27 branches in service, small and large, and three of the retired."""

from collections.abc import Iterator

from tests.e2e.year.people import FULL, MASSES, NEW, RETIRED, Organisation, Roster, Somebody, chinese

ROOT, OFFICE, OTHERS = "0001", "0002", "0003"
# 3 and 6 members can never have a model branch (S2-27).
_SIZES = (3, 6, 10, 20, 25, 30, 33, 36, 28)
_RETIRED_SIZE, _MASSES, _PEOPLE = 25, 6, 900
COLLEGE_HEADS = {"9001": "书记、领导", "9002": "副书记、领导", "9003": "委员、领导"}
TEAM, OFFICERS = ("9011", "9012", "9013"), ("9021", "9022", "9023")
LEADER, OFFICER = "9002", OFFICERS[0]


def make_college() -> Roster:
    """The same college at every call."""
    organisations = (
        Organisation(ROOT, "学院党委", "", "党委"),
        Organisation(OFFICE, "党委组织部", ROOT, "部门"),
        Organisation(OTHERS, "其他教职工", ROOT, "部门"),
        *(Organisation(f"0{n}00", f"第{chinese(n)}党总支", ROOT, "党总支") for n in range(1, 9)),
        *(Organisation(code, name, above, "党支部") for code, name, above in _branches()),
    )
    people = [*_college(), *(one for n in range(1, 9) for one in _general_branch(n))]
    for number, code in enumerate(branch_codes(), 1):
        people += _branch(number, code, _SIZES[(number - 1) % len(_SIZES)])
    for number, code in enumerate(retired_codes(), 28):
        people += _retired_branch(number, code)
    people += [Somebody(str(7001 + n), OTHERS, MASSES) for n in range(_PEOPLE - len(people))]
    return Roster(organisations, tuple(people))


def branch_codes() -> list[str]:
    """The branches in service."""
    return [code for code, _, _ in _branches() if not code.startswith("099")]


def retired_codes() -> list[str]:
    """The branches of the retired."""
    return [code for code, _, _ in _branches() if code.startswith("099")]


def above(code: str) -> str:
    """The committee next above a branch."""
    return next(above for one, _, above in _branches() if one == code)


def _branches() -> Iterator[tuple[str, str, str]]:
    for n in range(1, 9):
        for k in range(1, 4):
            yield f"0{n}0{k}", f"第{chinese(n)}学院第{chinese(k)}党支部", f"0{n}00"
    yield from ((f"090{k}", f"机关第{chinese(k)}党支部", ROOT) for k in range(1, 4))
    yield from ((f"099{k}", f"离退休第{chinese(k)}党支部", ROOT) for k in range(1, 4))


def _college() -> Iterator[Somebody]:
    yield from (Somebody(number, ROOT, FULL, posts) for number, posts in COLLEGE_HEADS.items())
    yield from (Somebody(number, ROOT, FULL, "考核组") for number in TEAM)
    yield from (Somebody(number, OFFICE, FULL, "组织部") for number in OFFICERS)


def _general_branch(number: int) -> Iterator[Somebody]:
    for k, post in enumerate(("书记", "副书记"), 1):
        yield Somebody(f"8{number}0{k}", f"0{number}00", FULL, post)


def _branch(number: int, code: str, size: int) -> Iterator[Somebody]:
    posts = {1: "书记", 2: "副书记", 3: "委员"}
    for n in range(1, size + 1):
        status = NEW if n == size and size >= 10 else FULL
        joined_on = f"{1990 + n % 30}-{1 + n % 12:02d}-{1 + (n + number) % 28:02d}"
        yield Somebody(f"1{number:02d}{n:02d}", code, status, posts.get(n, ""), joined_on)
    yield from (Somebody(f"1{number:02d}9{n}", code, MASSES) for n in range(_MASSES))
    if number == 2:
        yield Somebody(f"1{number:02d}80", code, RETIRED)


def _retired_branch(number: int, code: str) -> Iterator[Somebody]:
    posts = {1: "书记", 2: "副书记"}
    yield from (Somebody(f"1{number}{n:02d}", code, RETIRED, posts.get(n, "")) for n in range(1, _RETIRED_SIZE + 1))
