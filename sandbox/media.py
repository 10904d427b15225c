"""Temporary media with three days to live."""

import secrets
from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.errors import ApiError

# A 1x1 JPEG and an AMR header with one silent frame: what a phone sends when nobody chose a file.
TINY_JPEG = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb004300080606070605080707070909080a0c140d0c0b0b0c1912130f141d1a1f1e1d1a"
    "1c1c20242e2720222c231c1c2837292c30313434341f27393d38323c2e333432ffc0000b080001000101011100ffc4001f0000010501010101"
    "010100000000000000000102030405060708090a0bffc400b5100002010303020403050504040000017d010203000411051221314106135161"
    "07227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a434445464748494a53545556575859"
    "5a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6"
    "c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9faffda0008010100003f00fbfeffd9"
)
TINY_AMR = b"#!AMR\n" + b"\x3c" + b"\x00" * 31
TINY_MP4 = bytes.fromhex("00000018667479706d703432000000006d70343269736f6d")
DEFAULTS = {
    "image": ("image/jpeg", TINY_JPEG, "jpg"),
    "voice": ("audio/amr", TINY_AMR, "amr"),
    "video": ("video/mp4", TINY_MP4, "mp4"),
    "thumb": ("image/jpeg", TINY_JPEG, "jpg"),
}


@dataclass(frozen=True)
class Media:
    """One stored file; `created` in unix seconds."""

    id: str
    type: str
    content_type: str
    data: bytes
    created: float


class MediaStore:
    """Files by media_id."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._files: dict[str, Media] = {}

    def add(self, type_: str, content_type: str, data: bytes) -> Media:
        """Keep a file under a new media_id."""
        media = Media(secrets.token_urlsafe(48), type_, content_type, data, self._clock.now())
        self._files[media.id] = media
        return media

    def add_default(self, type_: str) -> Media:
        """Keep the tiny file that stands for any picture, voice or film."""
        content_type, data, _ = DEFAULTS[type_]
        return self.add(type_, content_type, data)

    def get(self, media_id: str, ttl: float) -> Media:
        """The file; ApiError 40007 when unknown or older than `ttl` seconds."""
        media = self._files.get(media_id)
        if media is None or self._clock.now() - media.created >= ttl:
            raise ApiError(40007)
        return media
