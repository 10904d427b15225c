"""The big screens of meetings."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

class Migration(migrations.Migration):
    dependencies = [('models', '0004_cycles')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Screen',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('meeting', fields.ForeignKeyField('models.Meeting', source_field='meeting_id', db_constraint=True, to_field='id', related_name='screens', on_delete=OnDelete.CASCADE)),
                ('token', fields.CharField(unique=True, max_length=32)),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('replaced_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('chosen_view', fields.CharField(default='', max_length=8)),
                ('chosen_phase', fields.CharField(default='', max_length=16)),
                ('reporter_no', fields.SmallIntField(null=True)),
                ('steering_key', fields.CharField(default='', max_length=64)),
            ],
            options={'table': 'screens', 'app': 'models', 'constraints': [UniqueConstraint(fields=('meeting_id',), name='one_screen', condition='replaced_at IS NULL')], 'pk_attr': 'id', 'table_description': "One address of a meeting's big screen. Replaced ones stay, so that whoever still has them open is told."},
            bases=['Model'],
        ),
    ]
