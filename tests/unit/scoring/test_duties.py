"""The duties of the schemes that ship: to whom they fall, and which records count for them."""

import pytest

from config.record_kinds import record_kinds
from config.scheme_files import list_schemes
from scoring.duties import Duty, Owed, owed
from services.cycles import schemes

DUTIES = {duty.key: duty for slug in list_schemes() for duty in schemes.require(slug, "scheme").duties}


def test_every_duty_falls_to_somebody() -> None:
    assert [key for key, duty in DUTIES.items() if not duty.borne_by] == []


def test_every_record_that_counts_is_of_a_kind_that_is_kept() -> None:
    found = [count.evidence for duty in DUTIES.values() for count in duty.counts if count.evidence]
    kinds = record_kinds()
    assert len(found) > 5
    for evidence in found:
        checks = {check.key for check in kinds[evidence.record].checks}
        assert evidence.check is None or evidence.check in checks


@pytest.mark.fact("S0-41")
def test_a_contact_point_is_one_with_two_visits_and_one_or_two_problems() -> None:
    duty = DUTIES["contact_point"]
    none = {one.what: one.missing for one in owed(duty, {})}
    assert none == {"联系点": 1, "后进党支部": 1, "深入联系点": 2, "解决突出问题": 1}
    assert owed(duty, {"联系点": 1, "后进党支部": 1, "深入联系点": 2, "解决突出问题": 2}) == ()
    assert owed(duty, {"联系点": 2, "后进党支部": 1, "深入联系点": 3, "解决突出问题": 3}) == (
        Owed("联系点", 2, -1),
        Owed("解决突出问题", 3, -1),
    )


@pytest.mark.fact("S0-40")
@pytest.mark.fact("S0-42")
@pytest.mark.fact("S0-43")
def test_once_a_year() -> None:
    def once(duty: Duty) -> list[tuple[str, int]]:
        return [(count.what, count.low) for count in duty.counts if duty.per == "year"]

    assert once(DUTIES["lecture"]) == [("讲党课", 1)]
    assert once(DUTIES["study"]) == [("专题研究", 1), ("分析研判", 1)]
    assert once(DUTIES["training"]) == [("集中轮训", 1)]
