"""Template messages and subscription notices of the service account, subscription messages of the mini-program."""

import asyncio
from typing import Any

from sandbox.api import OK, Call, Endpoint, Json
from sandbox.api_custom import recipient
from sandbox.chat import Link
from sandbox.delivery import deliver
from sandbox.errors import ApiError
from sandbox.events import subscribe_message_sent, template_finished
from sandbox.fields import read_values
from sandbox.person import Person
from sandbox.templates import Template
from sandbox.world import World

DUPLICATE_SECONDS = 600.0


async def send_template(call: Call) -> Json:
    """POST /cgi-bin/message/template/send; the outcome follows as TEMPLATESENDJOBFINISH."""
    person = recipient(call)
    template = _template(call, "oa", "template")
    values = read_values(template.keys, call.body.get("data"))
    if not person.followed:
        raise ApiError(43004)
    repeated = _repeated(call, person)
    if repeated:
        return {**OK, "msgid": repeated}
    msg_id = call.world.next_msg_id()
    _remember(call, person, msg_id)
    if not person.blocked:
        _show(call, person, template, values, "template")
    call.world.spawn(_tell(call.world, person, template_finished(call.world, person, msg_id)))
    return {**OK, "msgid": msg_id}


def _repeated(call: Call, person: Person) -> int:
    msg_id, at = call.world.client_msg_ids.get((person.id, str(call.body.get("client_msg_id") or "")), (0, 0.0))
    return msg_id if call.world.clock.now() - at < DUPLICATE_SECONDS else 0


def _remember(call: Call, person: Person, msg_id: int) -> None:
    if call.body.get("client_msg_id"):
        call.world.client_msg_ids[person.id, str(call.body["client_msg_id"])] = (msg_id, call.world.clock.now())


async def send_notice(call: Call) -> Json:
    """POST /cgi-bin/message/subscribe/bizsend; one consent allows one."""
    person = recipient(call)
    template = _template(call, "oa", "subscribe")
    values = read_values(template.keys, call.body.get("data"))
    _spend_credit(person, template)
    _show(call, person, template, values, "subscribe")
    sent = subscribe_message_sent(call.world, person, template.template_id, call.world.next_msg_id())
    call.world.spawn(_tell(call.world, person, sent))
    return OK


async def send_subscribe(call: Call) -> Json:
    """POST /cgi-bin/message/subscribe/send of the mini-program; one consent allows one."""
    person = recipient(call)
    template = _template(call, "mp", "subscribe")
    values = read_values(template.keys, call.body.get("data"))
    if str(call.body.get("page") or "").startswith(("http://", "https://")):
        raise ApiError(41030)
    _spend_credit(person, template)
    _show(call, person, template, values, "subscribe")
    return {**OK, "msgid": call.world.next_msg_id()}


def _template(call: Call, account: str, kind: str) -> Template:
    template = call.world.templates.get(str(call.body.get("template_id") or ""))
    if template is None or (template.account, template.kind) != (account, kind):
        raise ApiError(40037)
    return template


def _spend_credit(person: Person, template: Template) -> None:
    if person.blocked or person.credits[template.template_id] <= 0:
        raise ApiError(43101)
    person.credits[template.template_id] -= 1


def _show(call: Call, person: Person, template: Template, values: dict[str, str], via: str) -> None:
    lines = [template.title, *(f"{template.label(key)}：{value}" for key, value in values.items())]
    program: Any = call.body.get("miniprogram")
    url = str(call.body.get("url") or (call.body.get("page") if template.account == "oa" else "") or "")
    links = (Link("详情", url),) if url and not program else ()
    page = call.body.get("page") if template.account == "mp" else program
    call.world.show(person, "account", via, via, "\n".join(lines), links, values=values, miniprogram=page)


async def _tell(world: World, person: Person, fields: Json) -> None:
    await asyncio.sleep(world.settings.job_finish_delay)
    await deliver(world, person, fields)


async def list_templates(call: Call) -> Json:
    """GET /cgi-bin/template/get_all_private_template."""
    own = [item for item in call.world.templates.values() if (item.account, item.kind) == ("oa", "template")]
    return {
        "template_list": [
            {"template_id": item.template_id, "title": item.title, "content": item.content(), "example": ""}
            for item in own
        ]
    }


async def delete_template(call: Call) -> Json:
    """POST /cgi-bin/template/del_private_template."""
    template = _template(call, "oa", "template")
    del call.world.templates[template.template_id]
    return OK


async def list_subscribe_templates(call: Call) -> Json:
    """GET /wxaapi/newtmpl/gettemplate, of the token's account."""
    account = "oa" if call.app_id == call.world.settings.app_id else "mp"
    own = [item for item in call.world.templates.values() if (item.account, item.kind) == (account, "subscribe")]
    return {
        **OK,
        "data": [
            {"priTmplId": item.template_id, "title": item.title, "content": item.content(), "example": "", "type": 2}
            for item in own
        ],
    }


ENDPOINTS = [
    Endpoint("POST", "/cgi-bin/message/template/send", send_template),
    Endpoint("POST", "/cgi-bin/message/subscribe/bizsend", send_notice),
    Endpoint("POST", "/cgi-bin/message/subscribe/send", send_subscribe, "mp"),
    Endpoint("GET", "/cgi-bin/template/get_all_private_template", list_templates),
    Endpoint("POST", "/cgi-bin/template/del_private_template", delete_template),
    Endpoint("GET", "/wxaapi/newtmpl/gettemplate", list_subscribe_templates, "any"),
]
