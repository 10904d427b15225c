"""The cast also looks whether the phone is still the person's, and whether the end has passed; a poll knows that it is small."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# VOLATILE: each statement inside takes a new snapshot, so what is read after the lock is what the lock holder left.
# A poll that was opened after the end in its file waits for its host to close it (ADR 0004).
CAST_BALLOT = """
CREATE FUNCTION cast_ballot(
    the_poll uuid, the_person integer, the_key text, the_ballot uuid, the_box bytea,
    the_openid text, the_now timestamptz
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    entry record;
    the_meeting integer;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended(the_poll::text, 0));
    SELECT meeting_id INTO the_meeting FROM polls WHERE id = the_poll AND state = 'open';
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
    IF EXISTS (
        SELECT 1 FROM polls JOIN meetings ON meetings.id = polls.meeting_id
        WHERE polls.id = the_poll AND polls.opened_at < meetings.closes_at AND meetings.closes_at <= the_now
    ) THEN RETURN 'closed'; END IF;
    IF the_meeting IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM check_ins WHERE meeting_id = the_meeting AND person_id = the_person
    ) THEN RETURN 'absent'; END IF;
    UPDATE roll_entries SET has_voted = true, cast_key = the_key WHERE id = entry.id;
    INSERT INTO sealed_ballots (id, poll_id, box) VALUES (the_ballot, the_poll, the_box);
    RETURN 'counted';
END $$
"""
DROP = "DROP FUNCTION cast_ballot(uuid, integer, text, uuid, bytea, text, timestamptz)"


class Migration(migrations.Migration):
    dependencies = [("models", "0005_screens")]

    operations = [
        ops.RenameField(model_name="Poll", old_name="accepts_small", new_name="is_small"),
        ops.RunSQL("DROP FUNCTION cast_ballot(uuid, integer, text, uuid, bytea)", reverse_sql=""),
        ops.RunSQL(CAST_BALLOT, reverse_sql=DROP),
    ]
