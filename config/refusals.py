"""The expected "no": a rule says that this cannot be done, and the person is told why and what to do instead."""

import re

# The place in a file or among arguments that a fault stands at, such as 「reason：」 or 「branch:0102 scores.team：」.
_PLACE = re.compile(r"^[A-Za-z][A-Za-z0-9_.:\[\] -]*：")


class Refusal(Exception):
    """Raised by services, shown by doors. `code` is for programs, `say` is one Chinese sentence for people.

    `is_final`: no other answer would change it, so that a conversation ends with it rather than asking again.
    """

    def __init__(self, code: str, say: str, http_status: int = 409, *, is_final: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.say = say
        self.http_status = http_status
        self.is_final = is_final


class BadInput(Exception):
    """What somebody brought (a file, an argument) cannot be used; `faults` are Chinese sentences, all of them at once."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults

    @property
    def say(self) -> str:
        """The faults for who brought no file and knows of no places in it: the sentences alone."""
        return "；".join(_PLACE.sub("", fault) for fault in self.faults)
