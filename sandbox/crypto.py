"""The platform's side of message signing and encryption (contract page, 1.1 to 1.3)."""

import base64
import binascii
import hashlib
import hmac
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32


class CryptoError(Exception):
    """An encrypted answer that the platform cannot accept; the text is the reason."""


def sign(*parts: str) -> str:
    """sha1 over the byte-sorted parts: token, timestamp, nonce and, for msg_signature, the ciphertext."""
    joined = b"".join(sorted(part.encode() for part in parts))
    return hashlib.sha1(joined).hexdigest()  # noqa: S324 - the platform's protocol


def matches(signature: str, *parts: str) -> bool:
    """Constant-time comparison of a signature with what the parts give."""
    return hmac.compare_digest(signature.encode(), sign(*parts).encode())


def _cipher(aes_key: str) -> Cipher[modes.CBC]:
    key = base64.b64decode(aes_key + "=")  # not strict: spare bits in the last character are legal
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def encrypt(aes_key: str, app_id: str, message: bytes, prefix: bytes | None = None) -> str:
    """Base64 ciphertext of `message`; `prefix` (16 bytes) is random unless a test vector fixes it."""
    plain = (prefix or secrets.token_bytes(16)) + struct.pack(">I", len(message)) + message + app_id.encode()
    pad = BLOCK - len(plain) % BLOCK
    encryptor = _cipher(aes_key).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()


def decrypt(aes_key: str, app_id: str, encrypted: str) -> bytes:
    """The message inside `encrypted`; raises CryptoError for bad base64, padding, length or account."""
    plain = _unpad(_decrypt_blocks(aes_key, encrypted))
    if len(plain) < 20:
        raise CryptoError("decrypted body too short")
    (length,) = struct.unpack(">I", plain[16:20])
    if length > len(plain) - 20:
        raise CryptoError("declared length exceeds the body")
    if plain[20 + length :] != app_id.encode():
        raise CryptoError("appid in the ciphertext is not this account's")
    return plain[20 : 20 + length]


def _decrypt_blocks(aes_key: str, encrypted: str) -> bytes:
    try:
        data = base64.b64decode(encrypted, validate=True)
    except (binascii.Error, ValueError):
        raise CryptoError("Encrypt is not base64") from None
    if not data or len(data) % 16:
        raise CryptoError("ciphertext is not whole blocks")
    decryptor = _cipher(aes_key).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def _unpad(plain: bytes) -> bytes:
    pad = plain[-1]
    if not 1 <= pad <= BLOCK or plain[-pad:] != bytes([pad]) * pad:
        raise CryptoError("bad padding")
    return plain[:-pad]
