"""The subjects of a cycle as people call them: by key, by bare code or by name, the latter two where only one has it."""

from collections.abc import Collection, Iterable

from tortoise.expressions import Q

from config.refusals import Refusal
from models.cycles import CycleSubject
from scoring import faults

# Up to so many are looked up by name; for more the whole snapshot is read.
FEW = 50


class Subjects:
    """Subjects by key, by bare code and by name, the latter two where they are those of one subject only."""

    def __init__(self, subjects: Iterable[CycleSubject]) -> None:
        self.all = list(subjects)
        self.by_key = {one.key: one for one in self.all}
        self._by_code: dict[str, list[CycleSubject]] = {}
        self._by_name: dict[str, list[CycleSubject]] = {}
        for one in self.all:
            self._by_code.setdefault(code_of(one).casefold(), []).append(one)
            self._by_name.setdefault(one.name.casefold(), []).append(one)

    def find(self, name: str) -> CycleSubject | str:
        """The subject, or a sentence that says why it cannot be told."""
        if name in self.by_key:
            return self.by_key[name]
        found = self._by_code.get(name.casefold(), [])
        if len(found) == 1:
            return found[0]
        if found:
            return f"编号「{name}」有 {len(found)} 个，请写全：{'、'.join(f'{one.key}（{one.name}）' for one in found)}"
        called = self._by_name.get(name.casefold(), [])
        if len(called) > 1:
            return f"叫「{faults.clip(name)}」的有 {len(called)} 个，请改写编号：{'、'.join(code_of(one) for one in called)}"
        known = (*self._by_code, *self._by_name)
        return called[0] if called else f"考核名单里没有「{faults.clip(name)}」{faults.suggest(name, known)}"

    def one(self, name: str) -> CycleSubject:
        """The subject. Raises `Refusal` `no_such_subject`."""
        found = self.find(name)
        if isinstance(found, str):
            raise Refusal("no_such_subject", f"{found}。", 404)
        return found


def code_of(subject: CycleSubject) -> str:
    """The code that people know a subject by: a staff number, or that of an organisation."""
    return subject.key.partition(":")[2]


async def load_subjects(cycle_id: int, names: Collection[str]) -> Subjects:
    """Subjects among which these names can be found: those named, or all of the cycle where there are many names."""
    subjects = CycleSubject.filter(cycle_id=cycle_id).order_by("position")
    if len(names) <= FEW:
        subjects = subjects.filter(Q(*(_called(one) for one in names), join_type="OR"))
    return Subjects(await subjects)


def _called(name: str) -> Q:
    return Q(key=name) | Q(key__iendswith=f":{name}") | Q(name__iexact=name)


async def find_subject(cycle_id: int, name: str) -> CycleSubject:
    """The one subject of that key, code or name. Raises `Refusal` `no_such_subject`."""
    return (await load_subjects(cycle_id, [name])).one(name)
