"""Long tables for what an initiative has several of: departments, SDGs, projects of the city's plan."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tracker.models import ReportEntry
from tracker.public.open_data.columns import DataColumn, Reference, number_column, text_column, wording_column
from tracker.public.open_data.shared_columns import place_columns
from tracker.public.open_data.table import DataTable, EditionData
from tracker.words.sdgs import GOALS


def goals(entry: ReportEntry) -> list[int]:
    """The numbers of an initiative's goals, each once."""
    return list(dict.fromkeys(entry.sdgs or []))


class Item(NamedTuple):
    """One of the several things that an initiative has, and its place among them."""

    entry: ReportEntry
    position: int
    what: Any


def _each(several: Callable[[ReportEntry], list[Any]]) -> Callable[[EditionData], Iterator[Item]]:
    """The rows of a long table: one for each of several."""

    def rows(edition: EditionData) -> Iterator[Item]:
        for entry in edition.entries:
            for position, what in enumerate(several(entry), start=1):
                yield Item(entry, position, what)

    return rows


def _goal_name(item: Item) -> str | None:
    return GOALS[item.what].name if item.what in GOALS else None


def _year(title: str, name: str, blank: str) -> DataColumn:
    key = {"from_fiscal_year": "from_year", "to_fiscal_year": "to_year"}[name]
    return number_column(
        name, title, lambda item: item.what[key], "西暦。4月から翌年3月まで", unit="年度", blank=blank
    )


DEPARTMENTS_OF_INITIATIVES = DataTable(
    name="initiative_departments",
    title="取組の担当課",
    about="1行が、1つの取組の1つの担当課です。以前の担当課と、翌年度からの担当課もあります。",
    group="further",
    key=("initiative_key", "department_position"),
    own_columns=(
        *place_columns(lambda item: item.entry),
        number_column("department_position", "担当課の順", lambda item: item.position, "取組の中での順"),
        text_column(
            "department_code",
            "担当課の記号",
            lambda item: item.what["code"],
            "このサイトでの記号",
            refers_to=Reference("departments", "department_code"),
        ),
        wording_column("department_name", "担当課", lambda item: item.what["name"], "公表したときの名前"),
        _year("担当の始まりの年度", "from_fiscal_year", "始まりの年度の定めがない（最初から）"),
        _year("担当の終わりの年度", "to_fiscal_year", "終わりの年度の定めがない"),
        text_column(
            "assignment_status",
            "担当の状態",
            lambda item: item.what["when"],
            "公表版の対象年度から見た状態",
            choices={"current": "その年度の担当", "past": "以前の担当", "next": "翌年度からの担当"},
        ),
    ),
    rows=_each(lambda entry: entry.departments),
)

SDGS_OF_INITIATIVES = DataTable(
    name="initiative_sdgs",
    title="取組のSDGs",
    about="1行が、1つの取組の1つのSDGsの目標です。",
    group="further",
    key=("initiative_key", "sdg_number"),
    own_columns=(
        *place_columns(lambda item: item.entry),
        number_column(
            "sdg_number",
            "SDGsの目標の番号",
            lambda item: item.what,
            refers_to=Reference("sdgs", "sdg_number"),
        ),
        text_column("sdg_name", "SDGsの目標", _goal_name, blank="17の目標にない番号"),
    ),
    rows=_each(goals),
)

PLAN_PROJECTS_OF_INITIATIVES = DataTable(
    name="initiative_plan_projects",
    title="取組に関連する総合計画の事業",
    about="1行が、1つの取組に関連する1つの事業（総合計画実施計画）です。",
    group="further",
    key=("initiative_key", "plan_position"),
    own_columns=(
        *place_columns(lambda item: item.entry),
        number_column("plan_position", "関連事業の順", lambda item: item.position, "取組の中での順"),
        wording_column(
            "plan_code",
            "関連事業の番号",
            lambda item: item.what["code"],
            "元の表の表記",
            blank="元の表に番号がない",
        ),
        text_column(
            "plan_base_code",
            "施策の番号",
            lambda item: item.what["base_code"],
            "関連事業の番号の初めの三つの数字",
            blank="元の表に番号がない",
        ),
        wording_column(
            "plan_name", "関連事業の名称", lambda item: item.what["name"], "施策と事業の名称。元の表の表記"
        ),
    ),
    rows=_each(lambda entry: entry.plan_projects),
)
