"""Cycles: scheme, roster snapshot, stages, and everything that is put into them."""
