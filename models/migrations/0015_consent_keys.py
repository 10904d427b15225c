"""The event that brought the newest consent, so that its repeat adds none."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [('models', '0014_reminders')]

    initial = False

    operations = [
        ops.AddField(model_name='Subscription', name='last_key', field=fields.CharField(default='', max_length=64)),
    ]
