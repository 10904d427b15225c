"""Days of stages that the office has set, and which stages are finished."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [('models', '0006_cast_guards')]

    initial = False

    operations = [
        ops.CreateModel(
            name='StageDate',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('cycle', fields.ForeignKeyField('models.Cycle', source_field='cycle_id', db_constraint=True, to_field='id', related_name='stage_dates', on_delete=OnDelete.CASCADE)),
                ('stage', fields.CharField(max_length=41)),
                ('starts', fields.DateField(null=True)),
                ('soft', fields.DateField(null=True)),
                ('due', fields.DateField(null=True)),
                ('reason', fields.TextField(unique=False)),
                ('by', fields.CharField(max_length=64)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('finished_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('finished_by', fields.CharField(null=True, max_length=64)),
            ],
            options={'table': 'stage_dates', 'app': 'models', 'unique_together': (('cycle', 'stage'),), 'pk_attr': 'id', 'table_description': "What the office has set for one stage of one cycle. A day that is null stays the document's; `reason` is of the last change."},
            bases=['Model'],
        ),
    ]
