"""All models. Catalogue: what was promised. Organisation: who answers. Reporting: the workspace. Publication:
the reports.

Sheets: the workspace by way of Excel.
"""

from tracker.models.catalogue import Category, Initiative, Manifesto, PlanProject, Pledge, Rating
from tracker.models.organisation import Assignment, Department, DepartmentSuccession, Membership, User
from tracker.models.publication import EntryIndex, Report, ReportEntry
from tracker.models.reporting import ChainHead, Event, Reminder, ReportingRound, YearlyAction
from tracker.models.sheets import SheetBatch, SheetExport

__all__ = [
    "Assignment",
    "Category",
    "ChainHead",
    "Department",
    "DepartmentSuccession",
    "EntryIndex",
    "Event",
    "Initiative",
    "Manifesto",
    "Membership",
    "PlanProject",
    "Pledge",
    "Rating",
    "Reminder",
    "Report",
    "ReportEntry",
    "ReportingRound",
    "SheetBatch",
    "SheetExport",
    "User",
    "YearlyAction",
]
