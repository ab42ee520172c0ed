"""Code tables: what the codes of the other tables stand for."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import NamedTuple

from tracker.public.open_data.columns import flag, number, text, wording
from tracker.public.open_data.table import DataTable, EditionData
from tracker.words.sdgs import GOALS


def _steps(edition: EditionData) -> Iterator[SimpleNamespace]:
    for position, rating in enumerate(edition.report.ratings, start=1):
        yield SimpleNamespace(**{"ranked": True, **rating}, position=position)


RATINGS = DataTable(
    name="ratings",
    title="評価（実施状況）の区分",
    about="1行が1つの区分です。記号、名称、基準、進捗率の目安があります。",
    group="codes",
    key=("rating_code",),
    own_columns=(
        number("rating_position", "区分の順", "position", "1 が最も進んだ評価"),
        wording("rating_code", "評価の記号", "code"),
        wording("rating_label", "評価の名称", "label"),
        wording("rating_definition", "評価の基準", "definition", blank="基準の記載がない"),
        number(
            "rating_percent", "評価が表す進捗率の目安", "percent", unit="％", blank="進捗率を定めていない区分"
        ),
    ),
    rows=_steps,
)


RATING_RANKS = DataTable(
    name="rating_ranks",
    title="評価の区分の順序",
    about="1行が1つの区分です。進み具合の順に並ぶ区分か、順序のない区分かを示します。",
    group="codes",
    key=("rating_code",),
    own_columns=(
        wording("rating_code", "評価の記号", "code", refers_to="ratings"),
        flag(
            "has_rank",
            "順序の有無",
            "ranked",
            "進み具合の順に並ぶ区分",
            "順序のない区分。ほかの区分より進んでいるとも遅れているともいえない",
        ),
    ),
    rows=_steps,
)


def with_ranks(ratings: DataTable) -> DataTable:
    """The table of the steps as an edition has it that has steps outside the order."""
    position, *others = ratings.own_columns
    position = replace(position, meaning="区分の並ぶ順。順序のある区分では、小さいほど進んだ評価")
    return replace(ratings, own_columns=(position, *others))


class Place(NamedTuple):
    """A field, or a section of one."""

    key: str
    level: str
    number: int
    name: str
    section_number: int | None = None
    section_name: str = ""


def _places(edition: EditionData) -> Iterable[Place]:
    """Fields and sections in the order of the table, each field before its sections."""
    found: dict[str, Place] = {}
    for entry, *_others in edition.pledges:
        field, section = str(entry.category_number), f"{entry.category_number}-{entry.section_number}"
        own = (entry.category_number, entry.category_name)
        if entry.category_name:
            found.setdefault(field, Place(field, "category", *own))
        if entry.section_name:
            below = (entry.section_number, entry.section_name)
            found.setdefault(section, Place(section, "section", *own, *below))
    return found.values()


CATEGORIES = DataTable(
    name="categories",
    title="分野と項目",
    about="1行が1つの分野、または分野の中の1つの項目です。",
    group="codes",
    key=("category_key",),
    own_columns=(
        text("category_key", "分野・項目の記号", "key", "分野の番号、または分野の番号-項目の番号"),
        text("category_level", "段階", "level", choices={"category": "分野", "section": "分野の中の項目"}),
        number("category_number", "分野の番号", "number"),
        wording("category_name", "分野", "name"),
        number("section_number", "項目の番号", "section_number", "分野の中での番号", blank="分野の行"),
        wording("section_name", "項目", "section_name", blank="分野の行"),
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
        text("department_code", "担当課の記号", lambda row: row["code"], "このサイトでの記号"),
        wording("department_name", "担当課", lambda row: row["name"], "公表したときの名前"),
    ),
    rows=lambda edition: edition.report.outline.get("departments", []),
)

SDGS = DataTable(
    name="sdgs",
    title="SDGsの目標",
    about="1行が17の目標の1つです。",
    group="codes",
    key=("sdg_number",),
    own_columns=(number("sdg_number", "SDGsの目標の番号", "number"), text("sdg_name", "SDGsの目標", "name")),
    rows=lambda _edition: GOALS.values(),
)
