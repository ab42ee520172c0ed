"""Rows below the headings that are no part of the table: totals, examples, notes, page numbers. Pure."""

import re

from tracker.published_tables.file.grid import Row
from tracker.published_tables.file.headings import Kind
from tracker.published_tables.file.layout import HeadingBlock
from tracker.words.bullets import is_nothing
from tracker.words.folding import fold

TOTAL = re.compile(r"^[【<(]?(?:総?合計|小計|総計|計|平均|合計件数|件数)[】>)]?(?:[:：(\d].*)?$")
TOTAL_OF = re.compile(r"\S[\s　]+計\s*$|\S[\s　]*(?:小計|総?合計|総計)\s*$")  # 「産業　小計」
EXAMPLE = re.compile(r"^[(\[【<]?(?:(?:記入|記載|入力)?例\d{0,2}|記入見本)[)\]】>]?$")
TEXTS = {Kind.PLEDGE, Kind.INITIATIVE, Kind.RESULT, Kind.PLAN}
SENTENCE = re.compile(r"。|^・|(?:ます|した|する)$", re.MULTILINE)
BELOW = re.compile(r"^\s*(?:※|＊|\*|[(（]?注[)）\d:：]|備考|出典|資料[:：])")
CONTACT = re.compile(
    r"(?:お?問い?合わ?せ先?|連絡先|作成(?:日|者|課)|更新日|発行(?:日|者)?)(?:[:：].*)?", re.DOTALL
)
MOST_OF_A_NAME = 40  # characters
MOST_OF_A_CONTACT = 3  # cells: what it is, and what it says
PAGE = re.compile(r"^(?:[-(]\d{1,3}[-)]|\d{1,3}/\d{1,3}|[Pp]\.?\d{1,3}|\d{1,3}(?:ページ|頁))$")


def total_or_example(block: HeadingBlock, row: Row) -> str:
    """What a row is, by its first cell: 「合計」 or 「記入例」; "" for every other one."""
    first = next(cell for cell in row.cells if cell.strip())
    if EXAMPLE.match(fold(first)) and row.filled > 1:
        return "記入例"
    is_total = TOTAL.match(fold(first)) or TOTAL_OF.search(first)
    return "合計" if is_total and row.filled < len(row.cells) and not _says_text(block, row) else ""


def is_note(row: Row) -> bool:
    """Whether a row begins as a note below a table does: 「※ …」."""
    return bool(BELOW.match(row.line))


def is_contact(row: Row) -> bool:
    """Whether a row says whom to ask, or who made the table and when."""
    first = next((cell for cell in row.cells if cell.strip()), "")
    return row.filled <= MOST_OF_A_CONTACT and bool(CONTACT.fullmatch(fold(first)))


def is_page(row: Row) -> bool:
    """Whether a row says the number of its page: 「- 1 -」, 「2/3」."""
    return bool(PAGE.match(fold(row.line)))


def is_plain(row: Row) -> bool:
    """Whether a row is a short name alone in one of the first columns, as that of a field is."""
    text = row.line
    is_name = row.filled == 1 and any(map(str.strip, row.cells[:2])) and len(text) <= MOST_OF_A_NAME
    return is_name and not (SENTENCE.search(text) or is_note(row) or is_page(row) or is_contact(row))


def is_blank_form(block: HeadingBlock, row: Row) -> bool:
    """Whether a row has a number and nothing else but dashes: a form that nobody has filled in."""
    filled = {at: column.kind for at, column in enumerate(block.columns) if row.cell(at).strip()}
    pledges = {at for at, column in enumerate(block.columns) if column.kind is Kind.PLEDGE}
    others = [at for at, kind in filled.items() if kind is not Kind.NUMBER]
    is_numbered = 0 < len(others) < len(filled) == row.filled and not pledges & (row.merged | filled.keys())
    return is_numbered and all(is_nothing(row.cell(at)) for at in others)


def _says_text(block: HeadingBlock, row: Row) -> bool:
    """Whether a row has sentences where pledges and what was done for them stand: no total has any."""
    texts = (row.cell(at) for at, column in enumerate(block.columns) if column.kind in TEXTS)
    return any(SENTENCE.search(text.strip()) for text in texts)
