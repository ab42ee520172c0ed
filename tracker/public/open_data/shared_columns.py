"""Columns that several tables share: which pledge and initiative a row is about, and how it is rated."""

import re
from collections.abc import Callable
from typing import Any

from tracker.models import ReportEntry
from tracker.public.open_data.characters import plain
from tracker.public.open_data.columns import (
    DataColumn,
    Reference,
    date_column,
    number_column,
    text_column,
    wording_column,
)
from tracker.words.folding import fold

TO_INITIATIVES, TO_PLEDGES = Reference("initiatives", "initiative_key"), Reference("pledges", "pledge_key")


def printed_number(label: str) -> int | None:
    """The number in a printed label: 4 of ④ or ❹, 12 of (12); None where there is none, or more than one."""
    digits = re.findall(r"\d+", fold(str(plain(label))))
    return int(digits[0]) if len(digits) == 1 else None


def pledge_columns(entry: Callable[[Any], ReportEntry]) -> list[DataColumn]:
    """The pledge that a row is about, and where it stands."""
    return [
        number_column("category_number", "分野の番号", lambda row: entry(row).category_number),
        wording_column("category_name", "分野", lambda row: entry(row).category_name),
        number_column(
            "section_number", "項目の番号", lambda row: entry(row).section_number, "分野の中での番号"
        ),
        wording_column("section_name", "項目", lambda row: entry(row).section_name),
        number_column(
            "pledge_position",
            "公約の順",
            lambda row: int(entry(row).pledge_key.split("-")[2]),
            "項目の中での順",
        ),
        number_column(
            "pledge_number",
            "公約の番号",
            lambda row: printed_number(entry(row).pledge_number),
            "元の表で公約に付いた番号。欠番や重複がある",
            blank="元の表に番号がない、または一つの数字で表せない",
        ),
        wording_column(
            "pledge_label",
            "公約の番号の表記",
            lambda row: entry(row).pledge_number,
            "元の表に印刷された番号の書き方",
            blank="元の表に番号がない",
        ),
        wording_column("pledge_text", "公約", lambda row: entry(row).pledge_text),
    ]


def place_columns(
    entry: Callable[[Any], ReportEntry],
    of_initiative: Reference | None = TO_INITIATIVES,
    of_pledge: Reference | None = TO_PLEDGES,
) -> list[DataColumn]:
    """Which initiative of which pledge a row is about."""
    return [
        text_column(
            "initiative_key",
            "取組の記号",
            lambda row: entry(row).key,
            "分野-項目-公約の順-取組の順",
            refers_to=of_initiative,
        ),
        text_column(
            "pledge_key",
            "公約の記号",
            lambda row: entry(row).pledge_key,
            "分野-項目-公約の順",
            refers_to=of_pledge,
        ),
        *pledge_columns(entry),
        number_column(
            "initiative_position", "取組の順", lambda row: entry(row).initiative_position, "公約の中での順"
        ),
    ]


def rating_columns(code: Reference | None) -> list[DataColumn]:
    """The rating of a `ToldEntry`, in the words of its own report."""
    unrated = "評価なし"
    return [
        text_column(
            "rating_status",
            "評価の有無",
            lambda told: "rated" if told.entry.rating_code else "unrated",
            choices={"rated": "評価あり", "unrated": "評価なし"},
        ),
        wording_column(
            "rating_code",
            "評価の記号",
            lambda told: told.entry.rating_code,
            "実施状況の区分",
            blank=unrated,
            refers_to=code,
        ),
        wording_column("rating_label", "評価の名称", lambda told: told.rating.get("label"), blank=unrated),
        number_column(
            "rating_percent",
            "評価が表す進捗率の目安",
            lambda told: told.rating.get("percent"),
            "0 は進捗がないという評価で、評価なしとは別",
            unit="％",
            blank="評価なし、または進捗率を定めていない区分",
        ),
    ]


CARRIED_FROM = date_column(
    "carried_from",
    "もとの公表の時点",
    lambda told: told.entry.carried_from,
    "承認前のため前の公表のまま載せた取組が、いつの公表のものか。西暦の年月日",
    blank="この公表のために承認された内容",
)
