"""What an office should settle before the year starts: found mechanically in any scheme, each finding by its own rule."""

from scoring import lint_bands, lint_counts, lint_dates, lint_dead, lint_open, lint_shares
from scoring.findings import Finding
from scoring.scheme import Scheme

__all__ = ["RULES", "Finding", "lint"]

RULES = (
    *lint_bands.RULES,
    *lint_shares.RULES,
    *lint_open.RULES,
    *lint_counts.RULES,
    *lint_dates.RULES,
    *lint_dead.RULES,
)


def lint(scheme: Scheme) -> tuple[Finding, ...]:
    """All findings, in the order of the file within each rule."""
    return tuple(finding for find in RULES for finding in find(scheme))
