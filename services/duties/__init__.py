"""Periodic duties (履职): whom they fall to, what is done, what is owed."""
