"""Filings and their moves, comments of leaders, meetings that are wound up."""

from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0009_rectifications')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Comment',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('reporter', fields.ForeignKeyField('models.Reporter', source_field='reporter_id', db_constraint=True, to_field='id', related_name='comments', on_delete=OnDelete.CASCADE)),
                ('person', fields.ForeignKeyField('models.Person', source_field='person_id', db_constraint=True, to_field='id', on_delete=OnDelete.RESTRICT)),
                ('problem', fields.TextField(unique=False)),
                ('direction', fields.TextField(unique=False)),
                ('said_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'comments', 'app': 'models', 'unique_together': (('reporter', 'person'),), 'pk_attr': 'id', 'table_description': 'What one leader said to one reporter: the problem that stands out, and the direction (S4-18). Said again it is replaced.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Filing',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('cycle', fields.ForeignKeyField('models.Cycle', source_field='cycle_id', db_constraint=True, to_field='id', related_name='filings', on_delete=OnDelete.CASCADE)),
                ('paper', fields.CharField(max_length=41)),
                ('subject', fields.ForeignKeyField('models.CycleSubject', source_field='subject_id', null=True, db_constraint=True, to_field='id', related_name='filings', on_delete=OnDelete.CASCADE)),
                ('about', fields.CharField(default='', max_length=64)),
                ('source_key', fields.CharField(unique=True, max_length=255)),
                ('state', fields.CharField(default='草稿', max_length=32)),
                ('version', fields.IntField(default=0)),
                ('parts', fields.JSONField(default=list, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('promises', fields.JSONField(default=list, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('written_key', fields.CharField(default='', max_length=64)),
                ('made_by', fields.CharField(max_length=64)),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('changed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'filings', 'app': 'models', 'indexes': [Index(fields=['cycle_id', 'paper', 'state'])], 'pk_attr': 'id', 'table_description': 'One paper (`paper`: its key in the scheme) of a cycle, about a subject or about none; `about` tells several of one apart.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='FilingStep',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('filing', fields.ForeignKeyField('models.Filing', source_field='filing_id', db_constraint=True, to_field='id', related_name='steps', on_delete=OnDelete.CASCADE)),
                ('version', fields.IntField()),
                ('from_state', fields.CharField(max_length=32)),
                ('to_state', fields.CharField(max_length=32)),
                ('by', fields.CharField(max_length=64)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('reason', fields.CharField(default='', max_length=128)),
                ('part', fields.CharField(default='', max_length=128)),
                ('note', fields.TextField(default='', unique=False)),
                ('parts', fields.JSONField(default=list, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('source_key', fields.CharField(null=True, max_length=64)),
            ],
            options={'table': 'filing_steps', 'app': 'models', 'unique_together': (('filing', 'version'), ('filing', 'source_key')), 'pk_attr': 'id', 'table_description': 'One move of a filing: from where to where, by whom (staff number), when, why. `parts`: the paper as it was then.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='Meeting',
            name='concluded_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Meeting',
            name='minutes_each',
            field=fields.IntField(null=True),
        ),
    ]

