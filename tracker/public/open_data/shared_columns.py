"""Columns that several tables share: which pledge and initiative a row is about, and how it is rated."""

import re
from collections.abc import Iterable
from dataclasses import replace

from tracker.public.open_data.characters import plain
from tracker.public.open_data.columns import DataColumn, day, number, text, wording, year
from tracker.words.folding import fold
from tracker.words.places import NO_FIELD, NO_SECTION
from tracker.words.step_names import NOT_RATED


def printed_number(label: str) -> int | None:
    """The number in a printed label: 4 of ④ or ❹, 12 of (12); None where there is none, or more than one."""
    digits = re.findall(r"\d+", fold(str(plain(label))))
    return int(digits[0]) if len(digits) == 1 else None


# The pledge that a row with an `entry` is about, and where it stands.
PLEDGE_COLUMNS: tuple[DataColumn, ...] = (
    number(
        "category_number",
        "分野の番号",
        lambda row: row.entry.category_number if row.entry.category_name else None,
    ),
    wording("category_name", "分野", "entry.category_name"),
    number(
        "section_number",
        "項目の番号",
        lambda row: row.entry.section_number if row.entry.section_name else None,
        "分野の中での番号",
    ),
    wording("section_name", "項目", "entry.section_name"),
    number(
        "pledge_position",
        "公約の順",
        lambda row: int(row.entry.pledge_key.rpartition("-")[2]),
        "項目の中での順",
    ),
    number(
        "pledge_number",
        "公約の番号",
        lambda row: printed_number(row.entry.pledge_number),
        "元の表で公約に付いた番号。欠番や重複がある",
        blank="元の表に番号がない、または一つの数字で表せない",
    ),
    wording(
        "pledge_label",
        "公約の番号の表記",
        "entry.pledge_number",
        "元の表に印刷された番号の書き方",
        blank="元の表に番号がない",
    ),
    wording("pledge_text", "公約", "entry.pledge_text"),
)

# What an empty cell means in an edition that has pledges without a section; others' files stay as they were.
BLANK_WITHOUT_SECTION = {
    **dict.fromkeys(("category_number", "category_name"), NO_FIELD),
    **dict.fromkeys(("section_number", "section_name"), NO_SECTION),
}
ORDER_WITHOUT_SECTION = "項目の中での順。項目がなければ分野の中での順、分野もなければ全体の順"


def without_section(column: DataColumn) -> DataColumn:
    """A column as an edition has it in which pledges stand without a section."""
    if column.name == "pledge_position":
        return replace(column, meaning=ORDER_WITHOUT_SECTION)
    return replace(column, blank=BLANK_WITHOUT_SECTION.get(column.name, column.blank))


def place_columns(initiatives: str = "initiatives", pledges: str = "pledges") -> list[DataColumn]:
    """Which initiative of which pledge a row with an `entry` is about, and the tables that list them."""
    order = "分野-項目-公約の順"
    return [
        text("initiative_key", "取組の記号", "entry.key", f"{order}-取組の順", refers_to=initiatives),
        text("pledge_key", "公約の記号", "entry.pledge_key", order, refers_to=pledges),
        *PLEDGE_COLUMNS,
        number("initiative_position", "取組の順", "entry.initiative_position", "公約の中での順"),
    ]


# Behind the initiative's position, in an edition in which some have names; others' files stay as they were.
INITIATIVE_NAME = wording(
    "initiative_name",
    "取組の名前",
    "entry.initiative_name",
    "公約とは別に、取組に付けた名前",
    blank="名前を付けていない取組",
)


def with_column(columns: Iterable[DataColumn], added: DataColumn, behind: str) -> tuple[DataColumn, ...]:
    """The columns with a further one behind the one of a name, where that is among them."""
    return tuple(
        each for column in columns for each in ((column, added) if column.name == behind else (column,))
    )


def rating_columns(ratings: str) -> list[DataColumn]:
    """The rating of a `ToldEntry`, in the words of its own report; `ratings` is the table of its codes."""
    return [
        text(
            "rating_status",
            "評価の有無",
            lambda told: "rated" if told.entry.rating_code else "unrated",
            choices={"rated": "評価あり", "unrated": NOT_RATED},
        ),
        wording(
            "rating_code",
            "評価の記号",
            "entry.rating_code",
            "実施状況の区分",
            blank=NOT_RATED,
            refers_to=ratings,
        ),
        wording("rating_label", "評価の名称", lambda told: told.rating.get("label"), blank=NOT_RATED),
        number(
            "rating_percent",
            "評価が表す進捗率の目安",
            lambda told: told.rating.get("percent"),
            "0 は進捗がないという評価で、評価なしとは別",
            unit="％",
            blank="評価なし、または進捗率を定めていない区分",
        ),
    ]


ENDED_AFTER = year(
    "ended_after",
    "取組が終わった年度",
    "entry.ended_after",
    meaning="西暦。4月から翌年3月まで。評価は終わったときのもの",
    blank="続いている取組",
)

CARRIED_FROM = day(
    "carried_from",
    "もとの公表の時点",
    "entry.carried_from",
    "承認前のため前の公表のまま載せた取組が、いつの公表のものか。西暦の年月日",
    blank="この公表のために承認された内容",
)
