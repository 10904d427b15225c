"""Public notices, objections to them, uploaded files, and answers to complaints."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

class Migration(migrations.Migration):
    dependencies = [('models', '0007_stage_dates')]

    initial = False

    operations = [
        ops.CreateModel(
            name='PublicNotice',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('source_key', fields.CharField(unique=True, max_length=64)),
                ('code', fields.CharField(unique=True, max_length=32)),
                ('organisation', fields.ForeignKeyField('models.Organisation', source_field='organisation_id', db_constraint=True, to_field='id', on_delete=OnDelete.RESTRICT)),
                ('cycle', fields.ForeignKeyField('models.Cycle', source_field='cycle_id', null=True, db_constraint=True, to_field='id', related_name='public_notices', on_delete=OnDelete.RESTRICT)),
                ('run', fields.ForeignKeyField('models.ScoreRun', source_field='run_id', null=True, db_constraint=True, to_field='id', on_delete=OnDelete.RESTRICT)),
                ('title', fields.CharField(max_length=128)),
                ('body', fields.TextField(default='', unique=False)),
                ('from_day', fields.DateField()),
                ('to_day', fields.DateField()),
                ('opened_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('opened_by', fields.CharField(max_length=64)),
                ('state', fields.CharField(default='open', max_length=12)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('ended_by', fields.CharField(null=True, max_length=64)),
                ('reason', fields.TextField(default='', unique=False)),
            ],
            options={'table': 'public_notices', 'app': 'models', 'constraints': [UniqueConstraint(fields=('cycle_id',), name='one_open_result_notice', condition="state = 'open' AND run_id IS NOT NULL")], 'pk_attr': 'id', 'table_description': 'One notice, of a run or (without one) of `body`, paragraphs a line each; `code` is its unguessable address.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Objection',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('source_key', fields.CharField(unique=True, max_length=64)),
                ('notice', fields.ForeignKeyField('models.PublicNotice', source_field='notice_id', db_constraint=True, to_field='id', related_name='objections', on_delete=OnDelete.RESTRICT)),
                ('person', fields.ForeignKeyField('models.Person', source_field='person_id', db_constraint=True, to_field='id', on_delete=OnDelete.RESTRICT)),
                ('text', fields.TextField(unique=False)),
                ('received_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('outcome', fields.CharField(default='received', db_index=True, max_length=12)),
                ('answer', fields.TextField(null=True, unique=False)),
                ('answered_by', fields.CharField(null=True, max_length=64)),
                ('answered_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'objections', 'app': 'models', 'pk_attr': 'id', 'table_description': "One person's objection to one notice. `outcome`: received until the office has upheld or corrected what was objected to."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Upload',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('target_kind', fields.CharField(max_length=16)),
                ('target_id', fields.IntField()),
                ('name', fields.CharField(max_length=128)),
                ('kind', fields.CharField(max_length=8)),
                ('size', fields.IntField()),
                ('sha256', fields.CharField(max_length=64)),
                ('person', fields.ForeignKeyField('models.Person', source_field='person_id', db_constraint=True, to_field='id', on_delete=OnDelete.RESTRICT)),
                ('uploaded_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'uploads', 'app': 'models', 'unique_together': (('target_kind', 'target_id', 'sha256'),), 'pk_attr': 'id', 'table_description': 'One file of one target (`target_kind` and `target_id`, such as `record` 12); `sha256` names the stored content.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='Complaint',
            name='answer',
            field=fields.TextField(null=True, unique=False),
        ),
        ops.AddField(
            model_name='Complaint',
            name='answered_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Complaint',
            name='answered_by',
            field=fields.CharField(null=True, max_length=64),
        ),
    ]

