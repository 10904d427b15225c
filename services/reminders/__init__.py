"""The clock: what is due, planned into one digest a day, sent within the rations of the platform; overviews, conflicts of the calendar."""
