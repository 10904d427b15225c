"""Tables and named queries. `MODULES` is the list that Tortoise reads."""

MODULES = [
    f"models.{name}"
    for name in (
        "organisations",
        "people",
        "accounts",
        "meetings",
        "polls",
        "notices",
        "jobs",
        "audit",
        "complaints",
        "rectifications",
        "follow_ups",
        "duties",
        "media",
        "drafts",
        "cycles",
        "exemptions",
        "inputs",
        "claims",
        "runs",
        "screens",
        "records",
        "musters",
        "photos",
        "filings",
        "comments",
        "stages",
        "public_notices",
        "objections",
        "uploads",
        "ratings",
        "assignments",
        "evaluations",
    )
]
