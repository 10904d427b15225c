"""The chat. `ROUTES` is the one table that leads a message to what answers it; `FLOWS` are those that only handlers start."""

from bot.messages import InMessage
from bot.routes import Route
from bot.words import HELP
from handlers.chat import (
    accounts,
    assignments,
    briefs,
    claims,
    comments,
    complaints,
    duties,
    exemptions,
    follow_ups,
    handovers,
    inputs,
    meetings,
    menu,
    musters,
    notices,
    objections,
    paper_lists,
    polls,
    public_notices,
    ratings,
    record_photos,
    records,
    rectifications,
    reports,
    results,
    reviews,
    scene_codes,
    screens,
    stages,
    subscriptions,
)
from services.notices.rations import Contact

# What waits for a decision under a word of its own; 审核 leads there, too.
DECIDED_ELSEWHERE = tuple(
    flow.start_word
    for flow in (
        exemptions.DECIDE_EXEMPTION,
        claims.DECIDE_CLAIM,
        objections.ANSWER_OBJECTION,
        complaints.ANSWER_COMPLAINT,
    )
)
BIND = accounts.binding_flow(scene_codes.by_prefix({"m.": meetings.check_in_by_scene, "r.": musters.arrive_by_scene}))

_LISTED: tuple[Route, ...] = (
    *accounts.routes(BIND),
    *meetings.routes(BIND),
    *musters.routes(BIND),
    *polls.ROUTES,
    *screens.ROUTES,
    Route(
        to=notices.show_tasks((polls.poll_tasks, record_photos.question_tasks)),
        words=("任务",),
        help="您现在要办的事和通知",
    ),
    *records.ROUTES,
    *inputs.ROUTES,
    *ratings.ROUTES,
    *rectifications.ROUTES,
    *follow_ups.ROUTES,
    *duties.ROUTES,
    *briefs.ROUTES,
    *results.ROUTES,
    *reports.ROUTES,
    *reviews.routes(DECIDED_ELSEWHERE),
    *comments.ROUTES,
    *paper_lists.ROUTES,
    *public_notices.ROUTES,
    *objections.ROUTES,
    *exemptions.ROUTES,
    *claims.ROUTES,
    *stages.ROUTES,
    *assignments.ROUTES,
    *handovers.ROUTES,
    *subscriptions.ROUTES,
    *complaints.ROUTES,
)
ROUTES = (*_LISTED, Route(to=menu.show_help(_LISTED), words=(HELP,)))
FLOWS = (
    BIND,
    reports.REPORT_FLOW,
    reviews.REVIEW,
    comments.COMMENT,
    paper_lists.PAPER_FLOW,
    *polls.FLOWS,
    meetings.ACT,
    screens.REPLACE,
    *ratings.FLOWS,
    *rectifications.FLOWS,
    *follow_ups.FLOWS,
)

_CONTACTS: dict[str, Contact] = {
    "click": "menu",
    "scancode_waitmsg": "menu",
    "scancode_push": "menu",
    "subscribe": "follow",
    "scan": "scan",
}


def contact_of(message: InMessage) -> Contact | None:
    """What a message entitles us to send (wechat-platform §3.1); None for events that entitle to nothing."""
    if message.kind == "event":
        return _CONTACTS.get(message.event.lower())
    return "msgmenu" if message.menu_id else "message"
