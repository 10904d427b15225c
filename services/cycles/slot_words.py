"""What people call a slot of a document (`models.inputs.Input.slot`): the scheme's own words, never a key. Pure."""

from collections.abc import Iterator

from scoring.rounds import rounds_of
from scoring.scheme import Scheme


def slot_words(scheme: Scheme, kind: str, slot: str) -> str:
    """「考核组量化打分」 for `scores.team`, 「等次」 for a decided grade, 「2019 年的结果」 for `history.2019`; an unknown one as it is."""
    part, _, key = slot.partition(".")
    if part == "history":
        return f"{key} 年的结果"
    return dict(_words(scheme, kind)).get(slot, slot)


def _words(scheme: Scheme, kind: str) -> Iterator[tuple[str, str]]:
    track = scheme.track_of[kind]
    for name, known in track.choices.items():
        yield f"facts.{name}", "等次" if known else name
    for one in rounds_of(scheme, kind).values():
        yield from ((item.slot, item.label) for item in one.items)
    for name, component in track.components.items():
        yield f"scores.{name}", component.label
        yield f"ballots.{name}", f"{component.label}（计票）"
