"""The people of a made-up organisation, and the roster workbook that holds them."""

import io
from collections.abc import Iterable
from dataclasses import dataclass, field

import openpyxl

from tests.integration.world import name_of

FULL, NEW, RETIRED, MASSES = "正式党员", "预备党员", "离退休党员", "群众"


@dataclass(frozen=True)
class Organisation:
    """A row of the sheet 组织."""

    code: str
    name: str
    above: str
    kind: str


@dataclass(frozen=True)
class Somebody:
    """A row of the sheet 人员."""

    staff_no: str
    org: str
    status: str = FULL
    posts: str = ""
    joined_on: str = ""

    @property
    def name(self) -> str:
        """Different for each number."""
        return name_of(self.staff_no)

    @property
    def is_party(self) -> bool:
        """Whether they are assessed, unless they are left out."""
        return self.status in (FULL, NEW)


@dataclass(frozen=True)
class Roster:
    """Who is where."""

    organisations: tuple[Organisation, ...]
    people: tuple[Somebody, ...]
    _by_number: dict[str, Somebody] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._by_number.update({one.staff_no: one for one in self.people})

    def __getitem__(self, staff_no: str) -> Somebody:
        return self._by_number[staff_no]

    def of(self, org: str) -> list[Somebody]:
        """The people of one organisation itself."""
        return [one for one in self.people if one.org == org]

    def holder(self, org: str, post: str) -> Somebody:
        """The first who holds a post there."""
        return next(one for one in self.of(org) if post in one.posts.split("、"))

    def changed(self, *people: Somebody) -> "Roster":
        """With these people as they are now."""
        now = {one.staff_no: one for one in people}
        return Roster(self.organisations, tuple(now.get(one.staff_no, one) for one in self.people))

    def workbook(self) -> bytes:
        """As contract §5 has it."""
        book = openpyxl.Workbook(write_only=True)
        _fill(
            book.create_sheet("组织"),
            ("组织编码", "组织名称", "上级编码", "组织类型"),
            ((one.code, one.name, one.above, one.kind) for one in self.organisations),
        )
        _fill(
            book.create_sheet("人员"),
            ("工号", "姓名", "组织编码", "状态", "职务", "入党日期"),
            ((one.staff_no, one.name, one.org, one.status, one.posts, one.joined_on) for one in self.people),
        )
        content = io.BytesIO()
        book.save(content)
        return content.getvalue()


def chinese(number: int) -> str:
    """1 to 99 in words: names in the chat hold no digits, which would be read as points."""
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else f"{digits[tens]}十"
    return head + (digits[ones] if ones or not tens else "")


def _fill(sheet: object, heading: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    for row in (heading, *rows):
        sheet.append(row)  # type: ignore[attr-defined]  # openpyxl has no types for sheets that are only written
