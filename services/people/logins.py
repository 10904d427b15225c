"""Logging in to our pages by WeChat's web authorization (wechat-platform §6): who it is, and nothing more.

No openid and no token is kept: the session is a signed cookie with the person's number, good for half an hour.
"""

import asyncio
import hashlib
import hmac
import json
import secrets
from datetime import datetime, timedelta
from urllib.parse import urlencode

from redis.exceptions import RedisError

from bot.tokens import WeChatError
from config.refusals import Refusal
from config.settings import Settings
from models.accounts import Account
from services.people.accounts import find_person
from services.people.signing import read_signed, signed
from services.runtime import Runtime

SESSION_LIFE = timedelta(minutes=30)
TICKET_LIFE = timedelta(minutes=10)
# As long as the platform knows the code (five minutes): a second request with it gets the first one's answer.
_REMEMBERED_S = 300
# Longer than the exchange may take.
_PATIENCE_S = 12.0
_SNAPSHOT, _UNBOUND, _FAILED, _EXPIRED = "snapshot", "unbound", "login_failed", "login_expired"
_REFUSALS = {
    _SNAPSHOT: (403, "现在是微信的快照页，看不到内容。请点页面下方的「使用完整服务」，再打开一次。"),
    _UNBOUND: (403, "您的微信还没有绑定身份。请在公众号回复 绑定，绑定后再打开这个网页。"),
    _FAILED: (502, "微信登录没有成功。请回到公众号，重新打开链接。"),
    _EXPIRED: (400, "这次登录已经失效。请回到公众号，重新打开链接。"),
}


def _refusal(code: str) -> Refusal:
    status, say = _REFUSALS[code]
    return Refusal(code, say, status)


def make_ticket(settings: Settings, now: datetime) -> tuple[str, str]:
    """(state, ticket): the state goes to the platform and comes back; the ticket, a cookie, tells that it is this browser's."""
    state = secrets.token_hex(16)
    return state, signed(settings, "ticket", state, now + TICKET_LIFE)


def authorize_url(settings: Settings, back: str, state: str) -> str:
    """Where the browser is sent; parameters in the platform's order. `back`: our address, on the domain registered there."""
    query = urlencode(
        {
            "appid": settings.wechat_app_id,
            "redirect_uri": back,
            "response_type": "code",
            "scope": "snsapi_base",
            "state": state,
        }
    )
    return f"{settings.wechat_open_base.rstrip('/')}/connect/oauth2/authorize?{query}#wechat_redirect"


async def make_session(settings: Settings, person_id: int, now: datetime) -> str:
    """The cookie of a person who has logged in: for the phone that is bound now and no later one."""
    account = await Account.get(person_id=person_id)
    return signed(settings, "session", f"{person_id}-{_binding(account)}", now + SESSION_LIFE)


def _binding(account: Account) -> str:
    return str(int(account.bound_at.timestamp() * 1_000_000))


async def read_session(settings: Settings, cookie: str, now: datetime) -> int | None:
    """Whose session it is; None where it is none, has ended, or the person is bound no more or by another phone since."""
    person, _, binding = (read_signed(settings, "session", cookie, now) or "").partition("-")
    account = await Account.get_or_none(person_id=int(person)) if binding else None
    return account.person_id if account is not None and _binding(account) == binding else None


async def log_in(rt: Runtime, state: str, ticket: str, code: str, now: datetime) -> int:
    """The person behind the code that came back. A repeat with the same code gives the same. Raises `Refusal`."""
    expected = read_signed(rt.settings, "ticket", ticket, now)
    if not code or expected is None or not hmac.compare_digest(expected.encode(), state.encode()):
        raise _refusal(_EXPIRED)
    try:
        found = await _redeem_once(rt, code)
    except (WeChatError, RedisError, TimeoutError):
        raise _refusal(_FAILED) from None
    if isinstance(found, str):
        raise _refusal(found)
    return found


async def _redeem_once(rt: Runtime, code: str) -> int | str:
    """WebViews fetch a page twice: one request exchanges the code, others with it wait for what came of that."""
    name = hmac.new(rt.settings.session_key[0], f"web-code:{code}".encode(), hashlib.sha256).hexdigest()[:32]
    kept, lock = f"zp:login:{{{name}}}", f"zp:login:{{{name}}}:lock"
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            known = await rt.redis.get(kept)
            if known is not None:
                found: int | str = json.loads(known)
                return found
            if await rt.redis.set(lock, b"1", nx=True, px=int(_PATIENCE_S * 1000)):
                break
            await asyncio.sleep(0.05)
        try:
            found = await _redeem(rt, code)
            await rt.redis.set(kept, json.dumps(found), ex=_REMEMBERED_S)
        finally:
            await rt.redis.delete(lock)
    return found


async def _redeem(rt: Runtime, code: str) -> int | str:
    """The person's number, or the code of a refusal."""
    settings = rt.settings
    user = await rt.wechat.get_web_user(settings.wechat_app_id, settings.wechat_app_secret.get_secret_value(), code)
    if user.is_snapshot:
        return _SNAPSHOT
    person = await find_person(user.openid)
    return _UNBOUND if person is None else person.id
