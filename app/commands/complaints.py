"""`zhiping complaints` and `zhiping complaint answer`: what people complained of or suggested. Each prints, and returns the exit code."""

import json
from argparse import Namespace

from app.commands.tables import AS_JSON, BY, TEXT, Line, Single, argument
from app.resources import open_runtime
from config.clock import now, shown
from config.settings import Settings
from models.complaints import Complaint, list_complaints
from services.requests.complaints import answer_complaint, get_complaint, reference_of, say_answered


async def show_all(settings: Settings, options: Namespace) -> int:
    """`zhiping complaints`: newest first."""
    async with open_runtime(settings):
        complaints = await list_complaints()
    if options.as_json:
        print(json.dumps([_as_json(one) for one in complaints], ensure_ascii=False))
        return 0
    for one in complaints:
        photos = f"，附 {len(list(one.media))} 张照片" if list(one.media) else ""
        print(
            f"{reference_of(one)}  {shown(one.received_at)}  {_sender(one) or '未绑定'}{photos}\n  {_printable(one.text)}"
        )
        print(f"  答复：{_printable(one.answer)}" if one.answer else "  还没有答复")
    if not complaints:
        print("还没有投诉建议。")
    return 0


async def answer(settings: Settings, options: Namespace) -> int:
    """`zhiping complaint answer`."""
    async with open_runtime(settings):
        found = await get_complaint(options.reference)
        await answer_complaint(found.id, answer=options.text, now=now(), actor=options.by)
        print(f"已答复。{await say_answered(found)}")
    return 0


def _printable(text: str) -> str:
    """What anybody sent must not steer the terminal of who reads it."""
    return "".join(character if character.isprintable() or character == "\n" else " " for character in text)


def _sender(complaint: Complaint) -> str:
    return f"{complaint.person.name}（{complaint.person.organisation.name}）" if complaint.person else ""


def _as_json(complaint: Complaint) -> dict[str, object]:
    return {
        "reference": reference_of(complaint),
        "received_at": complaint.received_at.isoformat(),
        "staff_no": complaint.person.staff_no if complaint.person else None,
        "text": complaint.text,
        "photos": [getattr(item, "sha256", None) for item in complaint.media],
        "answer": complaint.answer,
        "answered_at": complaint.answered_at.isoformat() if complaint.answered_at else None,
    }


COMPLAINTS = Single(show_all, (AS_JSON,))
COMPLAINT_COMMANDS = (
    Line(
        "answer",
        "答复一条投诉建议",
        answer,
        (argument("reference", metavar="REF", help="编号，如 20220118-7"), TEXT, BY),
    ),
)
