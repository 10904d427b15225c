"""Sealing ballots while a poll is open (design §5): keys, fixed-length encoding, wrapping. No I/O.

A ballot is sealed to the poll's X25519 key. The secret half, and the desk key under which answers typed so far are kept,
are stored wrapped under keys derived from BALLOT_KEY and the poll's id, and destroyed at the close.
"""

from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import SecretBox
from nacl.utils import random

Keys = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class PollKeys:
    """What a poll's row holds while it is open."""

    public: bytes
    wrapped_secret: bytes
    wrapped_desk: bytes


def make_poll_keys(ballot_keys: Keys, poll_id: UUID) -> PollKeys:
    """Fresh keys of a poll, wrapped under the first of `ballot_keys`."""
    secret = PrivateKey.generate()
    return PollKeys(
        public=bytes(secret.public_key),
        wrapped_secret=_wrapper(ballot_keys[0], poll_id, b"ballots").encrypt(bytes(secret)),
        wrapped_desk=_wrapper(ballot_keys[0], poll_id, b"desk").encrypt(random(SecretBox.KEY_SIZE)),
    )


def unwrap_secret(ballot_keys: Keys, poll_id: UUID, wrapped: bytes) -> bytes | None:
    """The poll's secret key, or None where no key of `ballot_keys` opens it."""
    return _unwrap(ballot_keys, poll_id, b"ballots", wrapped)


def unwrap_desk(ballot_keys: Keys, poll_id: UUID, wrapped: bytes) -> bytes | None:
    """The poll's desk key, or None where no key of `ballot_keys` opens it."""
    return _unwrap(ballot_keys, poll_id, b"desk", wrapped)


def seal_ballot(public: bytes, class_no: int, choices: list[int]) -> bytes:
    """One sealed ballot: class and the option number of every subject × item, a byte each, so that all of a poll are of one length."""
    return SealedBox(PublicKey(public)).encrypt(bytes([class_no, *choices]))


def open_ballot(secret: bytes, box: bytes) -> tuple[int, list[int]]:
    """(class number, option numbers) of a sealed ballot. Raises CryptoError where it was tampered with."""
    plain = SealedBox(PrivateKey(secret)).decrypt(box)
    return plain[0], list(plain[1:])


def _wrapper(key: bytes, poll_id: UUID, purpose: bytes) -> SecretBox:
    return SecretBox(HKDF(SHA256(), 32, salt=poll_id.bytes, info=b"zhiping " + purpose).derive(key))


def _unwrap(ballot_keys: Keys, poll_id: UUID, purpose: bytes, wrapped: bytes) -> bytes | None:
    for key in ballot_keys:
        try:
            return _wrapper(key, poll_id, purpose).decrypt(wrapped)
        except CryptoError:
            continue
    return None
