"""Code tables: what the codes of the other tables stand for."""

from collections.abc import Iterator
from typing import NamedTuple

from tracker.models import ReportEntry
from tracker.public.open_data.columns import number_column, text_column, wording_column
from tracker.public.open_data.table import DataTable, EditionData
from tracker.words.reported import ReportedRating
from tracker.words.sdgs import GOALS


def _steps(edition: EditionData) -> Iterator[tuple[int, ReportedRating]]:
    yield from enumerate(edition.report.ratings, start=1)


RATINGS = DataTable(
    name="ratings",
    title="評価（実施状況）の区分",
    about="1行が1つの区分です。記号、名称、基準、進捗率の目安があります。",
    group="codes",
    key=("rating_code",),
    own_columns=(
        number_column("rating_position", "区分の順", lambda row: row[0], "1 が最も進んだ評価"),
        wording_column("rating_code", "評価の記号", lambda row: row[1]["code"]),
        wording_column("rating_label", "評価の名称", lambda row: row[1]["label"]),
        wording_column(
            "rating_definition", "評価の基準", lambda row: row[1]["definition"], blank="基準の記載がない"
        ),
        number_column(
            "rating_percent",
            "評価が表す進捗率の目安",
            lambda row: row[1]["percent"],
            unit="％",
            blank="進捗率を定めていない区分",
        ),
    ),
    rows=_steps,
)


class Place(NamedTuple):
    """A field, or a section of one."""

    entry: ReportEntry
    is_section: bool

    @property
    def key(self) -> str:
        field = str(self.entry.category_number)
        return f"{field}-{self.entry.section_number}" if self.is_section else field


def _places(edition: EditionData) -> list[Place]:
    """Fields and sections in the order of the table, each field before its sections."""
    both = [Place(entry, is_section) for entry in edition.entries for is_section in (False, True)]
    first: dict[str, Place] = {}
    for place in both:
        first.setdefault(place.key, place)
    return list(first.values())


CATEGORIES = DataTable(
    name="categories",
    title="分野と項目",
    about="1行が1つの分野、または分野の中の1つの項目です。",
    group="codes",
    key=("category_key",),
    own_columns=(
        text_column(
            "category_key",
            "分野・項目の記号",
            lambda place: place.key,
            "分野の番号、または分野の番号-項目の番号",
        ),
        text_column(
            "category_level",
            "段階",
            lambda place: "section" if place.is_section else "category",
            choices={"category": "分野", "section": "分野の中の項目"},
        ),
        number_column("category_number", "分野の番号", lambda place: place.entry.category_number),
        wording_column("category_name", "分野", lambda place: place.entry.category_name),
        number_column(
            "section_number",
            "項目の番号",
            lambda place: place.entry.section_number if place.is_section else None,
            "分野の中での番号",
            blank="分野の行",
        ),
        wording_column(
            "section_name",
            "項目",
            lambda place: place.entry.section_name if place.is_section else None,
            blank="分野の行",
        ),
    ),
    rows=_places,
)

DEPARTMENTS = DataTable(
    name="departments",
    title="担当課",
    about="1行が1つの担当課です。以前の担当課と、翌年度からの担当課もあります。",
    group="codes",
    key=("department_code",),
    own_columns=(
        text_column("department_code", "担当課の記号", lambda row: row["code"], "このサイトでの記号"),
        wording_column("department_name", "担当課", lambda row: row["name"], "公表したときの名前"),
    ),
    rows=lambda edition: edition.report.outline.get("departments", []),
)

SDGS = DataTable(
    name="sdgs",
    title="SDGsの目標",
    about="1行が17の目標の1つです。",
    group="codes",
    key=("sdg_number",),
    own_columns=(
        number_column("sdg_number", "SDGsの目標の番号", lambda goal: goal.number),
        text_column("sdg_name", "SDGsの目標", lambda goal: goal.name),
    ),
    rows=lambda _material: GOALS.values(),
)
