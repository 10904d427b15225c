"""Binding: one-time codes, lock-outs, two phones with one code, moving and unlinking an account."""

import asyncio
import base64
import json
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from bot.names import Names
from config.refusals import BadInput, Refusal
from config.settings import Settings, load_settings
from models.accounts import BindingCode
from models.organisations import Organisation
from models.people import Person
from services.drafts import save_draft
from services.people.accounts import CONSENT, bind_account, find_lock, find_person, unlink_account
from services.people.handouts import IssuedCode, issue_codes

NOW = datetime(2022, 1, 18, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
WRONG = "AAAA-AAAA"


def make_settings(*session_keys: bytes) -> Settings:
    encoded = ",".join(base64.b64encode(key).decode() for key in session_keys)
    return load_settings(
        {
            "DATABASE_URL": "postgresql://unused",
            "REDIS_URL": "redis://unused",
            "WECHAT_APP_ID": "wx-test",
            "WECHAT_APP_SECRET": "secret",
            "WECHAT_TOKEN": "token",
            "BALLOT_KEY": base64.b64encode(bytes(32)).decode(),
            "SESSION_KEY": encoded,
        }
    )


SETTINGS = make_settings(b"k" * 32)


@pytest.fixture
async def people(db: str) -> dict[str, Person]:
    """A committee with a branch below it and three people, two of one name."""
    committee = await Organisation.create(code="01", name="第一党委", kind="党委")
    branch = await Organisation.create(code="0101", name="第一党支部", kind="党支部", parent=committee)
    made = [
        await Person.create(staff_no="1001", name="张三", status="正式党员", organisation=branch),
        await Person.create(staff_no="1002", name="李四", status="正式党员", organisation=branch),
        await Person.create(staff_no="1003", name="李四", status="正式党员", organisation=committee),
        await Person.create(staff_no="1004", name="阿依古丽·买买提", status="正式党员", organisation=committee),
    ]
    return {person.staff_no: person for person in made}


async def codes(*, renew: bool = False, org: str | None = None, settings: Settings = SETTINGS) -> dict[str, str]:
    issued = await issue_codes(settings, org=org, renew=renew, now=NOW, actor="command")
    return {one.staff_no: one.code for one in issued}


async def refused(openid: str, name: str, code: str, now: datetime = NOW) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        await bind_account(SETTINGS, openid, name, code, now)
    return refusal.value


async def test_a_code_binds_once_however_it_is_typed(people: dict[str, Person], sql: asyncpg.Connection) -> None:
    code = (await codes())["1001"]
    typed = "　".join(code.lower().replace("-", ""))
    person = await bind_account(SETTINGS, "o-1", " 张三", typed, NOW)
    assert person.staff_no == "1001"
    assert person.organisation.name == "第一党支部"
    found = await find_person("o-1")
    assert found is not None
    assert found.id == person.id
    row = await sql.fetchrow("SELECT openid, consent FROM accounts")
    assert dict(row) == {"openid": "o-1", "consent": "2026-01"}
    assert (await refused("o-2", "张三", code)).code == "wrong_code"


async def test_the_same_message_again_says_bound_again(people: dict[str, Person], sql: asyncpg.Connection) -> None:
    code = (await codes())["1001"]
    for _ in range(2):
        assert (await bind_account(SETTINGS, "o-1", "张三", code, NOW)).staff_no == "1001"
    assert await sql.fetchval("SELECT count(*) FROM audit_entries WHERE action = 'bind_account'") == 1
    assert await sql.fetchval("SELECT count(*) FROM binding_failures") == 0


@pytest.mark.parametrize("name", ["阿依古丽买买提", "阿依古丽・买买提", "阿依古丽 • 买买提", "阿依古丽.买买提"])
async def test_dots_within_names_are_typed_in_many_ways(people: dict[str, Person], name: str) -> None:
    code = (await codes())["1004"]
    assert (await bind_account(SETTINGS, "o-1", name, code, NOW)).staff_no == "1004"


async def test_people_of_one_name_are_told_apart_by_their_codes(people: dict[str, Person]) -> None:
    issued = await codes()
    assert (await bind_account(SETTINGS, "o-3", "李四", issued["1003"], NOW)).staff_no == "1003"
    assert (await bind_account(SETTINGS, "o-2", "李四", issued["1002"], NOW)).staff_no == "1002"


async def test_a_bound_openid_hears_to_whom_and_tries_nothing(
    people: dict[str, Person], sql: asyncpg.Connection
) -> None:
    issued = await codes()
    await bind_account(SETTINGS, "o-1", "张三", issued["1001"], NOW)
    for name, code in (("李四", issued["1002"]), ("李四", WRONG), ("张三", WRONG)):
        refusal = await refused("o-1", name, code)
        assert refusal.code == "already_bound"
        assert "张三（第一党支部）" in refusal.say
    assert await sql.fetchval("SELECT count(*) FROM binding_failures") == 0


async def test_a_new_code_moves_the_account_and_is_audited_without_openids(
    people: dict[str, Person], sql: asyncpg.Connection
) -> None:
    await bind_account(SETTINGS, "o-old-phone", "张三", (await codes())["1001"], NOW)
    await bind_account(SETTINGS, "o-new-phone", "张三", (await codes(renew=True))["1001"], NOW)
    assert await find_person("o-old-phone") is None
    assert (await find_person("o-new-phone")) is not None
    await unlink_account(SETTINGS, "o-new-phone", NOW)
    acts = ("bind_account", "unlink_account")
    found = await sql.fetch("SELECT action, detail FROM audit_entries WHERE action = ANY($1) ORDER BY id", acts)
    assert [(row["action"], json.loads(row["detail"])) for row in found] == [
        ("bind_account", {"consent": CONSENT, "moved": False}),
        ("bind_account", {"consent": CONSENT, "moved": True}),
        ("unlink_account", {}),
    ]


async def test_three_wrong_codes_lock_the_openid_for_a_quarter_of_an_hour(people: dict[str, Person]) -> None:
    code = (await codes())["1001"]
    says = [(await refused("o-1", "张三", WRONG, NOW + timedelta(seconds=n))).say for n in range(3)]
    assert "还可以试 2 次" in says[0]
    assert "还可以试 1 次" in says[1]
    assert "2022年1月18日 09:16" in says[2]
    during = NOW + timedelta(minutes=15)
    assert (await refused("o-1", "张三", code, during)).code == "locked"
    lock = await find_lock(SETTINGS, "o-1", during)
    assert lock is not None
    after = NOW + timedelta(minutes=15, seconds=2)
    assert (await refused("o-1", "张三", code, after - timedelta(seconds=1))).code == "locked"
    assert await find_lock(SETTINGS, "o-1", after) is None
    assert (await bind_account(SETTINGS, "o-1", "张三", code, after)).staff_no == "1001"


async def test_wrong_codes_far_apart_do_not_add_up(people: dict[str, Person]) -> None:
    await codes()
    for n in range(5):
        assert (await refused("o-1", "张三", WRONG, NOW + n * timedelta(minutes=8))).code == "wrong_code"


async def test_nothing_said_tells_whether_a_name_exists(people: dict[str, Person]) -> None:
    await codes()
    for n in range(12):
        known = await refused(f"o-a{n}", "张三", WRONG)
        unknown = await refused(f"o-b{n}", "查无此人", WRONG)
        assert (known.code, known.say) == (unknown.code, unknown.say)


async def test_ten_wrong_codes_lock_the_name_until_midnight_in_shanghai(people: dict[str, Person]) -> None:
    code = (await codes())["1001"]
    for n in range(10):
        await refused(f"o-{n}", "张三", WRONG)
    refusal = await refused("o-owner", "张 三", code)
    assert refusal.code == "locked"
    assert "2022年1月19日 00:00" in refusal.say
    midnight = datetime(2022, 1, 18, 16, 0, tzinfo=UTC)
    assert (await refused("o-owner", "张三", code, midnight - timedelta(seconds=1))).code == "locked"
    assert (await bind_account(SETTINGS, "o-owner", "张三", code, midnight)).staff_no == "1001"


async def test_a_renewed_code_ends_the_lock_of_a_name(people: dict[str, Person]) -> None:
    await codes()
    for n in range(10):
        await refused(f"o-{n}", "张三", WRONG)
    code = (await codes(renew=True))["1001"]
    assert (await bind_account(SETTINGS, "o-owner", "张三", code, NOW)).staff_no == "1001"


async def test_wrong_codes_at_the_same_moment_are_all_counted(
    people: dict[str, Person], sql: asyncpg.Connection
) -> None:
    await codes()
    tries = [bind_account(SETTINGS, "o-1", "张三", WRONG, NOW) for _ in range(12)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert (
        sorted(result.code for result in results if isinstance(result, Refusal)) == ["locked"] * 10 + ["wrong_code"] * 2
    )
    assert await sql.fetchval("SELECT count(*) FROM binding_failures") == 3


async def test_many_openids_at_once_get_ten_tries_at_a_name(people: dict[str, Person], sql: asyncpg.Connection) -> None:
    await codes()
    tries = [bind_account(SETTINGS, f"o-{n}", "张三", WRONG, NOW) for n in range(30)]
    assert all(isinstance(result, Refusal) for result in await asyncio.gather(*tries, return_exceptions=True))
    assert await sql.fetchval("SELECT count(*) FROM binding_failures") == 10


async def test_two_phones_with_one_code_bind_one_of_them(people: dict[str, Person], sql: asyncpg.Connection) -> None:
    code = (await codes())["1001"]
    tries = [bind_account(SETTINGS, f"o-{n}", "张三", code, NOW) for n in range(8)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(result, Person) for result in results) == 1
    assert sum(isinstance(result, Refusal) and result.code == "wrong_code" for result in results) == 7
    assert await sql.fetchval("SELECT count(*) FROM accounts") == 1


async def test_one_phone_with_two_codes_binds_one_person(people: dict[str, Person], sql: asyncpg.Connection) -> None:
    issued = await codes()
    tries = [
        bind_account(SETTINGS, "o-1", "张三", issued["1001"], NOW),
        bind_account(SETTINGS, "o-1", "李四", issued["1002"], NOW),
    ]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert [result.code for result in results if isinstance(result, Refusal)] == ["already_bound"]
    assert await sql.fetchval("SELECT count(*) FROM accounts") == 1


async def test_unfollowing_removes_the_link_and_the_drafts_and_keeps_the_person(
    people: dict[str, Person], sql: asyncpg.Connection
) -> None:
    await bind_account(SETTINGS, "o-1", "张三", (await codes())["1001"], NOW)
    hashed = Names(SETTINGS.session_key).person("o-1")
    await save_draft(hashed, "投诉建议", {"version": "1", "answers": {}}, NOW)
    assert await unlink_account(SETTINGS, "o-1", NOW)
    assert not await unlink_account(SETTINGS, "o-1", NOW)
    assert await find_person("o-1") is None
    assert await sql.fetchval("SELECT count(*) FROM drafts") == 0
    assert await sql.fetchval("SELECT count(*) FROM people") == 4


async def test_codes_stay_the_same_until_used_and_come_back_for_who_has_left(people: dict[str, Person]) -> None:
    first = await codes()
    assert await codes() == first
    assert len(set(first.values())) == 4
    await bind_account(SETTINGS, "o-1", "张三", first["1001"], NOW)
    assert await codes() == {number: code for number, code in first.items() if number != "1001"}
    await unlink_account(SETTINGS, "o-1", NOW)
    again = await codes()
    assert again["1001"] != first["1001"]
    assert await codes() == again
    assert (await refused("o-1", "张三", first["1001"])).code == "wrong_code"
    assert (await bind_account(SETTINGS, "o-1", "张三", again["1001"], NOW)).staff_no == "1001"


async def test_renewing_replaces_the_codes_of_the_selected_only(people: dict[str, Person]) -> None:
    first = await codes()
    await bind_account(SETTINGS, "o-1", "张三", first["1001"], NOW)
    renewed = await codes(renew=True, org="0101")
    assert set(renewed) == {"1001", "1002"}
    assert not set(renewed.values()) & set(first.values())
    assert (await codes())["1003"] == first["1003"]
    assert (await find_person("o-1")) is not None


async def test_an_organisation_includes_those_below_it(people: dict[str, Person]) -> None:
    assert set(await codes(org="01")) == {"1001", "1002", "1003", "1004"}
    assert set(await codes(org="0101")) == {"1001", "1002"}
    with pytest.raises(BadInput):
        await codes(org="99")


async def test_codes_of_an_older_session_key_still_bind(people: dict[str, Person]) -> None:
    old = (await codes())["1001"]
    rotated = make_settings(b"n" * 32, b"k" * 32)
    assert (await codes(settings=rotated))["1001"] != old
    assert (await bind_account(rotated, "o-1", "张三", old, NOW)).staff_no == "1001"


async def test_a_code_that_was_never_handed_out_is_worth_nothing(people: dict[str, Person]) -> None:
    code = (await codes())["1001"]
    await BindingCode.filter(person_id=people["1001"].id).delete()
    assert (await refused("o-1", "张三", code)).code == "wrong_code"


@pytest.mark.parametrize("name", ["", "\x00张三", "张" * 5000, "%' OR 1=1 --", "\ud800"])
async def test_any_name_can_be_typed(people: dict[str, Person], name: str) -> None:
    assert (await refused("o-1", name, "\x00'\ud800")).code == "wrong_code"


def test_a_line_of_the_list_has_what_is_printed() -> None:
    assert [*IssuedCode.__dataclass_fields__] == ["staff_no", "name", "organisation", "code"]
