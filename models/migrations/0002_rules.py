"""What the database itself keeps, whatever a program does: the cast, folded names, final results, plans before work."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# The cast as one statement: barrier, checks, roll mark and sealed ballot in one round trip (design §5, ADR 0002).
# VOLATILE: each statement inside takes a new snapshot, so what is read after the lock is what the lock holder left.
CAST_BALLOT = """
CREATE OR REPLACE FUNCTION cast_ballot(
    the_poll uuid, the_person integer, the_key text, the_ballot uuid, the_box bytea,
    the_openid text, the_now timestamptz
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    entry record;
    the_meeting integer;
    the_end timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended(the_poll::text, 0));
    SELECT meeting_id, closes_at INTO the_meeting, the_end FROM polls WHERE id = the_poll AND state = 'open';
    IF NOT FOUND THEN RETURN 'closed'; END IF;
    SELECT id, has_voted, cast_key INTO entry FROM roll_entries
        WHERE poll_id = the_poll AND person_id = the_person FOR UPDATE;
    IF NOT FOUND THEN RETURN 'not_entitled'; END IF;
    IF entry.has_voted THEN
        RETURN CASE WHEN entry.cast_key = the_key THEN 'counted' ELSE 'already_voted' END;
    END IF;
    IF the_openid IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM accounts WHERE openid = the_openid AND person_id = the_person
    ) THEN RETURN 'not_yours'; END IF;
    IF the_end <= the_now THEN RETURN 'closed'; END IF;
    IF the_meeting IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM check_ins WHERE meeting_id = the_meeting AND person_id = the_person
    ) THEN RETURN 'absent'; END IF;
    UPDATE roll_entries SET has_voted = true, cast_key = the_key WHERE id = entry.id;
    INSERT INTO sealed_ballots (id, poll_id, box) VALUES (the_ballot, the_poll, the_box);
    RETURN 'counted';
END $$
"""

# How names are compared: 「张　三」 is 「张三」, and the dot within a name is typed in many ways or left out.
FOLD_NAME = r"""
CREATE OR REPLACE FUNCTION fold_name(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT lower(regexp_replace(normalize(name, NFKC), '[\s\u200b-\u200f\ufeff·•・‧∙⋅.]', '', 'g'))
$$
"""
FIND_BY_NAME = "CREATE INDEX IF NOT EXISTS people_folded_name ON people (fold_name(name))"

# Computed and published results, and the scheme that a cycle runs under, are final (design §8, rule 10).
FORBID_CHANGE = """
CREATE OR REPLACE FUNCTION forbid_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is immutable', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
KEEP_ROWS = [
    f"CREATE OR REPLACE TRIGGER {table}_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION forbid_change()"
    for table in ("score_runs", "run_subjects", "publications")
]
KEEP_SCHEME = """
CREATE OR REPLACE TRIGGER cycles_keep_their_scheme
BEFORE UPDATE OF scheme, scheme_sha256, scheme_text, year, organisation_id ON cycles
FOR EACH STATEMENT EXECUTE FUNCTION forbid_change()
"""

# An item that is under way has a measure, a responsible person and a last day (S0-26, S1-09).
CHECK_PLAN = """
ALTER TABLE rectification_items DROP CONSTRAINT IF EXISTS planned_before_begun,
ADD CONSTRAINT planned_before_begun CHECK (
    state IN ('planning', 'withdrawn') OR (due_on IS NOT NULL AND responsible_id IS NOT NULL AND measure <> '')
)
"""

# At most one that stands. Tortoise knows these from the models, but does not make them with a table (its issue 2272, open
# in 1.1.9), and a database without them would accept a second one from two phones at once.
ONE_ONLY = [
    f"CREATE UNIQUE INDEX IF NOT EXISTS {name} ON {table} ({columns}) {where}"
    for name, table, columns, where in (
        ("one_open_poll", "polls", "meeting_id", "WHERE state = 'open'"),
        ("one_poll_of_evaluation", "polls", "evaluation_id", ""),
        ("one_open_result_notice", "public_notices", "cycle_id", "WHERE state = 'open' AND run_id IS NOT NULL"),
        ("one_screen", "screens", "meeting_id", "WHERE replaced_at IS NULL"),
        ("one_secretary", "posts", "organisation_id", "WHERE title = '书记'"),
        ("one_standing_draw", "draws", "cycle_id, round", "WHERE replaced_at IS NULL"),
        ("one_standing_exemption", "exemptions", "subject_id", "WHERE state <> 'rejected'"),
        ("one_standing_input", "inputs", "subject_id, slot", "WHERE replaced_at IS NULL"),
        ("one_standing_mark", "weak_organisations", "organisation_id", "WHERE cleared_at IS NULL"),
    )
]

RULES = (*ONE_ONLY, CAST_BALLOT, FOLD_NAME, FIND_BY_NAME, FORBID_CHANGE, *KEEP_ROWS, KEEP_SCHEME, CHECK_PLAN)


class Migration(migrations.Migration):
    dependencies = [("models", "0001_initial")]

    # A schema is never taken back: its rows would be lost (docs/runbook.md).
    operations = [ops.RunSQL(statement) for statement in RULES]
