"""The subjects of a cycle by the names that people use: the key, or the bare code where only one has it."""

from collections.abc import Collection, Iterable

from tortoise.expressions import Q

from config.refusals import Refusal
from models.cycles import CycleSubject
from scoring import faults

# Up to so many are looked up by name; for more the whole snapshot is read.
FEW = 50


class Subjects:
    """Subjects by key, and by bare code where it is that of one subject only."""

    def __init__(self, subjects: Iterable[CycleSubject]) -> None:
        self.all = list(subjects)
        self.by_key = {one.key: one for one in self.all}
        self._by_code: dict[str, list[CycleSubject]] = {}
        for one in self.all:
            self._by_code.setdefault(one.key.partition(":")[2].casefold(), []).append(one)

    def find(self, name: str) -> CycleSubject | str:
        """The subject, or a sentence that says why it cannot be told."""
        if name in self.by_key:
            return self.by_key[name]
        found = self._by_code.get(name.casefold(), [])
        if len(found) == 1:
            return found[0]
        if found:
            return f"编号「{name}」有 {len(found)} 个对象，请写全：{'、'.join(one.key for one in found)}"
        return f"考核名单里没有「{faults.clip(name)}」{faults.suggest(name, self._by_code)}"

    def one(self, name: str) -> CycleSubject:
        """The subject. Raises `Refusal` `no_such_subject`."""
        found = self.find(name)
        if isinstance(found, str):
            raise Refusal("no_such_subject", f"{found}。", 404)
        return found


async def load_subjects(cycle_id: int, names: Collection[str]) -> Subjects:
    """Subjects among which these names can be found: those named, or all of the cycle where there are many names."""
    subjects = CycleSubject.filter(cycle_id=cycle_id).order_by("position")
    if len(names) <= FEW:
        subjects = subjects.filter(Q(*(Q(key=one) | Q(key__iendswith=f":{one}") for one in names), join_type="OR"))
    return Subjects(await subjects)


async def find_subject(cycle_id: int, name: str) -> CycleSubject:
    """The one subject of that name. Raises `Refusal` `no_such_subject`."""
    return (await load_subjects(cycle_id, [name])).one(name)
