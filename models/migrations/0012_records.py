"""Records of organisational life with their attendance and history, musters by code, prints of photos and questions about them."""

from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0011_ratings')]

    initial = False

    operations = [
        ops.CreateModel(
            name='PhotoPrint',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('media', fields.OneToOneField('models.MediaItem', source_field='media_id', db_constraint=True, to_field='id', related_name='photo_print', on_delete=OnDelete.CASCADE)),
                ('print', fields.BigIntField(null=True)),
                ('band_0', fields.IntField(null=True, db_index=True)),
                ('band_1', fields.IntField(null=True, db_index=True)),
                ('band_2', fields.IntField(null=True, db_index=True)),
                ('band_3', fields.IntField(null=True, db_index=True)),
                ('taken_on', fields.DateField(null=True)),
            ],
            options={'table': 'photo_prints', 'app': 'models', 'pk_attr': 'id', 'table_description': 'The print of one photo: 64 bits as a signed number, its four bands, and the day in the photo itself where it names one.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Record',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('source_key', fields.CharField(unique=True, max_length=64)),
                ('kind', fields.CharField(max_length=32)),
                ('organisation', fields.ForeignKeyField('models.Organisation', source_field='organisation_id', db_constraint=True, to_field='id', related_name='records', on_delete=OnDelete.RESTRICT)),
                ('held_on', fields.DateField()),
                ('topic', fields.CharField(max_length=200)),
                ('place', fields.CharField(default='', max_length=100)),
                ('host', fields.CharField(default='', max_length=64)),
                ('procedure', fields.TextField(default='', unique=False)),
                ('minutes', fields.TextField(default='', unique=False)),
                ('concerns', fields.ForeignKeyField('models.Person', source_field='concerns_id', null=True, db_constraint=True, to_field='id', related_name='records_about', on_delete=OnDelete.RESTRICT)),
                ('answers', fields.JSONField(default=dict, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('expected', fields.IntField(default=0)),
                ('present', fields.IntField(default=0)),
                ('state', fields.CharField(default='kept', max_length=8)),
                ('version', fields.IntField(default=1)),
                ('kept_by', fields.ForeignKeyField('models.Person', source_field='kept_by_id', db_constraint=True, to_field='id', related_name='records_kept', on_delete=OnDelete.RESTRICT)),
                ('kept_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('reviewed_by', fields.CharField(null=True, max_length=64)),
                ('reviewed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('reason', fields.TextField(default='', unique=False)),
            ],
            options={'table': 'records', 'app': 'models', 'indexes': [Index(fields=['organisation_id', 'held_on']), Index(fields=['state']), Index(fields=['kept_by_id', 'kept_at'])], 'pk_attr': 'id', 'table_description': 'One record. `kind`: a key of config/record_kinds.yaml. `expected` and `present` are counted on the roster of that moment.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Attendance',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('record', fields.ForeignKeyField('models.Record', source_field='record_id', db_constraint=True, to_field='id', related_name='attendances', on_delete=OnDelete.CASCADE)),
                ('person', fields.ForeignKeyField('models.Person', source_field='person_id', db_constraint=True, to_field='id', related_name='attendances', on_delete=OnDelete.RESTRICT)),
                ('is_present', fields.BooleanField()),
                ('word', fields.CharField(default='', max_length=16)),
            ],
            options={'table': 'attendances', 'app': 'models', 'unique_together': (('record', 'person'),), 'pk_attr': 'id', 'table_description': 'Whether one person of the roster was there; `word` is what was said of their absence (请假, 出差 …).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Muster',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('code', fields.CharField(unique=True, max_length=32)),
                ('source_key', fields.CharField(unique=True, max_length=64)),
                ('organisation', fields.ForeignKeyField('models.Organisation', source_field='organisation_id', db_constraint=True, to_field='id', related_name='musters', on_delete=OnDelete.RESTRICT)),
                ('kind', fields.CharField(max_length=32)),
                ('made_by', fields.ForeignKeyField('models.Person', source_field='made_by_id', db_constraint=True, to_field='id', on_delete=OnDelete.RESTRICT)),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('record', fields.ForeignKeyField('models.Record', source_field='record_id', null=True, db_constraint=True, to_field='id', related_name='musters', on_delete=OnDelete.CASCADE)),
            ],
            options={'table': 'musters', 'app': 'models', 'indexes': [Index(fields=['organisation_id', 'made_at'])], 'pk_attr': 'id', 'table_description': "One activity's code, the unguessable part of its scene `r.<code>`. `record` once the activity has been recorded."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Arrival',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('muster', fields.ForeignKeyField('models.Muster', source_field='muster_id', db_constraint=True, to_field='id', related_name='arrivals', on_delete=OnDelete.CASCADE)),
                ('person', fields.ForeignKeyField('models.Person', source_field='person_id', db_constraint=True, to_field='id', on_delete=OnDelete.RESTRICT)),
            ],
            options={'table': 'arrivals', 'app': 'models', 'unique_together': (('muster', 'person'),), 'pk_attr': 'id', 'table_description': "One person who scanned. No time is kept: who was late is nobody's business."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PhotoQuestion',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('source_key', fields.CharField(unique=True, max_length=64)),
                ('kind', fields.CharField(max_length=16)),
                ('record', fields.ForeignKeyField('models.Record', source_field='record_id', db_constraint=True, to_field='id', related_name='questions', on_delete=OnDelete.CASCADE)),
                ('media', fields.ForeignKeyField('models.MediaItem', source_field='media_id', null=True, db_constraint=True, to_field='id', related_name='questions', on_delete=OnDelete.CASCADE)),
                ('other', fields.ForeignKeyField('models.Record', source_field='other_id', null=True, db_constraint=True, to_field='id', related_name='questions_elsewhere', on_delete=OnDelete.CASCADE)),
                ('detail', fields.JSONField(default=dict, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('asked_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('answer', fields.TextField(default='', unique=False)),
                ('answered_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'photo_questions', 'app': 'models', 'indexes': [Index(fields=['record_id'])], 'pk_attr': 'id', 'table_description': "Something to ask the branch about a record's photos; a question, never a finding against anybody."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RecordStep',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('record', fields.ForeignKeyField('models.Record', source_field='record_id', db_constraint=True, to_field='id', related_name='steps', on_delete=OnDelete.CASCADE)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('by', fields.CharField(max_length=64)),
                ('act', fields.CharField(max_length=8)),
                ('reason', fields.TextField(default='', unique=False)),
                ('before', fields.JSONField(default=dict, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
            ],
            options={'table': 'record_steps', 'app': 'models', 'indexes': [Index(fields=['record_id'])], 'pk_attr': 'id', 'table_description': 'One thing that happened to a record, for good: `act` kept | changed | accepted | returned | photo, with what stood before.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='MediaItem',
            name='keeper',
            field=fields.ForeignKeyField('models.Person', source_field='keeper_id', null=True, db_constraint=True, to_field='id', related_name='media', on_delete=OnDelete.CASCADE),
        ),
        ops.AddField(
            model_name='MediaItem',
            name='position',
            field=fields.IntField(default=0),
        ),
        ops.AddField(
            model_name='MediaItem',
            name='record',
            field=fields.ForeignKeyField('models.Record', source_field='record_id', null=True, db_constraint=True, to_field='id', related_name='media', on_delete=OnDelete.CASCADE),
        ),
        ops.AddIndex(
            model_name='MediaItem',
            index=Index(fields=['keeper_id', 'received_at']),
        ),
        ops.AddIndex(
            model_name='MediaItem',
            index=Index(fields=['record_id']),
        ),
    ]

