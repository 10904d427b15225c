"""The clock gives aware UTC and shows Shanghai."""

from datetime import UTC, datetime, timedelta, timezone

from config import clock


def test_now_is_aware_and_utc() -> None:
    first, second = clock.now(), clock.now()
    assert first.tzinfo is UTC
    assert timedelta(0) <= second - first < timedelta(minutes=1)


def test_people_in_china_read_their_own_time() -> None:
    assert clock.shown(datetime(2022, 1, 18, 1, 0, tzinfo=UTC)) == "2022年1月18日 09:00"
    assert clock.shown(datetime(2021, 12, 31, 16, 5, tzinfo=UTC)) == "2022年1月1日 00:05"
    assert clock.shown(datetime(2022, 1, 18, 9, 0, tzinfo=timezone(timedelta(hours=8)))) == "2022年1月18日 09:00"
