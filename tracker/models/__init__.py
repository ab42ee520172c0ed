"""All models, a module per concept: catalogue, organisation, reporting, publication, sheets."""

from tracker.models.catalogue import Category, Initiative, Manifesto, PlanProject, Pledge, Rating
from tracker.models.former_texts import FormerText
from tracker.models.organisation import Assignment, Department, DepartmentSuccession, Membership, User
from tracker.models.publication import EntryIndex, Report, ReportEntry
from tracker.models.reporting import ChainHead, Event, Reminder, ReportingRound, YearlyAction
from tracker.models.sent_forms import SentForm
from tracker.models.sheets import SheetBatch, SheetExport

ROWS_PER_STATEMENT = 500  # of what is written, or asked for by id, at once

__all__ = ["ROWS_PER_STATEMENT", "Category", "Initiative", "Manifesto", "PlanProject", "Pledge", "Rating"]
__all__ += ["Assignment", "Department", "DepartmentSuccession", "Membership", "User"]
__all__ += ["EntryIndex", "Report", "ReportEntry"]
__all__ += ["ChainHead", "Event", "FormerText", "Reminder", "ReportingRound", "YearlyAction"]
__all__ += ["SentForm", "SheetBatch", "SheetExport"]
