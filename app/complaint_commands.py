"""`zhiping complaints`: what people complained of or suggested, for the office. Prints, and returns the exit code."""

import json

from config.clock import shown
from models.complaints import Complaint, list_complaints
from services.complaints import reference_of


async def run_list(as_json: bool) -> int:
    """All complaints, newest first."""
    complaints = await list_complaints()
    if as_json:
        print(json.dumps([_as_json(one) for one in complaints], ensure_ascii=False))
        return 0
    for one in complaints:
        photos = f"，附 {len(list(one.media))} 张照片" if list(one.media) else ""
        print(
            f"{reference_of(one)}  {shown(one.received_at)}  {_sender(one) or '未绑定'}{photos}\n  {_printable(one.text)}"
        )
    if not complaints:
        print("还没有投诉建议。")
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
    }
