"""Master data: pages for what was promised and who answers, and read-only lists of what came of it."""

import tracker.staff.master.catalogue_pages
import tracker.staff.master.city_pages
import tracker.staff.master.extra_column_pages
import tracker.staff.master.indicator_pages
import tracker.staff.master.initiative_pages
import tracker.staff.master.manifesto_pages
import tracker.staff.master.organisation_pages
import tracker.staff.master.record_pages
import tracker.staff.master.synonym_pages  # noqa: F401 - importing them registers their pages
from tracker.staff.frame.site import site

__all__ = ["site"]
