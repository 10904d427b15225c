"""`zhiping cycle …`: assessment cycles and what is put into them. Each prints, and returns the exit code."""

import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from app.commands.opening import naming, read_file
from app.commands.tables import AS_JSON, BY, ID, REASON, Argument, Line, argument, day, row_number
from app.resources import open_runtime
from config.clock import now
from config.refusals import BadInput
from config.settings import Settings
from models.claims import CONFIRMED
from models.cycles import Cycle, CycleSubject
from models.exemptions import APPROVED
from scoring import faults, reading
from services.cycles.cycles import change_settings, create_cycle, get_cycle, missing_settings, scheme_of
from services.cycles.inputs import Entered, InputRow
from services.polls.gathering import gather_meeting
from services.ratings.entries import enter_inputs
from services.requests.claims import KINDS, ClaimSpec, decide_claim, file_claim, list_claims, require_undecided
from services.requests.exemptions import apply_exemption, decide_exemption, list_exemptions
from services.runs.decisions import decide_grade


async def create(settings: Settings, options: Namespace) -> int:
    """`zhiping cycle create`."""
    content = read_file(options.file)
    async with open_runtime(settings):
        with naming(options.file):
            made = await create_cycle(content, now=now(), actor=options.by)
    if options.as_json:
        _print_json(
            {"id": made.cycle.id, "subjects": made.subjects, "exempt": made.exempt, "missing": list(made.missing)}
        )
        return 0
    print(f"「{made.cycle.title}」已建立，编号 {made.cycle.id}：{made.subjects} 个对象，其中 {made.exempt} 个不列入。")
    for say in (*made.left_out, *made.missing):
        print(f"  {say}")
    return 0


async def show_all(settings: Settings, options: Namespace) -> int:
    """`zhiping cycle list`."""
    async with open_runtime(settings):
        cycles = await Cycle.all().select_related("organisation").order_by("-id")
        rows = [_summary(one) for one in cycles]
    if options.as_json:
        _print_json(rows)
    for row in [] if options.as_json else rows:
        print(f"{row['id']}  {row['year']}  {row['title']}（{row['scheme']}，{row['organisation']}）")
    return 0


def _summary(cycle: Cycle) -> dict[str, Any]:
    facts = {"id": cycle.id, "title": cycle.title, "scheme": cycle.scheme, "scheme_sha256": cycle.scheme_sha256}
    return facts | {"year": cycle.year, "organisation": cycle.organisation.code, "settings": cycle.settings}


async def show(settings: Settings, options: Namespace) -> int:
    """`zhiping cycle show`: what still has to be set, who is left out and why, what waits for a decision."""
    async with open_runtime(settings):
        cycle = await get_cycle(options.id)
        await cycle.fetch_related("organisation")
        subjects = await CycleSubject.filter(cycle_id=cycle.id).order_by("position")
        claims, exemptions = await list_claims(cycle.id), await list_exemptions(cycle.id)
        missing = missing_settings(scheme_of(cycle), cycle.settings)
    row = _summary(cycle) | {
        "missing": missing,
        "subjects": len(subjects),
        "exempt": [{"id": one.key, "name": one.name, "reason": one.exempt} for one in subjects if one.exempt],
        "claims": [
            {"id": one.id, "subject": one.subject.key, "kind": one.kind, "rule": one.rule, "state": one.state}
            for one in claims
        ],
        "exemptions": [{"id": one.id, "subject": one.subject.key, "state": one.state} for one in exemptions],
    }
    print(json.dumps(row, ensure_ascii=False, indent=None if options.as_json else 1))
    return 0


async def set_settings(settings: Settings, options: Namespace) -> int:
    """`zhiping cycle set`: the settings in a YAML file; null takes one away."""
    changes = _yaml(options.file)
    if not isinstance(changes, dict):
        raise BadInput([f"{options.file}：应是一组「设置名: 值」"])
    async with open_runtime(settings):
        cycle = await change_settings(options.id, changes, now=now(), actor=options.by, reason=options.reason)
        for say in missing_settings(scheme_of(cycle), cycle.settings):
            print(say)
    print("设置已保存。已有的计算不变，重新计算后生效。")
    return 0


async def gather(settings: Settings, options: Namespace) -> int:
    """`zhiping cycle gather`."""
    async with open_runtime(settings):
        found = await gather_meeting(
            options.id, options.meeting, options.component, now=now(), actor=options.by, reason=options.reason
        )
    _tell(found.entered)
    if found.unknown:
        print(f"不在考核名单里、没有取的：{'、'.join(found.unknown)}", file=sys.stderr)
    return 0


async def enter(settings: Settings, options: Namespace) -> int:
    """`zhiping cycle enter`: a list of {subject, slot, value, reason} in YAML or JSON; all or nothing."""
    rows = _rows(options.file)
    async with open_runtime(settings):
        _tell(await enter_inputs(options.id, rows, actor=options.by, now=now()))
    return 0


