"""Who goes on with a record: whoever kept it as long as they keep records there, else the branch's secretary, deputy or committee."""

from collections.abc import Iterable

from config.record_kinds import record_kinds
from models.records import Record
from services.entitlements import KEEP_RECORD, READ_CONFIDENTIAL, own_posts
from services.successors import find_successors


async def find_keepers(records: Iterable[Record]) -> dict[int, int | None]:
    """Record id → person; None where the branch has nobody. A confidential one goes to the branch's heads alone (S1-13)."""
    found = list(records)
    successors = await find_successors(KEEP_RECORD, {one.organisation_id for one in found})
    heads = own_posts(READ_CONFIDENTIAL)
    return {
        one.id: successors.who(
            one.organisation_id, one.kept_by_id, titles=heads if record_kinds()[one.kind].confidential else None
        )
        for one in found
    }


async def find_keeper(record: Record) -> int | None:
    """The same of one record."""
    return (await find_keepers([record]))[record.id]
