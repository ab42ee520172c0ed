"""The words by which a layout says what a column is: 「result 2024」, 「extra 市長コメント」. Pure."""

import re

from tracker.published_tables.file.columns import TableColumn
from tracker.published_tables.file.headings import FIGURES, Kind

WORDS = {
    "field": Kind.FIELD,
    "section": Kind.SECTION,
    "number": Kind.NUMBER,
    "pledge": Kind.PLEDGE,
    "initiative": Kind.INITIATIVE,
    "plan_project": Kind.PLAN_PROJECTS,
    "sdgs": Kind.SDGS,
    "department": Kind.DEPARTMENTS,
    "division": Kind.DIVISION,
    "rating": Kind.RATING,
    "previous_rating": Kind.PREVIOUS_RATING,
    "reason": Kind.REASON,
    "result": Kind.RESULT,
    "plan": Kind.PLAN,
    "extra": Kind.EXTRA,
    "note": Kind.NOTE,
    "indicator": Kind.INDICATOR,
    "unit": Kind.UNIT,
    "target": Kind.TARGET,
    "actual": Kind.ACTUAL,
    "rate": Kind.RATE,
    "mark": Kind.MARK,
    "ignore": Kind.IGNORE,
}
NAMES = {kind: word for word, kind in WORDS.items()}
LABELLED = {Kind.EXTRA, Kind.NOTE, Kind.MARK}
YEARLY = {Kind.PLAN, *FIGURES}  # their year must be told
MAY_BE_YEARLY = {Kind.RESULT, Kind.RATING}
YEAR = re.compile(r"(?:19|20)\d\d")
MAX_LABEL = 50


def role_of(column: TableColumn) -> str:
    """The role that says what a column is; a long heading is cut to a label."""
    word = NAMES[column.kind]
    if column.kind is Kind.MARK:
        return f"{word} {column.code}"
    if column.kind in LABELLED:
        return f"{word} {column.heading[:MAX_LABEL].strip()}"
    return word if column.fiscal_year is None else f"{word} {column.fiscal_year}"


def column_of(role: str, heading: str) -> TableColumn:
    """The column with a role, under a heading as printed. Raises ValueError, in words, for no role."""
    word, _, rest = role.strip().partition(" ")
    kind, rest = WORDS.get(word), rest.strip()
    if kind is None:
        raise ValueError(f"「{role}」という役割はありません（{'、'.join(WORDS)} のどれか）。")
    if kind in LABELLED:
        if not rest or len(rest) > MAX_LABEL:
            raise ValueError(f"「{word}」の後に、名前を {MAX_LABEL} 字までで書いてください。")
        return TableColumn(kind, heading if kind is Kind.MARK else rest, code=rest)
    if kind in YEARLY and not rest:
        raise ValueError(f"「{word}」の後に、年度を「{word} 2024」のように西暦で書いてください。")
    if rest and not (kind in YEARLY | MAY_BE_YEARLY and YEAR.fullmatch(rest)):
        raise ValueError(f"「{role}」の「{rest}」は読めません。年度は西暦で「result 2024」のように書きます。")
    return TableColumn(kind, heading or kind.value, int(rest) if rest else None)
