"""What a rule of the linter says."""

from typing import NamedTuple


class Finding(NamedTuple):
    """A finding: its code, where in the scheme file, one Chinese sentence, and the clause of the document."""

    code: str
    path: str
    say: str
    clause: str
