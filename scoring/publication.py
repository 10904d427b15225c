"""How results are made known, and how they may be objected to."""

from pydantic import Field

from scoring.rules import Amount, Key, Rule, Text


class Publication(Rule):
    """Channels, for how many days (None: the document does not speak of days), who may object; steps: keys of procedures, in order.

    public: results may stand where anybody can read them, not only within a circle; scores: they are told beside the bands.
    """

    channels: tuple[Text, ...] = Field(min_length=1)
    days: Amount | None = None
    objection: Text | None = None
    steps: tuple[Key, ...] = ()
    public: bool = True
    scores: bool = False


class Measure(Rule):
    """What is done about a conduct that no score shows: `trigger`, about whom, what, and who is told."""

    trigger: Text
    about: Text
    does: tuple[Text, ...] = Field(min_length=1)
    told_to: tuple[Text, ...] = ()
