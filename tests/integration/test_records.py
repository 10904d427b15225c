"""Records as a use case: repeats and races make one, changes keep their history, reviews see what they review; who may do what."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import asyncpg
import pytest

from config.refusals import BadInput, Refusal
from models.media import MediaItem
from models.people import Person, Post
from models.records import Record
from services.dues import Due
from services.filings.uploads import Target, keep_upload
from services.people.roster import import_roster
from services.records import media
from services.records.record_media import UNCLAIMED, keep_media, media_key
from services.records.record_reviews import list_dues, list_records_to_review, review_record
from services.records.records import RecordContent, change_record, keep_record
from services.reminders import jobs
from services.reminders.agenda import list_agenda
from services.runtime import Runtime
from tests.integration.cycles import (
    DEPUTY,
    LEADER,
    MEMBER,
    NOW,
    OFFICE,
    OTHER_SECRETARY,
    SECRETARY,
    SUPERIOR,
    TEAM,
    roster,
)

CHECKS = dict.fromkeys(("theme", "substance", "order", "archive"), True)
CONTENT = RecordContent("theme_day", date(2020, 12, 18), "学习党章", "会议室", checks=CHECKS)


@pytest.fixture
async def branch(rt: Runtime) -> int:
    """The branch 0101: its secretary keeps the records, 0100 is above it."""
    await import_roster(roster(), now=NOW, actor="test")
    return (await Person.get(staff_no=SECRETARY)).organisation_id


async def kept(branch: int, content: RecordContent = CONTENT, key: str = "k1", actor: str = SECRETARY) -> Record:
    return await keep_record(key, branch, content, actor=actor, now=NOW)


async def test_one_confirmation_delivered_many_times_at_once_is_one_record(
    rt: Runtime, branch: int, sql: asyncpg.Connection
) -> None:
    made = await asyncio.gather(*(kept(branch) for _ in range(6)))
    assert {record.id for record in made} == {made[0].id}
    counts = (
        "SELECT (SELECT count(*) FROM records), (SELECT count(*) FROM attendances), (SELECT count(*) FROM record_steps)"
    )
    assert tuple(await sql.fetchrow(counts)) == (1, 5, 1)


async def test_a_photo_belongs_to_one_record(rt: Runtime, branch: int, sql: asyncpg.Connection) -> None:
    person = await Person.get(staff_no=SECRETARY)
    key = await keep_media(rt.settings, "image", "m1", person.id, NOW)
    assert key == await keep_media(rt.settings, "image", "m1", person.id, NOW) == media_key(rt.settings, "m1")
    with_photo = replace(CONTENT, media=(key,))
    await asyncio.gather(kept(branch, with_photo, "k1"), kept(branch, with_photo, "k2"))
    assert await sql.fetchval("SELECT count(*) FROM media_items WHERE record_id IS NOT NULL") == 1
    assert "m1" not in key


async def test_only_the_committee_of_the_branch_keeps_its_records(rt: Runtime, branch: int) -> None:
    for actor in (MEMBER, OFFICE, TEAM, LEADER, SUPERIOR, OTHER_SECRETARY):
        with pytest.raises(Refusal) as no:
            await kept(branch, actor=actor)
        assert no.value.code == "not_entitled"
    assert (await kept(branch, actor=DEPUTY)).kept_by_id


async def test_what_cannot_be_is_refused_with_every_fault(rt: Runtime, branch: int) -> None:
    wrong = replace(CONTENT, held_on=NOW.date() + timedelta(days=1), topic="长" * 201, checks={})
    with pytest.raises(BadInput) as bad:
        await kept(branch, wrong)
    assert len(bad.value.faults) == 3
    with pytest.raises(BadInput):
        await kept(branch, RecordContent("reminder_talk", NOW.date(), "谈话"))
    with pytest.raises(BadInput):
        await kept(branch, RecordContent("no_such_kind", NOW.date(), "谈话"))


async def test_a_change_keeps_what_stood_before_and_a_stale_one_is_refused(
    rt: Runtime, branch: int, sql: asyncpg.Connection
) -> None:
    record = await kept(branch)
    changed = replace(CONTENT, topic="学习条例")
    for _ in range(2):
        again = await change_record(record.id, 1, changed, actor=DEPUTY, now=NOW)
    assert (again.version, again.topic) == (2, "学习条例")
    assert await sql.fetchval("SELECT count(*) FROM record_steps WHERE act = 'changed'") == 1
    assert "学习党章" in await sql.fetchval("SELECT before FROM record_steps WHERE act = 'changed'")
    with pytest.raises(Refusal) as stale:
        await change_record(record.id, 1, replace(CONTENT, topic="别的"), actor=SECRETARY, now=NOW)
    assert stale.value.code == "changed_meanwhile"


@pytest.mark.fact("S1-13")
async def test_a_confidential_record_is_changed_by_those_alone_who_may_see_it(rt: Runtime, branch: int) -> None:
    """Whoever else of the committee guesses its number learns nothing by trying."""
    member = await Person.get(staff_no=MEMBER)
    await Post.create(person=member, organisation_id=branch, title="委员")
    talk = RecordContent("reminder_talk", NOW.date(), "迟到", concerns=(await Person.get(staff_no="1004")).id)
    record = await kept(branch, talk, actor=DEPUTY)
    for number in (record.id, record.id + 1):
        with pytest.raises(Refusal) as no:
            await change_record(number, 1, replace(talk, topic="别的"), actor=MEMBER, now=NOW)
        assert no.value.code == "no_such_record"
    with pytest.raises(Refusal) as no:
        await keep_upload(rt, Target("record", record.id, member.id, "谈话"), "谈话.pdf", b"%PDF-1", NOW)
    assert no.value.code == "no_such_record"
    assert (await change_record(record.id, 1, replace(talk, topic="多次迟到"), actor=SECRETARY, now=NOW)).version == 2
    assert (await change_record(record.id, 2, talk, actor=DEPUTY, now=NOW)).version == 3
    mine = await kept(branch, replace(talk, topic="早退"), key="k2", actor=MEMBER)
    assert (await change_record(mine.id, 1, talk, actor=MEMBER, now=NOW)).topic == "迟到"


async def test_two_reviewers_at_once_the_second_is_told(rt: Runtime, branch: int) -> None:
    record = await kept(branch)
    told = await asyncio.gather(
        *(
            review_record(record.id, 1, accept=actor == OFFICE, reason="缺内容", actor=actor, now=NOW)
            for actor in (OFFICE, SUPERIOR, TEAM)
        ),
        return_exceptions=True,
    )
    assert [one.code for one in told if isinstance(one, Refusal)] == ["decided"] * 2


async def test_a_review_of_what_has_changed_since_is_refused(rt: Runtime, branch: int) -> None:
    record = await kept(branch)
    await change_record(record.id, 1, replace(CONTENT, topic="学习条例"), actor=SECRETARY, now=NOW)
    with pytest.raises(Refusal) as stale:
        await review_record(record.id, 1, accept=True, reason="", actor=OFFICE, now=NOW)
    assert stale.value.code == "changed_meanwhile"
    await review_record(record.id, 2, accept=True, reason="", actor=OFFICE, now=NOW)
    with pytest.raises(Refusal) as done:
        await change_record(record.id, 2, CONTENT, actor=SECRETARY, now=NOW)
    assert done.value.code == "reviewed"


async def dues_of(staff_no: str) -> list[Due]:
    return await list_dues(NOW, [(await Person.get(staff_no=staff_no)).id])


async def test_who_reviews_sees_what_waits_and_nobody_else(rt: Runtime, branch: int) -> None:
    record = await kept(branch)
    for actor in (OFFICE, TEAM, SUPERIOR):
        assert [one.id for one in await list_records_to_review(actor)] == [record.id]
        assert [(one.text, one.word, one.by) for one in await dues_of(actor)] == [("1 份记录等您看", "审核记录", None)]
    for actor in (SECRETARY, OTHER_SECRETARY, MEMBER):
        assert await list_records_to_review(actor) == []
        assert await dues_of(actor) == []
        with pytest.raises(Refusal):
            await review_record(record.id, 1, accept=True, reason="", actor=actor, now=NOW)
    with pytest.raises(BadInput):
        await review_record(record.id, 1, accept=False, reason=" ", actor=OFFICE, now=NOW)


async def test_a_returned_record_is_due_of_whoever_kept_it_until_it_is_put_right(rt: Runtime, branch: int) -> None:
    record = await kept(branch)
    ids = [person.id for person in await Person.all()]
    assert [due for due in await list_agenda(NOW, ids) if due.key.startswith("record:")] == []
    await review_record(record.id, 1, accept=False, reason="缺内容", actor=OFFICE, now=NOW)
    (due,) = [due for due in await list_agenda(NOW, ids) if due.key.startswith("record:")]
    assert (due.person_id, due.word, due.by) == (record.kept_by_id, f"改记录{record.id}", None)
    await change_record(record.id, 1, replace(CONTENT, minutes="学了两章"), actor=SECRETARY, now=NOW)
    assert [due for due in await list_agenda(NOW, ids) if due.key.startswith("record:")] == []


async def test_what_no_record_took_up_is_forgotten_and_what_another_has_stays(
    rt: Runtime, branch: int, sql: asyncpg.Connection
) -> None:
    person = await Person.get(staff_no=SECRETARY)
    first, second = [await keep_media(rt.settings, "image", one, person.id, NOW) for one in ("m1", "m2")]
    digests = [rt.files.put(content) for content in (b"one", b"two")]
    await MediaItem.filter(source_key=first).update(sha256=digests[0], state="stored")
    await MediaItem.filter(source_key=second).update(sha256=digests[1], state="stored")
    await kept(branch, replace(CONTENT, media=(second,)))
    await jobs.purge(rt, NOW + UNCLAIMED)
    assert await sql.fetchval("SELECT count(*) FROM media_items") == 2
    await jobs.purge(rt, NOW + UNCLAIMED + timedelta(minutes=1))
    assert await sql.fetchval("SELECT source_key FROM media_items") == second
    assert rt.files.read(digests[1]) == b"two"
    with pytest.raises(FileNotFoundError):
        rt.files.read(digests[0])
    assert await media.fetch_due(rt, NOW + UNCLAIMED) == 0
