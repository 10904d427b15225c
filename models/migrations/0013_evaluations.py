"""Evaluations outside meetings; a poll belongs to either, and knows the end that the clock keeps."""

from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

# VOLATILE: each statement inside takes a new snapshot, so what is read after the lock is what the lock holder left.
CAST_BALLOT = """
CREATE OR REPLACE FUNCTION cast_ballot(
    the_poll uuid, the_person integer, the_key text, the_ballot uuid, the_box bytea,
    the_openid text, the_now timestamptz
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    entry record;
    the_meeting integer;
    the_end timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended(the_poll::text, 0));
    SELECT meeting_id, closes_at INTO the_meeting, the_end FROM polls WHERE id = the_poll AND state = 'open';
    IF NOT FOUND THEN RETURN 'closed'; END IF;
    SELECT id, has_voted, cast_key INTO entry FROM roll_entries
        WHERE poll_id = the_poll AND person_id = the_person FOR UPDATE;
    IF NOT FOUND THEN RETURN 'not_entitled'; END IF;
    IF entry.has_voted THEN
        RETURN CASE WHEN entry.cast_key = the_key THEN 'counted' ELSE 'already_voted' END;
    END IF;
    IF the_openid IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM accounts WHERE openid = the_openid AND person_id = the_person
    ) THEN RETURN 'not_yours'; END IF;
    IF the_end <= the_now THEN RETURN 'closed'; END IF;
    IF the_meeting IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM check_ins WHERE meeting_id = the_meeting AND person_id = the_person
    ) THEN RETURN 'absent'; END IF;
    UPDATE roll_entries SET has_voted = true, cast_key = the_key WHERE id = entry.id;
    INSERT INTO sealed_ballots (id, poll_id, box) VALUES (the_ballot, the_poll, the_box);
    RETURN 'counted';
END $$
"""
KEEP_ENDS = """
UPDATE polls SET closes_at = meetings.closes_at FROM meetings
WHERE meetings.id = polls.meeting_id AND polls.opened_at < meetings.closes_at
"""


class Migration(migrations.Migration):
    dependencies = [('models', '0012_records')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Evaluation',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('cycle', fields.ForeignKeyField('models.Cycle', source_field='cycle_id', db_constraint=True, to_field='id', related_name='evaluations', on_delete=OnDelete.RESTRICT)),
                ('component', fields.CharField(max_length=64)),
                ('organisation', fields.ForeignKeyField('models.Organisation', source_field='organisation_id', db_constraint=True, to_field='id', on_delete=OnDelete.RESTRICT)),
                ('about', fields.CharField(max_length=8)),
                ('title', fields.CharField(max_length=128)),
                ('opens_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('closes_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('form', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('classes', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('min_class', fields.IntField()),
                ('accepts_small', fields.BooleanField(default=False)),
                ('state', fields.CharField(default='draft', max_length=8)),
                ('imported_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('gathered_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('trouble', fields.TextField(default='', unique=False)),
            ],
            options={'table': 'evaluations', 'app': 'models', 'unique_together': (('cycle', 'component', 'organisation', 'about'),), 'pk_attr': 'id', 'table_description': "One branch's vote on itself or on its members, for a component of a cycle. What is voted on is looked up at the opening."},
            bases=['Model'],
        ),
        ops.AlterModelOptions(
            name='Poll',
            options={
                'table': 'polls',
                'app': 'models',
                'constraints': [UniqueConstraint(fields=('meeting_id',), name='one_open_poll', condition="state = 'open'")],
                'pk_attr': 'id',
                'table_description': 'A poll of a meeting or of an evaluation, and all that was frozen at its opening. The keys are there only while it is open.',
            },
        ),
        ops.AddField(model_name='Poll', name='closes_at', field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
        ops.AddField(model_name='Poll', name='evaluation', field=fields.ForeignKeyField('models.Evaluation', source_field='evaluation_id', null=True, db_constraint=True, to_field='id', related_name='polls', on_delete=OnDelete.CASCADE)),
        ops.AddConstraint(model_name='Poll', constraint=UniqueConstraint(fields=('evaluation_id',), name='one_poll_of_evaluation')),
        ops.RunSQL(KEEP_ENDS, reverse_sql=""),
        ops.RunSQL(CAST_BALLOT, reverse_sql=""),
    ]
