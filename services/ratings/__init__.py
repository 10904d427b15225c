"""Ratings by those who are assigned or entitled: sheets, rounds, draws, progress."""
