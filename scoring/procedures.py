"""Procedures: the states a matter goes through, who decides at each, where it may go next."""

from typing import Literal

from pydantic import Field

from scoring.rules import Key, Piece, Rule, Text

Hand = Literal["writer", "office", "leaders"]


class State(Piece):
    """A state, who acts in it, and what may follow; nothing follows the last one.

    hand: the same in words that a system knows: while a matter is in the hand of its writer it is being written;
    tells: in this state the person whom it concerns is told.
    """

    name: Text
    by: Text
    then: tuple[Text, ...] = ()
    hand: Hand | None = None
    tells: bool = False


class Procedure(Rule):
    """States from the first to the last; `reasons`: why a matter may be sent back."""

    key: Key
    title: Text
    states: tuple[State, ...] = Field(min_length=2)
    reasons: tuple[Text, ...] = ()


def may_follow(procedure: Procedure, state: str) -> tuple[str, ...]:
    """The states that may follow. KeyError for a state that the procedure does not have."""
    return {one.name: one.then for one in procedure.states}[state]
