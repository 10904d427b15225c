"""What follows from results: rectification items, ledgers, follow-ups, titles and bars."""
