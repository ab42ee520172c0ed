"""Cells with notes on them (コメント, メモ), as they are told. Pure."""

from collections.abc import Sequence

from openpyxl.utils import get_column_letter

MOST_CELLS = 10
NOT_TAKEN = "セルに付いたコメント（メモ）は取り込みません。要ることは、セルに書いてください。"


def addresses(places: Sequence[tuple[int, int]]) -> str:
    """The first cells at these 0-based places (row, column): 「B3・C4など」; "" for none."""
    first = [f"{get_column_letter(column + 1)}{row + 1}" for row, column in places[:MOST_CELLS]]
    return "・".join(first) + ("など" if len(places) > MOST_CELLS else "")
