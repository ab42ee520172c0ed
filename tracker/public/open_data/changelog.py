"""The changelog of tables and columns (rule L3-07). A test replays it: a changed column needs a line here."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from tracker.public.open_data.columns import date_column, number_column, text_column
from tracker.public.open_data.table import DataTable


class ChangedColumn(NamedTuple):
    """A column that a table got or lost."""

    version: int
    on: date
    table: str
    column: str
    kind: str
    description: str


class ChangedTable(NamedTuple):
    """Columns that came or went together, in one table and for one reason."""

    version: int
    on: date
    kind: str  # "added" or "removed"
    table: str
    columns: str  # names between spaces
    description: str

    @property
    def names(self) -> list[str]:
        return self.columns.split()

    @property
    def each(self) -> list[ChangedColumn]:
        version, on, kind, table, _columns, description = self
        return [ChangedColumn(version, on, table, name, kind, description) for name in self.names]


FIRST, LONG = date(2026, 11, 24), date(2026, 11, 25)
OF_REPORT = "municipality_code municipality_name manifesto as_of edition"
OF_PLEDGE = (
    "category_number category_name section_number section_name pledge_position pledge_number "
    "pledge_label pledge_text"
)
OF_INITIATIVE = f"{OF_REPORT} initiative_key pledge_key {OF_PLEDGE} initiative_position"
OF_RATING = "rating_status rating_code rating_label rating_percent"
FIRST_OF_INITIATIVE = (
    f"{OF_REPORT} initiative_key category_number category_name section_number section_name "
    "pledge_position pledge_number "
    "pledge_text initiative_position"
)
NEW, SEVERAL = "表を加えた", "一つのセルに一つの値とするため、長い表に分けた"

CHANGES: tuple[ChangedTable, ...] = (
    ChangedTable(
        *(1, FIRST, "added", "initiatives"),
        f"{FIRST_OF_INITIATIVE} {OF_RATING} ended_after carried_from other_departments "
        "department_1 department_2 department_3 department_4 department_5 sdgs_status sdg_1 sdg_2 "
        "sdg_3 sdg_4 sdg_5 "
        "plan_code_1 plan_code_2 plan_code_3 plan_code_4 plan_code_5 plan_name_1 plan_name_2 "
        "plan_name_3 plan_name_4 plan_name_5 "
        "result_{fiscal_year} plan_{fiscal_year}",
        "最初の形。{fiscal_year} は、公表版が持つ年度の数だけの列",
    ),
    ChangedTable(
        *(1, FIRST, "added", "actions"),
        f"{FIRST_OF_INITIATIVE} fiscal_year fiscal_year_label is_cumulative kind line_number line_type "
        "text is_continuation "
        "continues_fiscal_year",
        "最初の形",
    ),
    ChangedTable(
        *(2, LONG, "removed", "initiatives"),
        "department_1 department_2 department_3 department_4 department_5",
        f"{SEVERAL}（initiative_departments）",
    ),
    ChangedTable(
        *(2, LONG, "removed", "initiatives"), "sdg_1 sdg_2 sdg_3 sdg_4 sdg_5", f"{SEVERAL}（initiative_sdgs）"
    ),
    ChangedTable(
        *(2, LONG, "removed", "initiatives"),
        (
            "plan_code_1 plan_code_2 plan_code_3 plan_code_4 plan_code_5 plan_name_1 plan_name_2 "
            "plan_name_3 plan_name_4 plan_name_5"
        ),
        f"{SEVERAL}（initiative_plan_projects）",
    ),
    ChangedTable(
        *(2, LONG, "removed", "initiatives"),
        "result_{fiscal_year} plan_{fiscal_year}",
        "列の名前が年度で変わらないようにするため、文は actions だけに載せる",
    ),
    ChangedTable(
        *(2, LONG, "added", "initiatives"),
        "pledge_key pledge_label",
        "公約の表と結び付け、番号の表記を残すため",
    ),
    ChangedTable(
        *(2, LONG, "added", "initiatives"),
        "fiscal_year fiscal_year_label",
        "評価がどの年度のものかを示すため",
    ),
    ChangedTable(
        *(2, LONG, "added", "initiatives"),
        "department_count sdg_count plan_project_count",
        "長い表に分けたものの数を示すため",
    ),
    ChangedTable(
        *(2, LONG, "added", "actions"), "pledge_key pledge_label", "公約の表と結び付け、番号の表記を残すため"
    ),
    ChangedTable(
        *(2, LONG, "added", "initiative_departments"),
        (
            f"{OF_INITIATIVE} department_position department_code department_name from_fiscal_year "
            "to_fiscal_year assignment_status"
        ),
        NEW,
    ),
    ChangedTable(*(2, LONG, "added", "initiative_sdgs"), f"{OF_INITIATIVE} sdg_number sdg_name", NEW),
    ChangedTable(
        *(2, LONG, "added", "initiative_plan_projects"),
        f"{OF_INITIATIVE} plan_position plan_code plan_base_code plan_name",
        NEW,
    ),
    ChangedTable(
        *(2, LONG, "added", "rating_history"),
        (
            f"{OF_INITIATIVE} report_as_of report_edition fiscal_year fiscal_year_label {OF_RATING} "
            "rating_reason carried_from"
        ),
        NEW,
    ),
    ChangedTable(*(2, LONG, "added", "pledges"), f"{OF_REPORT} pledge_key {OF_PLEDGE} initiative_count", NEW),
    ChangedTable(
        *(2, LONG, "added", "ratings"),
        f"{OF_REPORT} rating_position rating_code rating_label rating_definition rating_percent",
        NEW,
    ),
    ChangedTable(
        *(2, LONG, "added", "categories"),
        f"{OF_REPORT} category_key category_level category_number category_name section_number section_name",
        NEW,
    ),
    ChangedTable(*(2, LONG, "added", "departments"), f"{OF_REPORT} department_code department_name", NEW),
    ChangedTable(*(2, LONG, "added", "sdgs"), f"{OF_REPORT} sdg_number sdg_name", NEW),
    ChangedTable(
        *(2, LONG, "added", "definitions"),
        f"{OF_REPORT} table_name table_title column_position column_name column_title meaning type unit "
        "is_key may_be_blank "
        "blank_meaning has_allowed_values refers_to_table refers_to_column has_rewriting",
        NEW,
    ),
    ChangedTable(
        *(2, LONG, "added", "allowed_values"),
        f"{OF_REPORT} table_name column_name allowed_value meaning",
        NEW,
    ),
    ChangedTable(
        *(2, LONG, "added", "column_changes"),
        f"{OF_REPORT} version changed_on table_name column_name change description",
        NEW,
    ),
    ChangedTable(
        *(2, LONG, "added", "rewritten_characters"),
        f"{OF_REPORT} table_name column_name code_point character_name written_as occurrences",
        NEW,
    ),
    ChangedTable(
        *(2, LONG, "added", "cp932_replacements"),
        (
            f"{OF_REPORT} table_name column_name row_number row_key code_point character_name written_as "
            "occurrences"
        ),
        NEW,
    ),
)
COLUMNS_VERSION = CHANGES[-1].version


def _each() -> Iterator[ChangedColumn]:
    for changes in CHANGES:
        yield from changes.each


COLUMN_CHANGES = DataTable(
    name="column_changes",
    title="列の変更の記録",
    about="1行が、表に加えた1つの列、または表からなくした1つの列です。",
    group="about",
    key=("version", "table_name", "column_name"),
    own_columns=(
        number_column("version", "変更の番号", lambda change: change.version, "1 が最初の形"),
        date_column("changed_on", "変更した日", lambda change: change.on, "西暦の年月日"),
        text_column("table_name", "表の名前", lambda change: change.table),
        text_column("column_name", "列名", lambda change: change.column),
        text_column(
            "change", "変更", lambda change: change.kind, choices={"added": "加えた", "removed": "なくした"}
        ),
        text_column("description", "説明", lambda change: change.description),
    ),
    rows=lambda _material: _each(),
)
