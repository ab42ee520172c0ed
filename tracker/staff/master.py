"""Master data: the admin's pages for what was promised and who answers."""

from tracker.staff.site import site

__all__ = ["site"]
