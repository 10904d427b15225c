"""What a scanned code leads to, by the beginning of its scene."""

from collections.abc import Mapping
from datetime import datetime

from bot.conversation import Said
from config.refusals import Refusal
from handlers.chat.accounts import After
from services.runtime import Runtime


def by_prefix(afters: Mapping[str, After]) -> After:
    """One function for all codes: the one whose prefix the scene has."""

    async def after(rt: Runtime, person_id: int, scene: str, now: datetime) -> Said:
        found = next((one for prefix, one in afters.items() if scene.startswith(prefix)), None)
        if found is None:
            raise Refusal("no_such_scene", "这个码现在用不着，请核对是不是扫错了。", 404)
        return await found(rt, person_id, scene, now)

    return after
