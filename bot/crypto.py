"""Signatures and AES of the WeChat callback (wechat-platform.md §1.3), stricter than the SDKs.

wechatpy's own crypto compares in variable time, does not look at the padding, draws its prefix from a non-cryptographic
generator and accepts an empty token; hence these lines.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 32  # WeChat pads to 32 bytes although AES has blocks of 16
_PREFIX = 16


class Rejected(Exception):
    """The callback cannot be trusted; `reason` is one of a few fixed words, fit for a metric's label."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def sign(*parts: str) -> str:
    """SHA-1 in hex over the byte-sorted parts: token, timestamp, nonce and, for `msg_signature`, the ciphertext."""
    joined = b"".join(sorted(part.encode("utf-8", "surrogatepass") for part in parts))
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


class Cryptor:
    """One account's secrets. `token` must not be empty; `aes_key` (43 characters) is empty in plain mode."""

    def __init__(self, token: str, aes_key: str, app_id: str) -> None:
        if not token:
            raise ValueError("an empty token would accept everybody")
        self.token = token
        self._app_id = app_id.encode()
        self._key = decode_key(aes_key) if aes_key else None

    def check(self, signature: str, timestamp: str, nonce: str, *encrypted: str) -> None:
        """Raise `Rejected("signature")` unless it is right; in constant time."""
        right = sign(self.token, timestamp, nonce, *encrypted)
        if not hmac.compare_digest(right.encode(), signature.encode("utf-8", "surrogatepass")):
            raise Rejected("signature")

    def decrypt(self, encrypted: str) -> bytes:
        """The message inside; call `check` first. Raises `Rejected` for base64, length, padding or another account."""
        plain = _unpad(self._cbc_decrypt(_decode(encrypted)))
        if len(plain) < _PREFIX + 4:
            raise Rejected("length")
        (length,) = struct.unpack(">I", plain[_PREFIX : _PREFIX + 4])
        message, app_id = plain[_PREFIX + 4 :][:length], plain[_PREFIX + 4 :][length:]
        if len(message) != length:
            raise Rejected("length")
        if not hmac.compare_digest(app_id, self._app_id):
            raise Rejected("appid")
        return message

    def encrypt(self, message: bytes) -> str:
        """Base64 ciphertext, fresh each time."""
        plain = secrets.token_bytes(_PREFIX) + struct.pack(">I", len(message)) + message + self._app_id
        pad = _BLOCK - len(plain) % _BLOCK
        encryptor = self._cipher().encryptor()
        return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()

    def _cbc_decrypt(self, data: bytes) -> bytes:
        decryptor = self._cipher().decryptor()
        return decryptor.update(data) + decryptor.finalize()

    def _cipher(self) -> Cipher[modes.CBC]:
        if self._key is None:
            raise Rejected("no_key")
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))


def decode_key(encoding_aes_key: str) -> bytes:
    """EncodingAESKey (43 characters) to 32 bytes. Not strict: spare bits in the last character are legal."""
    if len(encoding_aes_key) != 43:
        raise ValueError("the AES key must be 43 characters")
    key = base64.b64decode(encoding_aes_key + "=")
    if len(key) != 32:
        raise ValueError("the AES key has characters that are not base64")
    return key


def _decode(encrypted: str) -> bytes:
    try:
        data = base64.b64decode(encrypted.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        raise Rejected("base64") from None
    if not data or len(data) % 16:
        raise Rejected("length")
    return data


def _unpad(plain: bytes) -> bytes:
    pad = plain[-1]
    if not 1 <= pad <= _BLOCK or plain[-pad:] != bytes([pad]) * pad:
        raise Rejected("padding")
    return plain[:-pad]
