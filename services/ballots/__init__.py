"""Ballots: the form, the seal, the count, and what of it may be disclosed. Knows neither meetings nor people."""