def _tell(entered: Entered) -> None:
    print(f"新录入 {entered.new} 项，改动 {entered.changed} 项，未变 {entered.same} 项。")


async def claim(settings: Settings, options: Namespace) -> int:
    """`zhiping cycle claim`."""
    spec = ClaimSpec(
        options.subject, options.kind, options.reason, options.rule, options.amount, options.on, options.until
    )
    async with open_runtime(settings):
        made = await file_claim(options.id, spec, now=now(), actor=options.by)
    require_undecided(made)
    print(f"已提出，事项编号 {made.id}，等待认定。")
    return 0


async def settle_claim(settings: Settings, options: Namespace) -> int:
    """`zhiping cycle decide-claim`."""
    async with open_runtime(settings):
        made = await decide_claim(
            options.id, confirm=options.verdict == "confirm", reason=options.reason, now=now(), actor=options.by
        )
    print("已认定。" if made.state == CONFIRMED else "已记下：不予认定。")
    return 0


async def exempt(settings: Settings, options: Namespace) -> int:
    """`zhiping cycle exempt`."""
    async with open_runtime(settings):
        made = await apply_exemption(options.id, options.subject, reason=options.reason, now=now(), actor=options.by)
    print(f"已申请，编号 {made.id}，等待批准。")
    return 0


async def settle_exemption(settings: Settings, options: Namespace) -> int:
    """`zhiping cycle decide-exemption`."""
    async with open_runtime(settings):
        made = await decide_exemption(
            options.id, approve=options.verdict == "approve", reason=options.reason, now=now(), actor=options.by
        )
    print("已批准，从下一次计算起不列入。" if made.state == APPROVED else "没有批准。")
    return 0


async def grade(settings: Settings, options: Namespace) -> int:
    """`zhiping cycle grade`."""
    async with open_runtime(settings):
        _tell(
            await decide_grade(
                options.id, options.subject, options.grade, reason=options.reason, now=now(), actor=options.by
            )
        )
    return 0


def _yaml(path: Path) -> Any:
    try:
        content = read_file(path)
        return reading.read_json(content) if path.suffix == ".json" else reading.read_yaml(content)
    except faults.BadInput as error:
        raise BadInput([str(error.within(str(path)))]) from error


_ROW = ("subject", "slot", "value", "reason")


def _rows(path: Path) -> list[InputRow]:
    given = _yaml(path)
    if not isinstance(given, list) or not all(isinstance(row, dict) and {*row} <= {*_ROW} for row in given):
        raise BadInput([f"{path}：应是列表，每项写 subject、slot、value，改动时加 reason"])
    return [
        InputRow(
            str(row.get("subject", "")),
            str(row.get("slot", "")),
            row.get("value"),
            str(row.get("reason") or ""),
            f"第 {number} 项",
        )
        for number, row in enumerate(given, 1)
    ]


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False))


def _either(yes: str) -> Argument:
    """A word that has to be chosen: the yes, or 否."""
    return argument("verdict", choices=(yes, "reject"))


_FILE = argument("file", type=Path, metavar="FILE.yaml")
_SUBJECT = argument("subject", metavar="SUBJECT", help="对象编号，如 branch:0102 或 0102")

CYCLE_COMMANDS = (
    Line("create", "按周期文件建立考核周期，冻结方案和名册", create, (_FILE, BY, AS_JSON)),
    Line("list", "列出考核周期", show_all, (AS_JSON,)),
    Line("show", "设置、不列入的对象及理由、待认定的事项", show, (ID, AS_JSON)),
    Line("set", "改设置（写明理由）", set_settings, (ID, _FILE, BY, REASON)),
    Line(
        "gather",
        "取一次会议的计票结果",
        gather,
        (
            ID,
            argument("meeting", type=row_number, metavar="MEETING"),
            argument("--component", required=True, metavar="KEY", help="作为方案里的哪一项，如 onsite、democratic"),
            BY,
            REASON,
        ),
    ),
    Line("enter", "录入得分、等次、往年记录：全部正确才录入", enter, (ID, _FILE, BY)),
    Line(
        "claim",
        "提出一票否决、加分或降档",
        claim,
        (
            ID,
            _SUBJECT,
            argument("kind", choices=KINDS),
            argument("--rule", default="", help="否决条款，如 S2-28.1"),
            argument("--amount", default="", help="加几分，或降几级"),
            argument("--on", type=day, help="发生日期"),
            argument("--until", type=day, help="处置期限的最后一天"),
            BY,
            REASON,
        ),
    ),
    Line("decide-claim", "认定或不予认定一件事项", settle_claim, (ID, _either("confirm"), BY, REASON)),
    Line("exempt", "申请不列入本次考核", exempt, (ID, _SUBJECT, BY, REASON)),
    Line("decide-exemption", "批准或不批准一份申请", settle_exemption, (ID, _either("approve"), BY, REASON)),
    Line("grade", "记录由人确定的等次", grade, (ID, _SUBJECT, argument("grade"), BY, REASON)),
)
