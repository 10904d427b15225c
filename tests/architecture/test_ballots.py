"""No way leads from a ballot to a person, and no column of a ballot tells when it was cast or in which order."""

import importlib

import pytest
from tortoise import fields
from tortoise.fields.relational import RelationalField
from tortoise.models import Model

from models import MODULES
from models.polls import BallotCount, SealedBallot

BALLOTS = (SealedBallot, BallotCount)
TABLES = {
    table.__name__: table
    for module in map(importlib.import_module, MODULES)
    for table in vars(module).values()
    if isinstance(table, type) and issubclass(table, Model) and table.__module__ == module.__name__
}
OF_PEOPLE = {"Person", "Account", "RollEntry", "CheckIn", "MeetingRole", "BindingCode"}


def references(table: type[Model]) -> set[str]:
    """Names of the tables to which a table's foreign keys lead."""
    relations = (field for field in table._meta.fields_map.values() if isinstance(field, RelationalField))
    return {one.model_name.rsplit(".", 1)[-1] for one in relations if getattr(one, "model_name", None)}


def reachable(table: type[Model]) -> set[str]:
    """All tables that a row of `table` leads to, over any number of foreign keys."""
    found: set[str] = set()
    todo = references(table)
    while todo:
        name = todo.pop()
        found.add(name)
        todo |= references(TABLES[name]) - found
    return found


def test_the_walk_does_find_people() -> None:
    assert "Person" in reachable(TABLES["RollEntry"])
    assert {"Poll", "Meeting"} <= reachable(SealedBallot)


@pytest.mark.parametrize("table", BALLOTS)
def test_no_foreign_key_path_leads_from_a_ballot_to_a_person(table: type[Model]) -> None:
    assert reachable(table) & OF_PEOPLE == set()


@pytest.mark.parametrize("table", BALLOTS)
def test_a_ballot_has_no_time_and_no_order(table: type[Model]) -> None:
    columns = table._meta.fields_map
    assert not any(
        isinstance(column, fields.DatetimeField | fields.DateField | fields.TimeField) for column in columns.values()
    )
    assert isinstance(columns["id"], fields.UUIDField)
    assert not columns["id"].generated


def test_the_columns_of_ballots_are_these_and_no_others() -> None:
    assert set(SealedBallot._meta.fields_map) - {"poll_id"} == {"id", "poll", "box"}
    assert set(BallotCount._meta.fields_map) - {"poll_id"} == {
        "id",
        "poll",
        "subject_no",
        "class_no",
        "item_no",
        "option",
        "count",
    }
