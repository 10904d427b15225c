"""What befalls the servers beneath the product: PostgreSQL crashes or stands still, Redis forgets or goes away."""

import asyncio
from dataclasses import dataclass

import asyncpg
import redis.asyncio

from app.embedded import Postgres, Redis


@dataclass
class Outages:
    """Both servers. Of servers that are not ours (None) only the connections are cut."""

    database_url: str
    redis_url: str
    postgres: Postgres | None
    redis: Redis | None

    async def restart_postgres(self) -> None:
        """Crash and recovery; of a server that is not ours, the end of all connections to this database."""
        if self.postgres is not None:
            await asyncio.to_thread(self.postgres.control, "-m", "immediate", "restart")
            return
        others = "pid <> pg_backend_pid() AND datname = current_database()"
        await self._execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")

    async def stall_postgres(self, seconds: float) -> None:
        """Whoever needs the roll waits that long."""
        connection = await asyncpg.connect(self.database_url)
        try:
            async with connection.transaction():
                await connection.execute("LOCK TABLE roll_entries IN ACCESS EXCLUSIVE MODE")
                await asyncio.sleep(seconds)
        finally:
            await connection.close()

    async def flush_redis(self) -> None:
        """FLUSHALL."""
        async with redis.asyncio.from_url(self.redis_url) as client:
            await client.flushall()

    async def stop_redis(self, seconds: float) -> None:
        """Gone for that long, and empty when it is back; of a server that is not ours, flushed with its connections cut."""
        if self.redis is None:
            await self.flush_redis()
            async with redis.asyncio.from_url(self.redis_url) as client:
                await client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            return
        await asyncio.to_thread(self.redis.stop)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(self.redis.start)

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.database_url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()
