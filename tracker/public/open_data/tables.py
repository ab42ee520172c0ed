"""Every table of the open data, in the order of the page, the workbook and the definitions."""

from tracker.public.open_data.actions import ACTIONS
from tracker.public.open_data.changelog import COLUMN_CHANGES
from tracker.public.open_data.character_tables import CP932_REPLACEMENTS, REWRITTEN_CHARACTERS
from tracker.public.open_data.code_tables import CATEGORIES, DEPARTMENTS, RATINGS, SDGS
from tracker.public.open_data.definitions import ALLOWED_VALUES, DEFINITIONS
from tracker.public.open_data.initiatives import INITIATIVES, PLEDGES, RATING_HISTORY
from tracker.public.open_data.long_tables import (
    DEPARTMENTS_OF_INITIATIVES,
    PLAN_PROJECTS_OF_INITIATIVES,
    SDGS_OF_INITIATIVES,
)
from tracker.public.open_data.table import DataTable

TABLES: tuple[DataTable, ...] = (
    INITIATIVES,
    ACTIONS,
    PLEDGES,
    RATING_HISTORY,
    DEPARTMENTS_OF_INITIATIVES,
    SDGS_OF_INITIATIVES,
    PLAN_PROJECTS_OF_INITIATIVES,
    RATINGS,
    CATEGORIES,
    DEPARTMENTS,
    SDGS,
    DEFINITIONS,
    ALLOWED_VALUES,
    COLUMN_CHANGES,
    REWRITTEN_CHARACTERS,
    CP932_REPLACEMENTS,
)
BY_NAME = {table.name: table for table in TABLES}
