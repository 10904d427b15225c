"""How people write words: full-width, spaced, with a full stop behind; and the words that act in every flow."""

import re
import unicodedata

CANCEL = "取消"
BACK = "上一步"
HELP = "帮助"
CONTINUE = "继续"
CONFIRM = "确认"

_GLOBAL = {CANCEL: CANCEL, BACK: BACK, "上一题": BACK, HELP: HELP, CONTINUE: CONTINUE, CONFIRM: CONFIRM}
_EDGES = " \t\r\n。.,!、;:?~…·'\"“”‘’「」『』《》【】()[]"
_NUMBER = re.compile(r"第?([0-9]{1,3})(?:个|项|号)?")


def normal(text: str) -> str:
    """A word as it is compared: NFKC (full-width digits, circled numbers), lower case, no punctuation at its edges."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return folded.strip(_EDGES) or folded.strip()


def same_word(one: str, other: str) -> bool:
    """Whether two texts are the same word to a reader."""
    return normal(one) == normal(other)


def global_word(text: str) -> str:
    """The global word that the text is (上一题 counts as 上一步), else an empty string."""
    return _GLOBAL.get(normal(text), "")


def is_labelled(text: str, number: int, label: str) -> bool:
    """Whether the text is a choice as it is shown, number and label: 「1 投票」, also 「1. 投票」 or 「1投票」."""
    said, head = normal(text), str(number)
    return said.startswith(head) and same_word(said[len(head) :], label)


def number_of(text: str) -> int:
    """The number that a text like 「2」「2.」「第2项」 stands for, else 0."""
    found = _NUMBER.fullmatch(normal(text))
    return int(found[1]) if found else 0
