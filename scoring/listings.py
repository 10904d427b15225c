"""What a document counts and lists (「7 方面」, 「六个建设」): as it stands there, for the linter and for people."""

from pydantic import Field

from scoring.rules import Key, Rule, Text


class Listing(Rule):
    """`title` is said to have `said` items and lists `items`, as they stand there; said None: the document counts nothing.

    kinds: of which subjects these are the aspects that they are assessed in, where the document gives no indicators.
    """

    title: Text
    said: int | None = Field(default=None, ge=0, le=1000)
    items: tuple[Text, ...] = ()
    kinds: tuple[Key, ...] = ()
