"""What the models call kept for good, the database keeps: histories are only added to, and an open vote keeps what it was opened with."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# The record of administrative acts, and every move of a record, a filing and a rectification item.
KEEP_HISTORIES = [
    f"CREATE OR REPLACE TRIGGER {table}_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION forbid_change()"
    for table in ("audit_entries", "record_steps", "filing_steps", "rectification_steps")
]

# Form, classes and scheme are frozen at the opening (design §5); only the state, the keys and the times change after.
KEEP_TERMS = """
CREATE OR REPLACE TRIGGER polls_keep_their_terms
BEFORE UPDATE OF id, meeting_id, evaluation_id, title, opened_at, form, classes, min_class, is_small, scheme_sha256 ON polls
FOR EACH STATEMENT EXECUTE FUNCTION forbid_change()
"""

# A vote is of a meeting or of an evaluation, and no key outlives its close (design §5).
CHECK_POLL = """
ALTER TABLE polls DROP CONSTRAINT IF EXISTS of_one, ADD CONSTRAINT of_one CHECK (num_nonnulls(meeting_id, evaluation_id) = 1),
DROP CONSTRAINT IF EXISTS keys_while_open, ADD CONSTRAINT keys_while_open CHECK (
    num_nonnulls(public_key, wrapped_secret, wrapped_desk) = CASE WHEN state = 'open' THEN 3 ELSE 0 END
)
"""

RULES = (*KEEP_HISTORIES, KEEP_TERMS, CHECK_POLL)


class Migration(migrations.Migration):
    dependencies = [("models", "0002_rules")]

    # A schema is never taken back: its rows would be lost (docs/runbook.md).
    operations = [ops.RunSQL(statement) for statement in RULES]
