"""What a report says, as one hash: of an entry, of a report, and whether they still hold."""

from typing import Any

from tracker.models import Report, ReportEntry
from tracker.words.digests import canonical_json, sha256

CONTENT_FIELDS = (
    *(
        "key",
        "category_number",
        "category_name",
        "section_number",
        "section_name",
        "pledge_key",
        "pledge_number",
        "pledge_text",
    ),
    *(
        "initiative_position",
        "plan_projects",
        "sdgs",
        "results",
        "plans",
        "rating_code",
        "rating_reason",
        "rating_history",
    ),
    *("departments", "other_departments"),
)
DERIVED_FIELDS = ("position", "progress", "excerpt", "facets", "search_text", "content_digest")
LATER_FIELDS = ("ended_after", "carried_from")  # said only where there is something to say


def content(entry: ReportEntry) -> dict[str, Any]:
    """What an entry says, as its digest takes it."""
    later = {name: str(value) for name in LATER_FIELDS if (value := getattr(entry, name)) is not None}
    return {name: getattr(entry, name) for name in CONTENT_FIELDS} | later


def content_digest(entry: ReportEntry) -> str:
    """SHA-256 over what an entry says (not over what is derived from it)."""
    return sha256(canonical_json(content(entry)))


def digest(report: Report, entries: list[ReportEntry]) -> str:
    """SHA-256 over all that a report and its entries hold, in order; what is derived is shown too, so it
    counts.
    """
    names = (
        "slug",
        "title",
        "as_of",
        "fiscal_year",
        "edition",
        "correction_reason",
        "published_by",
        "entry_count",
    )
    header = {name: str(getattr(report, name)) for name in names}
    header |= {
        name: value for name in ("unapproved_reason", "chain_head") if (value := getattr(report, name))
    }
    return sha256(
        canonical_json(
            header
            | {
                "published_at": report.published_at.isoformat(),
                "ratings": report.ratings,
                "years": report.years,
                "outline": report.outline,
                "entries": [
                    content(entry) | {name: getattr(entry, name) for name in DERIVED_FIELDS}
                    for entry in entries
                ],
            }
        )
    )


def verify(report: Report) -> bool:
    """Whether a stored report still has the content that its digest was made from."""
    return report.digest == digest(report, list(report.entries.order_by("position")))
