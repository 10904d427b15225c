"""Codes of scenes (a meeting's check-in, a muster): asked of the platform once, shared by all processes, replaced before they expire."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from models.meetings import Meeting
from models.musters import Muster
from services.meetings.meetings import scene_of
from services.records import musters
from services.runtime import Runtime

# A photo of the screen serves no longer than this. Renewed with so much left, so that a platform away for a moment does no harm.
_LIFE = timedelta(hours=1)
_LEFT_AT_RENEWAL = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class SceneCode:
    """`url` is what the code encodes; the platform knows it until `valid_until` (unix seconds)."""

    url: str
    valid_until: float


async def check_in_code(rt: Runtime, meeting: Meeting, now: datetime) -> SceneCode:
    """The code that checks in to the meeting. Raises `WeChatError`, and `RedisError` where Redis is away."""
    return await _code(rt, str(meeting.id), scene_of(meeting), now)


async def muster_code(rt: Runtime, muster: Muster, now: datetime) -> SceneCode:
    """The code that members scan who are at an activity. Raises the same."""
    return await _code(rt, f"muster:{muster.id}", musters.scene_of(muster), now)


async def _code(rt: Runtime, name: str, scene: str, now: datetime) -> SceneCode:
    key = f"zp:scene_code:{rt.settings.wechat_app_id}:{name}"
    kept = await rt.redis.get(key)
    if kept is None:
        url = await rt.wechat.create_scene_code(scene, _LIFE)
        code = SceneCode(url, (now + _LIFE).timestamp())
        # Where another process was first, its code is the one that all show.
        await rt.redis.set(key, json.dumps(asdict(code)), ex=_LIFE - _LEFT_AT_RENEWAL, nx=True)
        kept = await rt.redis.get(key) or json.dumps(asdict(code))
    return SceneCode(**json.loads(kept))
