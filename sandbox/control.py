"""What the modules of the control API under /sim/ share: JSON in, JSON out, 4xx with a reason."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from pydantic import ValidationError

from sandbox.actions import Impossible

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def refuse(status: int, say: str) -> web.Response:
    """An error of the control API."""
    return web.json_response({"error": say}, status=status)


@web.middleware
async def control_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what a caller got wrong into 4xx with a reason."""
    if not request.path.startswith("/sim/"):
        return await handler(request)
    try:
        response: web.StreamResponse = await handler(request)
    except Impossible as error:
        return refuse(409, str(error))
    except ValidationError as error:
        return refuse(400, "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()))
    except (json.JSONDecodeError, ValueError) as error:
        return refuse(400, f"unusable input: {error}")
    return response


async def read_json(request: web.Request) -> dict[str, Any]:
    """The JSON object in the body; {} when there is none."""
    body = json.loads(await request.text() or "{}")
    if not isinstance(body, dict):
        raise ValueError("a JSON object is expected")
    return body
