"""Documents, forms and ledgers that a scheme calls for, their parts, and what is still missing in one."""

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from scoring.faults import suggest
from scoring.rules import Key, Piece, Rule, Text

PaperKind = Literal["form", "ledger", "report", "list", "plan", "summary", "archive", "opinion", "rulebook"]
PartRole = Literal["achievement", "problem", "promise", "follow_up"]


class Part(Piece):
    """A part of a paper: at least `low` entries (0: may be left out), at most `high`; `choices`: the closed list of entries.

    role: what it tells of, where that matters: achievements and problems are weighed against each other, promises come back the
    year after, where a follow-up answers them.
    """

    name: Text
    low: int = Field(default=1, ge=0, le=1000)
    high: int | None = Field(default=None, ge=1, le=1000)
    choices: tuple[Text, ...] = ()
    role: PartRole | None = None


class Paper(Rule):
    """A paper: who writes it, for whom it is, one for what (`each`), its parts. `included` false: named by the document, not part of it.

    procedure: the key of the procedure that it goes through once it is written; about: `each` in words that a system knows.
    kinds: where it is of each subject, of which kinds of them; empty: of all.
    """

    key: Key
    title: Text
    kind: PaperKind
    by: Text
    to: Text | None = None
    each: Text | None = None
    parts: tuple[Part, ...] = ()
    included: bool = True
    procedure: Key | None = None
    about: Literal["subject", "stage"] | None = None
    kinds: tuple[Key, ...] = ()

    def is_of(self, kind: str) -> bool:
        """Whether there is one of a subject of this kind."""
        return self.about == "subject" and (not self.kinds or kind in self.kinds)


def faults_of(paper: Paper, filled: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """What keeps a paper from being complete, a Chinese sentence each. `filled`: part → its entries; blank entries do not count."""
    parts = {part.name: part for part in paper.parts}
    unknown = [f"没有「{name}」这一部分{suggest(name, parts)}" for name in filled if name not in parts]
    return (*unknown, *(say for part in paper.parts for say in _part_faults(part, filled.get(part.name, ()))))


def _part_faults(part: Part, entries: Sequence[str]) -> list[str]:
    given = [entry for entry in entries if entry.strip()]
    faults = []
    if len(given) < part.low:
        faults.append(f"「{part.name}」还缺 {part.low - len(given)} 项")
    if part.high is not None and len(given) > part.high:
        faults.append(f"「{part.name}」最多 {part.high} 项，现有 {len(given)} 项")
    faults += [f"「{part.name}」不能是「{entry}」" for entry in given if part.choices and entry not in part.choices]
    return faults
