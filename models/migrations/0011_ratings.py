"""Ratings with their lines, assignments of raters, and draws."""

from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from typing import Any
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

JSON: dict[str, Any] = {'encoder': functools.partial(dumps, separators=(',', ':')), 'decoder': loads}


def id_field(field: Any = fields.IntField) -> tuple[str, Any]:
    return ('id', field(generated=True, primary_key=True, unique=True, db_index=True))


def to(name: str, model: str, related: str, on_delete: OnDelete = OnDelete.CASCADE, **more: Any) -> tuple[str, Any]:
    key: Any = fields.ForeignKeyField(f'models.{model}', source_field=f'{name}_id', db_constraint=True, to_field='id', related_name=related, on_delete=on_delete, **more)
    return (name, key)


class Migration(migrations.Migration):
    dependencies = [('models', '0010_filings')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Draw',
            fields=[
                id_field(),
                to('cycle', 'Cycle', 'draws'),
                ('round', fields.CharField(max_length=41)),
                ('rule', fields.JSONField(**JSON)),
                ('names', fields.JSONField(**JSON)),
                ('found', fields.JSONField(**JSON)),
                ('reason', fields.TextField(default='', unique=False)),
                ('drawn_by', fields.CharField(max_length=64)),
                ('drawn_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('replaced_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'draws', 'app': 'models', 'constraints': [UniqueConstraint(fields=('cycle_id', 'round'), name='one_standing_draw', condition='replaced_at IS NULL')], 'pk_attr': 'id', 'table_description': 'One draw. `names` (keys of the subjects drawn from) and `rule` (seed, groups, ratio) give `found` again, whoever computes it.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Assignment',
            fields=[
                id_field(),
                to('subject', 'CycleSubject', 'assignments'),
                ('round', fields.CharField(max_length=41)),
                to('person', 'Person', 'assignments', OnDelete.RESTRICT),
                to('draw', 'Draw', 'assignments', null=True),
            ],
            options={'table': 'assignments', 'app': 'models', 'unique_together': (('subject', 'round', 'person'),), 'pk_attr': 'id', 'table_description': 'This person rates this subject in this round. `draw`: null where the office named them.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Rating',
            fields=[
                id_field(),
                to('subject', 'CycleSubject', 'ratings'),
                ('round', fields.CharField(max_length=41)),
                to('rater', 'Person', 'ratings', OnDelete.RESTRICT),
                ('state', fields.CharField(default='submitted', max_length=16)),
                ('submitted_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('version', fields.IntField(default=1)),
                ('reopened_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('reopened_by', fields.CharField(null=True, max_length=64)),
                ('reopen_reason', fields.TextField(default='', unique=False)),
                ('fingerprint', fields.CharField(max_length=64)),
            ],
            options={'table': 'ratings', 'app': 'models', 'unique_together': (('subject', 'round', 'rater'),), 'pk_attr': 'id', 'table_description': 'One sheet of one rater. `round`: see `services.rounds`. A reopened one is a draft again, with who, when and why.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RatingValue',
            fields=[
                id_field(fields.BigIntField),
                to('rating', 'Rating', 'values'),
                ('slot', fields.CharField(max_length=80)),
                ('points', fields.CharField(null=True, max_length=32)),
                ('text', fields.TextField(default='', unique=False)),
                ('problems', fields.TextField(default='', unique=False)),
                ('reason', fields.TextField(default='', unique=False)),
                ('records', fields.JSONField(default=list, **JSON)),
            ],
            options={'table': 'rating_values', 'app': 'models', 'unique_together': (('rating', 'slot'),), 'pk_attr': 'id', 'table_description': 'One line of a sheet. `slot`: an indicator (`indicators.common.3`), a score (`scores.team`), an aspect or part in words'},
            bases=['Model'],
        ),
    ]
