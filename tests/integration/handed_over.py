"""What tests of posts that change hands share: the roster with other posts, a record that came back."""

from datetime import date

from models.organisations import Organisation
from models.people import Person
from models.records import Record
from services.people.roster import import_roster
from services.records.record_reviews import review_record
from services.records.records import RecordContent, keep_record
from services.reminders.agenda import list_agenda
from tests.integration.cycles import MEMBER, PEOPLE, SECRETARY, SUPERIOR, roster
from tests.integration.rated import FEBRUARY
from tests.integration.world import name_of

CHECKS = dict.fromkeys(("theme", "substance", "order", "archive"), True)
THEME_DAY = RecordContent("theme_day", date(2021, 2, 18), "学习党章", "会议室", checks=CHECKS)
SUCCESSOR = MEMBER
HANDED_OVER = f"您已不再担任第一党支部书记，这件事现在由{name_of(SUCCESSOR)}同志办理"


def posts(**held: str) -> tuple[tuple[str, str, str, str], ...]:
    """The people of the roster with other posts; `n1001=""` has none."""
    given = {number[1:]: title for number, title in held.items()}
    return tuple((number, at, status, given.get(number, title)) for number, at, status, title in PEOPLE)


async def hand_over(successor: str = SUCCESSOR) -> None:
    """One workbook: the secretary of the first branch has no post any more, another member has it."""
    await import_roster(roster(posts(n1001="", **{f"n{successor}": "书记"})), now=FEBRUARY, actor="command")


async def branch_of(code: str = "0101") -> int:
    return (await Organisation.get(code=code)).id


async def returned_record(code: str = "0101", keeper: str = SECRETARY) -> Record:
    record = await keep_record(f"k{keeper}", await branch_of(code), THEME_DAY, actor=keeper, now=FEBRUARY)
    return await review_record(record.id, 1, accept=False, reason="缺照片", actor=SUPERIOR, now=FEBRUARY)


async def words_of(staff_no: str) -> list[str]:
    """The words under 任务 of this person."""
    person = await Person.get(staff_no=staff_no)
    return [due.word for due in await list_agenda(FEBRUARY, [person.id])]
