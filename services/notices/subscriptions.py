"""Consents to subscription notices (订阅通知): counted as people give them and take them back (wechat-platform §1.7, §3.4)."""

import re
from collections.abc import Iterator, Mapping

from config.settings import Settings
from models.subscriptions import add_consent, forget_consents

_TEMPLATE = re.compile(r"(SubscribeMsg(?:Popup|Change)Event\.List(?:#[0-9]+)?)\.TemplateId")


async def note_consents(settings: Settings, openid: str, fields: Mapping[str, str], key: str) -> None:
    """What an event says of our template: accepted, one notice more; refused in the settings, none any more.

    `fields` by their XML names; `key` names the event, so that its repeat changes nothing.
    """
    ours = settings.wechat_subscription_digest.partition(" ")[0]
    for template_id, status, is_popup in _choices(fields):
        if template_id and template_id == ours:
            if status == "accept":
                await add_consent(openid, template_id, key)
            elif not is_popup:
                await forget_consents(openid, template_id)


def _choices(fields: Mapping[str, str]) -> Iterator[tuple[str, str, bool]]:
    """(template, accept or reject, whether in the dialog), however many the event lists."""
    for name, template_id in fields.items():
        if found := _TEMPLATE.fullmatch(name):
            yield template_id, fields.get(f"{found[1]}.SubscribeStatusString", ""), "Popup" in found[1]
