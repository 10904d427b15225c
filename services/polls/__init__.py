"""Polls: opened with roll and rules frozen, voted in, closed by a barrier, gathered into their cycle."""
