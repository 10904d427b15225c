"""Rectification, follow-ups of results, periodic duties."""

from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

# An item that is under way has a measure, a responsible person and a last day (S0-26, S1-09).
CHECK_PLAN = """
ALTER TABLE rectification_items ADD CONSTRAINT planned_before_begun CHECK (
    state IN ('planning', 'withdrawn') OR (due_on IS NOT NULL AND responsible_id IS NOT NULL AND measure <> '')
)
"""
UNCHECK_PLAN = "ALTER TABLE rectification_items DROP CONSTRAINT planned_before_begun"


class Migration(migrations.Migration):
    dependencies = [('models', '0008_public_notices')]

    initial = False

    operations = [
        ops.CreateModel(
            name='DutyReport',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('source_key', fields.CharField(unique=True, max_length=96)),
                ('cycle', fields.ForeignKeyField('models.Cycle', source_field='cycle_id', db_constraint=True, to_field='id', related_name='duty_reports', on_delete=OnDelete.CASCADE)),
                ('duty', fields.CharField(max_length=48)),
                ('what', fields.CharField(max_length=64)),
                ('organisation', fields.ForeignKeyField('models.Organisation', source_field='organisation_id', db_constraint=True, to_field='id', related_name='duty_reports', on_delete=OnDelete.RESTRICT)),
                ('person', fields.ForeignKeyField('models.Person', source_field='person_id', null=True, db_constraint=True, to_field='id', related_name='duty_reports', on_delete=OnDelete.RESTRICT)),
                ('branch', fields.ForeignKeyField('models.Organisation', source_field='branch_id', null=True, db_constraint=True, to_field='id', related_name='duties_about', on_delete=OnDelete.RESTRICT)),
                ('done_on', fields.DateField()),
                ('text', fields.TextField(unique=False)),
                ('grades', fields.JSONField(default=dict, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('reported_by', fields.CharField(max_length=64)),
                ('reported_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'duty_reports', 'app': 'models', 'indexes': [Index(fields=['cycle_id', 'duty'])], 'pk_attr': 'id', 'table_description': "A duty of the cycle's scheme was done once. Its bearer is `person` (a leader; a member on their joining day) or else"},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='FollowUp',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('source_key', fields.CharField(unique=True, max_length=96)),
                ('kind', fields.CharField(max_length=32)),
                ('organisation', fields.ForeignKeyField('models.Organisation', source_field='organisation_id', db_constraint=True, to_field='id', related_name='follow_ups', on_delete=OnDelete.RESTRICT)),
                ('person', fields.ForeignKeyField('models.Person', source_field='person_id', null=True, db_constraint=True, to_field='id', related_name='follow_ups', on_delete=OnDelete.RESTRICT)),
                ('cycle', fields.ForeignKeyField('models.Cycle', source_field='cycle_id', null=True, db_constraint=True, to_field='id', related_name='follow_ups', on_delete=OnDelete.RESTRICT)),
                ('reason', fields.TextField(unique=False)),
                ('clause', fields.CharField(default='', max_length=64)),
                ('fact', fields.CharField(default='', max_length=16)),
                ('after', fields.ForeignKeyField('models.FollowUp', source_field='after_id', null=True, db_constraint=True, to_field='id', related_name='next', on_delete=OnDelete.RESTRICT)),
                ('state', fields.CharField(default='open', max_length=12)),
                ('opened_by', fields.CharField(max_length=64)),
                ('opened_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('done_on', fields.DateField(null=True)),
                ('outcome', fields.TextField(default='', unique=False)),
                ('recorded_by', fields.CharField(default='', max_length=64)),
                ('recorded_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'follow_ups', 'app': 'models', 'indexes': [Index(fields=['state', 'kind']), Index(fields=['person_id', 'kind']), Index(fields=['organisation_id', 'kind'])], 'pk_attr': 'id', 'table_description': 'One follow-up of one organisation or person. `after`: what must be recorded before it (filing before notice, A6).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RectificationItem',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('source_key', fields.CharField(unique=True, max_length=96)),
                ('organisation', fields.ForeignKeyField('models.Organisation', source_field='organisation_id', db_constraint=True, to_field='id', related_name='rectifications', on_delete=OnDelete.RESTRICT)),
                ('person', fields.ForeignKeyField('models.Person', source_field='person_id', null=True, db_constraint=True, to_field='id', related_name='rectifications', on_delete=OnDelete.RESTRICT)),
                ('cycle', fields.ForeignKeyField('models.Cycle', source_field='cycle_id', null=True, db_constraint=True, to_field='id', related_name='rectifications', on_delete=OnDelete.RESTRICT)),
                ('source', fields.CharField(max_length=8)),
                ('problem', fields.TextField(unique=False)),
                ('measure', fields.TextField(default='', unique=False)),
                ('responsible', fields.ForeignKeyField('models.Person', source_field='responsible_id', null=True, db_constraint=True, to_field='id', related_name='responsibilities', on_delete=OnDelete.RESTRICT)),
                ('support', fields.CharField(default='', max_length=128)),
                ('due_on', fields.DateField(null=True)),
                ('state', fields.CharField(default='planning', max_length=12)),
                ('consequence', fields.CharField(default='', max_length=32)),
                ('clause', fields.CharField(default='', max_length=64)),
                ('fact', fields.CharField(default='', max_length=16)),
                ('opened_by', fields.CharField(max_length=64)),
                ('opened_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('reported_by', fields.CharField(default='', max_length=64)),
                ('settled_by', fields.CharField(default='', max_length=64)),
                ('settled_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'rectification_items', 'app': 'models', 'indexes': [Index(fields=['organisation_id', 'state']), Index(fields=['responsible_id', 'state']), Index(fields=['state', 'due_on'])], 'pk_attr': 'id', 'table_description': 'One problem to be put right. Without measure, responsible person and last day it is only `planning` (S0-26, S1-09).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RectificationStep',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('source_key', fields.CharField(unique=True, max_length=96)),
                ('item', fields.ForeignKeyField('models.RectificationItem', source_field='item_id', db_constraint=True, to_field='id', related_name='steps', on_delete=OnDelete.CASCADE)),
                ('kind', fields.CharField(max_length=12)),
                ('text', fields.TextField(default='', unique=False)),
                ('by', fields.CharField(max_length=64)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'rectification_steps', 'app': 'models', 'pk_attr': 'id', 'table_description': 'What was done about an item: planned, progress, reported done, verified, returned with a reason. Never changed.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='WeakOrganisation',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('organisation', fields.ForeignKeyField('models.Organisation', source_field='organisation_id', db_constraint=True, to_field='id', related_name='weak_marks', on_delete=OnDelete.RESTRICT)),
                ('reason', fields.TextField(unique=False)),
                ('unit', fields.CharField(max_length=128)),
                ('responsible', fields.ForeignKeyField('models.Person', source_field='responsible_id', db_constraint=True, to_field='id', related_name='weak_marks', on_delete=OnDelete.RESTRICT)),
                ('measure', fields.TextField(unique=False)),
                ('marked_by', fields.CharField(max_length=64)),
                ('marked_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('cleared_by', fields.CharField(default='', max_length=64)),
                ('cleared_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('outcome', fields.TextField(default='', unique=False)),
            ],
            options={'table': 'weak_organisations', 'app': 'models', 'constraints': [UniqueConstraint(fields=('organisation_id',), name='one_standing_mark', condition='cleared_at IS NULL')], 'pk_attr': 'id', 'table_description': 'An organisation in the ledger of weak and lax ones (软弱涣散, S0-27): responsible unit and person, until it has turned.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='MediaItem',
            name='rectification_step',
            field=fields.ForeignKeyField('models.RectificationStep', source_field='rectification_step_id', null=True, db_constraint=True, to_field='id', related_name='media', on_delete=OnDelete.CASCADE),
        ),
        ops.RunSQL(CHECK_PLAN, reverse_sql=UNCHECK_PLAN),
    ]
