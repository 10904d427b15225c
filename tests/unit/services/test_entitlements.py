"""The table of who may do what, against the schemes that ship."""

from collections.abc import Iterator

from config.scheme_files import list_schemes
from services.cycles import schemes
from services.entitlements import ENTITLED, OFFICE, posts_for


def slots() -> Iterator[str]:
    """Everything that a person can enter under a scheme that ships."""
    for slug in list_schemes():
        for track in schemes.require(slug, "scheme").tracks:
            yield from (f"scores.{key}" for key in track.components)
            yield from (f"indicators.{key}" for key in track.indicators)
            yield from (f"facts.{key}" for key in track.choices)


def test_everything_can_be_entered_by_somebody() -> None:
    assert {slot for slot in slots() if not posts_for(slot)} == set()


def test_every_line_about_a_value_is_about_one_that_some_scheme_knows() -> None:
    values = ("scores.", "indicators.", "ballots.", "facts.", "history.")
    lines = [line for line in ENTITLED if line.act.startswith(values) and line.posts != OFFICE]
    assert len(lines) > 5
    assert [line.act for line in lines if not any(map(line.covers, slots()))] == []


def test_what_falls_to_the_office_alone() -> None:
    values = ("scores.", "indicators.", "ballots.", "facts.", "history.")
    acts = {line.act for line in ENTITLED if not line.act.startswith(values)}
    alone = acts - {line.act for line in ENTITLED if line.posts != OFFICE}
    written = {"opinion.write", "report.pre_review", "paper.", "filing.receive"}
    assert alone == {"set_up", "exempt", "assign", "answer", *written}
