"""Wrong codes are counted by name, and people are found by folded name."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

# How names are compared: 「张　三」 is 「张三」, and the dot within a name is typed in many ways or left out.
FOLD_NAME = r"""
CREATE FUNCTION fold_name(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT lower(regexp_replace(normalize(name, NFKC), '[\s\u200b-\u200f\ufeff·•・‧∙⋅.]', '', 'g'))
$$
"""


class Migration(migrations.Migration):
    dependencies = [("models", "0002_cast_ballot")]

    operations = [
        ops.RunSQL("DELETE FROM binding_failures", reverse_sql="DELETE FROM binding_failures"),
        ops.RemoveIndex("BindingFailure", fields=["person_id", "at"]),
        ops.RemoveField("BindingFailure", "person"),
        ops.AddField("BindingFailure", "name_hash", fields.CharField(max_length=64)),
        ops.AlterModelOptions(
            name="BindingFailure",
            options={
                "table": "binding_failures",
                "app": "models",
                "pk_attr": "id",
                "table_description": "One wrong binding code. Counted for the lock-outs, purged after a day.",
            },
        ),
        ops.AddIndex("BindingFailure", index=Index(fields=["name_hash", "at"])),
        ops.RunSQL(FOLD_NAME, reverse_sql="DROP FUNCTION fold_name(text)"),
        ops.RunSQL("CREATE INDEX people_folded_name ON people (fold_name(name))", reverse_sql="DROP INDEX people_folded_name"),
    ]
