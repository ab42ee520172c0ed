"""Master data: the admin's pages for what was promised and who answers, and read-only lists of what came of
it.
"""

import tracker.staff.master.catalogue
import tracker.staff.master.initiatives
import tracker.staff.master.organisation
import tracker.staff.master.records  # noqa: F401 - importing them registers their pages
from tracker.staff.frame.site import site

__all__ = ["site"]
