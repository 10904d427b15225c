"""Ballots are sealed to one length, open only with the poll's key, and keys are wrapped under any BALLOT_KEY still kept."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.exceptions import CryptoError

from services.ballots.seals import make_poll_keys, open_ballot, seal_ballot, unwrap_desk, unwrap_secret

OLD, NEW = b"o" * 32, b"n" * 32


@given(st.integers(0, 19), st.lists(st.integers(0, 10), min_size=8, max_size=8))
def test_what_was_sealed_is_what_is_opened_and_all_are_of_one_length(class_no: int, choices: list[int]) -> None:
    poll = uuid4()
    keys = make_poll_keys((NEW,), poll)
    secret = unwrap_secret((NEW,), poll, keys.wrapped_secret)
    assert secret is not None
    box = seal_ballot(keys.public, class_no, choices)
    assert open_ballot(secret, box) == (class_no, choices)
    assert len(box) == len(seal_ballot(keys.public, 0, [0] * 8))


def test_the_same_ballot_never_looks_the_same() -> None:
    keys = make_poll_keys((NEW,), uuid4())
    assert seal_ballot(keys.public, 1, [1, 2]) != seal_ballot(keys.public, 1, [1, 2])


def test_an_older_key_still_opens_and_a_foreign_one_does_not() -> None:
    poll = uuid4()
    keys = make_poll_keys((OLD,), poll)
    assert unwrap_secret((NEW, OLD), poll, keys.wrapped_secret)
    assert unwrap_desk((NEW, OLD), poll, keys.wrapped_desk)
    assert unwrap_secret((NEW,), poll, keys.wrapped_secret) is None
    assert unwrap_secret((OLD,), uuid4(), keys.wrapped_secret) is None
    assert unwrap_secret((OLD,), poll, keys.wrapped_desk) is None


def test_a_tampered_ballot_does_not_open() -> None:
    poll = uuid4()
    keys = make_poll_keys((NEW,), poll)
    secret = unwrap_secret((NEW,), poll, keys.wrapped_secret)
    assert secret is not None
    box = bytearray(seal_ballot(keys.public, 0, [1]))
    box[-1] ^= 1
    with pytest.raises(CryptoError):
        open_ballot(secret, bytes(box))
