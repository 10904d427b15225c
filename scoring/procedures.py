"""Procedures: the states a matter goes through, who decides at each, where it may go next."""

from pydantic import Field

from scoring.rules import Key, Piece, Rule, Text


class State(Piece):
    """A state, who acts in it, and what may follow; nothing follows the last one."""

    name: Text
    by: Text
    then: tuple[Text, ...] = ()


class Procedure(Rule):
    """States from the first to the last; `reasons`: why a matter may be sent back."""

    key: Key
    title: Text
    states: tuple[State, ...] = Field(min_length=2)
    reasons: tuple[Text, ...] = ()


def may_follow(procedure: Procedure, state: str) -> tuple[str, ...]:
    """The states that may follow. KeyError for a state that the procedure does not have."""
    return {one.name: one.then for one in procedure.states}[state]
