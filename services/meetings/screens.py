"""The big screen of a meeting: its address, and what the host chose to show. What stands on it: services.meetings.boards."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from tortoise.transactions import in_transaction

from config.refusals import Refusal
from config.settings import Settings
from models.meetings import CLOSED, DRAFT, OPEN, Meeting, Reporter
from models.screens import Screen, find_live_screen
from services.audit import record

# CLOSED means: not published yet.
PUBLISHED = "published"
CODE, REPORTER, VOTING, WAITING, RESULT = "code", "reporter", "voting", "waiting", "result"
_AUTOMATIC = {DRAFT: CODE, OPEN: VOTING, CLOSED: WAITING, PUBLISHED: RESULT}
# No vowels, nothing that is taken for something else: the address may have to be typed into the hall's computer.
_LETTERS = "23456789bcdfghjkmnpqrstvwxz"
_TOKEN_LENGTH = 28


def phase_of(meeting: Meeting) -> str:
    """DRAFT, OPEN, CLOSED (not published yet) or PUBLISHED."""
    return PUBLISHED if meeting.state == CLOSED and meeting.published_at else str(meeting.state)


def view_of(screen: Screen, phase: str) -> str:
    """What the screen shows: the host's choice while the phase lasts in which it was made, else what the phase calls for."""
    return screen.chosen_view if screen.chosen_view and screen.chosen_phase == phase else _AUTOMATIC[phase]


def make_token() -> str:
    """The unguessable part of an address: 133 bits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_TOKEN_LENGTH))


def address_of(settings: Settings, screen: Screen) -> str:
    """The whole address of a screen."""
    return f"{settings.site}/screen/{screen.token}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A meeting's screen and what it shows; `reporters`: names in file order, `speaker`: the place of the one shown."""

    meeting: Meeting
    screen: Screen
    view: str
    reporters: tuple[str, ...]

    @property
    def speaker(self) -> int | None:
        """Place of the reporter shown, None where none is."""
        return self.screen.reporter_no if self.view == REPORTER else None


async def open_screen(meeting: Meeting, *, now: datetime, actor: str) -> Shown:
    """The meeting's screen; its address is made at the first call, a repeat gives the same one."""
    async with in_transaction():
        await Meeting.filter(id=meeting.id).select_for_update().get()
        screen = await find_live_screen(meeting.id)
        if screen is None:
            screen = await Screen.create(meeting=meeting, token=make_token(), made_at=now)
            await record(now, actor, "open_screen", f"meeting:{meeting.id}", {})
    return await _shown(meeting, screen)


async def replace_screen(meeting: Meeting, *, now: datetime, actor: str, key: str) -> Shown:
    """A new address; whoever has the old one is told so within seconds. What is shown stays. A repeat of `key` changes nothing."""
    async with in_transaction():
        await Meeting.filter(id=meeting.id).select_for_update().get()
        old = await find_live_screen(meeting.id)
        if old is not None and old.steering_key == key:
            return await _shown(meeting, old)
        if old is not None:
            old.replaced_at = now
            await old.save(update_fields=["replaced_at"])
        screen = Screen(meeting=meeting, token=make_token(), made_at=now, steering_key=key)
        if old is not None:
            screen.chosen_view, screen.chosen_phase = old.chosen_view, old.chosen_phase
            screen.reporter_no = old.reporter_no
        await screen.save()
        await record(now, actor, "replace_screen", f"meeting:{meeting.id}", {})
    return await _shown(meeting, screen)


async def steer_screen(meeting: Meeting, act: str, *, now: datetime, actor: str, key: str) -> Shown:
    """Show something else: `next` or `previous` reporter, `code`, `result`, or `auto`. A repeat of `key` changes nothing.

    Raises `Refusal` where the meeting is not that far, or there is nobody further.
    """
    await open_screen(meeting, now=now, actor=actor)
    async with in_transaction():
        # The meeting, not the screen: that one may be replaced while it is waited for, and then there is none to be found.
        await Meeting.filter(id=meeting.id).select_for_update().get()
        screen = await find_live_screen(meeting.id)
        assert screen is not None, "made above, and only ever replaced"
        if screen.steering_key != key:
            await _choose(screen, act, phase_of(meeting))
            screen.steering_key = key
            await screen.save(update_fields=["chosen_view", "chosen_phase", "reporter_no", "steering_key"])
    return await _shown(meeting, screen)


async def _choose(screen: Screen, act: str, phase: str) -> None:
    if act == CODE and phase in (CLOSED, PUBLISHED):
        raise Refusal("closed", "会议的投票已经结束，不再签到。")
    if act == RESULT and phase != PUBLISHED:
        raise Refusal("not_published", "结果还没有公布：投票结束并 公布结果 后，大屏才能显示。")
    if act in ("next", "previous"):
        screen.reporter_no = await _neighbour(screen, 1 if act == "next" else -1, phase)
        act = REPORTER
    screen.chosen_view, screen.chosen_phase = ("" if act == "auto" else act), phase


async def _neighbour(screen: Screen, step: int, phase: str) -> int:
    """The reporter after or before the one shown last in this phase; each phase begins with the first."""
    if screen.reporter_no is None or screen.chosen_phase != phase:
        return 0
    place = screen.reporter_no + step
    if place < 0:
        raise Refusal("first_reporter", "已经是第一位。")
    if place >= await Reporter.filter(meeting_id=screen.meeting_id).count():
        raise Refusal("last_reporter", "已经是最后一位。")
    return place


async def _shown(meeting: Meeting, screen: Screen) -> Shown:
    reporters = await Reporter.filter(meeting=meeting).order_by("position").prefetch_related("person")
    return Shown(meeting, screen, view_of(screen, phase_of(meeting)), tuple(one.person.name for one in reporters))
