"""What the office of the demo organisation writes for the year: cycle files and an evaluation file, with days around today. Pure."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from app.demo.data import Demo, DemoPerson
from config.clock import SHANGHAI

RATED, RETIRED, STANDARD = "demo-0", ("demo-124", "demo-125", "demo-126"), "demo-08"
VOTING_BRANCH = "demo-101"
_WHY = "演示：按今天重新排定"
_SETTINGS = """settings:
  notice_days: "7"
  points: {优秀: "95", 称职: "85", 基本称职: "70", 不称职: "50"}
  class_weights: {党员: "0.7", 群众代表: "0.3"}"""
# stage → days from today: it starts, it reminds, it is due.
Days = Mapping[str, tuple[int | None, int | None, int]]
_STARS: Days = {
    "building": (-200, None, 12),
    "self_report": (-14, 5, 10),
    "self_check": (-14, None, 12),
    "assessment": (-3, None, 30),
    "member_rating": (-3, None, 25),
    "naming": (31, None, 60),
    "review": (30, None, 45),
}
_REPORTS: Days = {
    "whole": (-14, None, 45),
    "party_group_report": (None, None, 28),
    "self_study": (-14, None, 10),
    "inspection": (-14, None, 12),
    "reports": (-7, 7, 14),
    "meeting": (None, None, 35),
}
_STANDARD_DAYS: Days = {
    "self_check": (-14, None, 6),
    "full_review": (-2, 12, 15),
    "cross_review": (None, None, 40),
    "spot_check": (None, None, 60),
    "consolidate": (61, None, 120),
}


def staff(demo: Demo, post: str) -> list[DemoPerson]:
    """The people of the office (组织部) or of the team (考核组)."""
    return [one for one in demo.of("demo-3") if one.posts == post]


def stars_file(demo: Demo, year: int, today: date | None) -> str:
    """评星定级 of the whole college; without `today` on the days of the document."""
    apart = [*demo.of("demo-0"), *demo.of("demo-3")]
    people = "\n".join(
        f'  - {{person: "{one.staff_no}", reason: 院领导和组织部工作人员在所联系的支部另行评议}}' for one in apart
    )
    return f"""\
title: {year}年度评星定级
scheme: star-rating
year: "{year}"
organisation: {RATED}
subjects: {{branch: [党支部], member: [正式党员, 预备党员]}}
exempt:
  - {{status: 离退休党员, reason: 离退休党员不列入(六(三)1)}}
{_without_retired()}
{people}
{_SETTINGS}
{_stages(_STARS, today)}"""


def reports_file(year: int, today: date) -> str:
    """述职评议考核 of all branch secretaries."""
    return f"""\
title: {year}年度述职评议考核
scheme: report-review
year: "{year}"
organisation: {RATED}
subjects: {{secretary: [党支部]}}
exempt:
{_without_retired()}
{_stages(_REPORTS, today)}"""


def standard_file(year: int, today: date) -> str:
    """达标考评 of one faculty's branches."""
    return f"""\
title: {year}年达标考评（旅游艺术学院试点）
scheme: meet-standard
year: "{year}"
organisation: {STANDARD}
subjects: {{branch: [党支部]}}
settings: {{pass_mark: "80"}}
{_stages(_STANDARD_DAYS, today)}"""


def _without_retired() -> str:
    return "\n".join(f"  - {{organisation: {code}, reason: 离退休党支部不列入}}" for code in RETIRED)


def _stages(days: Days, today: date | None) -> str:
    if today is None:
        return ""
    rows = []
    for key, set_days in days.items():
        named = zip(("starts", "soft", "due"), set_days, strict=True)
        given = ", ".join(f"{name}: {today + timedelta(days=n)}" for name, n in named if n is not None)
        rows.append(f"  {key}: {{{given}, reason: {_WHY}}}")
    return "stages:\n" + "\n".join(rows)


def evaluation_file(demo: Demo, cycle_id: int, now: datetime) -> bytes:
    """The members of one branch vote on each other for two weeks; representatives of the masses vote, too."""
    day = now.astimezone(SHANGHAI).date()
    closes = datetime.combine(day + timedelta(days=14), time(18), SHANGHAI)
    # The first few represent the masses in the hall.
    masses = ", ".join(f'"{one.staff_no}"' for one in demo.of("demo-2")[5:11])
    return f"""\
cycle: {cycle_id}
component: democratic
title: {day.year}年度民主测评
about: members
organisations: ["{VOTING_BRANCH}"]
classes:
  党员: {{weight: "0.7", statuses: [正式党员, 预备党员]}}
  群众代表: {{weight: "0.3", voters: {{"{VOTING_BRANCH}": [{masses}]}}}}
opens_at: {datetime.combine(day, time(0), SHANGHAI).isoformat()}
closes_at: {closes.isoformat()}
form: {{items: [总体评价], options: {{优秀: "95", 称职: "85", 基本称职: "70", 不称职: "50"}}, abstain: true}}
""".encode()
