"""A day's reminders for 50,000 people under five schemes: planned by one worker, sent at the platform's pace; `make bench-reminders`.

Ends with 1 where planning takes 30 s or 500 MB, a person is told twice or not at all, or the platform refuses a single message.
"""

import argparse
import asyncio
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import asyncpg
from aiohttp import web

from bench.processes import servers
from bench.year import BOUND, TEMPLATE, WITH_WINDOW, openid_of, settle_year
from config.settings import load_settings
from sandbox.app import create_app
from sandbox.person import USER_MESSAGE, Window
from sandbox.settings import Settings as Simulator
from sandbox.templates import Template
from sandbox.world import WORLD, World

MOST_SECONDS, MOST_MEGABYTES = 30.0, 500.0
_PACE = 500
"""Messages a second; the simulator refuses what goes beyond it in a minute."""
_SEND, _TEMPLATE = "/cgi-bin/message/custom/send", "/cgi-bin/message/template/send"


def main() -> int:
    """Run it and print; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.reminders")
    parser.add_argument("people", type=int, nargs="?", default=50_000)
    parser.add_argument("--tiny", action="store_true", help="few people: shows that it works, measures nothing")
    options = parser.parse_args()
    with _environment() as environment:
        return asyncio.run(_measure(200 if options.tiny else options.people, environment))


@contextmanager
def _environment() -> Iterator[dict[str, str]]:
    with servers() as environment:
        yield environment | {
            "PUSHES_PER_SECOND": str(_PACE),
            "WECHAT_TEMPLATE_DIGEST": f"{TEMPLATE} thing1=事项 time2=时间",
            "LOG_LEVEL": "error",
        }


async def _measure(people: int, environment: dict[str, str]) -> int:
    async with _platform(people) as (world, url):
        environment = environment | {
            "WECHAT_API_BASE": url,
            "WECHAT_APP_ID": world.settings.app_id,
            "WECHAT_APP_SECRET": world.settings.app_secret,
        }
        await settle_year(load_settings(environment), people)
        bare, planned = await _worker("bare", environment), await _worker("plan", environment)
        sent = await _worker("send", environment)
        found = await _count(environment)
    count, seconds, megabytes = planned["count"], planned["seconds"], planned["megabytes"]
    print(f"{people} people, 5 schemes: {count:.0f} digests planned in {seconds:.1f} s, {megabytes:.0f} MB")
    ratio = seconds / bare["seconds"]
    print(
        f"bare (a row for each person, nothing thought of): {bare['seconds']:.1f} s; the planner takes {ratio:.1f} times as long"
    )
    print(
        f"{sent['count']:.0f} notices dealt with in {sent['seconds']:.1f} s at {_PACE} a second: {dict(found.states)}"
    )
    print(f"refused by the platform: {dict(found.refused)}; told twice: {found.twice}; not told: {found.untold}")
    is_dear = seconds >= MOST_SECONDS or megabytes >= MOST_MEGABYTES
    return int(is_dear or bool(found.refused) or found.twice + found.untold > 0)


@asynccontextmanager
async def _platform(people: int) -> AsyncIterator[tuple[World, str]]:
    """The simulator in this process, with a follower for everybody who is bound and a window for those who wrote."""
    limits = {_SEND: _PACE * 60, _TEMPLATE: _PACE * 60}
    app = create_app(Simulator(minute_quotas=limits, job_finish_delay=86_400))
    world = app[WORLD]
    world.templates[TEMPLATE] = Template(template_id=TEMPLATE, title="提醒", keys=("thing1", "time2"))
    count, seconds = USER_MESSAGE
    for number in (n for n in range(people) if n % 10 < BOUND):
        one = world.add_person(f"党员{number}", "", openid=openid_of(f"v{number:06d}"))
        one.followed = True
        if number % 10 < WITH_WINDOW:
            one.window = Window(count, world.clock.now() + seconds)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield world, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def _worker(what: str, environment: dict[str, str]) -> dict[str, float]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.reminded", what, env=environment, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"{what} ended with {process.returncode}")
    result: dict[str, float] = json.loads(printed.splitlines()[-1])
    return result


class _Found:
    """What the database says became of the day: notices by state, refusals by code, who was told twice or not at all."""

    states: Counter[str]
    refused: Counter[str]
    twice: int
    untold: int


async def _count(environment: dict[str, str]) -> _Found:
    connection = await asyncpg.connect(environment["DATABASE_URL"])
    try:
        found = _Found()
        states = "SELECT state, errcode, count(*) AS n FROM notices WHERE kind = 'digest' GROUP BY 1, 2"
        rows = await connection.fetch(states)
        found.states = Counter({row["state"]: row["n"] for row in rows})
        found.refused = Counter({str(row["errcode"]): row["n"] for row in rows if row["errcode"]})
        found.twice = await connection.fetchval(
            "SELECT count(*) FROM (SELECT 1 FROM notices WHERE kind = 'digest' GROUP BY person_id HAVING count(*) > 1) AS n"
        )
        # Everybody owes a self-rating in a week, so that everybody has to be told.
        found.untold = await connection.fetchval(
            "SELECT count(*) FROM people p WHERE staff_no LIKE 'v%'"
            " AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.person_id = p.id AND n.kind = 'digest')"
        )
        return found
    finally:
        await connection.close()


if __name__ == "__main__":
    sys.exit(main())
