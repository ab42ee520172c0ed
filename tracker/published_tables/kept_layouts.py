"""How tables of a manifesto were read: kept when one is loaded, found for the next one by its headings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from tracker.models import Manifesto, TableLayout, TableUpload, User
from tracker.published_tables.file.fingerprints import HeadingFinder, prints_of, taken_over
from tracker.published_tables.file.grid import Grid
from tracker.words.digests import canonical_json, sha256

MOST_TRIED = 50  # kept layouts, the newest first


@dataclass(frozen=True)
class FittingLayout:
    """A kept layout, and what it says of another table."""

    layout: TableLayout
    document: dict[str, Any]


def keep(
    grid: Grid, whole: Mapping[str, Any], upload: TableUpload, manifesto: Manifesto, user: User
) -> TableLayout | None:
    """Keeps what was said of a table that is loaded; None where nothing was: the program reads it itself."""
    if not upload.document:
        return None
    prints = prints_of(grid, whole)
    # Headings other than the main one are known by what was said of them.
    prints = prints if "further_headings" in upload.document else prints[:1]
    years = [each.last_year for each in prints if each.last_year]
    kept, _is_new = TableLayout.objects.update_or_create(
        manifesto=manifesto,
        fingerprint=sha256(canonical_json([each.fingerprint for each in prints])),
        defaults={
            "blocks": [{"fingerprint": each.fingerprint, "height": each.height} for each in prints],
            "last_year": max(years, default=None),
            "document": upload.document,
            "file_name": upload.file_name,
            "kept_by": user,
            "kept_at": timezone.now(),
        },
    )
    return kept


def fitting(grid: Grid) -> FittingLayout | None:
    """The newest kept layout whose headings a table has."""
    finder = HeadingFinder(grid)
    for layout in TableLayout.objects.select_related("manifesto", "kept_by")[:MOST_TRIED]:
        document = taken_over(finder, layout.document, layout.blocks, layout.last_year)
        if document is not None:
            return FittingLayout(layout, document)
    return None
