"""The names of all columns, as others rely on them (rule L3-07).

A failing test here means that a column came, went or moved. If that is meant, add a line to
tracker/public/open_data/changelog.csv (a new version, today's date, and why), and only then change the list
below.
"""

import pytest

from tracker.public.open_data.changelog import CHANGES
from tracker.public.open_data.tables import BY_NAME

REPORT = "municipality_code municipality_name manifesto as_of edition"
PLEDGE = (
    "category_number category_name section_number section_name pledge_position pledge_number "
    "pledge_label pledge_text"
)
PLACE = f"{REPORT} initiative_key pledge_key {PLEDGE} initiative_position"
RATED = "rating_status rating_code rating_label rating_percent"
COLUMNS = {
    "initiatives": f"{PLACE} fiscal_year fiscal_year_label {RATED} ended_after carried_from "
    "other_departments department_count "
    "sdgs_status sdg_count plan_project_count",
    "actions": f"{PLACE} fiscal_year fiscal_year_label is_cumulative kind line_number line_type text "
    "is_continuation "
    "continues_fiscal_year",
    "pledges": f"{REPORT} pledge_key {PLEDGE} initiative_count pledge_state pledge_state_label",
    "rating_history": (
        f"{PLACE} report_as_of report_edition fiscal_year fiscal_year_label {RATED} "
        "rating_reason ended_after carried_from"
    ),
    "initiative_departments": f"{PLACE} department_position department_code department_name "
    "from_fiscal_year to_fiscal_year "
    "assignment_status",
    "initiative_sdgs": f"{PLACE} sdg_number sdg_name",
    "initiative_plan_projects": f"{PLACE} plan_position plan_code plan_base_code plan_name",
    "ratings": f"{REPORT} rating_position rating_code rating_label rating_definition rating_percent",
    "categories": (
        f"{REPORT} category_key category_level category_number category_name section_number section_name"
    ),
    "departments": f"{REPORT} department_code department_name",
    "sdgs": f"{REPORT} sdg_number sdg_name",
    "definitions": f"{REPORT} table_name table_title column_position column_name column_title meaning "
    "type unit is_key "
    "may_be_blank blank_meaning has_allowed_values refers_to_table refers_to_column has_rewriting",
    "allowed_values": f"{REPORT} table_name column_name allowed_value meaning",
    "column_changes": f"{REPORT} version changed_on table_name column_name change description",
    "rewritten_characters": (
        f"{REPORT} table_name column_name code_point character_name written_as occurrences"
    ),
    "cp932_replacements": (
        f"{REPORT} table_name column_name row_number row_key code_point character_name written_as occurrences"
    ),
}
COLUMNS |= {
    "former_pledge_keys": f"{REPORT} pledge_key former_pledge_key {PLEDGE}",
    "initiative_continuations": f"{PLACE} predecessor_key from_fiscal_year",
    "former_term_pledges": (
        f"{REPORT} pledge_key former_manifesto former_manifesto_title former_term_pledge_key "
        f"former_term_pledge_label former_term_pledge_text {PLEDGE}"
    ),
    "extra_values": (
        f"{PLACE} extra_column_code extra_column_label value_of fiscal_year fiscal_year_label value"
    ),
    "extra_columns": (
        f"{REPORT} extra_column_code extra_column_position extra_column_label extra_column_kind "
        "extra_column_unit extra_column_decimals extra_column_choices is_once"
    ),
    "indicators": (
        f"{PLACE} indicator_code indicator_name is_of_pledge indicator_unit indicator_decimals "
        "indicator_direction rate_formula base_value base_fiscal_year indicator_note"
    ),
    "indicator_values": (
        f"{PLACE} indicator_code indicator_name fiscal_year fiscal_year_label target actual "
        "achievement_rate achievement_status actual_note"
    ),
    "rating_ranks": f"{REPORT} rating_code has_rank",
    "earlier_ratings": f"{PLACE} fiscal_year fiscal_year_label rating_code rating_label",
    "summary": (
        "団体コード 団体名 マニフェスト 時点 版 報告回 取組の記号 分野 項目 公約の番号 公約 取組の順 "
        "評価の記号 評価 進捗率の目安 前回の時点 前回の評価 評価の動き 評価を変えた理由 担当課 SDGs "
        "最新の取組の年度 最新の取組 予定の年度 予定 終わった年度 もとの公表の時点 公約の記号 公約の状態"
    ),
}
WHAT_TO_DO = "列が変わりました。意図した変更なら、tracker/public/open_data/changelog.csv に加えてください。"


def test_tables_are_these() -> None:
    assert list(BY_NAME) == list(COLUMNS), WHAT_TO_DO


@pytest.mark.parametrize("table", BY_NAME.values(), ids=lambda table: table.name)
def test_columns_are_these(table: object) -> None:
    names = [column.name for column in table.columns]
    assert names == COLUMNS[table.name].split(), WHAT_TO_DO


@pytest.mark.parametrize("table", BY_NAME.values(), ids=lambda table: table.name)
def test_changelog_ends_at_the_columns_as_they_are(table: object) -> None:
    left: list[str] = []
    for changes in CHANGES:
        if changes.table == table.name:
            for name in changes.names:
                (left.append if changes.kind == "added" else left.remove)(name)
    assert sorted(left) == sorted(column.name for column in table.columns), WHAT_TO_DO


def test_versions_and_dates_of_the_changelog_only_grow() -> None:
    told = [(changes.version, changes.on) for changes in CHANGES]
    assert told == sorted(told)
    assert {changes.version for changes in CHANGES} == set(range(1, CHANGES[-1].version + 1))
    assert {changes.kind for changes in CHANGES} == {"added", "removed"}
