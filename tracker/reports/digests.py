"""What a report says, as one hash: of an entry, of a report, and whether they still hold."""

from collections.abc import Sequence
from typing import Any

from tracker.models import Report, ReportEntry
from tracker.words.digests import canonical_json, sha256
from tracker.words.packing import unpack

CONTENT_FIELDS = (
    *("key", "category_number", "category_name", "section_number", "section_name"),
    *("pledge_key", "pledge_number", "pledge_text", "initiative_position", "plan_projects", "sdgs"),
    *("results", "plans", "rating_code", "rating_reason", "rating_history"),
    *("departments", "other_departments"),
)
# In the digest only where they have a value; a text, where it says something.
LATER_FIELDS = (
    *("ended_after", "carried_from", "former_pledge_keys", "continues", "continued_by", "former_term_pledge"),
    *("extra_values", "indicators", "initiative_name"),
)
HEADER_FIELDS = (
    *("slug", "title", "as_of", "fiscal_year", "edition", "correction_reason", "published_by", "entry_count"),
)
# In the digest only where they say something.
LATER_HEADER_FIELDS = ("unapproved_reason", "chain_head", "round_name")
LATER_HEADER_VALUES = ("extra_columns", "about")


def content(entry: ReportEntry) -> dict[str, Any]:
    """What an entry says, as its digest takes it."""
    told = {name: getattr(entry, name) for name in LATER_FIELDS}
    later = {name: _said(value) for name, value in told.items() if value is not None and value != ""}
    return {name: getattr(entry, name) for name in CONTENT_FIELDS} | later


def _said(value: object) -> object:
    return value if isinstance(value, (list, dict)) else str(value)


def content_digest(entry: ReportEntry) -> str:
    """SHA-256 over what an entry says."""
    return sha256(canonical_json(content(entry)))


def digest(report: Report, entries: Sequence[ReportEntry]) -> str:
    """SHA-256 over all that a report and its entries hold, in order.

    Version 1, of reports made before there was an index, covers what was derived from the content, too.
    """
    header = {name: str(getattr(report, name)) for name in HEADER_FIELDS}
    header |= {name: value for name in LATER_HEADER_FIELDS if (value := getattr(report, name))}
    rows = [content(e) | {"position": e.position, "content_digest": e.content_digest} for e in entries]
    if report.digest_version == 1:
        derived = unpack(report.derived_in_digest)
        rows = [row | values for row, values in zip(rows, derived, strict=True)]
    else:
        header["digest_version"] = str(report.digest_version)
    told = {name: getattr(report, name) for name in ("ratings", "years", "outline")}
    told |= {name: value for name in LATER_HEADER_VALUES if (value := getattr(report, name))}
    whole = header | told | {"published_at": report.published_at.isoformat(), "entries": rows}
    return sha256(canonical_json(whole))


def verify(report: Report) -> bool:
    """Whether a stored report still has the content that its digest was made from."""
    return report.digest == digest(report, list(report.entries.order_by("position")))
