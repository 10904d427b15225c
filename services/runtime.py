"""What a process has at hand: passed as the first argument to the services that need it (design §2)."""

from dataclasses import dataclass

from redis.asyncio import Redis

from bot.client import WeChat
from config.settings import Settings
from services.files import Files


@dataclass(frozen=True, slots=True)
class Runtime:
    """Settings, Redis, the WeChat client and the file store. The database is ambient (Tortoise)."""

    settings: Settings
    redis: Redis
    wechat: WeChat
    files: Files
