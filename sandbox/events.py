"""Events that a person's phone or the platform itself sets off beside the chat (contract page, 1.7)."""

from typing import Any

from sandbox.actions import Act, Impossible, in_chat, need
from sandbox.incoming import Fields, event, listed
from sandbox.person import BRIEF_ACTION, Person
from sandbox.world import World

POPUP, CHANGE, SENT = "subscribe_msg_popup_event", "subscribe_msg_change_event", "subscribe_msg_sent_event"


def any_event(world: World, person: Person, args: Fields) -> Act:
    """Event `event` with any further `fields`, exactly as given; CLICK gives the account its allowance."""
    if args.get("event") == "CLICK":
        in_chat(world, person, BRIEF_ACTION)
    fields = args.get("fields") or {}
    if not isinstance(fields, dict):
        raise Impossible("fields must be an object")
    return Act((event(world, person, need(args, "event"), args, **fields),))


def report_location(world: World, person: Person, args: Fields) -> Act:
    """LOCATION, sent on entering the chat or every five seconds."""
    in_chat(world, person, None)
    place = {"Latitude": "39.9", "Longitude": "116.4", "Precision": "65.0"}
    return Act((event(world, person, "LOCATION", args, **place),))


def consent(world: World, person: Person, args: Fields) -> Act:
    """Answer the subscription dialog for `template_ids` with `status` accept or reject; accepting gives one credit each.

    The service account is told by an event; the mini-program (`account` = mp) only by its own page.
    """
    template_ids, status = [str(item) for item in args.get("template_ids", ())], args.get("status", "accept")
    if not template_ids or status not in {"accept", "reject"}:
        raise Impossible("template_ids or status is missing")
    if status == "accept":
        person.credits.update(template_ids)
    world.show(person, "system", "note", "user", "允许了订阅通知" if status == "accept" else "拒绝了订阅通知")
    if args.get("account") == "mp":
        return Act()
    choices = [_choice(template_id, status, PopupScene=str(args.get("scene", 1))) for template_id in template_ids]
    return Act((event(world, person, POPUP, args, SubscribeMsgPopupEvent={"List": listed(choices)}),))


def revoke_consent(world: World, person: Person, args: Fields) -> Act:
    """Switch subscriptions off in the settings: the credit is gone, and only `reject` is ever pushed."""
    template_ids = [str(item) for item in args.get("template_ids", ())]
    if not template_ids:
        raise Impossible("template_ids is missing")
    for template_id in template_ids:
        del person.credits[template_id]
    choices = [_choice(template_id, "reject") for template_id in template_ids]
    return Act((event(world, person, CHANGE, args, SubscribeMsgChangeEvent={"List": listed(choices)}),))


def _choice(template_id: str, status: str, **more: str) -> Fields:
    return {"TemplateId": template_id, "SubscribeStatusString": status, **more}


def template_finished(world: World, person: Person, msg_id: int) -> Fields:
    """TEMPLATESENDJOBFINISH; its id is called MsgID."""
    status = world.settings.user_block_status if person.blocked else "success"
    return event(world, person, "TEMPLATESENDJOBFINISH", {}, MsgID=msg_id, Status=status)


def subscribe_message_sent(world: World, person: Person, template_id: str, msg_id: int) -> Fields:
    """subscribe_msg_sent_event of a service account's subscription notice."""
    sent: dict[str, Any] = {"TemplateId": template_id, "MsgID": str(msg_id), "ErrorCode": "0", "ErrorStatus": "success"}
    return event(world, person, SENT, {}, SubscribeMsgSentEvent={"List": sent})


def mass_send_finished(world: World, person: Person, args: Fields) -> Act:
    """MASSSENDJOBFINISH with made-up counts."""
    counts = {"TotalCount": 100, "FilterCount": 80, "SentCount": 75, "ErrorCount": 5}
    fields = {"MsgID": world.next_msg_id(), "Status": "send success", **counts}
    return Act((event(world, person, "MASSSENDJOBFINISH", args, **fields),))


def modify_info(world: World, person: Person, args: Fields) -> Act:
    """user_info_modified: the person changed what the account had been given."""
    fields = {"OpenID": person.openid, "AppID": world.settings.app_id}
    return Act((event(world, person, "user_info_modified", args, **fields),))


def revoke_authorization(world: World, person: Person, args: Fields) -> Act:
    """user_authorization_revoke: the account has to delete the person's data."""
    fields = {"OpenID": person.openid, "AppID": world.settings.app_id, "RevokeInfo": "1"}
    return Act((event(world, person, "user_authorization_revoke", args, **fields),))
