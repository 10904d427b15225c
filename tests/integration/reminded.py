"""People with phones on the simulated platform, and the digests that were planned for them; for tests."""

from datetime import UTC, datetime

import asyncpg

from models.accounts import Account
from models.people import Person
from sandbox.person import Person as Handset
from tests.faults.platform import Platform
from tests.integration.cycles import NOW

SEND, TEMPLATE = "/cgi-bin/message/custom/send", "/cgi-bin/message/template/send"
# A Thursday; a week before the assessment is due.
MORNING = datetime(2020, 12, 24, 1, 5, tzinfo=UTC)


async def bind(platform: Platform, staff_no: str) -> Handset:
    """That person of the roster follows and is bound."""
    phone = platform.follower(staff_no)
    person = await Person.get(staff_no=staff_no)
    await Account.create(openid=phone.openid, person=person, bound_at=NOW, consent="1")
    return phone


async def digests(sql: asyncpg.Connection, mark: str = "") -> dict[tuple[str, str], str]:
    """Texts by staff number and slot; without the mark that an overview comes with it, unless that is wanted."""
    rows = await sql.fetch(
        "SELECT staff_no, slot, text FROM notices JOIN people p ON p.id = person_id WHERE notices.kind = 'digest'"
    )
    return {
        (row["staff_no"], row["slot"] if mark else row["slot"].partition(":overview")[0]): row["text"] for row in rows
    }
