"""Consents to subscription notices; figures of overviews, to tell what has changed; what the product asks of people."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [('models', '0013_evaluations')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Subscription',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('account', fields.ForeignKeyField('models.Account', source_field='account_id', db_constraint=True, to_field='id', related_name='subscriptions', on_delete=OnDelete.CASCADE)),
                ('template_id', fields.CharField(max_length=64)),
                ('remaining', fields.IntField()),
            ],
            options={'table': 'subscriptions', 'app': 'models', 'unique_together': (('account', 'template_id'),), 'pk_attr': 'id', 'table_description': 'Consents of one account for one template that are not used up. Gone with the account.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Overview',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('cycle', fields.ForeignKeyField('models.Cycle', source_field='cycle_id', db_constraint=True, to_field='id', related_name='overviews', on_delete=OnDelete.CASCADE)),
                ('slot', fields.CharField(max_length=48)),
                ('kept_on', fields.DateField()),
                ('figures', fields.JSONField(default=dict)),
            ],
            options={'table': 'overviews', 'app': 'models', 'unique_together': (('cycle', 'slot'),), 'pk_attr': 'id', 'table_description': 'The figures of one overview, as of a morning. `slot`: `week:2020-11-16` (its Monday) or `stage:self_report`, once each.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Burden',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('organisation', fields.ForeignKeyField('models.Organisation', source_field='organisation_id', db_constraint=True, to_field='id', related_name='burdens', on_delete=OnDelete.CASCADE)),
                ('month', fields.CharField(max_length=7)),
                ('pulled', fields.IntField()),
                ('pushed', fields.IntField()),
                ('asked', fields.IntField()),
                ('seconds', fields.IntField()),
            ],
            options={'table': 'burdens', 'app': 'models', 'unique_together': (('organisation', 'month'),), 'pk_attr': 'id', 'table_description': 'One organisation in one month (`2020-11`, Shanghai): messages pulled and pushed, questions asked, seconds spent answering.'},
            bases=['Model'],
        ),
    ]
