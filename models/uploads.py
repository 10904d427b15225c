"""Files that people uploaded by a page to something of theirs: a record, a filing. The content lies in the file store."""

from __future__ import annotations

from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from models.people import Person


class Upload(Model):
    """One file of one target (`target_kind` and `target_id`, such as `record` 12); `sha256` names the stored content."""

    id = fields.IntField(primary_key=True)
    target_kind = fields.CharField(16)
    target_id = fields.IntField()
    name = fields.CharField(128)
    kind = fields.CharField(8)
    size = fields.IntField()
    sha256 = fields.CharField(64)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", on_delete=fields.RESTRICT)
    person_id: int
    uploaded_at: datetime = fields.DatetimeField()

    class Meta:
        table = "uploads"
        unique_together = (("target_kind", "target_id", "sha256"),)


async def insert_once(upload: Upload) -> Upload:
    """Insert it, unless the target has this content already; the one that is there then."""
    await Upload.bulk_create([upload], ignore_conflicts=True)
    return await Upload.get(target_kind=upload.target_kind, target_id=upload.target_id, sha256=upload.sha256)


async def list_uploads(target_kind: str, target_id: int) -> list[Upload]:
    """The files of a target, in the order in which they came, with who brought them."""
    return await Upload.filter(target_kind=target_kind, target_id=target_id).order_by("id").select_related("person")
