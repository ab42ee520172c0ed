"""Long tables for what an initiative has several of: departments, SDGs, projects of the city's plan."""

from collections.abc import Callable, Iterable, Iterator
from types import SimpleNamespace
from typing import Any, NamedTuple

from tracker.models import ReportEntry
from tracker.public.open_data.columns import number, text, wording, year
from tracker.public.open_data.shared_columns import place_columns
from tracker.public.open_data.table import DataTable, EditionData
from tracker.words.sdgs import GOALS, Goal


def goals(entry: ReportEntry) -> list[int]:
    """The numbers of an initiative's goals, each once."""
    return list(dict.fromkeys(entry.sdgs or []))


class Item(NamedTuple):
    """One of the several things that an initiative has, and its place among them."""

    entry: ReportEntry
    position: int
    what: Any


def _each(several: Callable[[ReportEntry], Iterable[Any]]) -> Callable[[EditionData], Iterator[Item]]:
    """The rows of a long table: one for each of several."""
    return lambda edition: (
        Item(entry, position, what)
        for entry in edition.entries
        for position, what in enumerate(several(entry), start=1)
    )


DEPARTMENTS_OF_INITIATIVES = DataTable(
    name="initiative_departments",
    title="取組の担当課",
    about="1行が、1つの取組の1つの担当課です。以前の担当課と、翌年度からの担当課もあります。",
    group="further",
    key=("initiative_key", "department_position"),
    own_columns=(
        *place_columns(),
        number("department_position", "担当課の順", "position", "取組の中での順"),
        text("department_code", "担当課の記号", "what.code", "このサイトでの記号", refers_to="departments"),
        wording("department_name", "担当課", "what.name", "公表したときの名前"),
        year(
            "from_fiscal_year",
            "担当の始まりの年度",
            "what.from_year",
            blank="始まりの年度の定めがない（最初から）",
        ),
        year("to_fiscal_year", "担当の終わりの年度", "what.to_year", blank="終わりの年度の定めがない"),
        text(
            "assignment_status",
            "担当の状態",
            "what.when",
            "公表版の対象年度から見た状態",
            choices={"current": "その年度の担当", "past": "以前の担当", "next": "翌年度からの担当"},
        ),
    ),
    rows=_each(lambda entry: [SimpleNamespace(**duty) for duty in entry.departments]),
)

SDGS_OF_INITIATIVES = DataTable(
    name="initiative_sdgs",
    title="取組のSDGs",
    about="1行が、1つの取組の1つのSDGsの目標です。元の表から番号を読み取れない取組の行はありません。",
    group="further",
    key=("initiative_key", "sdg_number"),
    own_columns=(
        *place_columns(),
        number(
            "sdg_number",
            "SDGsの目標の番号",
            "what.number",
            "番号を読み取れない取組（initiatives の sdgs_status が unknown）の行はない",
            refers_to="sdgs",
        ),
        text("sdg_name", "SDGsの目標", "what.name", blank="17の目標にない番号"),
    ),
    rows=_each(lambda entry: [GOALS.get(number, Goal(number, "", "")) for number in goals(entry)]),
)

PLAN_PROJECTS_OF_INITIATIVES = DataTable(
    name="initiative_plan_projects",
    title="取組に関連する総合計画の事業",
    about="1行が、1つの取組に関連する1つの事業（総合計画実施計画）です。",
    group="further",
    key=("initiative_key", "plan_position"),
    own_columns=(
        *place_columns(),
        number("plan_position", "関連事業の順", "position", "取組の中での順"),
        wording("plan_code", "関連事業の番号", "what.code", "元の表の表記", blank="元の表に番号がない"),
        text(
            "plan_base_code",
            "施策の番号",
            "what.base_code",
            "関連事業の番号の初めの三つの数字",
            blank="元の表に番号がない",
        ),
        wording("plan_name", "関連事業の名称", "what.name", "施策と事業の名称。元の表の表記"),
    ),
    rows=_each(lambda entry: [SimpleNamespace(**project) for project in entry.plan_projects]),
)
