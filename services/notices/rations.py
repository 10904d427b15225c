"""How many customer-service messages somebody may be sent now. WeChat grants them for what people do (wechat-platform §3.1).

Kept in Redis alone: losing it loses the pushes of that time, while the notices still stand in 任务. The two kinds of ration are
kept apart and never added up; the one that ends sooner is used first.
"""

import contextlib
from datetime import datetime, timedelta
from typing import Literal

from redis.exceptions import RedisError

from bot.inbox import Note, person_key
from bot.names import Names
from config.clock import SHANGHAI
from services.runtime import Runtime

Contact = Literal["message", "msgmenu", "menu", "follow", "scan"]

# How many messages, for how long. Tapping a link in a text counts as the menu does, though a text message arrives.
_LONG = (5, timedelta(hours=48))
_SHORT = (3, timedelta(minutes=1))
# The grant runs from the platform's clock, and the message must still travel.
_MARGIN = timedelta(seconds=3)
_TWO_DAYS = 2 * 86400

# A value is "<unix second at which it ends>:<how many are left>".
_TAKE = """
for _, key in ipairs(KEYS) do
  local ends, left = (redis.call('GET', key) or ''):match('^(%d+):(%d+)$')
  if ends and tonumber(ends) > tonumber(ARGV[1]) and tonumber(left) > 0 then
    redis.call('SET', key, ends .. ':' .. (tonumber(left) - 1), 'KEEPTTL')
    return 1
  end
end
return 0
"""


def granted(kind: Contact, now: datetime) -> Note:
    """What somebody's doing grants us, to be kept with what else is kept of them (`bot.reception`)."""
    is_long = kind == "message"
    count, span = _LONG if is_long else _SHORT
    ends = int((now + span - _MARGIN).timestamp())
    return Note(_name(is_long), f"{ends}:{count}", int(span.total_seconds() * 1000))


async def take_ration(rt: Runtime, openid: str, now: datetime) -> bool:
    """Take one message of those we may send; False where none is known to be left. A taken ration is not given back."""
    keys = [_key(rt, openid, False), _key(rt, openid, True)]
    try:
        return bool(await rt.redis.eval(_TAKE, len(keys), *keys, str(int(now.timestamp()))))
    except RedisError:
        return False


async def take_template(rt: Runtime, now: datetime) -> bool:
    """Take one of the template messages that the account may send today; False where none is left or nobody knows."""
    key = f"templates:{rt.settings.wechat_app_id}:{now.astimezone(SHANGHAI).date()}"
    try:
        async with rt.redis.pipeline() as pipe:
            pipe.incr(key)
            pipe.expire(key, _TWO_DAYS)
            used, _ = await pipe.execute()
    except RedisError:
        return False
    return int(used) <= rt.settings.templates_per_day


async def forget_rations(rt: Runtime, openid: str) -> None:
    """The platform says that there is no window, whatever we thought."""
    with contextlib.suppress(RedisError):
        await rt.redis.delete(_key(rt, openid, False), _key(rt, openid, True))


def _key(rt: Runtime, openid: str, is_long: bool) -> str:
    return person_key(Names(rt.settings.session_key).person(openid), _name(is_long))


def _name(is_long: bool) -> str:
    return f"{'long' if is_long else 'short'}-ration"
