"""The columns of a register: what people fill in, what is computed from it, each with its clause. Pure."""

from collections.abc import Iterator

from scoring.grades import Bands
from scoring.rules import Rule
from scoring.scheme import Track
from services.sheets.sheet_rules import basis_of
from services.workbooks.sheet_pages import Column

TWO_PLACES, EXACT = "0.00", "0.0000000000"


def slots_of(track: Track) -> dict[str, str]:
    """The slots that people fill in, with their headings."""
    found = {f"scores.{key}": known.label for key, known in track.components.items()}
    for key, known in track.indicators.items():
        found[f"indicators.{key}"] = f"{known.label} {key.rpartition('.')[2]}"
    for name, words in track.choices.items():
        found[f"facts.{name}"] = "等次" if words else name
    return found


def columns_of(track: Track) -> Iterator[Column]:
    """The columns from inputs to notes, in the order in which the figures come about."""
    yield Column("id", "编号", width=18)
    yield Column("name", "名称", width=20)
    yield Column("parent", "上级", width=20)
    yield Column("state", "状态", basis_of(track.exemption) if track.exemption else "")
    for slot, heading in slots_of(track).items():
        yield Column(slot, heading, _basis_of_slot(track, slot))
    if isinstance(track.grade, Bands):
        yield from _figures(track)
    yield Column("line", "按分数线" if isinstance(track.grade, Bands) else "等次（研究确定）", basis_of(track.grade))
    if track.vetoes:
        basis = basis_of(track.vetoes[0])
        yield Column("veto", "一票否决", basis)
        yield Column("vetoed", "否决后", basis)
    for n, quota in enumerate(track.quotas):
        basis = basis_of(quota)
        yield Column(f"ahead.{n}", f"「{quota.band}」得分更高的人数", basis)
        yield Column(f"level.{n}", f"「{quota.band}」同分的人数（含本人）", basis)
        yield Column(f"capped.{n}", "按名额", basis)
    if track.downgrade is not None:
        yield Column("levels", "降档级数（已认定）", basis_of(track.downgrade))
        yield Column("lowered", "降档后", basis_of(track.downgrade))
    yield Column("band", "档次", basis_of(track.grade))
    yield Column("graded", "有结果")
    yield Column("open", "待定")
    for n, award in enumerate(track.awards):
        yield Column(f"award.{n}", award.award, basis_of(award), width=16)
    yield Column("was_score", "计算时得分", shape=TWO_PLACES)
    yield Column("was_band", "计算时档次")
    yield Column("moved", "与计算时不同")
    yield Column("note", "说明", width=40)


def _figures(track: Track) -> Iterator[Column]:
    assert track.total is not None, "bands need a total"
    basis = basis_of(track.total)
    yield Column("sum", "合计", basis, EXACT, 18)
    if track.bonus is not None:
        yield Column("bonus", "加分（已认定）", basis_of(track.bonus))
    yield Column("exact", "得分（精确）", basis, EXACT, 18)
    yield Column("score", "得分", basis, TWO_PLACES)
    for part in track.alongside.parts if track.alongside else ():
        assert track.alongside is not None
        yield Column(f"apart.{part.key}", f"{part.label}与得分相差", basis_of(track.alongside))


def _basis_of_slot(track: Track, slot: str) -> str:
    part, _, key = slot.partition(".")
    if part == "facts":
        return basis_of(track.grade)
    aside = track.alongside
    rule: Rule | None = aside if aside and key in {one.key for one in aside.parts} else track.total
    return basis_of(rule) if rule is not None else ""
