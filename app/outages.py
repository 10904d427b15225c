"""What a command says where a server that it needs does not answer."""

from asyncpg.exceptions import InvalidAuthorizationSpecificationError, InvalidCatalogNameError
from redis.exceptions import RedisError

from models.database import is_passing

_DATABASE = "数据库连不上（{name}）。请检查 DATABASE_URL，并确认数据库正在运行。"
_REDIS = "Redis 连不上（{name}）。请检查 REDIS_URL，并确认 Redis 正在运行。"


def outage_of(error: BaseException) -> str | None:
    """One Chinese sentence where the error says that a server is away or lets us not in, else None."""
    name = type(error).__name__
    if isinstance(error, RedisError):
        return _REDIS.format(name=name)
    refused = isinstance(error, InvalidAuthorizationSpecificationError | InvalidCatalogNameError)
    return _DATABASE.format(name=name) if refused or is_passing(error) else None
