"""Assessment cycles, what is put into them, and their runs, which the database keeps from being changed."""

from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

# Computed and published results, and the scheme that a cycle runs under, are final (design §8, rule 10).
FORBID_CHANGE = """
CREATE FUNCTION forbid_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is immutable', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
FINAL = ("score_runs", "run_subjects", "publications")
KEEP_ROWS = [
    f"CREATE TRIGGER {table}_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION forbid_change()"
    for table in FINAL
]
KEEP_SCHEME = """
CREATE TRIGGER cycles_keep_their_scheme BEFORE UPDATE OF scheme, scheme_sha256, scheme_text, year, organisation_id ON cycles
FOR EACH STATEMENT EXECUTE FUNCTION forbid_change()
"""


class Migration(migrations.Migration):
    dependencies = [('models', '0003_names_at_binding')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Cycle',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('title', fields.CharField(max_length=128)),
                ('scheme', fields.CharField(max_length=64)),
                ('scheme_sha256', fields.CharField(max_length=64)),
                ('scheme_text', fields.TextField(unique=False)),
                ('year', fields.CharField(max_length=4)),
                ('organisation', fields.ForeignKeyField('models.Organisation', source_field='organisation_id', db_constraint=True, to_field='id', on_delete=OnDelete.RESTRICT)),
                ('settings', fields.JSONField(default=dict, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('created_by', fields.CharField(max_length=64)),
            ],
            options={'table': 'cycles', 'app': 'models', 'unique_together': (('scheme', 'year', 'organisation'),), 'pk_attr': 'id', 'table_description': "One year of a scheme over an organisation and all below it. The scheme's text is kept: a used scheme never changes."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='CycleSubject',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('cycle', fields.ForeignKeyField('models.Cycle', source_field='cycle_id', db_constraint=True, to_field='id', related_name='subjects', on_delete=OnDelete.CASCADE)),
                ('position', fields.IntField()),
                ('key', fields.CharField(max_length=80)),
                ('kind', fields.CharField(max_length=16)),
                ('name', fields.CharField(max_length=128)),
                ('status', fields.CharField(max_length=16)),
                ('parent', fields.CharField(null=True, max_length=80)),
                ('organisation', fields.ForeignKeyField('models.Organisation', source_field='organisation_id', db_constraint=True, to_field='id', on_delete=OnDelete.RESTRICT)),
                ('person', fields.ForeignKeyField('models.Person', source_field='person_id', null=True, db_constraint=True, to_field='id', on_delete=OnDelete.RESTRICT)),
                ('exempt', fields.TextField(null=True, unique=False)),
            ],
            options={'table': 'cycle_subjects', 'app': 'models', 'unique_together': (('cycle', 'key'), ('cycle', 'position')), 'pk_attr': 'id', 'table_description': 'One assessed subject of the snapshot; `key` (`branch:0102`, `member:2001`) is its id in documents and results.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Claim',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('subject', fields.ForeignKeyField('models.CycleSubject', source_field='subject_id', db_constraint=True, to_field='id', related_name='claims', on_delete=OnDelete.CASCADE)),
                ('kind', fields.CharField(max_length=16)),
                ('rule', fields.CharField(default='', max_length=32)),
                ('amount', fields.CharField(default='', max_length=32)),
                ('happened_on', fields.DateField(null=True)),
                ('until', fields.DateField(null=True)),
                ('reason', fields.TextField(unique=False)),
                ('fingerprint', fields.CharField(max_length=64)),
                ('claimed_by', fields.CharField(max_length=64)),
                ('claimed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('state', fields.CharField(default='claimed', max_length=16)),
                ('decided_by', fields.CharField(null=True, max_length=64)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('decision', fields.TextField(null=True, unique=False)),
            ],
            options={'table': 'claims', 'app': 'models', 'unique_together': (('subject', 'fingerprint'),), 'pk_attr': 'id', 'table_description': 'One claim about a subject. `rule` of a veto; `amount`: points of a bonus, levels of a downgrade. Persons by staff number.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Exemption',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('subject', fields.ForeignKeyField('models.CycleSubject', source_field='subject_id', db_constraint=True, to_field='id', related_name='exemptions', on_delete=OnDelete.CASCADE)),
                ('reason', fields.TextField(unique=False)),
                ('applied_by', fields.CharField(max_length=64)),
                ('applied_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('state', fields.CharField(default='applied', max_length=8)),
                ('decided_by', fields.CharField(null=True, max_length=64)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('decision', fields.TextField(null=True, unique=False)),
            ],
            options={'table': 'exemptions', 'app': 'models', 'constraints': [UniqueConstraint(fields=('subject_id',), name='one_standing_exemption', condition="state <> 'rejected'")], 'pk_attr': 'id', 'table_description': 'One application for one subject, and what came of it. Persons by staff number.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Input',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('subject', fields.ForeignKeyField('models.CycleSubject', source_field='subject_id', db_constraint=True, to_field='id', related_name='inputs', on_delete=OnDelete.CASCADE)),
                ('slot', fields.CharField(max_length=80)),
                ('content', fields.TextField(unique=False)),
                ('hidden', fields.JSONField(default=list, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('source', fields.CharField(max_length=64)),
                ('reason', fields.TextField(default='', unique=False)),
                ('entered_by', fields.CharField(max_length=64)),
                ('entered_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('replaced_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'inputs', 'app': 'models', 'constraints': [UniqueConstraint(fields=('subject_id', 'slot'), name='one_standing_input', condition='replaced_at IS NULL')], 'pk_attr': 'id', 'table_description': 'One value of one slot of a subject.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ScoreRun',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('cycle', fields.ForeignKeyField('models.Cycle', source_field='cycle_id', db_constraint=True, to_field='id', related_name='runs', on_delete=OnDelete.RESTRICT)),
                ('scheme_sha256', fields.CharField(max_length=64)),
                ('inputs_sha256', fields.CharField(max_length=64)),
                ('document', fields.TextField(unique=False)),
                ('outcome', fields.TextField(unique=False)),
                ('computed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('computed_by', fields.CharField(max_length=64)),
            ],
            options={'table': 'score_runs', 'app': 'models', 'unique_together': (('cycle', 'scheme_sha256', 'inputs_sha256'),), 'pk_attr': 'id', 'table_description': 'One evaluation. `document` and `outcome` are JSON text, kept byte for byte.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Publication',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('cycle', fields.ForeignKeyField('models.Cycle', source_field='cycle_id', db_constraint=True, to_field='id', related_name='publications', on_delete=OnDelete.RESTRICT)),
                ('run', fields.ForeignKeyField('models.ScoreRun', source_field='run_id', db_constraint=True, to_field='id', related_name='publications', on_delete=OnDelete.RESTRICT)),
                ('position', fields.IntField()),
                ('reason', fields.TextField(unique=False)),
                ('published_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('published_by', fields.CharField(max_length=64)),
            ],
            options={'table': 'publications', 'app': 'models', 'unique_together': (('cycle', 'position'),), 'pk_attr': 'id', 'table_description': 'A run was published. `position` 1 is the first of its cycle; any later one has a reason. The last one is what people see.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RunSubject',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('run', fields.ForeignKeyField('models.ScoreRun', source_field='run_id', db_constraint=True, to_field='id', related_name='subjects', on_delete=OnDelete.RESTRICT)),
                ('position', fields.IntField()),
                ('key', fields.CharField(max_length=80)),
                ('result', fields.TextField(unique=False)),
            ],
            options={'table': 'run_subjects', 'app': 'models', 'unique_together': (('run', 'key'), ('run', 'position')), 'pk_attr': 'id', 'table_description': 'The result of one subject of a run, as JSON text; `position` is its place in the result.'},
            bases=['Model'],
        ),
        ops.RunSQL(FORBID_CHANGE, reverse_sql="DROP FUNCTION forbid_change() CASCADE"),
        *(ops.RunSQL(statement, reverse_sql="SELECT 1") for statement in (*KEEP_ROWS, KEEP_SCHEME)),
    ]
