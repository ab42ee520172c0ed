"""All models, a module per concept: catalogue, organisation, reporting, publication, sheets, invitations."""

from tracker.models.catalogue import (
    Category,
    FormerPlace,
    Initiative,
    InitiativeContinuation,
    Manifesto,
    PlanProject,
    Pledge,
    Rating,
)
from tracker.models.city import City
from tracker.models.extra_columns import ExtraColumn
from tracker.models.former_texts import FormerText
from tracker.models.history import EventIndex
from tracker.models.indicators import Indicator
from tracker.models.invitations import Invitation
from tracker.models.mails import MailSwitch, RefusedMail, SentMail
from tracker.models.organisation import (
    Assignment,
    Department,
    DepartmentSuccession,
    FormerName,
    Membership,
    SiteContact,
    User,
)
from tracker.models.people_lists import PeopleList
from tracker.models.publication import EntryIndex, Report, ReportEntry
from tracker.models.reorganisations import Reorganisation
from tracker.models.reporting import ChainHead, Event, ReportingRound, YearlyAction
from tracker.models.second_factors import RecoveryCode, SecondFactor
from tracker.models.sent_forms import SentForm
from tracker.models.sheets import SheetBatch, SheetExport
from tracker.models.synonyms import Synonym
from tracker.models.table_imports import TableImport
from tracker.models.table_layouts import TableLayout, TableUpload

ROWS_PER_STATEMENT = 500  # of what is written, or asked for by id, at once

__all__ = ["ROWS_PER_STATEMENT", "Category", "Initiative", "Manifesto", "PlanProject", "Pledge", "Rating"]
__all__ += ["Assignment", "Department", "DepartmentSuccession", "FormerName", "Membership", "User"]
__all__ += ["Reorganisation", "SiteContact"]
__all__ += ["City", "ExtraColumn", "Indicator", "Synonym"]
__all__ += ["FormerPlace", "InitiativeContinuation"]
__all__ += ["Invitation", "PeopleList", "RecoveryCode", "SecondFactor"]
__all__ += ["MailSwitch", "RefusedMail", "SentMail"]
__all__ += ["EntryIndex", "Report", "ReportEntry"]
__all__ += ["ChainHead", "Event", "EventIndex", "FormerText", "ReportingRound", "YearlyAction"]
__all__ += ["SentForm", "SheetBatch", "SheetExport", "TableImport"]
__all__ += ["TableLayout", "TableUpload"]
