"""Characters that nobody sees: they steer terminals, hide in names, and some a database cannot keep."""

import unicodedata

_CONTROL = ("Cc", "Cs", "Zl", "Zp")
_INVISIBLE = (*_CONTROL, "Cf")
# Unassigned and private-use characters are no fault: rare characters of real names are among them.


def has_control(text: str) -> bool:
    """Whether a control character or half a character (a lone surrogate) is in the text; white space of any kind is none."""
    return any(unicodedata.category(character) in _CONTROL and not character.isspace() for character in text)


def is_visible(text: str) -> bool:
    """Whether the text is one line in which a person sees every character; spaces of any width count as seen."""
    return not any(unicodedata.category(character) in _INVISIBLE for character in text)


def visible(text: str) -> str:
    """The text without the characters that a person does not see."""
    return "".join(character for character in text if is_visible(character))
