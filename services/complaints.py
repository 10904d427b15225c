"""Taking down what people complain of or suggest (投诉建议)."""

import hashlib
import hmac
from datetime import datetime

from tortoise.transactions import in_transaction

from config.clock import SHANGHAI
from config.settings import Settings
from models.complaints import Complaint, insert_once
from services.media import expect_media

MAX_TEXT = 1000


async def submit_complaint(
    settings: Settings, key: str, text: str, *, person_id: int | None, photo: str, now: datetime
) -> str:
    """Keep a complaint and give its reference number, such as `20220118-7`. A repeat with the same `key` gives the same number.

    `key`: inbox key of the message that confirmed it; `person_id` None where the sender is not bound; `photo`: WeChat's
    MediaId of a photo that goes with it, or empty.
    """
    source_key = hmac.new(settings.session_key[0], f"complaint:{key}".encode(), hashlib.sha256).hexdigest()
    async with in_transaction():
        complaint = await insert_once(
            Complaint(source_key=source_key, person_id=person_id, text=text[:MAX_TEXT], received_at=now)
        )
        if photo:
            await expect_media("image", photo, source_key, complaint.id, now)
    return reference_of(complaint)


def reference_of(complaint: Complaint) -> str:
    """The number by which a complaint can be asked for: the day, and its own number."""
    return f"{complaint.received_at.astimezone(SHANGHAI):%Y%m%d}-{complaint.id}"
