"""Indexes for what is looked up by person or organisation: without them a day for 50,000 people reads whole tables over and over."""

from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

WANTED = (
    ('CycleSubject', ['person_id']),
    ('CycleSubject', ['organisation_id']),
    ('Person', ['organisation_id']),
    ('Assignment', ['person_id']),
    ('Notice', ['person_id', 'due_at']),
    ('CheckIn', ['person_id']),
    ('DutyReport', ['person_id']),
)


class Migration(migrations.Migration):
    dependencies = [('models', '0015_consent_keys')]

    initial = False

    operations = [ops.AddIndex(model_name=model, index=Index(fields=fields)) for model, fields in WANTED]
