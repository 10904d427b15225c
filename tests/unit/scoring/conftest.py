"""Hypothesis without a deadline: these laws run on shared, sometimes busy machines."""

from hypothesis import settings

settings.register_profile("laws", deadline=None, max_examples=60)
settings.load_profile("laws")
