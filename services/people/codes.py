"""Binding codes: derived from SESSION_KEY, the person and a generation, so that nothing that opens an account is stored. Pure."""

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable

# Without 0 O 1 I L 2 Z 5 S 8 B, which are mistaken for each other on paper. 25^8 is 37 bits, against ten guesses a day.
_ALPHABET = "34679ACDEFGHJKMNPQRTUVWXY"
_LENGTH = 8


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


def is_code(text: str, keys: Iterable[bytes], person_id: int, generation: int) -> bool:
    """Whether the typed text is that person's code under any of the keys; takes the same time whichever it is."""
    typed = read_code(text).encode()
    codes = [read_code(make_code(key, person_id, generation)).encode() for key in keys]
    return sum(hmac.compare_digest(typed, code) for code in codes) > 0
