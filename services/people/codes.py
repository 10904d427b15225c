"""Binding codes: derived from SESSION_KEY, the person and a generation, so that nothing that opens an account is stored. Pure."""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable

# Without 0 O 1 I L 2 Z 5 S 8 B, which are mistaken for each other on paper. 25^8 is 37 bits, against ten guesses a day.
_ALPHABET = "34679ACDEFGHJKMNPQRTUVWXY"
_LENGTH = 8
_GAP = r"[\s,:;、+]*"
_BOTH = re.compile(rf"(?P<before>.{{1,80}}?)(?P<gap>{_GAP})(?P<code>[0-9A-Za-z]{{4}}(?P<dash>[-\s]?)[0-9A-Za-z]{{4}})")
_WORD, _CALLED = re.compile(rf"绑定{_GAP}(?!码)"), re.compile(rf"{_GAP}(?:的|我的)?绑定码[是为]?{_GAP}$")
_ON_SLIP = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{4}-[0-9A-Za-z]{4}$")


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
    """Name and code of 「张三 ACDE-FGHJ」, 「绑定 张三 ACDE-FGHJ」 or 「张三，绑定码：ACDE-FGHJ」; None for whatever does not end in a code
    behind a name. Behind Chinese letters a code may follow at once, behind others only apart and written as on the slip.
    """
    found = _BOTH.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        return None
    name = _CALLED.sub("", found["before"])
    is_apart = name != found["before"] or (found["gap"] and found["dash"] == "-")
    name = name[word.end() :] if (word := _WORD.match(name)) else name
    is_name = name != "" and not name.startswith("绑定")
    return (name, found["code"]) if is_name and (is_apart or not name[-1].isascii()) else None


def ends_in_code(text: str) -> bool:
    """Whether a code stands at its end as on the slip: it is more than a name."""
    return _ON_SLIP.search(unicodedata.normalize("NFKC", text).strip()) is not None


def is_code(text: str, keys: Iterable[bytes], person_id: int, generation: int) -> bool:
    """Whether the typed text is that person's code under any of the keys; takes the same time whichever it is."""
    typed = read_code(text).encode()
    codes = [read_code(make_code(key, person_id, generation)).encode() for key in keys]
    return sum(hmac.compare_digest(typed, code) for code in codes) > 0
