"""The cells of indicators (指標): rows of a sheet of their own, values of their initiative's row. Pure.

A row (`EntryRow`, `UploadedRow`, `StoredRow`) has them among its values: the actual and the note on it under
the names of their columns (`extra_k1`, `extra_k1n`), what is for reference as `target:k1`. So they are
compared, chosen, written and taken back as every other cell of the row.
"""

import re
from collections.abc import Iterable, Mapping

from tracker.words.extra_values import FIELD, field_of
from tracker.words.indicators import NOTE

CODE = re.compile(r"k[1-9][0-9]{0,8}")
UNKNOWN = "k0"  # stands for a code that is none
INPUT_CODE = re.compile(rf"{FIELD}(k[0-9]+){NOTE}?")
INPUTS = {"actual": "", "note": NOTE}  # what follows the code of each column that is written into


def cell_name(part: str, code: str) -> str:
    """What a row calls the cell of an indicator in a column of the indicators' sheet."""
    return field_of(code + INPUTS[part]) if part in INPUTS else f"{part}:{code}"


def column_and_code(name: str) -> tuple[str, str]:
    """The column of the indicators' sheet, and the indicator, of a cell's name; blank for others."""
    if not name.startswith(FIELD) and ":" not in name:
        return "", ""
    if match := INPUT_CODE.fullmatch(name):
        return ("note" if name.endswith(NOTE) else "actual"), match[1]
    part, _colon, code = name.partition(":")
    return (part, code) if code else ("", "")


def codes_in(names: Iterable[str]) -> list[str]:
    """The indicators that a row's cells are of, in order."""
    return list(dict.fromkeys(code for name in names if (code := column_and_code(name)[1])))


def cells_of(values: Mapping[str, str], code: str) -> dict[str, str]:
    """The cells of one indicator by the columns of its sheet."""
    named = ((column_and_code(name), text) for name, text in values.items())
    return {part: text for (part, of), text in named if of == code}
