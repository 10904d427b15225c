"""Posts that people held before: who comes after them goes on with their unfinished work, and the office sees what nobody can."""

from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [('models', '0016_indexes')]

    initial = False

    operations = [
        ops.CreateModel(
            name='FormerPost',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('title', fields.CharField(max_length=32)),
                ('person', fields.ForeignKeyField('models.Person', source_field='person_id', db_constraint=True, to_field='id', related_name='former_posts', on_delete=OnDelete.CASCADE)),
                ('organisation', fields.ForeignKeyField('models.Organisation', source_field='organisation_id', db_constraint=True, to_field='id', related_name='former_posts', on_delete=OnDelete.CASCADE)),
                ('ended_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('told_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'former_posts', 'app': 'models', 'indexes': [Index(fields=['person_id']), Index(fields=['organisation_id'])], 'pk_attr': 'id', 'table_description': 'A post that a person held until `ended_at`; they may hold it again. `told_at`: when both sides of a handover were told.'},
            bases=['Model'],
        ),
    ]
