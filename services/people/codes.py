"""Binding codes: derived from SESSION_KEY, the person and a generation, so that nothing that opens an account is stored. Pure."""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable

# Without 0 O 1 I L 2 Z 5 S 8 B, which are mistaken for each other on paper. 25^8 is 37 bits, against ten guesses a day.
_ALPHABET = "34679ACDEFGHJKMNPQRTUVWXY"
_LENGTH = 8
_BOTH = re.compile(
    r"(?:绑定[\s,:;、+]*)?(?P<name>(?!绑定).{0,63}[^\x00-\x7f、])[\s,:;、+]*(?P<code>[0-9A-Za-z]{4}[-\s]?[0-9A-Za-z]{4})"
)


def make_code(key: bytes, person_id: int, generation: int) -> str:
    """The code of a person's generation under one key, as it is printed: `ACDE-FGHJ`."""
    digest = hmac.new(key, f"binding-code:{person_id}:{generation}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest)
    letters = ""
    for _ in range(_LENGTH):
        number, index = divmod(number, len(_ALPHABET))
        letters += _ALPHABET[index]
    return f"{letters[:4]}-{letters[4:]}"


def read_code(text: str) -> str:
    """What somebody typed, as codes are compared: any case, width, space or hyphen. Empty where no letter or digit is in it."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(character for character in folded if character.isascii() and character.isalnum())


def split_code(text: str) -> tuple[str, str] | None:
    """Name and code of 「张三 ACDE-FGHJ」 or 「绑定 张三 ACDE-FGHJ」; None for whatever does not end in a code behind a Chinese name."""
    found = _BOTH.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return (found["name"], found["code"]) if found else None


def is_code(text: str, keys: Iterable[bytes], person_id: int, generation: int) -> bool:
    """Whether the typed text is that person's code under any of the keys; takes the same time whichever it is."""
    typed = read_code(text).encode()
    codes = [read_code(make_code(key, person_id, generation)).encode() for key in keys]
    return sum(hmac.compare_digest(typed, code) for code in codes) > 0
